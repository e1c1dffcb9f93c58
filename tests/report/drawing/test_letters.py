"""Signs that a stream lacks have others in their place; none steers a terminal."""

import pytest

from thalweg.report.drawing.letters import letters_of, readable_text


@pytest.mark.parametrize(
    ("encoding", "told"),
    [("utf-8", "a − b ≤ é 𝕏"), ("cp1252", "a - b <= é ?"), ("ascii", "a - b <= ? ?")],
)
def test_signs_are_those_of_the_encoding(encoding, told):
    assert readable_text("a − b ≤ é 𝕏", encoding) == told


def test_lines_stay_and_nothing_steers():
    assert readable_text("a\n\tb\x1b[2J\u202e", "utf-8") == "a\n b [2J?"
    assert letters_of("utf-8")("a\nb\ud800") == "a b?"
