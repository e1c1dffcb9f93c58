"""How a delimited file is written: separator, quotes, lines above the header; found by what all rows agree on.

Every separator is tried on the first rows. One is taken only if the header and all these rows have the same number of
values with it; where two separators do, or none does, the file is refused with the line that says so and the words
that decide. Nothing is skipped but lines above the header that begin with a comment sign, or that hold a single value
in a table of several columns; they are counted and said.
"""

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice, pairwise
from pathlib import Path
from typing import Any, Final

from thalweg.base.errors import DataError
from thalweg.data.cells.styles import all_plain, plain_number
from thalweg.data.files.location import Location
from thalweg.data.kinds import MISSING_MARKERS
from thalweg.data.notes import counted

_COMMON: Final = (",", ";", "\t", "|")
_RARE: Final = ("^", "~", ":", " ")
_COMMENT: Final = ("#", "%", "//")
_SAMPLE: Final = 2000
_MOST_PREAMBLE: Final = 50
_FEW_TITLES: Final = 10
_EXCEL_SIGN: Final = re.compile(r'"?sep=(.)"?[\s,;]*', re.IGNORECASE)  # spreadsheets say the separator so
_YEARS: Final = range(1500, 2200)


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a delimited file is written.

    Parameters
    ----------
    delimiter, quote
        One sign each.
    backslash
        Whether a quote inside quotes is written with a backslash; it is doubled otherwise.
    skip
        How many lines stand above the header.
    comments
        How many of them begin with a comment sign.
    names
        The header.
    header
        Whether the names stand in the file.

    Examples
    --------
    >>> Dialect(";", '"', False, 0, 0, ("a", "b")).names
    ('a', 'b')
    """

    delimiter: str
    quote: str
    backslash: bool
    skip: int
    comments: int
    names: tuple[str, ...]
    header: bool = True

    @property
    def first(self) -> int:
        """The number of lines above the first row."""
        return self.skip + self.header

    def reader(self, lines: Sequence[str] | object, *, strict: bool = True) -> Any:
        """Return Python's reader of this dialect."""
        return csv.reader(
            lines,  # type: ignore[arg-type]  # an iterable of lines
            delimiter=self.delimiter,
            quotechar=self.quote,
            doublequote=not self.backslash,
            escapechar="\\" if self.backslash else None,
            strict=strict,
        )


def find_dialect(location: Location, path: Path) -> Dialect:
    r"""Return the dialect of a UTF-8 file.

    Parameters
    ----------
    location
        What the file is called, and what was said about reading it.
    path
        Where its text lies.

    Raises
    ------
    DataError
        If nothing decides how to cut it into columns, or its first line holds no names.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "t.csv"
    >>> _ = path.write_text("# made on Monday\ndose;y\n1,5;2\n0,5;3\n")
    >>> found = find_dialect(Location(path), path)
    >>> found.delimiter, found.skip, found.names
    (';', 1, ('dose', 'y'))
    """
    with path.open(encoding="utf-8-sig", newline="") as text:
        lines = list(islice(text, _SAMPLE))
    if not any(line.strip() for line in lines):
        raise DataError(f"File {location.name} holds no rows.", "Give a file with a header line and rows.")
    said = _EXCEL_SIGN.fullmatch(lines[0])
    asked = location.asked.get("delimiter") or (said[1] if said else None)
    complete = len(lines) < _SAMPLE
    found = [_tried(lines, sign, complete) for sign in ([asked] if asked else _COMMON)]
    fitting = [trial for trial in found if trial is not None]
    if not fitting and not asked:
        fitting = [trial for trial in (_tried(lines, sign, complete) for sign in _RARE) if trial is not None][:1]
    fewest = min((_titles(dialect) for dialect, _ in fitting), default=0)
    fitting = [trial for trial in fitting if _titles(trial[0]) == fewest]
    if len(fitting) > 1:
        raise _undecided(location, fitting)
    if fitting:
        return _named(location, *fitting[0])
    single = _single_column(lines)
    if single is not None and not asked:
        return _named(location, single, [[line.strip("\r\n")] for line in lines[single.skip :]])
    raise _ragged(location, lines, asked)


_Trial = tuple[Dialect, list[list[str]]]


def _tried(lines: list[str], delimiter: str, complete: bool) -> _Trial | None:
    """Return the dialect with a separator, and its records, if all of them have as many values as the header."""
    for quote, backslash in _quotes(lines, delimiter):
        for skip, comments in _beginnings(lines, delimiter):
            dialect = Dialect(delimiter, quote, backslash, skip, comments, ())
            records = _records(dialect, lines[skip:], complete)
            if records and len(records[0]) > 1 and _are_alike(records, delimiter) and _has_rows(dialect, records):
                return dialect, records
    return None


