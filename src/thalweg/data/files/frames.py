"""Frames in memory, of any library, as pandas columns of plain types, and codes by the labels kept beside them."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from thalweg.base.errors import SettingError, setting
from thalweg.base.wording import listed
from thalweg.data.notes import Note


def from_frame(source: object) -> pd.DataFrame:
    """Return a data frame of pandas, polars, pyarrow, … with texts as names of columns and rows numbered from 0.

    Parameters
    ----------
    source
        A frame that narwhals knows.

    Raises
    ------
    SettingError
        If it is no frame.

    Examples
    --------
    >>> from_frame(pd.DataFrame({1: [0.5]}, index=["a"])).to_dict("list")
    {'1': [0.5]}
    """
    if isinstance(source, pd.DataFrame):
        names = [str(name) for name in source.columns]
        columns = [plain_column(source.iloc[:, place]) for place in range(len(names))]
        frame = pd.concat(columns, axis=1) if columns else pd.DataFrame(index=range(len(source)))
        return frame.set_axis(names, axis=1)
    try:
        frame = nw.from_native(source)  # refuses other types by TypeError
    except TypeError:
        raise SettingError(
            f"{setting('source')} must be a path or several, 'example:NAME', a data frame, a 2-D array, a dict of "
            f"columns or a list of records, got {type(source).__name__}.",
            "Make it dense first: X.toarray()." if hasattr(source, "toarray") else "Convert it to one of these.",
        ) from None
    eager = frame.collect() if isinstance(frame, nw.LazyFrame) else frame
    return pd.DataFrame({name: _of_narwhals(eager[name]) for name in eager.columns})


def plain_column(column: pd.Series) -> pd.Series:
    """Return a pandas column whose type is pandas' own or an object, numbered from 0.

    Examples
    --------
    >>> plain_column(pd.Series([1, None], dtype="Int64", index=[5, 6])).index.tolist()
    [0, 1]
    """
    bare = column.reset_index(drop=True)
    return _of_arrow(bare) if isinstance(bare.dtype, pd.ArrowDtype) else bare


def _of_arrow(column: pd.Series) -> pd.Series:
    """Turn a column that pandas keeps in Arrow's memory into the same as the Arrow table itself gives."""
    return _of_narwhals(nw.from_native(column.array.__arrow_array__(), series_only=True)).rename(column.name)


def _of_narwhals(column: "nw.Series[Any]") -> pd.Series:
    kind = column.dtype
    if kind == nw.Enum or (kind == nw.Categorical and _is_ordered(column)):
        levels = column.cat.get_categories().to_list()
        return pd.Series(pd.Categorical(column.cast(nw.String).to_list(), categories=levels, ordered=True))
    if kind == nw.Categorical:
        return pd.Series(pd.Categorical(column.cast(nw.String).to_list()))
    if kind.is_integer() and column.null_count():
        values = column.to_list()  # through floats they would lose digits
        return pd.Series(pd.array(values, dtype="UInt64" if kind.is_unsigned_integer() else "Int64"))
    if kind.is_decimal() or kind.is_nested() or kind in {nw.Boolean, nw.String, nw.Time}:
        values = [float(v) if isinstance(v, Decimal) else v for v in column.to_list()]
        return pd.Series(values, dtype=np.float64 if kind.is_decimal() else object)
    if kind == nw.Date:
        return pd.Series(pd.to_datetime(pd.Series(column.to_list(), dtype=object)))
    return pd.Series(column.to_numpy())


def _is_ordered(column: "nw.Series[Any]") -> bool:
    native = getattr(column.to_native(), "type", None)
    return bool(getattr(native, "ordered", False))


def whole_numbers(column: pd.Series) -> pd.Series:
    """Return whole numbers without gaps as integers, other numbers as they are.

    Examples
    --------
    >>> whole_numbers(pd.Series([1.0, 2.0])).tolist(), whole_numbers(pd.Series([1.0, 2.5])).tolist()
    ([1, 2], [1.0, 2.5])
    """
    values = column.to_numpy()
    whole = bool(np.isfinite(values).all()) and bool((values == np.trunc(values)).all())
    return column.astype(np.int64) if whole and np.abs(values).max(initial=0) < 2**53 else column


def labelled(column: pd.Series, names: Mapping[Any, str]) -> tuple[pd.Series, list[Note]]:
    """Return a column by the labels of its values, if all values have one; else a note says which have.

    Parameters
    ----------
    column
        Of codes.
    names
        The label of every code that has one.

    Examples
    --------
    >>> labelled(pd.Series([2.0, 1.0], name="health"), {1.0: "poor", 2.0: "good"})[0].tolist()
    ['good', 'poor']
    """
    if not names:
        return whole_numbers(column) if column.dtype.kind == "f" else column, []
    codes = sorted(names, key=lambda code: (isinstance(code, str), code))
    present = column.dropna()
    named = present[present.isin(codes)]
    if len(named) == len(present):
        texts = [names[code] for code in codes]
        repeated = {text for text in texts if texts.count(text) > 1}
        levels = [
            f"{text} ({_shown(code)})" if text in repeated else text for text, code in zip(texts, codes, strict=True)
        ]
        places = pd.Index(codes).get_indexer(column)
        return pd.Series(pd.Categorical.from_codes(places, categories=levels, ordered=True), index=column.index), []
    if named.empty:
        return whole_numbers(column) if column.dtype.kind == "f" else column, []
    told = [
        f"{_shown(code)} is {names[code]!r} ({int((named == code).sum()):,})" for code in codes if (named == code).any()
    ]
    text = f"Column {column.name!r} has labels for some values only, and is read by its values: {listed(told)}."
    return column, [Note("sentinel", text, (str(column.name),))]


def _shown(code: Any) -> str:
    return repr(code) if isinstance(code, str) else f"{code:g}"
