"""Signals at the start of training, told and drawn."""

import math
from typing import Final

from thalweg.base.arrays import FloatArray
from thalweg.report.drawing.document import Section
from thalweg.report.drawing.figure import Axis, Figure
from thalweg.report.drawing.layers import Layer, Line, Points
from thalweg.report.drawing.table import Cell, Column, Table
from thalweg.report.study.parts import StudyPart
from thalweg.study.signals.signal import SignalStudy, StartSignals

_CUT: Final = 30.0
_STYLES: Final = ("fifth", "fourth", "seventh", "second", "first", "third")


def signal_part(study: SignalStudy) -> StudyPart:
    """Return a study of signals, told and drawn.

    Parameters
    ----------
    study
        From :func:`thalweg.study.signals.signal.signal_study`.

    Examples
    --------
    >>> from thalweg.data.problem import pose
    >>> from thalweg.study.sample import sample_of
    >>> from thalweg.study.signals.signal import signal_study
    >>> study = signal_study(sample_of(pose("example:iris")), hidden=(4, 4, 4), epochs=1, seeds=2)
    >>> [figure.name for figure in signal_part(study).figures]
    ['signal-forward', 'signal-backward', 'signal-training', 'signal-training-normalised']
    """
    networks = len(study.starts[0].losses)
    notes = [
        f"Mean squares are averages over {networks} networks; those of gradients are of the loss by pre-activation.",
        f"The loss is the {study.loss_name}.",
        f"Training is gradient descent with momentum 0.9 and rate {study.learning_rate:g}.",
        "A start that fails here may learn at another rate, or with another optimizer.",
        "A zero start never breaks the symmetry of its units. Theory is that of infinitely wide layers.",
    ]
    return StudyPart(
        "What reaches each layer at the start?",
        f"{study.table} · {study.target} · {study.layers} hidden layers of {study.width} {study.activation} units · "
        f"{study.rows:,} rows",
        study.sentence,
        signal_table(study),
        (
            Section("h-signals", "Signals and gradients by layer", (forward_figure(study), backward_figure(study))),
            Section(
                "h-after",
                "The training that follows",
                (training_figure(study, normalised=False), training_figure(study, normalised=True)),
            ),
        ),
        tuple(notes),
    )


def signal_table(study: SignalStudy) -> Table:
    """Return one row per start."""
    heads = ("start", "gradient factor", "theory", "gradients", "dead units", "rows alike", "loss before", "loss after")
    rows: list[tuple[Cell, ...]] = []
    for found in study.starts:
        theory = None if found.theory is None else found.theory.factor
        ends = (float(found.dead[-1]), float(found.alike[-1]), float(found.median[0]), float(found.median[-1]))
        rows.append((found.name, _finite(found.factor), theory, found.verdict, *map(_finite, ends)))
    columns = tuple(Column(head, None, rank) for head, rank in zip(heads, (0, 0, 2, 0, 3, 3, 1, 0), strict=True))
    note = (
        "Gradient factor: what is left of a squared gradient after one layer. Dead units and the cosine of rows: at "
        "the last hidden layer. Where there is no loss, training diverged."
    )
    return Table("signal", f"Starts of a network for {study.target} in {study.table}.", columns, tuple(rows), (note,))


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def forward_figure(study: SignalStudy) -> Figure:
    """Draw the mean square of pre-activations by layer, and what theory says."""
    kept = [found.start for found in study.plain if _steady(found.forward)]
    told = f"They stay within a factor of 10 with {', '.join(kept)}." if kept else "No start keeps them."
    return _by_layer(
        study,
        "signal-forward",
        f"Mean square of what enters the activations, by hidden layer; hollow marks: theory. {told}",
        "mean square, logarithmic scale",
        [found.forward for found in study.plain],
        theory=True,
    )


def backward_figure(study: SignalStudy) -> Figure:
    """Draw the mean square of gradients by layer."""
    told = "; ".join(f"{found.start}: {found.verdict}" for found in study.plain)
    return _by_layer(
        study,
        "signal-backward",
        f"Mean square of the loss's gradient by pre-activation, by hidden layer. Gradients: {told}.",
        "mean squared gradient, logarithmic scale",
        [found.backward for found in study.plain],
        theory=False,
    )


def _steady(values: FloatArray) -> bool:
    numbers = [float(value) for value in values]
    return min(numbers) > 0 and max(numbers) / min(numbers) <= 10


def _by_layer(
    study: SignalStudy, name: str, finding: str, label: str, values: list[FloatArray], *, theory: bool
) -> Figure:
    x = tuple(float(layer) for layer in range(1, study.layers + 1))
    layers: list[Layer] = []
    rows: list[tuple[Cell, ...]] = []
    for style, found, series in zip(_STYLES, study.plain, values, strict=True):
        y = tuple(float(v) if v > 0 else math.nan for v in series)
        if not all(map(math.isnan, y)):
            layers.append(Line(found.start, x, y, style))
        if theory and found.theory is not None:
            said = tuple(float(v) if v > 0 else math.nan for v in found.theory.moments)
            layers.append(Points("", x, said, style, hollow=True))
        rows += [(found.start, int(layer), float(v)) for layer, v in zip(x, series, strict=True)]
    return Figure(
        name,
        finding,
        Axis("hidden layer"),
        Axis(label, log=True),
        tuple(layers),
        Table(name, "By start and layer.", tuple(map(Column, ("start", "layer", "mean square"))), tuple(rows)),
    )


def training_figure(study: SignalStudy, *, normalised: bool) -> Figure:
    """Draw the median loss of every start, with or without batch normalisation."""
    shown: list[StartSignals] = [found for found in study.starts if found.normalised == normalised]
    layers: list[Layer] = []
    rows: list[tuple[Cell, ...]] = []
    for style, found in zip(_STYLES, shown, strict=True):
        x, y = tuple(map(float, found.steps)), tuple(map(float, found.median))
        if any(map(math.isfinite, y)):
            layers.append(Line(found.start, x, tuple(v if math.isfinite(v) else math.nan for v in y), style))
        rows += [(found.start, int(step), _finite(value)) for step, value in zip(x, y, strict=True)]
    lowest = min(shown, key=lambda found: float(found.median[-1]))
    how = "With batch normalisation" if normalised else "Without normalisation"
    name = "signal-training-normalised" if normalised else "signal-training"
    return Figure(
        name,
        f"{how}: median training loss over {len(lowest.losses)} networks. {lowest.start} is lowest at the end, "
        f"{lowest.median[-1]:.3g}. What lies more than {_CUT:g}-fold above that is cut.",
        Axis("step"),
        Axis("training loss, logarithmic scale", log=True, high=_CUT * float(lowest.median[-1])),
        tuple(layers),
        Table(name, "Median loss by start.", tuple(map(Column, ("start", "step", "loss"))), tuple(rows)),
    )
