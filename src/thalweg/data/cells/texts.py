"""What a column of texts holds: truth values, numbers, dates, or the names of categories.

Rules, in this order:

1. Spaces at the ends are cut; the texts in :data:`thalweg.data.kinds.MISSING_MARKERS` are missing.
2. All values are true or false, some perhaps written as 1 or 0: boolean. All are numbers: numeric, unless one begins
   with a zero (``007``) or is a whole number that float64 would change (beyond 2⁵³): then they are names; or unless
   they are dates without separators (:mod:`thalweg.data.cells.compact_dates`). All are ISO dates (2024-05-31): date.
3. All are formatted numbers (:mod:`thalweg.data.cells.styles`) in one form and one unit: numeric. All are dates in one
   other format: date. Where two forms or formats fit, or forms or units are mixed: an error that says how to decide.
4. Times of day or durations, numbers beside limits of them (``<0.5``), numbers shortened by letters for thousands and
   millions: an error that says how to write them (:mod:`thalweg.data.cells.half_numbers`).
5. More than 20 different numbers, and at most one row in ten that is no number, or no more than three different texts
   among them in less than a third of the rows (``missing``, ``#DIV/0!``): an error that names the row.
6. Otherwise a category; its levels are the texts.
"""

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from thalweg.base.errors import DataError, setting
from thalweg.base.naming import sql_name
from thalweg.base.wording import listed
from thalweg.data.cells.half_numbers import refuse_half_numbers
from thalweg.data.cells.styles import (
    FORMS,
    TextStyle,
    cut,
    date_in,
    is_identifier,
    number_in,
    plain_number,
    recognise,
    recognise_dates,
    short_years,
)
from thalweg.data.kinds import MISSING_MARKERS, Kind, as_category, as_numeric, row_at

_CODED_CATEGORY: Final = 20
_STRAY_SHARE: Final = 0.1
_FEW_STRAYS: Final = 3  # different texts that stand where a number is missing, however often
_ISO_DATE: Final = r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?"
_TRUTH: Final = {"true": 1.0, "false": 0.0, "1": 1.0, "0": 0.0}
_TRUTH_STYLE: Final = TextStyle("boolean", "true or 1, false or 0")


@dataclass(frozen=True, slots=True)
class Findings:
    """What was decided about a column while it was read.

    Parameters
    ----------
    markers
        How often each missing marker occurred.
    style
        How its texts are numbers or dates, unless they are so without formatting.
    identifier
        A text of digits for which all stay texts, or nothing.
    duration
        Whether its numbers are the seconds of durations.

    Examples
    --------
    >>> Findings().style is None
    True
    """

    markers: Counter[str] = field(default_factory=Counter)
    style: TextStyle | None = None
    identifier: str = ""
    duration: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class _Texts:
    """A column as its distinct texts, so that each is looked at once.

    ``codes`` [N] are places in ``texts``, −1 where missing; ``counts`` says how many rows hold each text.
    """

    column: pd.Series
    codes: NDArray[np.int64]
    texts: list[str]
    counts: NDArray[np.int64]
    markers: Counter[str]

    def spread(self, values: NDArray[Any], absent: object) -> pd.Series:
        """Return the column whose rows hold one value per text."""
        table = np.array([*values, absent], dtype=values.dtype)
        return pd.Series(table[self.codes], index=self.column.index, name=self.column.name)

    def numbers(self, values: list[float]) -> pd.Series:
        """Return the column whose rows hold one number per text."""
        return as_numeric(self.spread(np.array(values, dtype=np.float64), np.nan))

    def dates(self, values: list[Any]) -> pd.Series:
        """Return the column whose rows hold one date per text."""
        return self.spread(np.array(values, dtype="datetime64[us]"), np.datetime64("NaT"))

    def first_row(self, place: int) -> str:
        """Return the mark of the first row that holds a text."""
        return row_at(self.column, int(np.argmax(self.codes == place)))


def read_texts(column: pd.Series, codes: NDArray[np.int64], values: list[str]) -> tuple[pd.Series, Findings]:
    """Return a column of texts in canonical form, and what was decided about it.

    Parameters
    ----------
    column
        Gives name and index.
    codes, values
        Each row's place [N] among the texts, −1 where missing; and the texts, without spaces at their ends.

    Raises
    ------
    DataError
        If numbers hold a stray text, a date does not exist, or nothing decides how texts are to be read; the message
        names the row.

    Examples
    --------
    >>> read_texts(pd.Series([0, 0, 0], name="age"), np.array([0, 1, 0]), ["7", "NA"])[0].tolist()
    [7.0, nan, 7.0]
    """
    return _read(_present(column, codes, values, frozenset()))


