"""Figures that ask whether the model holds: residuals by cell, and repeated splits."""

import math

from thalweg.effects.distances import largest_residual, split_distances
from thalweg.effects.summary import EffectsSummary
from thalweg.report.drawing.figure import Axis, Figure, brief
from thalweg.report.drawing.layers import Bars, Layer, Line, Points
from thalweg.report.drawing.table import Cell, Column, Table
from thalweg.report.effects.effect_figures import MOST_BARS, kept_effects


def cell_residuals_figure(summary: EffectsSummary) -> Figure:
    """Draw the mean residual of every cell with twice its standard error on either side."""
    cells = summary.residuals[:MOST_BARS]
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
