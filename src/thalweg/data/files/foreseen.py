"""How much memory a file will need while it is read, before it is: nothing is begun that cannot end."""

from collections.abc import Mapping
from typing import Final

from thalweg.base.errors import DataError, SettingError, setting
from thalweg.base.machine.free_memory import refuse_oversized
from thalweg.data.files.duck import literal
from thalweg.data.files.formats import format_of
from thalweg.data.files.location import Location

# Bytes per cell at the peak of reading, measured on tables of 1 to 6 million cells: numbers took 31 to 49, texts of up
# to 20 letters 118 to 161, and cells of JSON, which are objects first, 92 to 177.
_NUMBER: Final = 48
_TEXT: Final = 150
_LETTERS_OF_JSON: Final = 19  # of a cell with its key
_OF_JSON: Final = 150


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
    thalweg.base.errors.DataError: File 'big.csv' does not fit into memory. This needs about 1,920 TB of memory, ...
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


def _refuse(location: Location, needs: Mapping[str, int]) -> None:
    try:
        refuse_oversized(needs, smaller(location))
    except SettingError as error:
        raise DataError(f"File {location.name} does not fit into memory. {error.problem}", error.remedy) from None


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
