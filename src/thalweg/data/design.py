"""A formula that has met its table: text, levels and column names, enough to apply it to new rows without pickles."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Self

import numpy as np
import pandas as pd
from formulaic import Formula
from formulaic.errors import FormulaicError
from formulaic.formula import SimpleFormula

from thalweg.base.errors import DataError, SettingError
from thalweg.data.columns import column_of_kind
from thalweg.data.formula import FUNCTIONS, Variables, formula_error, formula_sides
from thalweg.data.kinds import LARGEST_MAGNITUDE, MAX_LEVELS, Kind, kind_of, row_at
from thalweg.data.notes import counted


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
        The columns the right-hand side makes, without the intercept, which every model has of its own.
    """

    text: str
    outcome: str
    target: str
    available: tuple[str, ...]
    kinds: dict[str, Kind]
    levels: dict[str, tuple[str, ...]]
    columns: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the design as plain values that JSON can hold."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Rebuild a design from :meth:`to_dict`, also after a trip through JSON."""
        tuples = {name: tuple(values[name]) for name in ("available", "columns")}
        levels = {name: tuple(found) for name, found in values["levels"].items()}
        return cls(**{**values, **tuples, "levels": levels})


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
            if len(levels[name]) > MAX_LEVELS:
                raise DataError(
                    f"Column {name!r} has {len(levels[name]):,} levels; a formula takes at most {MAX_LEVELS}.",
                    "Leave it out of the formula, group its levels by a query, or give target and features instead.",
                )
    bare = Design(variables.text, variables.outcome, variables.target, variables.available, kinds, levels, ())
    matrix = _right_side(bare, frame)
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
    return _right_side(design, frame)


def evaluate_outcome(variables: Variables, frame: pd.DataFrame) -> pd.Series:
    """Return the left-hand side of a formula, such as log(wage), in every row of complete rows."""
    column = frame[variables.target]
    if variables.outcome in {variables.target, f"`{variables.target}`"}:
        return column
    numbers = pd.DataFrame({variables.target: column_of_kind(column, "numeric")})
    matrix = _evaluated(Formula(f"0 + {variables.outcome}"), numbers, variables.outcome)
    return matrix.iloc[:, 0].rename(variables.outcome)


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


def _right_side(design: Design, frame: pd.DataFrame) -> pd.DataFrame:
    columns = {}
    for name, kind in design.kinds.items():
        values = column_of_kind(frame[name], kind)
        if kind == "categorical":
            codes = pd.Index(design.levels[name]).get_indexer(values.astype(object))
            known = pd.Categorical.from_codes(np.maximum(codes, 0), categories=list(design.levels[name]))
            values = pd.Series(known, index=frame.index)
        columns[name] = values
    matrix = _evaluated(formula_sides(design.text, design.available)[1], pd.DataFrame(columns), design.text)
    return matrix.drop(columns="Intercept").copy()  # in one block; formulaic adds column by column


def _evaluated(formula: SimpleFormula, frame: pd.DataFrame, text: str) -> pd.DataFrame:
    try:
        with np.errstate(all="ignore"):  # what is undefined is refused below, with its row
            matrix = formula.get_model_matrix(frame, na_action="ignore", context=dict(FUNCTIONS), output="pandas")
    except (FormulaicError, ValueError, TypeError) as error:
        raise formula_error(text, error) from None
    values = pd.DataFrame(matrix).astype(np.float64)
    for name in values.columns:
        rows = np.flatnonzero(~(np.abs(values[name].to_numpy()) <= LARGEST_MAGNITUDE))
        if rows.size:
            raise DataError(
                f"Term {name!r} of the formula is {values[name].iloc[rows[0]]:g} in row {row_at(frame, rows[0])}"
                f" ({counted(rows.size, 'such row')}).",
                "Choose a function that is defined there, such as log1p for zeros, or leave these rows out.",
            )
    return values
