"""The race of optimizers, told and drawn."""

import math
from itertools import pairwise
from typing import Final

from thalweg.report.drawing.document import Section
from thalweg.report.drawing.fields import Heat, Segments, Shaded
from thalweg.report.drawing.figure import Axis, Figure
from thalweg.report.drawing.layers import Layer, Line, Points
from thalweg.report.drawing.table import Cell, Column, Table
from thalweg.report.study.parts import StudyPart
from thalweg.study.race.modes import Modes
from thalweg.study.race.optimizer_race import OptimizerRace, Track

STYLES_OF: Final = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh")
_MOST_RATE: Final = 1.2  # factors per step beyond it have one colour


def race_part(race: OptimizerRace) -> StudyPart:
    """Return a race of optimizers, told and drawn.

    Parameters
    ----------
    race
        From :func:`thalweg.study.race.optimizer_race.race_optimizers`.

    Examples
    --------
    >>> from thalweg.data.problem import pose
    >>> from thalweg.study.race.optimizer_race import race_optimizers
    >>> from thalweg.study.sample import sample_of
    >>> race = race_optimizers(sample_of(pose("example:iris")), hidden=(4,), epochs=2, seeds=2, rates=[0.03])
    >>> len(race_part(race).figures)
    3
    """
    edge = [track.optimizer for track in race.tracks if track.at_edge]
    notes = [
        f"The loss is the {race.loss_name} on all {race.rows:,} rows. All start from the same parameters.",
        f"All see the same mini-batches of {race.batch} rows, but for gradient descent, which sees all rows at a step.",
        "Each learning rate is the best of those tried, by the median loss over starts that are not shown here.",
        "A low training loss is what an optimizer is for; it says nothing yet about new rows.",
    ]
    if edge:
        notes.append(
            f"For {', '.join(edge)} the best learning rate is the last one tried; a better one may lie beyond."
        )
    curves = (race_curves_figure(race, seconds=False), race_curves_figure(race, seconds=True))
    sections = [
        Section("h-curves", "Loss by step and by second", curves),
        Section("h-paths", "Paths", (paths_figure(race),)),
    ]
    if race.modes is not None:
        parts = (modes_figure(race.modes), rate_map_figure(race.modes))
        sections.append(Section("h-modes", "What algebra says: least squares on the same features", parts))
    return StudyPart(
        "Which optimizer gets down fastest?",
        f"{race.table} · {race.target} · {race.network}, {race.parameters:,} parameters · {race.rows:,} rows",
        race.sentence,
        race_table(race),
        tuple(sections),
        tuple(notes),
    )


def race_table(race: OptimizerRace) -> Table:
    """Return one row per optimizer, the lowest loss first."""
    heads = ("optimizer", "learning rate", "median loss", "10 %", "90 %", "steps", "µs a step", "update")
    rows: list[tuple[Cell, ...]] = []
    for track in race.ranked:
        low, high = track.band
        micro = 1e6 * track.step_seconds
        ends = (float(track.median[-1]), float(low[-1]), float(high[-1]))
        rows.append((track.optimizer, track.rate, *ends, int(track.steps[-1]), micro, track.update))
    spare = (0, 0, 0, 2, 2, 3, 1, 4)
    columns = tuple(Column(head, None, rank) for head, rank in zip(heads, spare, strict=True))
    note = "Loss at the end over starts; time of a step of one network alone on this machine."
    return Table("race", f"Optimizers on {race.target} in {race.table}.", columns, tuple(rows), (note,))


def race_curves_figure(race: OptimizerRace, *, seconds: bool) -> Figure:
    """Draw the median loss of every optimizer by step or by second."""
    layers: list[Layer] = []
    rows: list[tuple[Cell, ...]] = []
    for style, track in zip(STYLES_OF, race.tracks, strict=True):
        times = _times(track, seconds=seconds)
        median = tuple(map(float, track.median))
        shown = [k for k, (t, v) in enumerate(zip(times, median, strict=True)) if t > 0 and math.isfinite(v)]
        layers.append(Line(track.optimizer, tuple(times[k] for k in shown), tuple(median[k] for k in shown), style))
        low, high = track.band
        rows += [
            (track.optimizer, *cells) for cells in zip(times, median, map(float, low), map(float, high), strict=True)
        ]
    kind, unit = ("seconds", "seconds of one network on this machine") if seconds else ("steps", "step")
    first = race.ranked[0].optimizer
    finding = f"Median training loss over {race.tracks[0].losses.shape[0]} starts by {kind[:-1]}. "
    finding += f"At the end {first} is lowest." if not seconds else _cheapest(race)
    heads = tuple(map(Column, ("optimizer", unit, "median", "10 %", "90 %")))
    return Figure(
        f"race-{kind}",
        finding,
        Axis(f"{unit}, logarithmic scale", log=True),
        Axis("training loss, logarithmic scale", log=True),
        tuple(layers),
        Table(f"race-{kind}", f"Loss by {kind}.", heads, tuple(rows)),
    )