def read_texts_as(
    column: pd.Series,
    codes: NDArray[np.int64],
    values: list[str],
    kind: Kind,
    style: TextStyle | None = None,
    levels: frozenset[str] = frozenset(),
) -> pd.Series:
    """Return a column of texts in the kind and style it had in training, each text for itself.

    Parameters
    ----------
    column, codes, values
        As for :func:`read_texts`.
    kind, style
        Of the training rows.
    levels
        Of a category: texts among them are never missing markers; ``2.0`` stands for a level ``2``, and ``True`` for
        ``true``, where the text itself is no level.

    Raises
    ------
    DataError
        If a text cannot be read so; the message names the row.

    Examples
    --------
    >>> read_texts_as(pd.Series([0]), np.array([0]), ["007"], "categorical").tolist()
    ['007']
    """
    texts = _present(column, codes, values, levels)
    if kind == "categorical":
        named = [_level(text, levels) for text in texts.texts]
        return as_category(texts.codes, named, column, markers=())
    if kind == "date" and style is None and pd.Series(texts.texts, dtype=object).str.fullmatch(_ISO_DATE).all():
        return _dates(texts)
    found = [_value(text, kind, style) for text in texts.texts]
    wrong = next((place for place, value in enumerate(found) if value is None), None)
    if wrong is not None:
        how = f" ({style.said})" if style is not None else ""
        raise DataError(
            f"Column {column.name!r} must be {kind}{how}, but row {texts.first_row(wrong)} holds "
            f"{texts.texts[wrong]!r}.",
            f"Give {kind} values in this column, written as in the training rows.",
        )
    if kind == "date":
        return texts.dates(found)
    numbers = texts.numbers(found)
    return numbers.astype("boolean") if kind == "boolean" else numbers


def _present(column: pd.Series, codes: NDArray[np.int64], values: list[str], levels: frozenset[str]) -> _Texts:
    rows = np.bincount(codes[codes >= 0], minlength=len(values))
    absent = MISSING_MARKERS - levels
    markers: Counter[str] = Counter()
    for text, count in zip(values, rows, strict=True):
        if text in absent and text:
            markers[text] += int(count)
    kept = [place for place, text in enumerate(values) if text not in absent]
    renumbered = np.full(len(values) + 1, -1, dtype=np.int64)
    renumbered[kept] = np.arange(len(kept))
    return _Texts(column, renumbered[codes], [values[place] for place in kept], rows[kept], markers)


def _level(text: str, levels: frozenset[str]) -> str:
    """Return the level a text stands for: itself, unless only its plainer spelling is one."""
    if text in levels or not levels:
        return text
    other = text.lower() if text.lower() in {"true", "false"} else re.sub(r"^([+-]?\d+)\.0+$", r"\1", text)
    return other if other in levels else text


def _value(text: str, kind: Kind, style: TextStyle | None) -> Any:
    if kind == "boolean":
        return _TRUTH.get(text.lower())
    if kind == "date":
        return None if style is None else date_in(text, style.form)
    number = plain_number(text) if style is None else number_in(text, style.form, style.unit)
    return {"true": 1.0, "false": 0.0}.get(text.lower()) if number is None and style is None else number


def _read(texts: _Texts) -> tuple[pd.Series, Findings]:
    plain = Findings(texts.markers)
    spellings = {text.lower() for text in texts.texts}
    if spellings & {"true", "false"} and spellings <= _TRUTH.keys():
        truth = np.array([_TRUTH[text.lower()] for text in texts.texts])
        style = _TRUTH_STYLE if spellings & {"1", "0"} else None
        return texts.spread(truth, np.nan).astype("boolean"), Findings(texts.markers, style)
    numbers = [plain_number(text) for text in texts.texts]
    if None not in numbers:
        identifier = next((text for text in texts.texts if is_identifier(text)), "")
        if not identifier:
            return texts.numbers([number for number in numbers if number is not None]), plain
        return as_category(texts.codes, texts.texts, texts.column), Findings(texts.markers, identifier=identifier)
    if pd.Series(texts.texts, dtype=object).str.fullmatch(_ISO_DATE).all():
        return _dates(texts), plain
    style = _number_style(texts) or _date_style(texts)
    if style is not None:
        found = [_value(text, "date" if style.kind == "date" else "numeric", style) for text in texts.texts]
        values = texts.dates(found) if style.kind == "date" else texts.numbers(found)
        return values, Findings(texts.markers, style)
    stray = np.array([number is None for number in numbers])
    refuse_half_numbers(texts.texts, stray, str(texts.column.name))
    _refuse_stray_texts(texts, stray)
    return as_category(texts.codes, texts.texts, texts.column), plain


def _dates(texts: _Texts) -> pd.Series:
    dates = pd.to_datetime(pd.Series(texts.texts), format="ISO8601", utc=True, errors="coerce")
    wrong = np.flatnonzero(dates.isna())
    if wrong.size:
        raise DataError(
            f"Column {texts.column.name!r} holds {texts.texts[wrong[0]]!r} in row {texts.first_row(wrong[0])}, which "
            "is no date of the calendar.",
            "Mend it, or leave it empty if it is unknown.",
        )
    return texts.spread(dates.dt.tz_localize(None).to_numpy(dtype="datetime64[us]"), np.datetime64("NaT"))


