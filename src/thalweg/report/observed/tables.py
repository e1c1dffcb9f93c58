"""Tables about a treatment that units chose: effects, learners, overlap, and for whom the effect differs."""

from collections.abc import Sequence
from typing import Final

from thalweg.base.interval import Interval
from thalweg.effects.effect import Estimate
from thalweg.effects.one_treatment.average import TreatmentEffect
from thalweg.effects.one_treatment.heterogeneity import Heterogeneity
from thalweg.effects.one_treatment.observed import ObservedEffects
from thalweg.report.drawing.figure import Axis, Figure, brief
from thalweg.report.drawing.layers import Bars, Line, Points
from thalweg.report.drawing.table import Cell, Column, Table, decimals_for
from thalweg.report.effects.words import p_words

MOST_COLUMNS: Final = 20


def averages_table(found: ObservedEffects) -> Table:
    """Return one row per effect and population, other methods below."""
    every = (*found.effects.effects, *found.effects.beside)
    places = decimals_for([float(v) for e in every if e.estimate is not None for v in (e.low or 0.0, e.high or 0.0)])
    columns = (
        Column("over"),
        *((Column("levels"),) if len(found.effects.levels) > 2 else ()),
        Column("effect", places),
        Column("std. error", places),
        Column(f"{100 * found.effects.level:g} % interval", places),
        Column("p", 4),
        Column("units", spare=1),
    )
    rows = tuple(_row(e, several=len(found.effects.levels) > 2) for e in every)
    notes = tuple(dict.fromkeys(f"Withheld over {e.target}: {e.reason}." for e in every if e.reason))
    caption = f"Effect of {found.treatment} on {found.target}, against {found.effects.levels[0]}, {found.table}."
    return Table("effects", caption, columns, rows, notes)


def _row(effect: TreatmentEffect, *, several: bool) -> tuple[Cell, ...]:
    names: tuple[Cell, ...] = (effect.target, effect.name) if several else (effect.target,)
    if effect.estimate is None:
        return (*names, None, None, None, None, effect.units)
    interval = Interval(effect.estimate, float(effect.low or 0.0), float(effect.high or 0.0))
    return (*names, effect.estimate, effect.error, interval, effect.p_value, effect.units)


def learners_table(found: ObservedEffects) -> Table:
    """Return the out-of-fold loss of every learner, the one that was used in bold."""
    rows: list[tuple[Cell, ...]] = []
    strong = set()
    for choice in found.effects.choices:
        for name, loss in choice.losses.items():
            if name == choice.chosen:
                strong.add(len(rows))
            rows.append((choice.nuisance, name, choice.loss, loss, "used" if name == choice.chosen else None))
    slopes = [c.slope for c in found.effects.choices if c.slope is not None]
    notes = tuple(f"Calibration slope of the chances, 1 at its best: {slope:.2f}." for slope in slopes)
    columns = (Column("predicts"), Column("learner"), Column("loss", spare=1), Column("out of fold"), Column(""))
    caption = "What predicts units best that it never saw, first split; the first of each is a constant."
    return Table("learners", caption, columns, tuple(rows), notes, frozenset(strong))


def chances_table(found: ObservedEffects) -> Table:
    """Return how well the units of every level can stand for all."""
    columns = (
        Column("level"),
        Column("units"),
        Column("effective units"),
        Column("least chance", 4),
        Column("5 % below", 4, spare=2),
        Column("median chance", 4, spare=1),
        Column("chance below 2 %", 4),
    )
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (arm.level, arm.units, round(arm.effective), arm.least, arm.low, arm.middle, arm.rare)
        for arm in found.effects.overlap
    )
    caption = "Chances of every level among all units, given their covariates; the last column is a share of them."
    return Table("overlap-levels", caption, columns, rows)


def differing_table(found: ObservedEffects, differing: Heterogeneity) -> Table:
    """Return effects of units sorted by predicted effect, and what sorting them is worth."""
    labels = {"calibration": "calibration slope", "targeting": "targeting curve"}
    labels |= {"policy": "gain if given where predicted to help", "everybody": "gain if given to everybody"}
    told = (*differing.groups, differing.calibration, differing.policy, differing.everybody, differing.targeting)
    return estimates_table("differing", "For whom it differs.", "units", told, found.effects.level, labels)


def projection_table(found: ObservedEffects, differing: Heterogeneity) -> Table:
    """Return how the effect changes with every covariate, the clearest first."""
    kept = sorted(differing.projection, key=lambda one: one.p_value)[:MOST_COLUMNS]
    caption = "Change of the effect with one standard deviation of a column, all columns at once."
    return estimates_table("projection", caption, "column", kept, found.effects.level, {})


def estimates_table(
    name: str, caption: str, first: str, told: Sequence[Estimate], level: float, labels: dict[str, str]
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
        Column("p", 4),
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


def groups_figure(found: ObservedEffects, differing: Heterogeneity) -> Figure:
    """Draw the mean effect of units sorted by their predicted effect."""
    drawn = differing.groups
    places = tuple(map(float, range(len(drawn))))
    layers = (
        Line("", (0.0, 0.0), (-0.5, len(drawn) - 0.5), "guide"),
        Bars("", tuple(one.low for one in drawn), tuple(one.high for one in drawn), places, "first"),
        Points("", tuple(one.estimate for one in drawn), places, "first"),
    )
    finding = (
        f"Effect on {brief(found.target)} of units sorted by their predicted effect, the least first; "
        f"{100 * found.effects.level:g} % intervals, each for itself. That all groups have one effect: "
        f"{p_words(differing.differ)}."
    )
    names = Axis("", categories=tuple(one.name for one in drawn))
    data = estimates_table("sorted-groups", "Sorted groups.", "units", drawn, found.effects.level, {})
    return Figure("sorted-groups", finding, Axis(f"effect on {brief(found.target)}"), names, layers, data)
