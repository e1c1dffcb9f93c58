"""Several models side by side: one column each, coefficients over their standard errors."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from thalweg.base.errors import SettingError, setting
from thalweg.base.wording import closest
from thalweg.linear.estimates import Estimates
from thalweg.report.drawing.table import Cell, Column, Table, format_cell
from thalweg.report.linear.tables import errors_said

STATISTICS: Final = {
    "N": "Observations",
    "r2": "R²",
    "adj_r2": "Adjusted R²",
    "pseudo_r2": "McFadden's R²",
    "rmse": "Root MSE",
    "ll": "Log-likelihood",
    "aic": "AIC",
    "bic": "BIC",
}
_SHOWN: Final = ("N", "r2", "adj_r2", "pseudo_r2")
_STARS: Final = ((0.01, "***"), (0.05, "**"), (0.1, "*"))


@dataclass(frozen=True, slots=True)
class ModelColumn:
    """What one column of the table is made of.

    Parameters
    ----------
    label
        Its heading.
    frame
        A data frame, one row per term: term, estimate, std_error and, for stars, p_value.
    fit
        The estimates, for numbers of the fit; None of answers that are no regression.
    """

    label: str
    frame: Any
    fit: Estimates | None = None


def model_columns_table(
    columns: Sequence[ModelColumn],
    *,
    caption: str = "Models side by side.",
    terms: Mapping[str, str] | None = None,
    keep: Sequence[str] | None = None,
    statistics: Sequence[str] = _SHOWN,
    stars: bool = False,
    notes: Sequence[str] = (),
) -> Table:
    """Return the table: every term that one of the models has, in the order in which they come.

    Parameters
    ----------
    columns
        The models.
    caption
        What the table shows.
    terms
        What to call terms, by name.
    keep
        Terms to show; all if None.
    statistics
        Numbers of the fits, keys of :data:`STATISTICS`; those that no model has are left out.
    stars
        Whether to mark p-values below 0.1, 0.05 and 0.01.
    notes
        Remarks under the table, behind what the standard errors are.

    Raises
    ------
    SettingError
        If a term or a number of the fit is unknown.

    Examples
    --------
    >>> from thalweg.linear import regress
    >>> fits = [regress([[1.0], [2.0], [3.0], [4.0]], [1.1, 1.9, 3.2, 3.8], names=["price"])]
    >>> table = model_columns_table([ModelColumn("(1)", fit.frame(), fit) for fit in fits], keep=["price"])
    >>> table.rows[0], table.rows[1]
    (('price', '0.94'), ('', '(0.09055)'))
    """
    known = list(dict.fromkeys(str(term) for column in columns for term in column.frame["term"]))
    for name in keep or ():
        if name not in known:
            raise SettingError(
                f"No model has a term {name!r}, named by {setting('keep')}.", closest(name, known, "terms")
            )
    for key in statistics:
        if key not in STATISTICS:
            raise SettingError(f"{setting('statistics')} has {key!r}.", closest(key, list(STATISTICS), "statistics"))
    called = dict(terms or {})
    rows: list[tuple[Cell, ...]] = []
    for term in known if keep is None else keep:
        found = [_numbers(column.frame, term) for column in columns]
        rows.append((called.get(term, term), *(_estimate(one, stars=stars) for one in found)))
        rows.append(("", *("" if one is None else f"({format_cell(one['std_error'])})" for one in found)))
    rows += _absorbed(columns)
    for key in statistics:
        values = [None if column.fit is None else column.fit.statistic(key) for column in columns]
        if any(value is not None for value in values):
            rows.append((STATISTICS[key], *(_statistic(key, value) for value in values)))
    said = [*_errors(columns), *(["* p < 0.1, ** p < 0.05, *** p < 0.01."] if stars else []), *notes]
    heads = (Column(""), *(Column(column.label) for column in columns))
    return Table("models", caption, heads, tuple(rows), tuple(said))


def _numbers(frame: Any, term: str) -> dict[str, Any] | None:
    """Return the numbers of a term; None if the model does not have it."""
    found = frame[frame["term"] == term]
    return None if found.empty else {str(name): value for name, value in found.iloc[0].items()}


def _estimate(numbers: dict[str, Any] | None, *, stars: bool) -> str:
    if numbers is None:
        return ""
    marks = next((mark for bound, mark in _STARS if numbers.get("p_value", 1.0) < bound), "") if stars else ""
    return f"{format_cell(float(numbers['estimate']))}{marks}"


def _statistic(key: str, value: float | None) -> str:
    if value is None or math.isnan(value):
        return ""
    return f"{value:,.10g}" if key == "N" else format_cell(value, 3 if key.endswith("r2") else None)


def _absorbed(columns: Sequence[ModelColumn]) -> list[tuple[Cell, ...]]:
    """Return one row per absorbed effect: which model has it."""
    names = dict.fromkeys(name for column in columns if column.fit is not None for name in column.fit.absorbed)
    return [
        (
            f"{name} effects",
            *("yes" if column.fit is not None and name in column.fit.absorbed else "no" for column in columns),
        )
        for name in names
    ]


def _errors(columns: Sequence[ModelColumn]) -> list[str]:
    """Say what stands in parentheses."""
    kinds: dict[str, list[str]] = {}
    for column in columns:
        if column.fit is not None:
            kinds.setdefault(errors_said(column.fit), []).append(column.label)
    if len(kinds) == 1:
        return [f"In parentheses: {next(iter(kinds))}."]
    return [f"In parentheses, {', '.join(labels)}: {kind}." for kind, labels in kinds.items()]
