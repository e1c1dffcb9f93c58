"""How much memory a file will need while it is read, before it is: nothing is begun that cannot end."""

import re
import zipfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from struct import unpack_from
from typing import IO, Any, Final

from thalweg.base.errors import DataError, SettingError, setting
from thalweg.base.machine.free_memory import refuse_oversized
from thalweg.data.files.compression import expanded_size
from thalweg.data.files.duck import literal
from thalweg.data.files.formats import WORKBOOK, FileFormat, R, format_of
from thalweg.data.files.location import Location

# Bytes per cell at the peak of reading, measured on tables of 1 to 6 million cells: numbers took 31 to 49, texts of up
# to 20 letters 118 to 161, and cells of JSON, which are objects first, 92 to 177.
_NUMBER: Final = 48
_TEXT: Final = 150
_LETTERS_OF_JSON: Final = 19  # of a cell with its key
_OF_JSON: Final = 150
# By the packages of other formats, tables of 400 thousand to a million cells: numbers took 24 to 39, texts of 21
# letters 136 to 145; of workbooks 1.8 (numbers) to 3 (texts) for each letter of XML, of R 4.5 for each byte of numbers.
# A cell that a sheet spans and does not fill takes up to 69. Old binary workbooks took 97 to 254 a cell: whole numbers,
# others, repeated and different texts of 20 letters are 29 % above to 30 % below what a cell and its bytes add up to.
_LETTER_OF_SHEET: Final = 3
_SPANNED: Final = 80
_BYTE_OF_OLD_BOOK: Final = 5
_BYTE_OF_R: Final = 5
_LEAST_VALUE: Final = 2  # bytes of a portable file: a digit and what ends it
_SHEETS: Final = ("xl/worksheets/", "xl/sharedStrings", "content.xml")

# A reader of workbooks sets aside memory for the whole rectangle from the first used cell to the last, whatever is
# between them: one stray cell far away makes a table huge.
_BLOCK: Final = 1 << 20
_PLACE: Final = re.compile(rb'\br="([A-Z]{1,3})\d{1,7}"')
_ROW: Final = re.compile(rb'\br="[A-Z]{0,3}(\d{1,7})"')
_LONGEST: Final = 32  # bytes of a place, which a block may cut
_SHEET_FOLDER: Final = "xl/worksheets/"
# Records of the binary format that hold a cell, and the one of several cells in a row.
_CELLS: Final = {0x0203, 0x027E, 0x00FD, 0x0205, 0x0204, 0x0006, 0x00BD}
_SEVERAL: Final = 0x00BD
_PART: Final = 6  # bytes of a number in it
_END: Final = 0x000A  # of a sheet
_BEGINS: Final = re.compile(rb"\x09\x08[\x08\x10]\x00")
_MOST: Final = 65_536 * 256  # cells of a sheet


class OversizedFileError(DataError):
    """A file does not fit into memory, as was foreseen.

    Examples
    --------
    >>> print(OversizedFileError("File 'big.csv' does not fit into memory.", "Read a part of it."))
    File 'big.csv' does not fit into memory. Read a part of it.
    """


def refuse_large(location: Location, rows: int, *, numbers: int, texts: int) -> None:
    """Refuse a file that will not fit into memory.

    Parameters
    ----------
    location
        What it is called.
    rows
        How many it has.
    numbers, texts
        How many of its columns are numbers, and how many texts.

    Raises
    ------
    DataError
        If it does not fit; the message says what it needs and how to read a part of it.

    Examples
    --------
    >>> from pathlib import Path
    >>> refuse_large(Location(Path("big.csv")), 10**13, numbers=4, texts=0)
    Traceback (most recent call last):
    thalweg.data.files.foreseen.OversizedFileError: File 'big.csv' does not fit into memory. ...
    """
    size = rows * (numbers * _NUMBER + texts * _TEXT)
    _refuse(location, {f"{rows:,} rows of {numbers + texts:,} columns": size})


def refuse_large_json(location: Location, letters: int) -> None:
    """Refuse a file of JSON that will not fit into memory, by the letters it has.

    Raises
    ------
    DataError
        As :func:`refuse_large`.
    """
    cells = letters // _LETTERS_OF_JSON + 1
    _refuse(location, {f"about {cells:,} values": cells * _OF_JSON})