def _number_style(texts: _Texts) -> TextStyle | None:
    """Return how all texts are formatted numbers; refuse texts that are numbers in two ways."""
    found = recognise(texts.texts)
    name = texts.column.name
    if found.share < 1.0:
        if found.share >= 1 - _STRAY_SHARE and any(found.units):
            _refuse_stray_texts(texts, np.array([cut(text) is None for text in texts.texts]))
        return None
    if len(found.units) > 1:
        first, second = (next(t for t in texts.texts if (c := cut(t)) and c.unit == u) for u in found.units[:2])
        raise DataError(
            f"Column {name!r} holds numbers in more than one unit: {first!r} and {second!r}.",
            "Write them all in one unit, or without, or leave the column out (ignore).",
        )
    if not found.forms:
        point, comma = _opposed(texts.texts)
        raise DataError(
            f"Column {name!r} writes numbers in more than one way: {point!r} and {comma!r}.",
            "Write all numbers alike, or leave the column out (ignore).",
        )
    if len(found.forms) > 1:
        ways = [f"{_as_number(texts, form, found.units[0])} ({_shown(texts.texts[0], form)})" for form in found.forms]
        raise DataError(
            f"Column {name!r} holds numbers such as {texts.texts[0]!r}, and no row says whether the comma or point in "
            "them stands before decimals or between thousands.",
            f"Say it by the {setting('query')} {' or '.join(ways)}; for a text file also by the source's name, as in "
            "'table.csv#decimal=.' or 'table.csv#decimal=,'.",
        )
    return TextStyle("numeric", found.forms[0], found.units[0])


def _opposed(texts: list[str]) -> tuple[str, str]:
    """Return two texts that no form fits both."""
    fits: dict[frozenset[str], str] = {}
    for text in texts:
        parts = cut(text)
        assert parts is not None
        fits.setdefault(frozenset(form for form, (p, _, _) in FORMS.items() if p.fullmatch(parts.body)), text)
    pairs = ((fits[one], fits[other]) for one in fits for other in fits if not one & other)
    return next(pairs, (texts[0], texts[-1]))


def _shown(text: str, form: str) -> str:
    parts = cut(text)
    return "" if parts is None else f"{text!r} is {number_in(text, form, parts.unit):g}"


def _as_number(texts: _Texts, form: str, unit: str) -> str:
    """Return the query that reads a column in a form."""
    _, between, mark = FORMS[form]
    name = sql_name(str(texts.column.name))
    value = name
    for marker in texts.markers:
        value = f"nullif({value}, '{marker}')"
    for old, new in ((unit, ""), (between, ""), (mark, ".")):
        if old and old != new:
            value = f"replace({value}, {_literal(old)}, {_literal(new)})"
    return f"select * replace ({value}::double as {name}) from data"  # noqa: S608 - words for the reader


def _date_style(texts: _Texts) -> TextStyle | None:
    """Return in which format all texts are dates; refuse texts that are dates in two ways."""
    formats = recognise_dates(texts.texts)
    short = short_years(texts.texts) if not formats else ()
    if short:
        name = sql_name(str(texts.column.name))
        ways = [
            f"select * replace (strptime({name}, '{form}') as {name}) from data"  # noqa: S608 - words for the reader
            for form in short
        ]
        raise DataError(
            f"Column {texts.column.name!r} holds dates such as {texts.texts[0]!r}, whose years have two digits.",
            f"Read them by the {setting('query')} {' or '.join(ways)}, "
            "where years from 69 on are those of 1900; or leave the column out (ignore).",
        )
    if len(formats) > 1:
        name = sql_name(str(texts.column.name))
        ways = [
            f"select * replace (strptime({name}, '{form}') as {name}) from data"  # noqa: S608 - words for the reader
            for form in formats
        ]
        raise DataError(
            f"Column {texts.column.name!r} holds dates such as {texts.texts[0]!r}, and no row says whether they are "
            f"written as {listed(formats)}.",
            f"Say it by the {setting('query')} {' or '.join(ways)}; or write dates as YYYY-MM-DD.",
        )
    return TextStyle("date", formats[0]) if formats else None


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _refuse_stray_texts(texts: _Texts, stray: NDArray[np.bool_]) -> None:
    """Refuse a column of numbers that a few stray texts would turn into a category."""
    stray_rows = int(texts.counts[stray].sum())
    many_numbers = int((~stray).sum()) > _CODED_CATEGORY
    few = stray_rows <= _STRAY_SHARE * texts.counts.sum()
    same = int(stray.sum()) <= _FEW_STRAYS and stray_rows < texts.counts.sum() / 3
    if many_numbers and (few or same):
        place = int(np.argmax(stray))
        more = f" ({stray_rows - 1} more such rows)" if stray_rows > 1 else ""
        raise DataError(
            f"Column {texts.column.name!r} holds numbers, but {texts.texts[place]!r} in row "
            f"{texts.first_row(place)}{more}.",
            "Mend it, leave it empty if it is unknown, or leave the column out (ignore).",
        )
