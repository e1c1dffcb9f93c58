"""How many cells the sheets of a workbook span, before they are read: one stray cell far away makes a table huge.

A reader sets aside memory for the whole rectangle from the first used cell to the last, whatever is between them.
"""

import re
import zipfile
from pathlib import Path
from struct import unpack_from
from typing import IO, Final

_BLOCK: Final = 1 << 20
_PLACE: Final = re.compile(rb'\br="([A-Z]{1,3})\d{1,7}"')
_ROW: Final = re.compile(rb'\br="[A-Z]{0,3}(\d{1,7})"')
_LONGEST: Final = 32  # bytes of a place, which a block may cut
_SHEETS: Final = "xl/worksheets/"
# Records of the binary format that hold a cell, and the one of several cells in a row.
_CELLS: Final = {0x0203, 0x027E, 0x00FD, 0x0205, 0x0204, 0x0006, 0x00BD}
_SEVERAL: Final = 0x00BD
_PART: Final = 6  # bytes of a number in it
_END: Final = 0x000A  # of a sheet
_BEGINS: Final = re.compile(rb"\x09\x08[\x08\x10]\x00")
_MOST: Final = 65_536 * 256  # cells of a sheet


def spanned_cells(path: Path) -> int:
    """Return how many cells the rectangles of used cells have in all sheets; 0 where the format does not say.

    Parameters
    ----------
    path
        A workbook, of XML in an archive or of the binary format before it.

    Raises
    ------
    OSError, zipfile.BadZipFile
        If it cannot be read.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "two.xlsx"
    >>> with zipfile.ZipFile(path, "w") as book:
    ...     book.writestr("xl/worksheets/sheet1.xml", '<row r="1"><c r="A1"/></row><row r="9"><c r="C9"/></row>')
    >>> spanned_cells(path)
    27
    """
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as book:
            return sum(_of_xml(book.open(part)) for part in book.infolist() if _is_sheet(part.filename))
    content, cells, place = path.read_bytes(), 0, 0
    while (begin := _BEGINS.search(content, place)) is not None:
        sheet, place = _of_records(content, begin.start())
        cells += sheet
    return cells


def _is_sheet(name: str) -> bool:
    return name.startswith(_SHEETS) and name.endswith(".xml")


def _of_xml(stream: IO[bytes]) -> int:
    columns: set[bytes] = set()
    last, carried = 0, b""
    with stream:
        while block := stream.read(_BLOCK):
            text = carried + block
            columns.update(_PLACE.findall(text))
            last = max([last, *map(int, set(_ROW.findall(text)))])
            carried = text[-_LONGEST:]
    return last * max(map(_number, columns), default=0)


def _number(letters: bytes) -> int:
    """Return a column's number by its letters."""
    number = 0
    for letter in letters:
        number = 26 * number + letter - ord("A") + 1
    return number


def _of_records(content: bytes, place: int) -> tuple[int, int]:
    """Return what a sheet of the binary format spans, all it can if its records do not lie together; and its end."""
    rows = columns = 0
    while place + 8 <= len(content):
        kind, length, row, column = unpack_from("<4H", content, place)
        if kind == _END and length == 0:
            return rows * columns, place
        if kind in _CELLS:
            several = (length - _PART) // _PART - 1 if kind == _SEVERAL else 0
            rows, columns = max(rows, row + 1), max(columns, column + several + 1)
        place += 4 + length
    return _MOST if rows else 0, len(content)
