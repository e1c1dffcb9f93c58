"""What a folder was asked for: another question is told by the part that differs, in the words of parameters."""

from pathlib import Path

import pytest

from thalweg.base.errors import RunFolderError
from thalweg.base.keeping.configuration import as_json, refuse_other, unsealed
from thalweg.base.keeping.digests import SEAL, sealed

FIRST = {"job": "linear", "question": {"target": "y"}, "settings": {"folds": 5}, "data": {"fingerprint": "a"}}


def test_the_same_question_goes_on_however_it_was_written():
    refuse_other(Path("run"), FIRST, {**FIRST, "settings": {"folds": 5}})
    refuse_other(Path("run"), {"settings": {"hidden": [4, 4]}}, {"settings": {"hidden": (4, 4)}})


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ({"job": "study"}, 'its job is "linear", this command\'s is "study"'),
        ({"question": {"target": "z"}}, 'is "y", this command\'s is "z"'),
        ({"settings": {"folds": 5, "seed": 1}}, "is null, this command's is 1"),
        ({"data": {"fingerprint": "b"}}, 'its data fingerprint is "a"'),
        ({"settings": {"folds": 3}, "data": {"fingerprint": "b"}}, "is 5, this command's is 3"),
    ],
)
def test_what_differs_is_told_and_what_was_asked_before_its_data(part, words):
    with pytest.raises(RunFolderError) as caught:
        refuse_other(Path("run"), FIRST, FIRST | part)
    assert words in str(caught.value)


def test_a_long_value_is_cut():
    with pytest.raises(RunFolderError, match="…"):
        refuse_other(Path("run"), FIRST, FIRST | {"question": {"target": "y" * 500}})


def test_a_seal_is_no_part_of_the_question():
    assert SEAL in sealed(FIRST)
    assert unsealed(sealed(FIRST)) == FIRST
    assert as_json(FIRST).endswith(b"}\n")
