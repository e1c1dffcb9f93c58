"""Bias and variance by capacity, told and drawn."""

import math
from collections.abc import Sequence

from thalweg.report.drawing.document import Section
from thalweg.report.drawing.figure import Axis, Figure
from thalweg.report.drawing.layers import Layer, Line, Points
from thalweg.report.drawing.table import Cell, Column, Table
from thalweg.report.study.parts import StudyPart
from thalweg.study.capacity.bias_variance import DROPOUT, PATIENCE, RIDGE, CapacityPoint, CapacityStudy


def capacity_part(study: CapacityStudy) -> StudyPart:
    """Return a study of capacity, told and drawn.

    Parameters
    ----------
    study
        From :func:`thalweg.study.capacity.bias_variance.capacity_study`.

    Examples
    --------
    >>> from thalweg.data.problem import pose
    >>> from thalweg.study.capacity.bias_variance import capacity_study
    >>> from thalweg.study.sample import sample_of
    >>> study = capacity_study(sample_of(pose("example:diabetes")), epochs=1, seeds=2)
    >>> [figure.name for figure in capacity_part(study).figures]
    ['capacity-widths', 'capacity-regular', 'capacity-ridgeless']
    """
    notes = (
        f"{study.sets} sets of {study.rows:,} rows, none shared, trained {study.seeds} networks each of every kind.",
        f"{study.held:,} other rows measured them.",
        "Bias includes the noise of the outcome, which no network can avoid. Bias and variance add up to the loss.",
        f"Ridge {RIDGE:g}, dropout {DROPOUT:g}, early stopping by a fifth of the set with patience {PATIENCE}.",
        "Other strengths of these do otherwise.",
        "With so few sets the parts are rough; the loss itself is the surest of them.",
    )
    return StudyPart(
        "How large should the network be?",
        f"{study.table} · {study.target} · one hidden layer · {study.epochs} passes · {study.loss_name}",
        study.sentence,
        capacity_table("capacity", [*study.widths, *study.regular[1:]], study.table),
        (
            Section("h-widths", "Bias and variance by width", (widths_figure(study),)),
            Section("h-regular", "What regularisation does to the widest", (regular_figure(study),)),
            Section("h-ridgeless", "Double descent, by formula", (ridgeless_figure(study),)),
        ),
        notes,
    )


def capacity_table(name: str, points: Sequence[CapacityPoint], table: str) -> Table:
    """Return one row per kind of network."""
    heads = ("network", "parameters", "loss, other rows", "bias", "variance", "from rows", "from starts", "own rows")
    rows: list[tuple[Cell, ...]] = []
    for point in points:
        parts = point.parts
        split = tuple(None if math.isnan(v) else v for v in (parts.data, parts.seed))
        rows.append((point.label, point.parameters, parts.risk, parts.bias, parts.variance, *split, point.trained))
    columns = tuple(Column(head, 4, rank) for head, rank in zip(heads, (0, 3, 0, 0, 0, 2, 1, 1), strict=True))
    return Table(name, f"Loss on other rows and its parts, {table}.", columns, tuple(rows))


def widths_figure(study: CapacityStudy) -> Figure:
    """Draw loss, bias and variance by width."""
    x = tuple(float(point.width) for point in study.widths)
    series = {
        "loss, other rows": ([p.parts.risk for p in study.widths], "validation"),
        "bias": ([p.parts.bias for p in study.widths], "third"),
        "variance": ([p.parts.variance for p in study.widths], "fourth"),
        "loss, own rows": ([p.trained for p in study.widths], "train"),
    }
    layers: list[Layer] = [Line(label, x, tuple(values), style) for label, (values, style) in series.items()]
    layers += [Points("", x, tuple(values), style) for values, style in series.values()]
    return Figure(
        "capacity-widths",
        f"Loss on other rows and its parts by hidden units. It is lowest at {study.best.width}.",
        Axis("hidden units, logarithmic scale", log=True),
        Axis("loss"),
        tuple(layers),
        capacity_table("capacity-widths", study.widths, study.table),
    )


def regular_figure(study: CapacityStudy) -> Figure:
    """Draw loss, bias and variance of the widest network, plain and regularised."""
    at = tuple(float(k) for k in range(len(study.regular)))
    kinds = {
        "loss, other rows": (tuple(p.parts.risk for p in study.regular), "validation"),
        "bias": (tuple(p.parts.bias for p in study.regular), "third"),
        "variance": (tuple(p.parts.variance for p in study.regular), "fourth"),
    }
    told = "; ".join(f"{point.label}: {point.parts.risk:.3g}" for point in study.regular)
    return Figure(
        "capacity-regular",
        f"Loss on other rows of the widest network: {told}.",
        Axis("loss"),
        Axis("", categories=tuple(point.label for point in study.regular)),
        tuple(Points(label, values, at, style) for label, (values, style) in kinds.items()),
        capacity_table("capacity-regular", study.regular, study.table),
    )


def ridgeless_figure(study: CapacityStudy) -> Figure:
    """Draw the error of least squares of least norm by the number of columns."""
    x, y = tuple(map(float, study.ridgeless_columns)), tuple(map(float, study.ridgeless_theory))
    rows: tuple[tuple[Cell, ...], ...] = tuple(zip(x, y, strict=True))
    return Figure(
        "capacity-ridgeless",
        "Least squares of least norm on 60 rows of independent normal columns, coefficients of length 1, noise 0.5. "
        "The error peaks where columns are as many as rows, and falls beyond.",
        Axis("columns, logarithmic scale", log=True),
        Axis("squared error beyond the noise", log=True),
        (Line("theory", x, y, "first"),),
        Table("capacity-ridgeless", "Error by columns.", (Column("columns"), Column("error")), rows),
    )
