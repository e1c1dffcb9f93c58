"""Figures of effects within groups: one combination with intervals, and a map of several."""

from collections.abc import Sequence

from thalweg.base.interval import Interval
from thalweg.report.drawing.figure import Axis, Figure, brief
from thalweg.report.drawing.layers import Bars, Line, Points, Tiles
from thalweg.report.drawing.table import Cell, Column, Table, decimals_for, format_cell
from thalweg.report.effects.groups import Groups
from thalweg.report.effects.tables import groups_table
from thalweg.report.effects.words import digits_note

_MOST_GROUPS = 30


def group_figure(groups: Groups, outcome: str, level: float) -> Figure:
    """Draw the effect of the combination asked for, with its interval, group by group."""
    found = groups.asked.groups
    drawn = found[:_MOST_GROUPS]
    places = tuple(map(float, range(len(drawn))))
    layers = (
        Line("", (0.0, 0.0), (-0.5, len(drawn) - 0.5), "guide"),
        Bars("", tuple(one.low for one in drawn), tuple(one.high for one in drawn), places, "first"),
        Points("", tuple(one.estimate for one in drawn), places, "first"),
    )
    clear = sum(one.low > 0 or one.high < 0 for one in found)
    finding = (
        f"Effect of {groups.chosen} on {brief(outcome)} by {brief(groups.by)}, {100 * level:g} % intervals, each for "
        f"itself: {clear} of {len(found)} exclude 0.{_cut(found)}"
    )
    names = Axis("", categories=tuple(one.name for one in drawn))
    data = groups_table(found, groups.by, groups.chosen, outcome, level)
    return Figure("group-effects", finding, Axis(f"effect on {brief(outcome)}"), names, layers, data)


def _cut(groups: Sequence[object]) -> str:
    return f" Shown are the first {_MOST_GROUPS} groups." if len(groups) > _MOST_GROUPS else ""


def map_figure(groups: Groups, outcome: str, level: float, treatments: Sequence[str]) -> Figure:
    """Draw effects by group and combination; the sign is written, the colour repeats it."""
    names = [one.name for one in groups.effects[groups.chosen]]
    values = tuple(tuple(found[n].estimate for found in groups.effects.values()) for n in range(len(names)))
    places = max(decimals_for([abs(v) for row in values for v in row]) - 1, 0)
    texts = tuple(tuple(format_cell(v, places) for v in row) for row in values)
    labels = list(groups.effects)
    best = [labels[row.index(max(row))] for row in values]
    largest = (
        f"{best[0]} is the largest of these in every group."
        if len(set(best)) == 1
        else "The largest of these differs: "
        + ", ".join(f"{label} in {best.count(label)}" for label in dict.fromkeys(best))
        + f" of {len(best)} groups."
    )
    finding = (
        f"Effects on {brief(outcome)} by {brief(groups.by)} and combination; blue above 0, vermillion or orange below, "
        f"stronger the larger. {largest} Whether chance explains a difference is for the intervals to say, in the data."
        + _cut(names)
    )
    return Figure(
        "group-map",
        finding,
        Axis("combination", categories=tuple(groups.effects)),
        Axis("", categories=tuple(names[:_MOST_GROUPS])),
        (Tiles(values[:_MOST_GROUPS], texts[:_MOST_GROUPS]),),
        map_table(groups, outcome, level, treatments),
    )


def map_table(groups: Groups, outcome: str, level: float, treatments: Sequence[str]) -> Table:
    """Return one row per group and combination, with interval and p-value."""
    flat = [(one, label) for label, found in groups.effects.items() for one in found]
    places = decimals_for([abs(end) for one, _ in flat for end in (one.low, one.high)])
    heads = (
        Column(groups.by),
        Column("combination"),
        Column("effect", places),
        Column("std. error", places + 1),
        Column(f"{100 * level:g} % interval", places),
        Column("p", 3, least=0.001),
        Column("units"),
    )
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (one.name, label, one.estimate, one.error, Interval(one.estimate, one.low, one.high), one.p_value, one.count)
        for one, label in flat
    )
    notes = (digits_note(treatments), "No interval or p-value allows for looking at several.")
    return Table("group-map", f"Effects on {outcome} by {groups.by} and combination.", heads, rows, notes)
