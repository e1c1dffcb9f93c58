"""For whom an effect is larger: tables and figures of units sorted by their predicted effect, and of covariates."""

from collections.abc import Mapping, Sequence
from typing import Final

from thalweg.base.interval import Interval
from thalweg.effects.inference.estimate import Estimate
from thalweg.effects.inference.sorted_units import SHARES, Heterogeneity
from thalweg.report.drawing.figure import Axis, Figure, brief
from thalweg.report.drawing.layers import Band, Bars, Line, Points
from thalweg.report.drawing.table import Cell, Column, Table, decimals_for, format_cell
from thalweg.report.effects.words import p_words

MOST_COLUMNS: Final = 20
_LABELS: Final = {
    "calibration": "calibration slope",
    "targeting": "area under the targeting curve",
    "policy": "gain if given where predicted to help",
    "everybody": "gain if given to everybody",
}


def differing_sentence(found: Heterogeneity) -> str:
    """Say how far the effect differs between sorted groups, and whether chance explains it.

    Examples
    --------
    >>> low, high = Estimate("a", 1.0, 0.1, 0.8, 1.2, 0.0, 9), Estimate("b", 2.0, 0.1, 1.8, 2.2, 0.0, 9)
    >>> differing_sentence(Heterogeneity((low, high), 1e-9, low, (), low, low, (), low))
    'Of units sorted by their predicted effect, the first of 2 groups gain 1.000, the last 2.000 (that all ... one ...'
    """
    first, last = found.groups[0], found.groups[-1]
    places = decimals_for([first.low, first.high, last.low, last.high])
    ends = [format_cell(one.estimate, places) for one in (first, last)]
    seen = "" if found.differ < 0.05 else "; differences between units are not shown by these data"
    return (
        f"Of units sorted by their predicted effect, the first of {len(found.groups)} groups gain {ends[0]}, the last "
        f"{ends[1]} (that all groups have one effect: {p_words(found.differ)}){seen}."
    )


def differing_table(found: Heterogeneity, level: float) -> Table:
    """Return effects of units sorted by predicted effect, and what sorting them is worth."""
    told = (*found.groups, found.calibration, found.policy, found.everybody, found.targeting)
    return estimates_table("differing", "For whom it differs.", "units", told, level, _LABELS)


def projection_table(found: Heterogeneity, level: float) -> Table:
    """Return how the effect changes with every covariate, the clearest first."""
    kept = sorted(found.projection, key=lambda one: one.p_value)[:MOST_COLUMNS]
    caption = "Change of the effect with one standard deviation of a column, all columns at once."
    return estimates_table("projection", caption, "column", kept, level, {})


def estimates_table(
    name: str, caption: str, first: str, told: Sequence[Estimate], level: float, labels: Mapping[str, str]
) -> Table:
    """Return estimates with intervals as a table.

    Examples
    --------
    >>> one = Estimate("age", 1.0, 0.2, 0.6, 1.4, 1e-6, 400)
    >>> estimates_table("t", "By column.", "column", [one], 0.95, {}).rows[0][0]
    'age'
    """
    places = decimals_for([end for one in told for end in (one.low, one.high)])
    columns = (
        Column(first),
        Column("estimate", places),
        Column("std. error", places),
        Column(f"{100 * level:g} % interval", places),
        Column("p", 3, least=0.001),
    )
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            labels.get(one.name, one.name),
            one.estimate,
            one.error,
            Interval(one.estimate, one.low, one.high),
            one.p_value,
        )
        for one in told
    )
    return Table(name, caption, columns, rows)


def sorted_groups_figure(found: Heterogeneity, outcome: str, level: float) -> Figure:
    """Draw the mean effect of units sorted by their predicted effect."""
    drawn = found.groups
    places = tuple(map(float, range(len(drawn))))
    layers = (
        Line("", (0.0, 0.0), (-0.5, len(drawn) - 0.5), "guide"),
        Bars("", tuple(one.low for one in drawn), tuple(one.high for one in drawn), places, "first"),
        Points("", tuple(one.estimate for one in drawn), places, "first"),
    )
    finding = (
        f"Effect on {brief(outcome)} of units sorted by their predicted effect, the least first; "
        f"{100 * level:g} % intervals, each for itself. That all groups have one effect: {p_words(found.differ)}."
    )
    names = Axis("", categories=tuple(one.name for one in drawn))
    data = estimates_table("sorted-groups", "Sorted groups.", "units", drawn, level, {})
    return Figure("sorted-groups", finding, Axis(f"effect on {brief(outcome)}"), names, layers, data)


def targeting_figure(found: Heterogeneity, outcome: str, level: float) -> Figure:
    """Draw by how much units of largest predicted effect gain more than all, by their share."""
    percents = (*(100.0 * share for share in SHARES), 100.0)
    low, middle, high = ((*(getattr(one, end) for one in found.curve), 0.0) for end in ("low", "estimate", "high"))
    layers = (
        Band(f"{100 * level:g} % interval", percents, low, high, "first"),
        Line("mean effect less that of all", percents, middle, "first"),
        Line("", (0.0, 100.0), (0.0, 0.0), "guide"),
    )
    area = found.targeting
    places = decimals_for([area.low, area.high])
    finding = (
        f"By how much the effect on {brief(outcome)} of the units of largest predicted effect exceeds that of all, by "
        f"how many they are. At 0 throughout the order tells nothing; the mean over shares is "
        f"{format_cell(area.estimate, places)} ({p_words(area.p_value)})."
    )
    data = estimates_table("targeting", "Targeting curve.", "units of largest predicted effect", found.curve, level, {})
    x = Axis("share of the units, %", low=0.0, high=100.0)
    return Figure("targeting", finding, x, Axis("mean effect less that of all"), layers, data)
