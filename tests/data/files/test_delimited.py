import gzip

import numpy as np
import pytest

from thalweg.base.errors import DataError
from thalweg.data.files.files import read_files


def written(tmp_path, text, name="t.csv", encoding="utf-8"):
    path = tmp_path / name
    path.write_bytes(text.encode(encoding))
    return str(path)


def read(path):
    return read_files([path]).frame


@pytest.mark.parametrize("separator", [",", ";", "\t", "|", "^", " "])
def test_separators_are_found(tmp_path, separator):
    text = "\n".join(separator.join(line) for line in (("a", "b"), ("1", "x"), ("2", "y")))
    frame = read(written(tmp_path, text + "\n"))
    assert frame.columns.tolist() == ["a", "b"]
    assert frame["b"].tolist() == ["x", "y"]


def test_types_come_from_all_rows_if_the_first_mislead(tmp_path):
    text = "a\n" + "1\n" * 30_000 + "x\n"
    assert read(written(tmp_path, text))["a"].iloc[-1] == "x"


def test_compressed_files_are_read(tmp_path):
    path = tmp_path / "t.csv.gz"
    path.write_bytes(gzip.compress(b"a,b\n1,2\n"))
    assert read(str(path)).to_numpy().tolist() == [[1, 2]]


@pytest.mark.parametrize("text", ["0123", '"0123"', "9007199254740993", "1_000", "12345678901234567890"])
def test_digits_that_a_number_would_change_stay_texts(tmp_path, text):
    frame = read(written(tmp_path, "x,code\n" + "1,5\n" * 30_000 + f"1,{text}\n"))
    assert frame["code"].iloc[-1] == text.strip('"')
    assert frame["x"].dtype == np.int64


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a,b\n1,2\n3,4\n5,6,7,8\n", "has 4 values in line 4 where its header has 2: '5,6,7,8'"),
        ("a,b\n" + "1,2\n" * 30_000 + "3\n", "has 1 value in line 30,002"),
        ("a,b\n1,2\n3,4,\n", "has 3 values in line 3"),
        ('a,b\n1,"2\n3,4\n', "could not be cut into columns|has 2 values|values in line"),
        ("x,y\n1,2,3\n4,5,6\n", "2 names in its header and 3 values in every row: names of rows"),
        ("a,b\n", "has no rows below its header"),
    ],
)
def test_rows_of_other_lengths_are_named_by_their_line(tmp_path, text, says):
    with pytest.raises(DataError, match=says):
        read(written(tmp_path, text))


def test_skipped_lines_are_told(tmp_path):
    found = read_files([written(tmp_path, "# made on Monday\nReport\n\na,b\n1,2\n\n3,4\n\n")])
    assert found.frame.to_numpy().tolist() == [[1, 2], [3, 4]]
    assert "3 lines above the header and 1 empty line between rows." in found.notes[0].text


def test_a_comment_sign_among_rows_is_a_value(tmp_path):
    frame = read(written(tmp_path, "x,y\n1,2\n#DIV/0!,3\n4,5\n"))
    assert frame["x"].tolist() == ["1", "#DIV/0!", "4"]


def test_the_decimal_mark_may_be_said(tmp_path):
    path = written(tmp_path, "income;y\n14.772;1,5\n800;2\n")
    assert read(path + "#decimal=,")["income"].tolist() == [14772.0, 800.0]
    assert read(written(tmp_path, 'income,y\n"14,772",1\n"NA",2\n') + "#decimal=.")["income"][0] == 14772.0


def test_equal_names_are_kept_for_the_check_that_refuses_them(tmp_path):
    assert read(written(tmp_path, "a,a\n1,2\n")).columns.tolist() == ["a", "a"]
