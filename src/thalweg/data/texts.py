"""What a column of texts holds: truth values, numbers, dates, or the names of categories.

Rules, in this order:

1. Spaces at the ends are cut; the texts in :data:`thalweg.data.kinds.MISSING_MARKERS` are missing.
2. All values are true or false: boolean. All are numbers: numeric. All are ISO dates (2024-05-31): date.
3. More than 20 different numbers, and at most one row in ten that is no number: an error that names the row.
4. Otherwise a category; its levels are the texts.
"""

from collections import Counter
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from thalweg.base.errors import DataError
from thalweg.data.kinds import MISSING_MARKERS, as_category, as_numeric, row_at

_CODED_CATEGORY: Final = 20
_STRAY_SHARE: Final = 0.1
_ISO_DATE: Final = r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?"
_DECIMAL_COMMA: Final = r"[+-]?\d+,\d+"


@dataclass(frozen=True, slots=True, eq=False)
class _Texts:
    """A column as its distinct texts, so that each is looked at once.

    ``codes`` [N] are places in ``texts``, −1 where missing; ``counts`` says how many rows hold each text.
    """

    column: pd.Series
    codes: NDArray[np.int64]
    texts: pd.Series
    counts: NDArray[np.int64]

    def spread(self, values: NDArray[Any], absent: object) -> pd.Series:
        """Return the column whose rows hold one value per text."""
        table = np.array([*values, absent], dtype=values.dtype)
        return pd.Series(table[self.codes], index=self.column.index, name=self.column.name)

    def first_row(self, place: int) -> str:
        """Return the mark of the first row that holds a text."""
        return row_at(self.column, int(np.argmax(self.codes == place)))


def read_texts(column: pd.Series, codes: NDArray[np.int64], values: list[str]) -> tuple[pd.Series, Counter[str]]:
    """Return a column of texts in canonical form, and the missing markers it held.

    Parameters
    ----------
    column
        Gives name and index.
    codes, values
        Each row's place [N] among the texts, −1 where missing; and the texts, without spaces at their ends.

    Raises
    ------
    DataError
        If numbers hold a stray text or decimal commas, or a date does not exist; the message names the row.

    Examples
    --------
    >>> read_texts(pd.Series([0, 0, 0], name="age"), np.array([0, 1, 0]), ["7", "NA"])[0].tolist()
    [7.0, nan, 7.0]
    """
    rows = np.bincount(codes[codes >= 0], minlength=len(values))
    markers: Counter[str] = Counter()
    for text, count in zip(values, rows, strict=True):
        if text in MISSING_MARKERS - {""}:
            markers[text] += int(count)
    kept = [place for place, text in enumerate(values) if text not in MISSING_MARKERS]
    renumbered = np.full(len(values) + 1, -1, dtype=np.int64)
    renumbered[kept] = np.arange(len(kept))
    present = pd.Series([values[place] for place in kept], dtype="str")
    return _read(_Texts(column, renumbered[codes], present, rows[kept])), markers


def _read(texts: _Texts) -> pd.Series:
    lower = texts.texts.str.lower()
    if len(lower) and lower.isin(["true", "false"]).all():
        return texts.spread((lower == "true").to_numpy(dtype=np.float64), np.nan).astype("boolean")
    numbers = pd.to_numeric(texts.texts, errors="coerce").to_numpy(dtype=np.float64)
    if not np.isnan(numbers).any():
        return as_numeric(texts.spread(numbers, np.nan))
    if texts.texts.str.fullmatch(_ISO_DATE).all():
        return _dates(texts)
    _refuse_decimal_commas(texts)
    _refuse_stray_texts(texts, np.isnan(numbers))
    return as_category(texts.codes, texts.texts.tolist(), texts.column)


def _dates(texts: _Texts) -> pd.Series:
    dates = pd.to_datetime(texts.texts, format="ISO8601", utc=True, errors="coerce")
    wrong = np.flatnonzero(dates.isna())
    if wrong.size:
        raise DataError(
            f"Column {texts.column.name!r} holds {texts.texts[wrong[0]]!r} in row {texts.first_row(wrong[0])}, which "
            "is no date of the calendar.",
            "Mend it, or leave it empty if it is unknown.",
        )
    return texts.spread(dates.dt.tz_localize(None).to_numpy(dtype="datetime64[us]"), np.datetime64("NaT"))


def _refuse_decimal_commas(texts: _Texts) -> None:
    name = texts.column.name
    if len(texts.texts) > _CODED_CATEGORY and texts.texts.str.fullmatch(_DECIMAL_COMMA).all():
        raise DataError(
            f"Column {name!r} holds numbers written with a comma, such as {texts.texts[0]!r}.",
            f"Write them with a point, or convert them in a query: replace(\"{name}\", ',', '.')::double.",
        )


def _refuse_stray_texts(texts: _Texts, stray: NDArray[np.bool_]) -> None:
    """Refuse a column of numbers that a few stray texts would turn into a category."""
    stray_rows = int(texts.counts[stray].sum())
    many_numbers = int((~stray).sum()) > _CODED_CATEGORY
    if many_numbers and stray_rows <= _STRAY_SHARE * texts.counts.sum():
        place = int(np.argmax(stray))
        more = f" ({stray_rows - 1} more such rows)" if stray_rows > 1 else ""
        raise DataError(
            f"Column {texts.column.name!r} holds numbers, but {texts.texts[place]!r} in row "
            f"{texts.first_row(place)}{more}.",
            "Mend it, leave it empty if it is unknown, or leave the column out (ignore).",
        )
