import pytest

from thalweg.base.errors import DataError
from thalweg.data.files.location import Location
from thalweg.data.files.opening import opened_text

TEXT = "stadt;preis\nZürich;3 €\n"


def read(tmp_path, content, **asked):
    path = tmp_path / "t.csv"
    path.write_bytes(content)
    with opened_text(Location(path, asked), path) as file:
        return file.path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n"), [note.code for note in file.notes]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_unicode_is_known_by_its_bytes(tmp_path, encoding):
    assert read(tmp_path, TEXT.encode(encoding)) == (TEXT, [])


def test_code_pages_that_agree_are_read_and_others_must_be_said(tmp_path):
    assert read(tmp_path, TEXT.encode("cp1252")[:-4] + b"\n") == (TEXT[:-4] + "\n", ["file"])
    for text, encoding in (("Genève", "cp1252"), ("Łódź", "cp1250"), ("Москва", "cp1251"), ("3 €", "iso8859-15")):
        with pytest.raises(DataError, match=r"not UTF-8.*may be.*#encoding="):
            read(tmp_path, f"a\n{text}\n".encode(encoding))
        assert read(tmp_path, f"a\n{text}\n".encode(encoding), encoding=encoding)[0] == f"a\n{text}\n"


@pytest.mark.parametrize("text", ["a,b\r\n1,2\n3,4\r\n", "a,b\r1,2\r3,4\r"])
def test_line_ends_become_alike(tmp_path, text):
    assert read(tmp_path, text.encode())[0] == "a,b\n1,2\n3,4\n"


def test_binary_content_is_no_text(tmp_path):
    with pytest.raises(DataError, match="is binary"):
        read(tmp_path, bytes(range(32)) * 10 + b"\x00" * 300)


@pytest.mark.parametrize(
    "begin", ["<!DOCTYPE html><html>", "\n <HTML><table>", '<?xml version="1.0"?>', "\ufeff<html>"]
)
def test_a_page_in_place_of_a_table_is_told(tmp_path, begin):
    with pytest.raises(DataError, match="is a web page or XML, no table"):
        read(tmp_path, f"{begin}\n<tr><td>1</td></tr>\n".encode())
    assert read(tmp_path, b"<x>,y\n1,2\n")[0] == "<x>,y\n1,2\n"