def _has_rows(dialect: Dialect, records: list[list[str]]) -> bool:
    """Say whether lines above a header are titles, and not a table above a remark that another sign cuts."""
    rows = len(records) - 1
    return not _titles(dialect) or (rows > 0 and _titles(dialect) <= max(_FEW_TITLES, rows))


def _are_alike(records: list[list[str]], delimiter: str) -> bool:
    """Say whether all records have as many values; a space that leaves cells empty aligns columns and cuts none."""
    if delimiter == " " and any("" in record for record in records):
        return False
    return all(len(record) == len(records[0]) for record in records)


def _quotes(lines: list[str], delimiter: str) -> list[tuple[str, bool]]:
    text = "".join(lines)
    quoted = re.compile(rf"'[^']*'({re.escape(delimiter)}'[^']*')+\s*")
    header = next((line for line in lines[:_MOST_PREAMBLE] if delimiter in line), lines[0])
    if quoted.fullmatch(header.strip()):
        return [("'", False)]
    return [('"', False), ('"', True)] if '\\"' in text else [('"', False)]


def _beginnings(lines: list[str], delimiter: str) -> list[tuple[int, int]]:
    """Return how many lines may stand above the header: none, those of comments, those of a single value."""
    comments = int(_EXCEL_SIGN.fullmatch(lines[0]) is not None)
    while comments < len(lines) and (lines[comments].lstrip().startswith(_COMMENT) or not lines[comments].strip()):
        comments += 1
    above = comments
    while above < min(len(lines), _MOST_PREAMBLE) and delimiter not in lines[above].rstrip(f"{delimiter}\r\n"):
        above += 1
    told = sum(bool(line.strip()) for line in lines[:comments])
    blank = next(place for place, line in enumerate(lines) if line.strip())
    first = [] if _EXCEL_SIGN.fullmatch(lines[0]) else [(blank, 0)]
    return list(dict.fromkeys([*first, (comments, told), (above, told)]))


def _records(dialect: Dialect, lines: list[str], complete: bool) -> list[list[str]] | None:
    records: list[list[str]] = []
    try:
        records.extend(record for record in dialect.reader(lines) if record)
    except csv.Error:
        if complete or len(records) < 2:
            return None  # a record that the sample cuts is no fault
    return records if complete else records[:-1] or records


def _titles(dialect: Dialect) -> int:
    """Return how many lines above the header are no comments."""
    return dialect.skip - dialect.comments


def _undecided(location: Location, fitting: list[_Trial]) -> DataError:
    signs = [dialect.delimiter for dialect, _ in fitting]
    names = [records[0] for _, records in fitting]
    return DataError(
        f"File {location.name} can be cut into columns by {signs[0]!r} ({', '.join(names[0][:4])}) and by {signs[1]!r} "
        f"({', '.join(names[1][:4])}).",
        f"Say which, as in {location.with_key('delimiter', signs[0])!r} or "
        f"{location.with_key('delimiter', signs[1])!r}.",
    )


def _single_column(lines: list[str]) -> Dialect | None:
    """Return the dialect of a file with one column: no separator is in its header, nor as often in all its rows."""
    skip = next((n for n, line in enumerate(lines) if line.strip() and not line.lstrip().startswith(_COMMENT)), 0)
    header = lines[skip]
    spaced = {len(line.split()) for line in lines[skip:] if line.strip()}
    if any(sign in header for sign in _COMMON) or (len(spaced) == 1 and spaced != {1}):
        return None
    dialect = Dialect(",", '"', False, skip, sum(bool(line.strip()) for line in lines[:skip]), ())
    records = _records(dialect, lines[skip:], complete=True)
    return dialect if records and all(len(record) == 1 for record in records) else None


def _named(location: Location, dialect: Dialect, records: list[list[str]]) -> Dialect:
    """Return the dialect with its header, which must hold names and not the first row."""
    asked = location.asked.get("header")
    header = [cell.strip() for cell in records[0]]
    places = tuple(f"column{place}" for place in range(1, len(header) + 1))
    if asked == "no":
        return replace(dialect, names=places, header=False)
    if asked is None:
        _check_header(location, dialect.skip + 1, header, records[1:])
    return replace(dialect, names=tuple(name or place for name, place in zip(header, places, strict=True)))


def _check_header(location: Location, line: int, header: list[str], rows: list[list[str]]) -> None:
    numbers = [cell for cell in header if plain_number(cell.replace(",", ".")) is not None]
    columns = list(zip(*(row for row in rows if row != header), strict=False))
    repeated = [] if _stands_over_numbers(header, columns) else _among(header, columns)
    if not _may_name(numbers, len(header)) or (repeated and not _repeats(header, rows)):
        shown = numbers if numbers and not _may_name(numbers, len(header)) else repeated
        raise DataError(
            f"Line {line} of {location.name} holds values ({', '.join(shown[:3])}), not the names of columns.",
            f"Add a header line; or say {location.with_key('header', 'no')!r} to have columns called column1, column2, "
            f"…, or {location.with_key('header', 'yes')!r} if these are names.",
        )


