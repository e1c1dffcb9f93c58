"""The loss around trained networks, told and drawn."""

import math
from typing import Final

from thalweg.report.drawing.document import Section
from thalweg.report.drawing.fields import Heat, Segments
from thalweg.report.drawing.figure import Axis, Figure
from thalweg.report.drawing.layers import Layer, Points
from thalweg.report.drawing.relief import TILT, Relief
from thalweg.report.drawing.table import Cell, Column, Table
from thalweg.report.study.parts import StudyPart
from thalweg.study.surfaces.landscape import SPAN, LandscapeStudy, Surface

_DECADES: Final = 1e9  # losses further above the lowest have one colour


def landscape_part(study: LandscapeStudy) -> StudyPart:
    """Return a study of surfaces, told and drawn.

    Parameters
    ----------
    study
        From :func:`thalweg.study.surfaces.landscape.landscape_study`.

    Examples
    --------
    >>> from thalweg.data.problem import pose
    >>> from thalweg.study.sample import sample_of
    >>> from thalweg.study.surfaces.landscape import landscape_study
    >>> study = landscape_study(sample_of(pose("example:iris")), hidden=(4,), epochs=1, seeds=2)
    >>> [figure.name for figure in landscape_part(study).figures]
    ['landscape-contour-0', 'landscape-surface-0']
    """
    planes = study.surfaces[0].planes.shape[0]
    notes = [
        "The axes are two random directions in which every unit's part is as long as the unit's incoming weights.",
        f"At ±{SPAN:g} every unit has moved by its own length; biases do not move, nor does a normalisation.",
        f"{planes} pairs of directions were drawn per network; figures show the first, around the median network.",
        f"The loss is the {study.loss_name} on {study.rows:,} rows, evaluated as when predicting.",
        "Curving down: the smaller second difference on the plane is below −2 % of the larger one's size.",
        "The Hessian is exact but for the kinks of rectifiers, on at most 256 rows; how weights are scaled matters.",
        "Its smallest eigenvalue is resolved last: the number shown is an upper bound.",
    ]
    if len(study.surfaces) > 1:
        notes.append(
            "Both kinds have the same number of parameters and were trained alike; their starts differ in scale, and "
            "each is shown at its own end, not at an equal loss."
        )
    sections = tuple(
        Section(f"h-surface-{k}", surface.name.capitalize(), (_contour(study, k), _relief(study, k)))
        for k, surface in enumerate(study.surfaces)
    )
    return StudyPart(
        "What does the loss look like around a trained network?",
        f"{study.table} · {study.target} · {study.network}, {study.parameters:,} parameters · {study.epochs} passes",
        study.sentence,
        landscape_table(study),
        sections,
        tuple(notes),
    )


def landscape_table(study: LandscapeStudy) -> Table:
    """Return one row per kind of network."""
    heads = ("network", "training loss", "lowest", "highest", "curving down", "largest on a plane")
    more = ("λ max", "λ min ≤", "trace", "± error")
    rows: list[tuple[Cell, ...]] = []
    for surface in study.surfaces:
        known = sorted(float(v) for v in surface.training if math.isfinite(v))
        shares = sorted(float(v) for v in surface.down.ravel() if math.isfinite(v))
        peaks = sorted(float(v) for v in surface.highest.ravel() if math.isfinite(v))
        found = surface.spectrum
        shown = float(surface.training[surface.shown])
        ends = (shown, known[0], known[-1], shares[len(shares) // 2], peaks[-1])
        rows.append((surface.name, *ends, float(found.top[0]), found.lowest, found.trace, found.trace_error))
    columns = tuple(
        Column(head, None, rank) for head, rank in zip(heads + more, (0, 0, 4, 4, 0, 1, 0, 2, 3, 3), strict=True)
    )
    return Table("landscape", f"Around networks for {study.target} in {study.table}.", columns, tuple(rows))


def _range(study: LandscapeStudy) -> tuple[float, float]:
    """Return the ends of the colours, the same for every surface."""
    every = [float(v) for s in study.surfaces for v in s.planes[0].ravel() if math.isfinite(v) and v > 0]
    low = min(every)
    return low, min(max(every), low * _DECADES)


def _contour(study: LandscapeStudy, place: int) -> Figure:
    surface = study.surfaces[place]
    low, high = _range(study)
    ticks = tuple(map(float, surface.ticks))
    values = tuple(tuple(map(float, row)) for row in surface.planes[0])
    cut = f"; losses above {high:.2g} have one colour" if max(map(max, values)) > high else ""
    lines: list[Layer] = [
        Segments("equal loss" if k == 0 else "", pieces, "plain", thin=True)
        for k, pieces in enumerate(surface.contours)
    ]
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (b, a, value) for b, row in zip(ticks, values, strict=True) for a, value in zip(ticks, row, strict=True)
    )
    name = f"landscape-contour-{place}"
    return Figure(
        name,
        f"Loss around the network of the median loss, {surface.name}: {_extent(surface)}{cut}.",
        Axis("first direction, in lengths of the weights"),
        Axis("second direction"),
        (
            Heat(f"loss {low:.2g} to {high:.2g}, by powers", ticks, ticks, values, low, high, log=True),
            *lines,
            _centre(),
        ),
        Table(name, "Loss on the plane.", tuple(map(Column, ("second", "first", "loss"))), rows),
        equal=True,
    )


def _extent(surface: Surface) -> str:
    finite = [float(v) for v in surface.planes[0].ravel() if math.isfinite(v)]
    return f"from {min(finite):.3g} to {max(finite):.3g}"


def _centre() -> Points:
    return Points("trained network", (0.0,), (0.0,), "second", hollow=True)


def _relief(study: LandscapeStudy, place: int) -> Figure:
    surface = study.surfaces[place]
    low, high = _range(study)
    values = tuple(tuple(map(float, row)) for row in surface.planes[0])
    name = f"landscape-surface-{place}"
    rows: tuple[tuple[Cell, ...], ...] = tuple((k, *row) for k, row in enumerate(values))
    heads = ("line", *(f"{tick:.2f}" for tick in map(float, surface.ticks)))
    return Figure(
        name,
        f"The same plane as a surface, {surface.name}; height is the logarithm of the loss.",
        Axis("seen from one corner of the plane", low=-1.05, high=1.05),
        Axis("height", low=-TILT - 0.05, high=1.0 + TILT),
        (Relief(f"loss {low:.2g} to {high:.2g}, by powers", values, low, high, log=True),),
        Table(name, "Loss by line of the plane.", tuple(map(Column, heads)), rows),
    )
