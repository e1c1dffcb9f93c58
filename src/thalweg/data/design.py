"""A formula that has met its table: text, levels and column names, enough to apply it to new rows without pickles."""

import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from typing import Any, Final, Self

import numpy as np
import pandas as pd
from formulaic.errors import FormulaicError
from formulaic.formula import SimpleFormula
from formulaic.parser.types import Factor, Term

from thalweg.base.arrays import FloatArray
from thalweg.base.errors import DataError, SettingError, setting
from thalweg.base.machine.free_memory import refuse_oversized
from thalweg.data.columns import column_of_kind
from thalweg.data.expression import read_expression
from thalweg.data.formula import Side, Variables, formula_error, formula_sides, formula_variables
from thalweg.data.kinds import LARGEST_MAGNITUDE, MAX_LEVELS, Kind, kind_of, row_at
from thalweg.data.learned_terms import kept_state, live_state
from thalweg.data.notes import counted
from thalweg.data.plain_terms import filled_matrix, plain_columns

_MOST_DUMMIES: Final = 2_000  # of one category in a linear model: cross products of more take seconds
_ENTRY: Final = 32  # bytes of an entry while a linear model is estimated, at least: 33 to 49 were measured


@dataclass(frozen=True, slots=True)
class Design:
    """A formula that has met its table: everything needed to apply it to new rows.

    Parameters
    ----------
    text
        The formula as the user wrote it.
    outcome
        The left-hand side, such as ``log(wage)``.
    target
        The column the left-hand side is made of.
    available
        The columns that ``.`` stands for.
    kinds
        The variables of the right-hand side and the kind each has.
    levels
        The levels of each categorical variable; the first is the reference.
    columns
        The columns the right-hand side makes, without the intercept, which a model has of its own.
    estimating
        Whether the columns enter a linear model as they are, estimated from all rows.
    intercept
        Whether the formula has one.
    learned
        What terms such as ``poly(x, 3)`` learned from the rows, as plain values by the term.
    """

    text: str
    outcome: str
    target: str
    available: tuple[str, ...]
    kinds: dict[str, Kind]
    levels: dict[str, tuple[str, ...]]
    columns: tuple[str, ...]
    estimating: bool = False
    intercept: bool = True
    learned: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return the design as plain values that JSON can hold."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Rebuild a design from :meth:`to_dict`, also after a trip through JSON; its formula is checked anew.

        Raises
        ------
        SettingError
            If the formula uses something not allowed, or other columns than the design.
        """
        tuples = {name: tuple(values[name]) for name in ("available", "columns")}
        levels = {name: tuple(found) for name, found in values["levels"].items()}
        design = cls(**{**values, **tuples, "levels": levels})
        columns = (*design.available, design.target)
        found = formula_variables(design.text, columns, estimating=design.estimating)
        if (found.outcome, found.target, set(found.features)) != (design.outcome, design.target, set(design.kinds)):
            raise SettingError(
                f"Formula {design.text!r} uses other columns than the design it came with.", "Make the run anew."
            )
        return design


def design_of(variables: Variables, frame: pd.DataFrame) -> tuple[Design, pd.DataFrame]:
    """Apply a formula to complete rows and keep what new rows will need.

    Parameters
    ----------
    variables
        The formula, from :func:`thalweg.data.formula.formula_variables`.
    frame
        The variables in canonical form, without missing values.

    Returns
    -------
    tuple
        The design, and its columns [N D] as float64.

    Raises
    ------
    SettingError
        If formulaic cannot evaluate a term, or a number is used both as it is and as a category.
    DataError
        If a term is infinite or undefined in some row, or a category has too many levels.
    """
    kinds: dict[str, Kind] = {}
    levels: dict[str, tuple[str, ...]] = {}
    for name in variables.features:
        kinds[name] = _kind_in_formula(variables, frame[name])
        if kinds[name] == "categorical":
            levels[name] = tuple(column_of_kind(frame[name], "categorical").cat.categories)
            _refuse_many(variables, name, len(levels[name]))
    named = (variables.text, variables.outcome, variables.target, variables.available)
    bare = Design(*named, kinds, levels, (), variables.estimating, variables.intercept)
    states: dict[str, dict[str, Any]] = {}
    matrix = _right_side(bare, frame, states)
    learned = {term: kept_state(state) for term, state in states.items()}
    return replace(bare, columns=tuple(matrix.columns), learned=learned), matrix


def design_of_levels(
    variables: Variables, levels: Mapping[str, tuple[str, ...]], frame: pd.DataFrame
) -> tuple[Design, pd.DataFrame]:
    """Apply a formula to some of the rows, whose categories may have further levels.

    Parameters
    ----------
    variables
        The formula.
    levels
        Of each of its variables that is a category.
    frame
        Some complete rows: numbers as float64, and categories.

    Returns
    -------
    tuple
        The design, and its columns in these rows.

    Raises
    ------
    SettingError
        If a term learns from the rows it sees, or cannot be evaluated.
    DataError
        If a term is undefined in some row, or a category has too many levels.
    """
    for name, found in levels.items():
        _refuse_many(variables, name, len(found))
    kinds: dict[str, Kind] = {name: "categorical" if name in levels else "numeric" for name in variables.features}
    named = (variables.text, variables.outcome, variables.target, variables.available)
    bare = Design(*named, kinds, dict(levels), (), variables.estimating, variables.intercept)
    states: dict[str, dict[str, Any]] = {}
    matrix = _right_side(bare, frame, states)
    if states:
        raise SettingError(
            f"{next(iter(states))!r} learns from all rows at once, which are read in batches here.",
            "Write powers as I(x**2), or compute the columns by a query.",
        )
    return replace(bare, columns=tuple(matrix.columns)), matrix


def design_columns(design: Design, frame: pd.DataFrame) -> pd.DataFrame:
    """Apply a design to new rows.

    A level that the fit's table did not have counts as the reference level: its columns are zero.

    Parameters
    ----------
    design
        The design.
    frame
        New rows with the columns ``design.kinds``.

    Returns
    -------
    pandas.DataFrame
        The columns ``design.columns`` as float64.

    Raises
    ------
    DataError
        If a variable is missing in some row or cannot be read in its kind, or a term is undefined there.
    """
    for name, kind in design.kinds.items():
        gaps = np.flatnonzero(column_of_kind(frame[name], kind).isna())
        if gaps.size:
            raise DataError(
                f"Column {name!r} is missing in row {row_at(frame, gaps[0])}, and the formula needs it.",
                "Fill it in, or leave the row out.",
            )
    return _right_side(design, frame, {term: live_state(kept) for term, kept in design.learned.items()})


def evaluate_outcome(variables: Variables, frame: pd.DataFrame) -> pd.Series:
    """Return the left-hand side of a formula, such as log(wage), in every row of complete rows."""
    column = frame[variables.target]
    if variables.outcome in {variables.target, f"`{variables.target}`"}:
        return column
    numbers = {variables.target: column_of_kind(column, "numeric")}
    computed = _computed(lambda: read_expression(variables.outcome).compute(numbers), variables.text, variables.outcome)
    values = pd.DataFrame({variables.outcome: np.asarray(computed, dtype=np.float64)}, index=frame.index)
    _refuse_undefined(values, frame)
    return values[variables.outcome]


def _refuse_many(variables: Variables, name: str, count: int) -> None:
    """Refuse a category of more levels than the formula can have columns for."""
    if count <= (_MOST_DUMMIES if variables.estimating else MAX_LEVELS):
        return
    if variables.estimating:
        raise DataError(
            f"Column {name!r} has {count:,} levels; dummies are written for at most {_MOST_DUMMIES:,}.",
            f"If only the other terms matter, let least squares absorb it: behind a bar, as in 'y ~ x | {name}'. Else "
            "group its levels by a query, or leave it out of the formula.",
        )
    raise DataError(
        f"Column {name!r} has {count:,} levels; a formula takes at most {MAX_LEVELS}.",
        "Leave it out of the formula, group its levels by a query, or give target and features instead.",
    )


def _kind_in_formula(variables: Variables, column: pd.Series) -> Kind:
    kind = kind_of(column)
    if kind == "date":
        raise DataError(
            f"Formula {variables.text!r} uses the date {column.name!r}.", "Turn it into a number by a query first."
        )
    if column.name in variables.coded & variables.plain and kind != "categorical":
        raise SettingError(
            f"Formula {variables.text!r} uses {column.name!r} both as a number and as a category.",
            "Decide for one of them.",
        )
    return "categorical" if kind == "categorical" or column.name in variables.coded else "numeric"


def _right_side(design: Design, frame: pd.DataFrame, states: dict[str, dict[str, Any]]) -> pd.DataFrame:
    columns = {}
    for name, kind in design.kinds.items():
        values = column_of_kind(frame[name], kind)
        if kind == "categorical":
            codes = pd.Index(design.levels[name]).get_indexer(values.astype(object))
            known = pd.Categorical.from_codes(np.maximum(codes, 0), categories=list(design.levels[name]))
            values = pd.Series(known, index=frame.index)
        columns[name] = values
    side = formula_sides(design.text, design.available, estimating=design.estimating).right
    return _evaluated(side, pd.DataFrame(columns, copy=False), design.text, states)


def _evaluated(side: Side, frame: pd.DataFrame, text: str, states: dict[str, dict[str, Any]]) -> pd.DataFrame:
    """Let formulaic multiply and code the factors, which are computed here: it looks all of them up by their texts."""
    columns = {str(name): frame[name] for name in frame}
    computed = {
        name: _computed(partial(found.compute, columns), text, name) for name, found in side.expressions.items()
    }
    for name, found in side.expressions.items():
        if found.learn is not None:
            state = states.setdefault(name, {})
            computed[name] = _computed(partial(found.learn, computed[name], state), text, name)

    _refuse_oversized(side, columns | computed, len(frame))
    plain = plain_columns(side, columns, computed)
    if plain is not None:
        filled = filled_matrix(plain, len(frame))
        _refuse_undefined_cells(filled, plain, frame)
        return pd.DataFrame(filled, columns=list(plain), index=frame.index, copy=False)

    def matrix() -> Any:
        terms = [Term([_looked_up(factor) for factor in term.factors]) for term in side.terms]
        formula = SimpleFormula(terms, _ordering="none")
        return formula.get_model_matrix(frame, na_action="ignore", context=computed, output="pandas")

    values = pd.DataFrame(_computed(matrix, text)).astype(np.float64)
    _refuse_undefined(values, frame)
    return values.drop(columns="Intercept", errors="ignore").copy()  # in one block; formulaic adds column by column


def _refuse_oversized(side: Side, values: Mapping[str, Any], rows: int) -> None:
    """Refuse a design that does not fit into memory, before it is made."""

    def width(factor: Factor) -> int:
        dtype = getattr(values.get(factor.expr.strip("`")), "dtype", None)
        return len(dtype.categories) if isinstance(dtype, pd.CategoricalDtype) else 1

    columns = sum(math.prod(map(width, term.factors)) for term in side.terms)
    refuse_oversized(
        {f"{rows:,} rows of {columns:,} columns": rows * columns * _ENTRY},
        f"Select rows or columns by a {setting('query')}, or leave terms out.",
    )


def _looked_up(factor: Factor) -> Factor:
    if factor.eval_method is Factor.EvalMethod.PYTHON:
        return Factor(factor.expr, eval_method=Factor.EvalMethod.LOOKUP)
    return factor


def _computed(compute: Callable[[], Any], text: str, term: str = "") -> Any:
    try:
        with np.errstate(all="ignore"):  # what is undefined is refused later, with its row
            return compute()
    except (FormulaicError, ValueError, TypeError, KeyError, ArithmeticError, RecursionError) as error:
        told = ValueError(f"{term} cannot be computed: {error}") if term else error
        raise formula_error(text, told) from None


def _refuse_undefined_cells(table: FloatArray, names: Collection[str], frame: pd.DataFrame) -> None:
    """Refuse a table with a cell that is no number or too large; one look at its ends is enough for most."""
    if len(table) and table.min() >= -LARGEST_MAGNITUDE and table.max() <= LARGEST_MAGNITUDE:  # never true of NaN
        return
    _refuse_undefined(pd.DataFrame(table, columns=list(names), index=frame.index), frame)


def _refuse_undefined(values: pd.DataFrame, frame: pd.DataFrame) -> None:
    for name in values.columns:
        rows = np.flatnonzero(~(np.abs(values[name].to_numpy()) <= LARGEST_MAGNITUDE))
        if rows.size:
            raise DataError(
                f"Term {name!r} of the formula is {values[name].iloc[rows[0]]:g} in row {row_at(frame, rows[0])}"
                f" ({counted(rows.size, 'such row')}).",
                "Choose a function that is defined there, such as log1p for zeros, or leave these rows out.",
            )
