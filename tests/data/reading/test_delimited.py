import gzip

import pytest

from thalweg.base.errors import DataError
from thalweg.data.reading.files import read_file


def written(tmp_path, text, name="t.csv", encoding="utf-8"):
    path = tmp_path / name
    path.write_bytes(text.encode(encoding))
    return str(path)


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_separators_are_found(tmp_path, separator):
    text = "\n".join(separator.join(line) for line in (("a", "b"), ("1", "x"), ("2", "y")))
    frame = read_file(written(tmp_path, text + "\n"))
    assert frame.columns.tolist() == ["a", "b"]
    assert frame["b"].tolist() == ["x", "y"]


def test_types_come_from_all_rows_if_the_first_mislead(tmp_path):
    text = "a\n" + "1\n" * 30_000 + "x\n"
    assert read_file(written(tmp_path, text))["a"].iloc[-1] == "x"


def test_compressed_files_are_read(tmp_path):
    path = tmp_path / "t.csv.gz"
    path.write_bytes(gzip.compress(b"a,b\n1,2\n"))
    assert read_file(str(path)).to_numpy().tolist() == [[1, 2]]


@pytest.mark.parametrize(
    ("text", "encoding", "says"),
    [
        ("1,2\n3,4\n", "utf-8", "holds numbers"),
        ("name\nZürich\n", "latin1", "is not UTF-8: byte 2 of line 2 is 0xFC"),
        ("a,b\n1,2\n", "utf-16", "is written in UTF-16"),
        ("a,b\n1,2\n3,4\n5,6,7,8\n", "utf-8", "cannot be"),
    ],
)
def test_what_is_no_table_is_answered_in_words(tmp_path, text, encoding, says):
    with pytest.raises(DataError, match=says):
        read_file(written(tmp_path, text, encoding=encoding))


def test_equal_names_are_kept_for_the_check_that_refuses_them(tmp_path):
    assert read_file(written(tmp_path, "a,a\n1,2\n")).columns.tolist() == ["a", "a"]
