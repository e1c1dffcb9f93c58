"""Tables about a treatment that units chose: effects, learners, overlap."""

from thalweg.base.interval import Interval
from thalweg.effects.one_treatment.average import TreatmentEffect
from thalweg.effects.one_treatment.observed import ObservedEffects
from thalweg.report.drawing.table import Cell, Column, Table, decimals_for


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
        Column("p", 3, least=0.001),
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
