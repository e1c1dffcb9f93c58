"""Frames in memory, of any library, as pandas columns of plain types: one answer whatever they come from."""

from decimal import Decimal
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from thalweg.base.errors import SettingError, setting


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
            "Convert it to one of these.",
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
