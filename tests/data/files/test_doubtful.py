from pathlib import Path

import pandas as pd
import pytest

from thalweg.base.errors import DataError
from thalweg.data.files.doubtful import doubtful_rows
from thalweg.data.files.files import read_files
from thalweg.data.files.location import Location

HERE = Location(Path("t.csv"))


def rows(*last):
    frame = pd.DataFrame({"shop": list("abcdefgh"), "sold": [3, 1, 4, 1, 5, 9, 2, 6], "cost": [0.5] * 7 + [1.0]})
    return pd.concat([frame, pd.DataFrame([last], columns=frame.columns)], ignore_index=True)


@pytest.mark.parametrize(
    ("last", "code"),
    [
        (("Total", 31, 4.5), "totals_row"),
        ((None, 31, 4.5), "totals_row"),
        ((None, 31, None), "totals_row"),
        (("grand total", None, None), "totals_row"),
        (("Gesamt", 31.0, None), "totals_row"),
        (("Source: register", None, None), "footer_row"),
    ],
)
def test_a_last_row_that_is_none_is_told(last, code):
    assert [note.code for note in doubtful_rows(HERE, rows(*last))] == [code]


@pytest.mark.parametrize("last", [("i", 5, 0.5), ("i", 9, 4.5), ("allen", 3, 1.0)])
def test_an_ordinary_last_row_is_not(last):
    assert doubtful_rows(HERE, rows(*last)) == []


def test_a_row_that_repeats_the_header_is_refused_also_among_texts():
    frame = pd.DataFrame({"region": ["south", "region", "north"], "t": ["yes", "t", "no"]}, dtype=object)
    with pytest.raises(DataError, match=r"Row 2 of 't.csv' repeats the header\."):
        doubtful_rows(HERE, frame)


def test_three_digits_behind_every_point_in_a_semicolon_file_are_told(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("income;y\n" + "14.772;1\n800;2\n58.300;3\n64.965;4\n")
    assert [note.code for note in read_files([str(path)]).notes] == ["thousands"]
    path.write_text("income;y\n" + "14.772;1\n0.800;2\n58.300;3\n64.965;4\n")
    assert read_files([str(path)]).notes == ()
