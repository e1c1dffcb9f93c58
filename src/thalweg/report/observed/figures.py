"""Pictures of overlap: the chances of a treatment among those who received it and those who did not."""

from itertools import pairwise

from thalweg.effects.experiment.overlap import RARE
from thalweg.effects.one_treatment.chances import chance_ranges, chance_shares
from thalweg.effects.one_treatment.observed import ObservedEffects
from thalweg.report.drawing.figure import Axis, Figure, brief
from thalweg.report.drawing.layers import Bars, Layer, Line, Points
from thalweg.report.drawing.table import Cell, Column, Table


def overlap_figure(found: ObservedEffects) -> Figure:
    """Draw how chances are distributed by what was received: curves for two levels, ranges for more."""
    return _curves(found) if len(found.effects.levels) == 2 else _ranges(found)


def _curves(found: ObservedEffects) -> Figure:
    effects = found.effects
    edges, shares, rare = chance_shares(effects)
    bins = [(float(a), float(b)) for a, b in pairwise(edges)]
    places = tuple(edge for both in bins for edge in both)
    names = [f"received {effects.levels[k]}" for k in (1, 0)]
    layers: list[Layer] = [
        Line(name, places, tuple(float(v) for share in of for v in (share, share)), style)
        for name, of, style in zip(names, shares, ("first", "second"), strict=True)
    ]
    layers += [Line("", (end, end), (0.0, float(shares.max())), "guide") for end in (RARE, 1.0 - RARE)]
    finding = (
        f"Chance of {brief(found.treatment)} = {effects.levels[1]} given the covariates, of units that received it "
        "and of those that did not. Where one curve is near 0 and the other is not, units have nobody to compare with: "
        f"{100 * rare:.2g} % of the units have a chance below {100 * RARE:g} or above {100 * (1 - RARE):g} %."
    )
    heads = (Column("chance from"), Column("to"), *(Column(f"share of those that {name}", 4) for name in names))
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (*both, float(one), float(other)) for both, one, other in zip(bins, *shares, strict=True)
    )
    data = Table("overlap", "Shares of the units by chance.", heads, rows)
    x = Axis(f"chance of {brief(found.treatment)} = {effects.levels[1]}", low=0.0, high=1.0)
    return Figure("overlap", finding, x, Axis("share of the units", low=0.0), tuple(layers), data)


def _ranges(found: ObservedEffects) -> Figure:
    effects = found.effects
    rows: list[tuple[Cell, ...]] = []
    layers: list[Layer] = [Line("", (RARE, RARE), (-0.5, len(effects.levels) - 0.5), "guide")]
    kinds = (("units that received it", "first", -0.12), ("all other units", "second", 0.12))
    for (name, style, away), cuts in zip(kinds, chance_ranges(effects).tolist(), strict=True):
        low, middle, high = (tuple(cut[i] for cut in cuts) for i in range(3))
        places = tuple(k + away for k in range(len(effects.levels)))
        layers += [Bars("", low, high, places, style), Points(name, middle, places, style)]
        rows += [(level, name, *cut) for level, cut in zip(effects.levels, cuts, strict=True)]
    lacking = [arm.level for arm in effects.overlap if arm.lacking]
    finding = f"Chance of every level of {brief(found.treatment)}: medians, and the middle 90 % of the units. " + (
        f"Averages over all units are withheld for {', '.join(lacking)}." if lacking else "All levels overlap."
    )
    heads = (Column("level"), Column("units"), *(Column(f"{q} % quantile", 4) for q in (5, 50, 95)))
    data = Table("overlap", "Chances of every level.", heads, tuple(rows))
    return Figure("overlap", finding, Axis("chance", low=0.0), Axis("", categories=effects.levels), tuple(layers), data)
