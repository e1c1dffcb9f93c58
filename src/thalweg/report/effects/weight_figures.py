"""Figures of how much single units count in every effect."""

from itertools import pairwise
from typing import Final

from thalweg.effects.distances import share_beyond
from thalweg.effects.identification.support import HEAVY, OWN_SCALE_HEAVY
from thalweg.effects.inference.weights import WEIGHT_STEPS
from thalweg.effects.summary import EffectsSummary
from thalweg.report.drawing.figure import Axis, Figure
from thalweg.report.drawing.layers import Layer, Line, Points, Tiles
from thalweg.report.drawing.table import Cell, Column, Table
from thalweg.report.effects.effect_figures import combination_axis, kept_effects

_MUCH: Final = 10.0


def weight_shares_figure(summary: EffectsSummary) -> Figure | None:
    """Draw which share of the units counts how much in every effect; None for runs that did not keep it."""
    numbers, cut = kept_effects(summary)
    kept = [summary.effects[n] for n in numbers]
    shares = [summary.answer.evaluation.weights[summary.answer.number(e.combination)].shares for e in kept]
    if not shares or not all(shares):
        return None
    steps = [f"{step:g}" for step in WEIGHT_STEPS]
    heads = (f"below {steps[0]}", *(f"{a}–{b}" for a, b in pairwise(steps)), f"over {steps[-1]}")
    many = [share_beyond(row, _MUCH) for row in shares]
    most = max(range(len(kept)), key=lambda n: (many[n], kept[n].support.heaviest))
    finding = (
        "Which share of the units counts how much, |w| times, in every effect. The farther to the right, the farther "
        f"an effect is extrapolated: most at {kept[most].combination}, where {_percent(many[most])} of the units count "
        f"at least {_MUCH:g}-fold.{cut}"
    )
    tiles = Tiles(tuple(shares), tuple(tuple(map(_percent, row)) for row in shares))
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (e.combination, *row, round(e.support.effective)) for e, row in zip(kept, shares, strict=True)
    )
    columns = (Column("combination"), *(Column(f"|w| {head}", 4) for head in heads), Column("effective units"))
    data = Table("weight-shares", "Share of the units by weight.", columns, rows)
    names = tuple(e.combination for e in kept)
    return Figure("weight-shares", finding, Axis("|w|", categories=heads), Axis("", categories=names), (tiles,), data)


def _percent(share: float) -> str:
    """Return a share as a reader sees it: nothing at all, less than a percent, or percent.

    Examples
    --------
    >>> _percent(0.0), _percent(0.001), _percent(0.25)
    ('0', '<1 %', '25 %')
    """
    if share == 0.0:
        return "0"
    return "<1 %" if share < 0.01 else f"{100 * share:.0f} %"


def weights_figure(summary: EffectsSummary) -> Figure:
    """Draw how much single units count in every effect, and the weight from which an effect is withheld."""
    numbers, cut = kept_effects(summary)
    kept = [summary.effects[n] for n in numbers]
    places = tuple(map(float, range(len(kept))))
    least = 1e-3
    heaviest = tuple(max(e.support.heaviest, least) for e in kept)
    largest = tuple(max(e.support.largest, least) for e in kept)
    limit = OWN_SCALE_HEAVY if summary.answer.fit.model.own_scale else HEAVY
    layers: tuple[Layer, ...] = (
        Line(f"withheld beyond {limit:g}", (limit, limit), (-0.5, len(kept) - 0.5), "second"),
        Points("99 % of the units count less", heaviest, places, "first"),
        Points("the heaviest unit", largest, places, "fourth", hollow=True),
    )
    heavy = sum(e.support.heaviest > limit for e in summary.effects)
    finding = (
        f"Weight |w| of a unit's residual in each effect: how many times it counts. In {heavy} of "
        f"{len(summary.effects):,} effects one unit in a hundred counts more than {limit:g}-fold.{cut}"
    )
    heads = tuple(map(Column, ("combination", "99 % of |w| below", "largest |w|", "effective units")))
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (e.combination, e.support.heaviest, e.support.largest, e.support.effective) for e in kept
    )
    data = Table("weights", "Weights by combination.", heads, rows)
    x = Axis("|w|, logarithmic scale", log=True)
    return Figure("weights", finding, x, combination_axis(kept, summary.answer.reading.treatments), layers, data)