def refuse_large_by_package(found: FileFormat, location: Location, path: Path) -> None:
    """Refuse a workbook or a file of R that will not fit into memory, by what its head says.

    A head that cannot be read is left to the reader, which tells what is wrong.

    Parameters
    ----------
    found
        The format.
    location, path
        What the file is called, and where it lies.

    Raises
    ------
    DataError
        As :func:`refuse_large`.
    """
    needs: dict[str, int] = {}
    with suppress(Exception):  # every package has errors of its own
        if found is WORKBOOK:
            needs = _of_workbook(path)
        elif found is R:
            size = expanded_size(path)
            needs = {f"its {size:,} bytes": size * _BYTE_OF_R}
    _refuse(location, needs)


def refuse_large_statistics(head: Callable[..., Any], location: Location, path: Path) -> None:
    """Refuse a file of Stata, SPSS or SAS that will not fit into memory, by what its head says.

    Parameters
    ----------
    head
        Reads the file as pyreadstat does, with its further settings.
    location, path
        As for :func:`refuse_large_by_package`.

    Raises
    ------
    DataError
        As :func:`refuse_large`.
    """
    rows = numbers = texts = 0
    with suppress(Exception):  # the reader tells what is wrong
        _, about = head(metadataonly=True)
        texts = sum(kind == "string" for kind in about.readstat_variable_types.values())
        numbers, rows = about.number_columns - texts, about.number_rows
        if rows is None or rows < 0:  # some do not say: as many as the bytes can be, or else they are counted
            rows = path.stat().st_size // (_LEAST_VALUE * max(1, about.number_columns))
            try:
                refuse_large(location, rows, numbers=numbers, texts=texts)
            except DataError:
                rows = len(head(usecols=about.column_names[:1])[0])
    refuse_large(location, rows, numbers=numbers, texts=texts)


def refuse_large_arrow(head: Callable[[], Any], location: Location) -> None:
    """Refuse a file of Arrow that will not fit into memory, by what its head says.

    Parameters
    ----------
    head
        Opens the file as a dataset of pyarrow.
    location
        What the file is called.

    Raises
    ------
    DataError
        As :func:`refuse_large`.
    """
    rows = numbers = texts = 0
    with suppress(Exception):  # the reader tells what is wrong
        found = head()
        texts = sum("string" in str(kind) for kind in found.schema.types)
        rows, numbers = found.count_rows(), len(found.schema.types) - texts
    refuse_large(location, rows, numbers=numbers, texts=texts)


def _of_workbook(path: Path) -> dict[str, int]:
    """Return what a workbook needs: by its letters, or by the cells between its first and its last if that is more."""
    cells, size = spanned_cells(path), path.stat().st_size
    spanned = {f"{cells:,} cells that its sheets span": cells * _SPANNED}
    if not zipfile.is_zipfile(path):
        return spanned | {f"their {size:,} bytes": size * _BYTE_OF_OLD_BOOK}
    with zipfile.ZipFile(path) as book:
        letters = sum(part.file_size for part in book.infolist() if part.filename.startswith(_SHEETS))
    written = {f"{letters:,} letters of its sheets": letters * _LETTER_OF_SHEET}
    return max(spanned, written, key=lambda needs: sum(needs.values()))


def _refuse(location: Location, needs: Mapping[str, int]) -> None:
    try:
        refuse_oversized(needs, smaller(location))
    except SettingError as error:
        raise OversizedFileError(
            f"File {location.name} does not fit into memory. {error.problem}", error.remedy
        ) from None


def smaller(location: Location) -> str:
    """Return what to do about a file that is too large.

    Examples
    --------
    >>> from pathlib import Path
    >>> print(DataError("It is too large.", smaller(Location(Path("big.dta")))))
    It is too large. Save a part of it, or save it as Parquet and read a part by a query.
    """
    found = format_of(location.path.name)
    if found is None or found.package:
        return f"Save a part of it, or save it as Parquet and read a part by a {setting('query')}."
    path = literal(location.path).replace("'", "''")
    part = f"select x, y from '{path}' using sample 100000"  # noqa: S608 - a sentence, which is not run
    return f'Read a part of it by a {setting("query")}, such as "{part}".'


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
    return name.startswith(_SHEET_FOLDER) and name.endswith(".xml")


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
