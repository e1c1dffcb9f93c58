"""Columns of codes by the labels that statistical packages keep beside them."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from thalweg.base.wording import listed
from thalweg.data.notes import Note


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
