"""A stray cell is foreseen: a reader sets memory aside for all cells before it."""

import zipfile

import pytest

from thalweg.base.errors import DataError
from thalweg.data.files.files import read_files
from thalweg.data.files.foreseen import spanned_cells

BEGIN, END = b"\x09\x08\x10\x00" + bytes(16), b"\x0a\x00\x00\x00"


def book(path, *sheets):
    with zipfile.ZipFile(path, "w") as archive:
        for number, cells in enumerate(sheets):
            archive.writestr(
                f"xl/worksheets/sheet{number}.xml", f"<worksheet><sheetData>{cells}</sheetData></worksheet>"
            )
    return path


def number(row, column):
    return b"\x03\x02\x0e\x00" + row.to_bytes(2, "little") + column.to_bytes(2, "little") + bytes(10)


def several(row, first, count):
    length = 6 + 6 * count
    head = b"\xbd\x00" + length.to_bytes(2, "little") + row.to_bytes(2, "little") + first.to_bytes(2, "little")
    return head + bytes(6 * count) + (first + count - 1).to_bytes(2, "little")


def test_the_rectangle_counts_whatever_the_order_and_all_sheets_do(tmp_path):
    near, far = '<row r="1"><c r="A1"/><c s="1" r="B1"/></row>', '<row r="1048576"><c r="XFD1048576"/></row>'
    assert spanned_cells(book(tmp_path / "a.xlsx", near)) == 2
    assert spanned_cells(book(tmp_path / "b.xlsx", near + far)) == 16_384 * 1_048_576
    assert spanned_cells(book(tmp_path / "c.xlsx", far + near, near)) == 16_384 * 1_048_576 + 2
    assert spanned_cells(book(tmp_path / "d.xlsx", "")) == 0
    long = "".join(f'<row r="{r}"><c r="AB{r}"><v>{r}</v></c></row>' for r in range(1, 60_001))  # more than a block
    assert spanned_cells(book(tmp_path / "e.xlsx", long)) == 28 * 60_000


def test_the_old_format_is_looked_through(tmp_path):
    path = tmp_path / "t.xls"
    path.write_bytes(
        BEGIN + END + BEGIN + number(0, 0) + number(99, 255) + END + BEGIN + several(9, 2, 4) + END + bytes(8)
    )
    assert spanned_cells(path) == 100 * 256 + 10 * 6
    path.write_bytes(BEGIN + number(0, 0) + b"\x03\x02\xff\xff" + bytes(20))
    assert spanned_cells(path) == 65_536 * 256  # its records lie elsewhere: as many as there can be


@pytest.mark.parametrize("name", ["t.xlsx", "t.xls"])
def test_a_stray_cell_is_refused_in_words_before_a_reader_could_end_the_process(tmp_path, monkeypatch, name):
    pytest.importorskip("python_calamine")
    if name == "t.xls":
        (tmp_path / name).write_bytes(b"\xd0\xcf\x11\xe0" + BEGIN + number(0, 0) + number(65_535, 255) + END + bytes(8))
        monkeypatch.setattr("thalweg.base.machine.free_memory.free_bytes", lambda: 10**9)
    else:
        book(tmp_path / name, '<row r="1"><c r="A1"/></row><row r="1048576"><c r="XFD1048576"/></row>')
        monkeypatch.setattr("thalweg.base.machine.free_memory.free_bytes", lambda: 10**12)
    with pytest.raises(
        DataError, match=r"does not fit into memory\. .* cells that its sheets span take .* Save a part"
    ):
        read_files([str(tmp_path / name)])
