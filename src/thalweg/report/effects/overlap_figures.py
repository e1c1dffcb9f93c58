"""Pictures of overlap: the chances of a treatment among those who received it and those who did not."""

from itertools import pairwise
from typing import Final

import numpy as np

from thalweg.effects.experiment.overlap import RARE
from thalweg.effects.one_treatment.observed import ObservedEffects
from thalweg.report.drawing.figure import Axis, Figure, brief
from thalweg.report.drawing.layers import Bars, Layer, Line, Points
from thalweg.report.drawing.table import Cell, Column, Table

_BINS: Final = 20


def overlap_figure(found: ObservedEffects) -> Figure:
    """Draw how chances are distributed by what was received: curves for two levels, ranges for more."""
    return _curves(found) if len(found.effects.levels) == 2 else _ranges(found)


def _curves(found: ObservedEffects) -> Figure:
    effects = found.effects
    chance, received = np.median(effects.nuisances.chances, axis=0)[:, 1], effects.trial.received
    edges = np.linspace(0.0, 1.0, _BINS + 1)
    shares = [np.histogram(chance[received == k], edges)[0] / max(int((received == k).sum()), 1) for k in (1, 0)]
    places = tuple(float(v) for edge in pairwise(edges) for v in edge)
    names = [f"received {effects.levels[k]}" for k in (1, 0)]
    layers: list[Layer] = [
        Line(name, places, tuple(float(v) for share in of for v in (share, share)), style)
        for name, of, style in zip(names, shares, ("first", "second"), strict=True)
    ]
    top = float(max(map(np.max, shares)))
    layers += [Line("", (end, end), (0.0, top), "guide") for end in (RARE, 1.0 - RARE)]
    rare = float(np.mean((chance < RARE) | (chance > 1.0 - RARE)))
    finding = (
        f"Chance of {brief(found.treatment)} = {effects.levels[1]} given the covariates, of units that received it "
        "and of those that did not. Where one curve is near 0 and the other is not, units have nobody to compare with: "
        f"{_share(rare)} of the units have a chance below {100 * RARE:g} or above {100 * (1 - RARE):g} %."
    )
    heads = (Column("chance from"), Column("to"), *(Column(f"share of those that {name}", 4) for name in names))
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (float(a), float(b), float(one), float(other))
        for (a, b), one, other in zip(pairwise(edges), *shares, strict=True)
    )
    data = Table("overlap", "Shares of the units by chance.", heads, rows)
    x = Axis(f"chance of {brief(found.treatment)} = {effects.levels[1]}", low=0.0, high=1.0)
    return Figure("overlap", finding, x, Axis("share of the units", low=0.0), tuple(layers), data)


def _ranges(found: ObservedEffects) -> Figure:
    effects = found.effects
    chances, received = np.median(effects.nuisances.chances, axis=0), effects.trial.received
    numbers = range(len(effects.levels))
    rows: list[tuple[Cell, ...]] = []
    layers: list[Layer] = [Line("", (RARE, RARE), (-0.5, len(effects.levels) - 0.5), "guide")]
    for name, style, away, same in (
        ("units that received it", "first", -0.12, True),
        ("all other units", "second", 0.12, False),
    ):
        cuts = [np.quantile(chances[(received == k) == same, k], (0.05, 0.5, 0.95)) for k in numbers]
        low, middle, high = (tuple(float(cut[i]) for cut in cuts) for i in range(3))
        places = tuple(k + away for k in numbers)
        layers += [Bars("", low, high, places, style), Points(name, middle, places, style)]
        rows += [(effects.levels[k], name, low[k], middle[k], high[k]) for k in numbers]
    lacking = [arm.level for arm in effects.overlap if arm.lacking]
    finding = f"Chance of every level of {brief(found.treatment)}: medians, and the middle 90 % of the units. " + (
        f"Averages over all units are withheld for {', '.join(lacking)}." if lacking else "All levels overlap."
    )
    heads = (Column("level"), Column("units"), *(Column(f"{q} % quantile", 4) for q in (5, 50, 95)))
    data = Table("overlap", "Chances of every level.", heads, tuple(rows))
    return Figure("overlap", finding, Axis("chance", low=0.0), Axis("", categories=effects.levels), tuple(layers), data)


def _share(share: float) -> str:
    return f"{100 * share:.2g} %"
