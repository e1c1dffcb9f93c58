"""The page about groups: effects of several combinations by the values of one column, as a map and as a table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from thalweg.base.interval import Interval
from thalweg.effects.answer import EffectsAnswer
from thalweg.effects.effect import Effect, Estimate
from thalweg.effects.summary import spelled
from thalweg.report.drawing.document import Facts, File, Files, Page, Section, page_html
from thalweg.report.drawing.figure import Axis, Figure
from thalweg.report.drawing.layers import Bars, Line, Points, Tiles
from thalweg.report.drawing.table import Cell, Column, Table, decimals_for, format_cell, to_csv
from thalweg.report.effects.tables import groups_table, telling
from thalweg.report.effects.words import brief, digits_note

_ROOM = 330.0
_DIGIT = 9.0
_MOST_COLUMNS = 8
_MOST_GROUPS = 30


@dataclass(frozen=True, slots=True)
class Groups:
    """Effects within groups.

    Parameters
    ----------
    table, by
        What the table is called, and the column that makes the groups.
    chosen
        The combination that was asked for.
    effects
        By combination, one estimate per group; all in the same order of groups.
    """

    table: str
    by: str
    chosen: str
    effects: Mapping[str, tuple[Estimate, ...]]


def mapped_combinations(effects: Sequence[Effect], chosen: str) -> list[str]:
    """Return the combinations a map has room for: the one that was asked for, observed ones, the largest.

    Examples
    --------
    >>> mapped_combinations([], "10")
    ['10']
    """
    wide = max(_DIGIT * len(chosen) + 14.0, 52.0)
    room = max(1, min(_MOST_COLUMNS, int(_ROOM / wide)))
    others = [e for e in effects if e.estimate is not None and e.combination != chosen]
    kept = {others[n].combination for n in telling(others, room - 1)} | {chosen}
    order = [e.combination for e in effects if e.combination in kept]
    return order or [chosen]


def render_groups_page(answer: EffectsAnswer, groups: Groups, level: float, command: str) -> str:
    """Write the page about groups.

    Parameters
    ----------
    answer
        The fitted answer.
    groups
        Effects within groups.
    level
        Of the intervals.
    command
        How to repeat it.

    Returns
    -------
    str
        A complete HTML document.

    Examples
    --------
    See ``tests/report/effects/test_groups_page.py``.
    """
    target, treatments = answer.reading.target, answer.reading.treatments
    asked = groups.effects[groups.chosen]
    units = sum(one.count for one in asked)
    table = groups_table(asked, groups.by, groups.chosen, target, level)
    file = File("groups.csv", "CSV", to_csv(map_table(groups, target, level, treatments)))
    sections = (
        Section("h-effect", f"Effect of {groups.chosen} by {groups.by}", (table, group_figure(groups, target, level))),
        Section("h-map", "Groups and combinations", (Files((file,)), map_figure(groups, target, level, treatments))),
        Section("h-repeat", "How to repeat it", (Facts({"command": command}),)),
    )
    return page_html(
        Page(
            title=f"Effects on {target} by {groups.by} in {groups.table}",
            heading=f"For whom does {groups.chosen} ({spelled(groups.chosen, treatments)}) change {target}?",
            facts=f"{groups.table} · {units:,} units by {groups.by} · against {answer.baseline}",
            label="Answer",
            verdict=groups_verdict(groups, level),
            sections=sections,
        )
    )


def groups_verdict(groups: Groups, level: float) -> str:
    """Say in which group the effect is least and largest."""
    found = groups.effects[groups.chosen]
    low, high = (end(found, key=lambda one: one.estimate) for end in (min, max))
    places = decimals_for([low.low, low.high, high.low, high.high])
    told = [
        f"{format_cell(one.estimate, places)} where {groups.by} is {one.name} (interval "
        f"{format_cell(one.low, places)} to {format_cell(one.high, places)})"
        for one in (low, high)
    ]
    return f"The effect of {groups.chosen} goes from {told[0]} to {told[1]}; intervals at {100 * level:g} %."


def group_figure(groups: Groups, outcome: str, level: float) -> Figure:
    """Draw the effect of the combination asked for, with its interval, group by group."""
    found = groups.effects[groups.chosen]
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
        Column("p", 4),
        Column("units"),
    )
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (one.name, label, one.estimate, one.error, Interval(one.estimate, one.low, one.high), one.p_value, one.count)
        for one, label in flat
    )
    notes = (digits_note(treatments), "No interval or p-value allows for looking at several.")
    return Table("group-map", f"Effects on {outcome} by {groups.by} and combination.", heads, rows, notes)