def _cheapest(race: OptimizerRace) -> str:
    dear = max(race.tracks, key=lambda track: track.step_seconds)
    cheap = min(race.tracks, key=lambda track: track.step_seconds)
    times = dear.step_seconds / cheap.step_seconds
    return f"A step of {dear.optimizer} takes {times:.1f} times as long as one of {cheap.optimizer}."


def _times(track: Track, *, seconds: bool) -> tuple[float, ...]:
    unit = track.step_seconds if seconds else 1.0
    return tuple(float(step) * unit for step in track.steps)


def paths_figure(race: OptimizerRace) -> Figure:
    """Draw the paths from the first start on their common plane, every iterate coloured by its own loss."""
    plane = race.plane
    losses = [float(v) for loss in plane.losses for v in loss]
    low, high = min(losses), max(losses)
    layers: list[Layer] = []
    rows: list[tuple[Cell, ...]] = []
    every: list[tuple[float, float, float]] = []
    for style, track, places, loss, off in zip(
        STYLES_OF, race.tracks, plane.places, plane.losses, plane.off, strict=True
    ):
        xs, ys = (tuple(map(float, column)) for column in places.T)
        layers.append(Line(track.optimizer, xs, ys, style))
        every += zip(xs, ys, map(float, loss), strict=True)
        rows += [(track.optimizer, *cells) for cells in zip(xs, ys, map(float, loss), map(float, off), strict=True)]
    x, y, values = (tuple(column) for column in zip(*every, strict=True))
    layers.append(Shaded(f"loss {low:.3g} to {high:.3g}", x, y, values, low, high, log=low > 0, size=2.6))
    layers.append(Points("start", x[:1], y[:1], "plain"))
    first, second = (100 * float(share) for share in plane.share)
    return Figure(
        "race-paths",
        f"Parameters from one start on the plane that shows most of all paths: {first:.0f} % and {second:.0f} % of "
        "their variance. A disc's colour is the loss of the parameters themselves, not of their place on the plane.",
        Axis(f"first component ({first:.0f} %)"),
        Axis(f"second component ({second:.0f} %)"),
        tuple(layers),
        Table(
            "race-paths",
            "Iterates on the plane.",
            tuple(map(Column, ("optimizer", "first", "second", "loss", "distance from the plane"))),
            tuple(rows),
        ),
    )


def modes_figure(modes: Modes) -> Figure:
    """Draw how much of each eigenvector's error a step leaves, without and with momentum."""
    x = tuple(map(float, modes.eigenvalues))
    plain, heavy = tuple(map(float, modes.gradient_rates)), tuple(map(float, modes.momentum_rates))
    slow, fast = modes.slowest
    rows: tuple[tuple[Cell, ...], ...] = tuple(zip(x, plain, heavy, strict=True))
    return Figure(
        "race-modes",
        f"What a step leaves of the error along each eigenvector of the Hessian. The condition number is "
        f"{modes.condition:.3g}: with its best step gradient descent leaves {slow:.4f} of the worst error, momentum "
        f"{fast:.4f}, the same for all that oscillate.",
        Axis("eigenvalue, logarithmic scale", log=True),
        Axis("factor per step"),
        (
            Line("gradient descent", x, plain, "first"),
            Points("", x, plain, "first"),
            Line("momentum", x, heavy, "second"),
            Points("", x, heavy, "second"),
        ),
        Table("race-modes", "Factors by eigenvalue.", tuple(map(Column, ("eigenvalue", "plain", "momentum"))), rows),
    )


def rate_map_figure(modes: Modes) -> Figure:
    """Draw the factor per step over αλ and β, with the spectrum of the table at the best momentum."""
    x, y = tuple(map(float, modes.scaled_steps)), tuple(map(float, modes.momenta))
    values = tuple(tuple(map(float, row)) for row in modes.map)
    edge = tuple((2 + 2 * a, a, 2 + 2 * b, b) for a, b in pairwise(y))
    spectrum = tuple(modes.step * float(v) for v in modes.eigenvalues)
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (b, a, value) for b, row in zip(y, values, strict=True) for a, value in zip(x, row, strict=True)
    )
    return Figure(
        "race-map",
        f"Factor per step of gradient descent with momentum β on an eigenvalue λ. Left of the line αλ = 2 + 2β it "
        f"converges; where it oscillates the factor is √β. Diamonds: this table's eigenvalues at the best α = "
        f"{modes.step:.3g}, β = {modes.momentum:.3g}.",
        Axis("step size times eigenvalue, αλ"),
        Axis("momentum β"),
        (
            Heat(f"factor 0 to {_MOST_RATE:g}", x, y, values, 0.0, _MOST_RATE),
            Segments("αλ = 2 + 2β", edge, "plain"),
            Points("spectrum", spectrum, (modes.momentum,) * len(spectrum), "second", hollow=True),
        ),
        Table("race-map", "Factor by momentum and step.", tuple(map(Column, ("momentum", "αλ", "factor"))), rows),
    )
