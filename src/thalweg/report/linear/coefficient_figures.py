"""Figures of coefficients: each with its interval, times the standard deviation of its column."""

import math
from typing import Final

from thalweg.base.interval import Interval
from thalweg.linear.analysis import LinearAnalysis
from thalweg.linear.models import model_named
from thalweg.report.drawing.figure import Axis, Figure, brief
from thalweg.report.drawing.layers import Bars, Layer, Line, Points
from thalweg.report.drawing.table import Column, Table

_MOST_BARS: Final = 30
_MOST_LETTERS: Final = 24


def _strength(change: Interval) -> float:
    """Size of a change beside its interval; without end if that has no width."""
    width = change.high - change.low
    return abs(change.estimate) / width if width > 0 else math.inf


def coefficient_figure(answer: LinearAnalysis) -> Figure | None:
    """Draw what one standard deviation of each column does, with its interval; None without columns.

    Examples
    --------
    >>> from thalweg.linear import regress
    >>> fit = regress([[1.0], [2.0], [3.0], [4.0]], [1.1, 1.9, 3.2, 3.8], names=["price"])
    >>> coefficient_figure(LinearAnalysis("t", "y", fit, {"price": 1.1}, (), {})).y.categories
    ('price',)
    """
    fit = answer.estimates
    shown = tuple(row for row in answer.changes() if math.isfinite(row[1].high - row[1].low))
    if not shown:
        return None
    strongest = sorted(shown, key=lambda row: -_strength(row[1]))[:_MOST_BARS]
    kept = [row for row in shown if row in strongest]
    places = tuple(map(float, range(len(kept))))
    clear = sum(change.low > 0 or change.high < 0 for _, change in kept)
    unit = model_named(fit.model).scale or fit.answer
    finding = (
        f"Coefficients with {100 * answer.level:g} % intervals, each times the standard deviation (sd) of its column, "
        f"so that lengths compare. {clear} of {len(kept)} intervals exclude 0."
    )
    if len(kept) < len(shown):
        finding += f" Shown are the {len(kept)} of {len(shown)} that are largest beside their standard error."
    layers: tuple[Layer, ...] = (
        Line("", (0.0, 0.0), (-0.5, len(kept) - 0.5), "guide"),
        Bars("", tuple(one.low for _, one in kept), tuple(one.high for _, one in kept), places, "first"),
        Points("", tuple(one.estimate for _, one in kept), places, "first"),
    )
    heads = tuple(map(Column, ("column", "change", "low", "high")))
    rows = tuple((term, one.estimate, one.low, one.high) for term, one in shown)
    data = Table("coefficient-intervals", "Change by one standard deviation.", heads, rows)
    x = Axis(f"change of {brief(unit, _MOST_LETTERS)} by one sd of the column")
    names = Axis("", categories=tuple(term for term, _ in kept))
    return Figure("coefficient-intervals", finding, x, names, layers, data)
