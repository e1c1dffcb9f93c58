"""The rows of a table as a formula's variables, and the columns of a design that a model was fitted to."""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd

from thalweg.data.cells.styles import TextStyle
from thalweg.data.columns import column_of_kind
from thalweg.data.design import Design, design_columns
from thalweg.data.encode import Encoder
from thalweg.data.new_rows import read_new_rows
from thalweg.data.notes import Note


def printed_names(columns: "pd.Index[str]") -> list[str]:
    """Return the names of a design's columns as they are printed: ``region=north`` for ``region[T.north]``.

    Examples
    --------
    >>> printed_names(pd.Index(["educ", "region[T.north]:educ"]))
    ['educ', 'region=north:educ']
    """
    return [re.sub(r"\[T\.(.*?)\]", r"=\1", str(name)) for name in columns]


@dataclass(frozen=True, slots=True, eq=False)
class FormulaRows:
    """Rows as the variables of a formula.

    Parameters
    ----------
    formula
        The formula with what it learned from the rows of the fit.
    frame
        Its variables: numbers, and categories with the levels of the fit, the reference first.
    """

    formula: Design
    frame: pd.DataFrame

    @classmethod
    def of(cls, formula: Design, frame: pd.DataFrame) -> "FormulaRows":
        """Return rows of which every variable was read in its kind."""
        return cls(formula, pd.DataFrame({name: _variable(formula, frame[name]) for name in formula.kinds}))

    def design(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the columns of the design, under the names the model has."""
        return _renamed(design_columns(self.formula, frame))


def _variable(formula: Design, column: pd.Series) -> pd.Series:
    """Return one variable; a level that the fit did not have counts as the reference."""
    name = str(column.name)
    values = column_of_kind(column, formula.kinds[name])
    if formula.kinds[name] != "categorical":
        return values.astype(np.float64)
    levels = list(formula.levels[name])
    codes = pd.Index(levels).get_indexer(values.astype(object))
    return pd.Series(pd.Categorical.from_codes(np.maximum(codes, 0), categories=levels), index=column.index, name=name)


def _renamed(matrix: pd.DataFrame) -> pd.DataFrame:
    return matrix.set_axis(printed_names(matrix.columns), axis=1)


def kept_recipe(formula: Design, styles: Mapping[str, TextStyle]) -> str:
    """Return what makes columns of new rows as JSON.

    Parameters
    ----------
    formula
        That has met its table.
    styles
        How formatted numbers and dates are written, by column.

    Examples
    --------
    >>> from thalweg.data.problem import pose
    >>> formula = pose("example:diabetes", formula="progression ~ bmi").formula
    >>> read_recipe(kept_recipe(formula, {})).formula == formula
    True
    """
    plain = {"formula": formula.to_dict(), "styles": {name: asdict(style) for name, style in styles.items()}}
    return json.dumps(plain)


def read_recipe(recipe: str) -> Encoder:
    """Return what reads new rows.

    Examples
    --------
    >>> from thalweg.data.problem import pose
    >>> read_recipe(kept_recipe(pose("example:diabetes", formula="progression ~ bmi").formula, {})).inputs
    ('bmi',)
    """
    return Encoder.from_dict({"columns": (), **json.loads(recipe)})


def rows_of_recipe(
    recipe: str, source: object = None, *, query: str | None = None
) -> tuple[FormulaRows, tuple[Note, ...], pd.Index]:
    """Read new rows as the variables of a formula.

    Parameters
    ----------
    recipe
        From :func:`kept_recipe`.
    source, query
        The rows, as for :func:`thalweg.data.reading.table.read_table`; the target is not needed.

    Returns
    -------
    tuple
        The rows; notes on unseen levels and columns not used; and the index of the rows.

    Raises
    ------
    DataError
        If columns are absent, or a value cannot be read in its column's kind.

    Examples
    --------
    >>> from thalweg.data.problem import pose
    >>> formula = pose("example:diabetes", formula="progression ~ bmi").formula
    >>> rows, _, _ = rows_of_recipe(kept_recipe(formula, {}), {"bmi": [0.1]})
    >>> rows.design(rows.frame)
       bmi
    0  0.1
    """
    encoder = read_recipe(recipe)
    frame, notes, index = read_new_rows(encoder, source, query=query)
    assert encoder.formula is not None
    return FormulaRows.of(encoder.formula, frame), notes, index
