"""Figures about effects: forest plot, methods, weights, residuals by cell, repeated splits."""

import math
from collections.abc import Callable, Sequence
from typing import Final

from thalweg.effects.distances import farthest_addition, largest_residual, split_distances
from thalweg.effects.effect import Effect
from thalweg.effects.identification.support import HEAVY, OK, OWN_SCALE_HEAVY
from thalweg.effects.summary import EffectsSummary
from thalweg.report.drawing.figure import Axis, Figure
from thalweg.report.drawing.layers import Bars, Layer, Line, Points
from thalweg.report.drawing.scale import padded
from thalweg.report.drawing.table import Cell, Column, Table, format_cell
from thalweg.report.effects.tables import interval, telling
from thalweg.report.effects.words import brief, status_words

_MOST_ROWS: Final = 30
_NAN: Final = float("nan")
_METHODS: Final = (
    ("DeDL", "first", False),
    ("AIPW", "plain", True),
    ("structured", "second", False),
    ("linear regression", "third", False),
    ("linear addition", "third", True),
    ("plain network", "fourth", True),
)


def _named(kept: Sequence[Effect]) -> Axis:
    return Axis("", categories=tuple(f"{e.combination} {status_words(e.support, withheld=False)}" for e in kept))


def kept_effects(summary: EffectsSummary) -> tuple[list[int], str]:
    """Return the effects a figure has room for, and a sentence if they are not all."""
    numbers = telling(summary.effects, _MOST_ROWS)
    cut = len(numbers) < len(summary.effects)
    told = f" Shown are {len(numbers)} of {len(summary.effects):,}: observed ones and the largest." if cut else ""
    return numbers, told


def forest_figure(summary: EffectsSummary) -> Figure:
    """Draw every effect with both intervals; shape and text tell observed from extrapolated and withheld ones."""
    numbers, cut = kept_effects(summary)
    one, all_at_once = ([some[n] for n in numbers] for some in (summary.effects, summary.together))
    percent = f"{100 * summary.level:g} %"
    shown = [n for n, e in enumerate(one) if e.estimate is not None]
    ends = [end for e in all_at_once for end in (e.low, e.high) if end is not None]
    low, high = padded([*ends, 0.0], log=False)
    layers: list[Layer] = [
        Line("", (0.0, 0.0), (-0.5, len(one) - 0.5), "guide"),
        _strokes(f"{percent} for all at once", [(n, all_at_once[n].low, all_at_once[n].high) for n in shown]),
        Bars(
            f"{percent} interval",
            tuple(_number(one[n].low) for n in shown),
            tuple(_number(one[n].high) for n in shown),
            tuple(map(float, shown)),
            "plain",
        ),
    ]

    def points(label: str, style: str, which: Callable[[Effect], bool], *, hollow: bool = False) -> None:
        places = [n for n, e in enumerate(one) if which(e)]
        if places:
            values = tuple(low if one[n].estimate is None else _number(one[n].estimate) for n in places)
            layers.append(Points(label, values, tuple(map(float, places)), style, hollow))

    points("observed", "first", lambda e: e.estimate is not None and e.support.status == OK)
    points("extrapolated", "second", lambda e: e.estimate is not None and e.support.status == "extrapolated")
    points("weak", "fourth", lambda e: e.estimate is not None and not e.support.usable)
    points("withheld (at the edge)", "third", lambda e: e.estimate is None, hollow=True)
    clear = sum(_number(e.low) > 0 or _number(e.high) < 0 for e in all_at_once if e.low is not None)
    hidden = sum(e.estimate is None for e in summary.effects)
    finding = (
        f"Effects against {summary.answer.baseline}. {clear} of the {len(shown)} intervals that hold for all at once "
        f"exclude 0." + (f" {hidden} effects are withheld." if hidden else "") + cut
    )
    return Figure(
        "effects",
        finding,
        Axis(f"effect on {brief(summary.answer.reading.target)}", low=low, high=high),
        _named(one),
        tuple(layers),
        _forest_data(one, all_at_once),
    )


def _forest_data(effects: Sequence[Effect], together: Sequence[Effect]) -> Table:
    heads = tuple(map(Column, ("combination", "status", "effect", "interval", "at once")))
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            e.combination,
            status_words(e.support, withheld=e.estimate is None),
            e.estimate,
            interval(e.low, e.high, e.estimate),
            interval(t.low, t.high, t.estimate),
        )
        for e, t in zip(effects, together, strict=True)
    )
    return Table("effects", "Effects with both intervals.", heads, rows)


def _number(value: float | None) -> float:
    return _NAN if value is None else value


def _strokes(label: str, rows: Sequence[tuple[int, float | None, float | None]]) -> Line:
    """Return horizontal strokes as one line, broken between them."""
    x = [v for _, low, high in rows for v in (_number(low), _number(high), _NAN)]
    y = [v for n, _, _ in rows for v in (float(n), float(n), _NAN)]
    return Line(label, tuple(x), tuple(y), "plain", thin=True)