def _stands_over_numbers(header: list[str], columns: list[tuple[str, ...]]) -> bool:
    """Say whether a word stands over a column of numbers, so that the first line holds names."""
    for name, cells in zip(header, columns, strict=False):
        held = [cell.strip() for cell in cells if cell.strip() not in MISSING_MARKERS]
        if name not in MISSING_MARKERS and plain_number(name.replace(",", ".")) is None and held and all_plain(held):
            return True
    return False


def _among(header: list[str], columns: list[tuple[str, ...]]) -> list[str]:
    """Return the names that their columns hold beside other values; a box that was ticked holds its name or nothing."""
    found = []
    for name, cells in zip(header, columns, strict=False):
        held = {cell.strip() for cell in cells} - {""}
        if name in held and (len(held) > 1 or all(cells)):
            found.append(name)
    return found


def _repeats(header: list[str], rows: list[list[str]]) -> bool:
    """Say whether the header stands again as a whole; that is told elsewhere, by its line."""
    return any([cell.strip(" \ufeff") for cell in row] == header for row in rows)


def _may_name(numbers: list[str], columns: int) -> bool:
    """Say whether numbers in a header may be names: years, or whole numbers that count in steps."""
    if not numbers:
        return True
    if not all(re.fullmatch(r"\d+", cell) for cell in numbers):
        return False
    values = [int(cell) for cell in numbers]
    steps = {after - before for before, after in pairwise(values)}
    if all(value in _YEARS for value in values):
        return len(values) < columns or steps == {1}
    return len(values) > 2 and len(steps) == 1 and steps.pop() in {1, 5, 10} and len(values) < columns


def _ragged(location: Location, lines: list[str], asked: str | None) -> DataError:
    """Return the error that says where the rows differ in length."""
    start = next((n for n, line in enumerate(lines) if line.strip() and not line.lstrip().startswith(_COMMENT)), 0)
    header = lines[start].rstrip("\r\n")
    sign = asked or max((*_COMMON, *_RARE), key=lambda sign: _agreement(lines[start:], sign))
    dialect = Dialect(sign, '"', False, start, 0, ())
    width = len(next(dialect.reader([header], strict=False), [""]))
    if width == 1 or (sign == " " and "  " in header.strip()):
        return DataError(
            f"File {location.name} could not be cut into columns: its header reads {header[:60]!r}.",
            f"Say what separates them, as in {location.with_key('delimiter', ';')!r}; a table aligned by several "
            "spaces can be read by pandas.read_csv(path, sep=r'\\s+') and given as a frame.",
        )
    return ragged_error(location, dialect, lines, width)


def _agreement(lines: list[str], sign: str) -> float:
    counts = [line.count(sign) for line in lines if line.strip()]
    return sum(count == counts[0] for count in counts) / len(counts) + (counts[0] > 0) if counts else 0.0


def ragged_error(location: Location, dialect: Dialect, lines: object, width: int) -> DataError:
    """Return the error that names the first line whose number of values is not that of the header.

    Parameters
    ----------
    location
        The file's name.
    dialect
        By which it is cut; ``skip`` lines stand above the header.
    lines
        All lines.
    width
        How many values the header has.
    """
    reader = dialect.reader(lines, strict=False)
    lengths: list[int] = []
    first: tuple[int, list[str]] | None = None
    before = 0
    for record in reader:
        line, before = before + 1, reader.line_num
        if not record or line <= dialect.first:
            continue
        lengths.append(len(record))
        if len(record) != width and first is None:
            first = line, record
        if first is not None and len(lengths) > _SAMPLE:
            break
    if first is None:
        return DataError(
            f"File {location.name} could not be cut into columns by {dialect.delimiter!r}.",
            "Close every quote that is opened, and double quotes inside quoted texts.",
        )
    if set(lengths) == {width + 1}:
        return DataError(
            f"File {location.name} has {width} names in its header and {width + 1} values in every row: names of rows, "
            f"as R writes them, or a separator other than {dialect.delimiter!r}?",
            "Give the first column a name in the header (R: write.csv(x, row.names = FALSE)), or say the separator, as "
            f"in {location.with_key('delimiter', ';')!r}.",
        )
    line, record = first
    shown = dialect.delimiter.join(record)
    return DataError(
        f"File {location.name} has {counted(len(record), 'value')} in line {line:,} where its header has {width}: "
        f"{shown[:80]!r}.",
        "Mend or remove that line, and quote texts that contain the separator.",
    )
