"""Columns of a formula that are numbers, products of numbers, or dummies beside the first level: most formulas whole.

They are written into one table at once. Whatever else a formula holds is left to formulaic, which makes the same
columns of these.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np
import pandas as pd
from formulaic.parser.types import Factor

from thalweg.base.arrays import FloatArray
from thalweg.data.formula import Side

_BLOCK: Final = 2048  # rows that stay in the processor's cache while all columns are written

Fill = Callable[[slice], Any]


def plain_columns(side: Side, columns: Mapping[str, pd.Series], computed: Mapping[str, Any]) -> dict[str, Fill] | None:
    """Return what gives every column of a formula in some rows, by its name; None if formulaic must make them.

    Parameters
    ----------
    side
        The right-hand side.
    columns
        The variables: numbers and categories.
    computed
        Values of the factors that are more than a name.

    Examples
    --------
    >>> from thalweg.data.formula import formula_sides
    >>> side = formula_sides("y ~ x + g", ["x", "g"]).right
    >>> found = plain_columns(side, {"x": pd.Series([1.0, 2.0]), "g": pd.Series(["b", "a"], dtype="category")}, {})
    >>> list(found), filled_matrix(found, 2).tolist()
    (['x', 'g[T.b]'], [[1.0, 1.0], [2.0, 0.0]])
    """
    if not side.intercept:
        return None  # then the first category has a dummy for every level
    found: dict[str, Fill] = {}
    for term in side.terms:
        if str(term) == "1":
            continue
        factors = [_values(factor, side, columns, computed) for factor in term.factors]
        name = ":".join(str(factor.expr) for factor in term.factors)
        if any(values is None for values in factors) or name in found:
            return None
        if all(isinstance(values, np.ndarray) for values in factors):
            found[name] = _product(factors)
        elif len(factors) == 1 and len(factors[0].categories) > 1:
            codes = factors[0].codes
            found |= {
                f"{name}[T.{level}]": _dummy(codes, place + 1) for place, level in enumerate(factors[0].categories[1:])
            }
        else:
            return None
    return found


def filled_matrix(columns: Mapping[str, Fill], count: int) -> FloatArray:
    """Return the columns beside each other, shape [N K]; a block of rows at a time.

    Examples
    --------
    >>> filled_matrix({"x": lambda rows: np.arange(3.0)[rows]}, 3).tolist()
    [[0.0], [1.0], [2.0]]
    """
    table = np.empty((count, len(columns)))
    for start in range(0, count, _BLOCK):
        here = slice(start, start + _BLOCK)
        for place, fill in enumerate(columns.values()):
            table[here, place] = fill(here)
    return table


def _values(factor: Factor, side: Side, columns: Mapping[str, pd.Series], computed: Mapping[str, Any]) -> Any:
    """Return numbers [N] or a categorical of one factor; None for anything else."""
    if factor.eval_method is Factor.EvalMethod.LITERAL:
        return None
    name = str(factor.expr)
    found: Any = computed.get(name) if factor.eval_method is Factor.EvalMethod.PYTHON else columns.get(name.strip("`"))
    expression = side.expressions.get(name)
    if expression is not None and expression.category:
        column = expression.names[0]
        if name.replace(" ", "") != f"C({column})":
            return None  # with contrasts of its own
        found = columns[column]
    if isinstance(found, pd.Series) and isinstance(found.dtype, pd.CategoricalDtype):
        return found.array
    values = found.to_numpy() if isinstance(found, pd.Series) else found
    return values if isinstance(values, np.ndarray) and values.ndim == 1 and values.dtype == np.float64 else None


def _product(factors: list[Any]) -> Fill:
    first, *others = factors

    def fill(here: slice) -> Any:
        values = first[here]
        for other in others:
            values = values * other[here]
        return values

    return fill


def _dummy(codes: Any, level: int) -> Fill:
    return lambda here: codes[here] == level
