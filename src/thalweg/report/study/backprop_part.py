"""One step of a network as it is run, and the activations there are, told and drawn."""

import math
from collections.abc import Sequence
from itertools import zip_longest
from typing import Final

from thalweg.base.arrays import FloatArray
from thalweg.report.drawing.document import Section
from thalweg.report.drawing.figure import Axis, Figure
from thalweg.report.drawing.layers import Line, Tiles
from thalweg.report.drawing.table import Cell, Column, Table
from thalweg.report.study.parts import StudyPart
from thalweg.study.boundaries.network_steps import BACKWARD, FORWARD, LOSS, UPDATE, BackpropStudy, StepOperation

_STYLES: Final = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh")


def backprop_part(study: BackpropStudy) -> StudyPart:
    """Return a step of a network, told and drawn.

    Parameters
    ----------
    study
        From :func:`thalweg.study.boundaries.network_steps.backprop_study`.

    Examples
    --------
    >>> from thalweg.data.problem import pose
    >>> from thalweg.study.boundaries.network_steps import backprop_study
    >>> from thalweg.study.sample import sample_of
    >>> [figure.name for figure in backprop_part(backprop_study(sample_of(pose("example:iris")))).figures]
    ['backprop-step', 'activations', 'activation-slopes']
    """
    widths = "-".join(map(str, (study.inputs, *study.hidden, study.outputs)))
    notes = (
        "These are the operations that the engine runs, in their order: what it prints, prices and runs is one list.",
        "Backwards every line is one application of the chain rule: dz = da φ'(z), dW = xᵀ dz, dx = dz Wᵀ.",
        "Operations of one target write the same buffer: what is no longer needed is overwritten.",
    )
    curves = (
        _curves(study, study.values, "activations", "φ(z)", "Activations. Rectifiers are 0 on one side."),
        _curves(study, study.slopes, "activation-slopes", "φ'(z)", _slopes_finding(study)),
    )
    return StudyPart(
        "What does one training step compute?",
        f"{study.table} · {study.target} · network {widths}, {study.activation} · {study.parameters:,} parameters",
        study.sentence,
        backprop_table(study),
        (
            Section("h-step", "Forward and back", (step_figure(study),)),
            Section("h-activations", "Activations and their derivatives", curves),
        ),
        notes,
    )


def backprop_table(study: BackpropStudy) -> Table:
    """Return one row per operation."""
    heads = ("operation", "part", "layer", "shape", "flop", "bytes", "writes")
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (s.text, s.part, s.layer or None, " ".join(map(str, s.shape)), s.flops, s.bytes, s.target) for s in study.steps
    )
    columns = tuple(Column(head, None, rank) for head, rank in zip(heads, (0, 0, 1, 2, 0, 3, 4), strict=True))
    return Table("backprop", f"One step on {study.batch} rows.", columns, rows)


def step_figure(study: BackpropStudy) -> Figure:
    """Draw the operations of every layer, forwards on the left, top to bottom, and backwards on the right."""
    texts: list[tuple[str, str]] = []
    flops: list[tuple[float, float]] = []
    names: list[str] = []
    last = len(study.hidden) + 1
    for layer in range(1, last + 1):
        there = [step for step in study.steps if step.layer == layer and step.part == FORWARD]
        back = [step for step in study.steps if step.layer == layer and step.part == BACKWARD][::-1]
        _add(texts, flops, names, f"layer {layer}" if layer < last else "output", there, back)
    _add(texts, flops, names, "loss", [step for step in study.steps if step.part == LOSS], [])
    _add(texts, flops, names, "update", [], [step for step in study.steps if step.part == UPDATE])
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (name, *pair, *(None if math.isnan(c) else int(c) for c in cost))
        for name, pair, cost in zip(names, texts, flops, strict=True)
    )
    heads = tuple(map(Column, ("part", "forward", "backward", "flop forward", "flop backward")))
    return Figure(
        "backprop-step",
        "The step: down on the left, up on the right. The colour is the share of the step's operations.",
        Axis("", categories=("forward ↓", "backward ↑")),
        Axis("", categories=tuple(names)),
        (Tiles(tuple(flops), tuple(texts)),),
        Table("backprop-step", "Operations by layer.", heads, rows),
    )


def _add(
    texts: list[tuple[str, str]],
    flops: list[tuple[float, float]],
    names: list[str],
    name: str,
    there: Sequence[StepOperation],
    back: Sequence[StepOperation],
) -> None:
    """Add the lines of one layer."""
    for number, (one, other) in enumerate(zip_longest(there, back)):
        texts.append((_told(one), _told(other)))
        flops.append((_cost(one), _cost(other)))
        names.append(name if number == 0 else "")


def _told(step: StepOperation | None) -> str:
    if step is None:
        return ""
    text = step.text if len(step.text) <= 22 else f"{step.text[:21]}…"
    return f"{text}  [{' '.join(map(str, step.shape[1:] or step.shape))}]"


def _cost(step: StepOperation | None) -> float:
    return float("nan") if step is None else float(step.flops)


def _slopes_finding(study: BackpropStudy) -> str:
    largest = {name: max(map(float, row)) for name, row in zip(study.names, study.slopes, strict=True)}
    sigmoid = largest["sigmoid"]
    return (
        f"Derivatives. The sigmoid's is at most {sigmoid:.2f}: every layer takes three quarters of a gradient or more; "
        "a rectifier's is 0 or 1."
    )


def _curves(study: BackpropStudy, values: FloatArray, name: str, label: str, finding: str) -> Figure:
    z = tuple(map(float, study.z))
    lines = tuple(
        Line(kind, z, tuple(map(float, row)), style)
        for kind, row, style in zip(study.names, values, _STYLES, strict=True)
    )
    rows: tuple[tuple[Cell, ...], ...] = tuple((at, *(float(row[k]) for row in values)) for k, at in enumerate(z))
    heads = tuple(map(Column, ("z", *study.names)))
    return Figure(name, finding, Axis("z"), Axis(label), lines, Table(name, f"{label} by z.", heads, rows))
