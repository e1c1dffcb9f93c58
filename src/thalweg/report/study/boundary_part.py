"""Decision boundaries by depth, told and drawn."""

from thalweg.report.drawing.document import Section
from thalweg.report.drawing.fields import Heat, Segments
from thalweg.report.drawing.figure import Axis, Figure
from thalweg.report.drawing.layers import Layer, Points
from thalweg.report.drawing.table import Cell, Column, Table
from thalweg.report.study.parts import StudyPart
from thalweg.study.boundaries.boundary import BoundaryStudy, DepthPanel


def boundary_part(study: BoundaryStudy) -> StudyPart:
    """Return a study of boundaries, told and drawn.

    Parameters
    ----------
    study
        From :func:`thalweg.study.boundaries.boundary.boundary_study`.

    Examples
    --------
    >>> from thalweg.data.problem import pose
    >>> from thalweg.study.boundaries.boundary import boundary_study
    >>> from thalweg.study.sample import sample_of
    >>> study = boundary_study(sample_of(pose("example:iris")), epochs=1, seeds=2)
    >>> [figure.name for figure in boundary_part(study).figures]
    ['boundary-0', 'boundary-1', 'boundary-2']
    """
    networks = len(study.panels[0].held)
    notes = (
        f"The networks saw {study.columns[0]} and {study.columns[1]} alone, which differ most between the classes.",
        f"Shade: share of {networks} networks that vote for {study.chosen}.",
        "Thin lines: where single networks change their vote; they differ in their start and their batches alone.",
        "Without a hidden layer every network draws a straight line. One wide hidden layer can draw any boundary.",
        "More layers need fewer units for some. Where networks of one depth differ much, training fails.",
    )
    return StudyPart(
        "What can networks of each depth separate?",
        f"{study.table} · {study.chosen} · {study.activation} units · {study.epochs} passes",
        study.sentence,
        boundary_table(study),
        (Section("h-panels", "Votes by depth", tuple(_panel(study, k) for k in range(len(study.panels)))),),
        notes,
    )


def boundary_table(study: BoundaryStudy) -> Table:
    """Return one row per depth."""
    heads = ("network", "right, median", "lowest", "highest", "on own rows")
    rows: list[tuple[Cell, ...]] = []
    for panel in study.panels:
        own = sorted(map(float, panel.trained))
        ends = (panel.middle, float(panel.held.min()), float(panel.held.max()), own[len(own) // 2])
        rows.append((panel.name, *ends))
    rows.append(("larger class", study.majority, None, None, None))
    columns = tuple(Column(head, 3) for head in heads)
    return Table("boundary", f"Shares of rows that are voted right, {study.table}.", columns, tuple(rows))


def _panel(study: BoundaryStudy, place: int) -> Figure:
    panel: DepthPanel = study.panels[place]
    x, y = tuple(map(float, study.x)), tuple(map(float, study.y))
    votes = tuple(tuple(map(float, row)) for row in panel.votes)
    kinds = {1: (study.chosen, "second", False), 0: ("others", "first", True)}
    layers: list[Layer] = [Heat("share of votes 0 to 1", x, y, votes, 0.0, 1.0)]
    for number, pieces in enumerate(panel.lines):
        layers.append(Segments("single networks" if number == 0 else "", pieces, "plain", thin=True))
    for kind, (label, style, hollow) in kinds.items():
        there = [place for place, member in enumerate(study.member.tolist()) if member == kind]
        across, up = (tuple(float(study.points[k, axis]) for k in there) for axis in (0, 1))
        layers.append(Points(label, across, up, style, hollow=hollow))
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (b, a, value) for b, row in zip(y, votes, strict=True) for a, value in zip(x, row, strict=True)
    )
    name = f"boundary-{place}"
    return Figure(
        name,
        f"{panel.name.capitalize()}: {panel.middle:.1%} of other rows right, median of {len(panel.held)} networks; "
        f"{panel.held.min():.1%} to {panel.held.max():.1%}.",
        Axis(f"{study.columns[0]}, standardised"),
        Axis(f"{study.columns[1]}, standardised"),
        tuple(layers),
        Table(name, "Share of votes.", tuple(map(Column, (study.columns[1], study.columns[0], "share"))), rows),
    )