def methods_figure(summary: EffectsSummary) -> Figure:
    """Draw the answers of all methods beside ours, combination by combination."""
    numbers, cut = kept_effects(summary)
    kept = [summary.effects[n] for n in numbers]
    found = summary.comparison.set_index("combination")
    present = [entry for entry in _METHODS if entry[0] in found]
    layers: list[Layer] = [Line("", (0.0, 0.0), (-0.5, len(kept) - 0.5), "guide")]
    ours = [(n, e) for n, e in enumerate(kept) if e.estimate is not None]
    shift = {name: 0.3 * (2 * place / max(len(present) - 1, 1) - 1) for place, (name, _, _) in enumerate(present)}
    layers.append(
        Bars(
            "",
            tuple(_number(e.low) for _, e in ours),
            tuple(_number(e.high) for _, e in ours),
            tuple(n + shift["DeDL"] for n, _ in ours),
            "first",
        )
    )
    for name, style, hollow in present:
        values = [float(found.loc[e.combination, name]) for e in kept]
        places = tuple(n + shift[name] for n in range(len(kept)))
        layers.append(Points(name, tuple(values), places, style, hollow))
    finding = "Effects by method, DeDL with its interval." + _farthest(summary) + cut
    heads = tuple(map(Column, ("combination", *(name for name, _, _ in present))))
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (e.combination, *(float(found.loc[e.combination, name]) for name, _, _ in present)) for e in kept
    )
    data = Table("methods", "Effects by method.", heads, rows)
    x = Axis(f"effect on {brief(summary.answer.reading.target)}")
    return Figure("methods", finding, x, _named(kept), tuple(layers), data)


def _farthest(summary: EffectsSummary) -> str:
    """Say where adding up single effects is farthest from what DeDL shows."""
    found = farthest_addition(summary.comparison)
    if found is None:
        return ""
    combination, added, ours = found
    return (
        f" Adding up single effects is farthest off at {combination}: {format_cell(added)} instead of "
        f"{format_cell(ours)}."
    )


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
    return Figure("weights", finding, Axis("|w|, logarithmic scale", log=True), _named(kept), layers, data)


def residuals_figure(summary: EffectsSummary) -> Figure:
    """Draw the mean residual of every cell with twice its standard error on either side."""
    cells = summary.residuals[:_MOST_ROWS]
    places = tuple(map(float, range(len(cells))))
    layers: tuple[Layer, ...] = (
        Line("", (0.0, 0.0), (-0.5, len(cells) - 0.5), "guide"),
        Bars(
            "± 2 standard errors",
            tuple(c.mean - 2 * c.error for c in cells),
            tuple(c.mean + 2 * c.error for c in cells),
            places,
            "first",
        ),
        Points("mean residual", tuple(c.mean for c in cells), places, "first"),
    )
    off = sum(abs(c.mean) > 2 * c.error for c in summary.residuals)
    largest = 100 * largest_residual(summary)
    finding = (
        f"Mean residual of the networks by cell, for units they never saw: {off} of {len(summary.residuals)} are more "
        f"than two standard errors from 0, the largest is {largest:.2g} % of the standard deviation of "
        f"{brief(summary.answer.reading.target)}. The correction takes these errors out of the effects of observed "
        "cells; where they are large, trust the link less in cells nobody received."
        + f" Shown are the first {len(cells)}."
        * (len(cells) < len(summary.residuals))
    )
    heads = tuple(map(Column, ("cell", "units", "mean residual", "std. error")))
    rows: tuple[tuple[Cell, ...], ...] = tuple((c.cell, c.count, c.mean, c.error) for c in cells)
    names = Axis("", categories=tuple(c.cell for c in cells))
    label = f"{brief(summary.answer.reading.target)}, observed less predicted"
    return Figure("residuals", finding, Axis(label), names, layers, Table("residuals", "By cell.", heads, rows))


def splits_figure(summary: EffectsSummary) -> Figure | None:
    """Draw how far each split into folds is from the median, in standard errors; None for a single split."""
    answer = summary.answer
    if len(answer.evaluation.estimates) == 1:
        return None
    numbers, cut = kept_effects(summary)
    kept = [summary.effects[n] for n in numbers if summary.effects[n].estimate is not None]
    away = split_distances(answer, kept).tolist()
    splits = len(answer.evaluation.estimates)
    places = tuple(float(n) for n in range(len(kept)) for _ in range(splits))
    largest = max((abs(value) for row in away for value in row if math.isfinite(value)), default=0.0)
    layers: tuple[Layer, ...] = (
        Line("", (0.0, 0.0), (-0.5, len(kept) - 0.5), "guide"),
        Points("one split", tuple(value for row in away for value in row), places, "first", hollow=True),
    )
    finding = (
        f"Each of {splits} splits into folds, against the median that is reported; the "
        f"farthest is {largest:.2f} standard errors away. The reported errors contain this spread.{cut}"
    )
    heads = (Column("combination"), *(Column(f"split {r + 1}") for r in range(splits)))
    rows: tuple[tuple[Cell, ...], ...] = tuple((e.combination, *row) for e, row in zip(kept, away, strict=True))
    data = Table("splits", "Difference from the median, in standard errors.", heads, rows)
    reach = max(1.0, 1.1 * largest)
    x = Axis("difference from the median, in standard errors", low=-reach, high=reach)
    return Figure("splits", finding, x, Axis("", categories=tuple(e.combination for e in kept)), layers, data)
