"""What a delimited file holds, counted byte by byte beside the reader: records, empty lines, rows of other lengths.

No reader's guess is believed unseen: how many rows it returns is compared with this count.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from thalweg.data.files.dialect import Dialect

_BLOCK: Final = 1 << 24
_NEWLINE, _RETURN, _SPACE, _PLUS, _MINUS, _ZERO, _NINE, _UNDERSCORE = b"\n\r +-09_"


@dataclass(frozen=True, slots=True)
class FileStructure:
    """What was counted.

    Parameters
    ----------
    records
        Rows below the header, without empty lines.
    empty
        Empty lines between rows.
    regular
        Whether every record has as many values as the header.
    verbatim
        Places of columns, from 0, in which digits follow a leading zero or hold an underscore: texts, whatever a
        reader of numbers would make of them.

    Examples
    --------
    >>> FileStructure(10, 0, True, frozenset()).records
    10
    """

    records: int
    empty: int
    regular: bool
    verbatim: frozenset[int]


def count_structure(path: Path, dialect: Dialect) -> FileStructure:
    r"""Count the records of a UTF-8 file.

    Parameters
    ----------
    path
        The file.
    dialect
        By which it is cut into records.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "t.csv"
    >>> _ = path.write_text('zip,name\n01234,"two\nlines"\n\n98765,x\n')
    >>> count_structure(path, Dialect(",", '"', False, 0, 0, ("zip", "name")))
    FileStructure(records=2, empty=1, regular=True, verbatim=frozenset({0}))
    """
    if dialect.backslash or not dialect.delimiter.isascii():
        return _by_reader(path, dialect)
    found = _by_bytes(path, dialect)
    # A quote inside an unquoted text is none, which bytes alone do not say.
    return found if found.regular else _by_reader(path, dialect)


def _by_reader(path: Path, dialect: Dialect) -> FileStructure:
    width, records, empty, waiting, regular = len(dialect.names), 0, 0, 0, True
    verbatim: set[int] = set()
    with path.open(encoding="utf-8-sig", newline="") as text:
        for _ in range(dialect.skip):
            next(text)
        for number, record in enumerate(dialect.reader(text, strict=False)):
            if not record:
                waiting += 1
                continue
            if number == 0 and dialect.header:
                continue
            records, empty, waiting = records + 1, empty + waiting, 0
            regular = regular and len(record) == width
            verbatim |= {place for place, cell in enumerate(record) if _is_verbatim(cell)}
    return FileStructure(records, empty, regular, frozenset(verbatim))


def _is_verbatim(cell: str) -> bool:
    digits = cell.strip().lstrip("+-")
    return "_" in digits or (len(digits) > 1 and digits[0] == "0" and digits[1].isdigit())


def _by_bytes(path: Path, dialect: Dialect) -> FileStructure:
    width, delimiter, quote = len(dialect.names), ord(dialect.delimiter), ord(dialect.quote)
    records, empty, waiting, regular = 0, 0, 0, True
    verbatim: set[int] = set()
    for number, block in enumerate(_blocks(path, dialect)):
        ends, cuts = _separators(block, delimiter, quote)
        begins = np.concatenate([[0], ends[:-1] + 1])
        length = ends - begins
        returned = (length == 1) & (block[begins] == _RETURN)
        blank = (length == 0) | returned
        if width == 1:
            blank[:] = False
        header = int(number == 0 and dialect.header)
        regular = regular and _quotes_stand_at_ends(block, delimiter, quote)
        filled = np.flatnonzero(~blank)[header:]
        per_record = np.diff(np.searchsorted(cuts, np.concatenate([[0], ends])))
        regular = regular and bool((per_record[filled] == width - 1).all())
        if filled.size:
            empty += waiting + int(blank[: filled[-1]].sum())
            waiting = int(blank[filled[-1] :].sum())
        else:
            waiting += int(blank.sum())
        records += int(filled.size)
        if regular and filled.size:
            verbatim |= _verbatim(block, begins[filled], cuts, quote)
    return FileStructure(records, empty, regular, frozenset(verbatim))


def _blocks(path: Path, dialect: Dialect) -> Iterator[NDArray[np.uint8]]:
    """Give the file below its first lines in pieces that end where a record ends."""
    quote = ord(dialect.quote)
    with path.open("rb") as stream:
        if stream.read(3) != b"\xef\xbb\xbf":
            stream.seek(0)
        for _ in range(dialect.skip):
            stream.readline()
        rest = b""
        while block := stream.read(_BLOCK):
            rest += block
            values = np.frombuffer(rest, np.uint8)
            ends = np.flatnonzero(values == _NEWLINE)
            quotes = np.flatnonzero(values == quote)
            ends = ends[np.searchsorted(quotes, ends) % 2 == 0]
            if ends.size:
                last = int(ends[-1]) + 1
                yield values[:last]
                rest = rest[last:]
        if rest:
            yield np.frombuffer(rest + b"\n", np.uint8)


def _separators(block: NDArray[np.uint8], delimiter: int, quote: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return where records end and where values are cut, outside of quotes."""
    ends, cuts = np.flatnonzero(block == _NEWLINE), np.flatnonzero(block == delimiter)
    quotes = np.flatnonzero(block == quote)
    if quotes.size:
        ends = ends[np.searchsorted(quotes, ends) % 2 == 0]
        cuts = cuts[np.searchsorted(quotes, cuts) % 2 == 0]
    if not ends.size or ends[-1] != len(block) - 1:  # a quote is never closed
        ends = np.append(ends, len(block) - 1)
    return ends, cuts


def _quotes_stand_at_ends(block: NDArray[np.uint8], delimiter: int, quote: int) -> bool:
    """Say whether every quote opens or closes a value, or is doubled inside one."""
    quotes = np.flatnonzero(block == quote)
    if not quotes.size:
        return True
    before, after = block[np.maximum(quotes[::2] - 1, 0)], block[np.minimum(quotes[1::2] + 1, len(block) - 1)]
    opens = (before == delimiter) | (before == _NEWLINE) | (before == quote) | (quotes[::2] == 0)
    closes = (after == delimiter) | (after == _NEWLINE) | (after == _RETURN) | (after == quote)
    return bool(opens.all()) and bool(closes.all()) and quotes.size % 2 == 0


def _verbatim(block: NDArray[np.uint8], begins: NDArray[np.int64], cuts: NDArray[np.int64], quote: int) -> set[int]:
    """Return the columns with digits that a reader of numbers would change."""
    padded = np.append(block, np.zeros(4, np.uint8))
    first = np.concatenate([begins, cuts[np.searchsorted(cuts, begins[0]) :] + 1])
    for sign in (quote, _SPACE, _PLUS, _MINUS):
        first = first + (padded[first] == sign)
    second = padded[first + 1]
    suspects = first[(padded[first] == _ZERO) & (second >= _ZERO) & (second <= _NINE)]
    suspects = np.concatenate([suspects, np.flatnonzero(block == _UNDERSCORE)])
    if not suspects.size:
        return set()
    suspects = suspects[suspects >= begins[0]]
    line = begins[np.searchsorted(begins, suspects, side="right") - 1]
    places = np.searchsorted(cuts, suspects, side="left") - np.searchsorted(cuts, line, side="left")
    return set(np.unique(places).tolist())
