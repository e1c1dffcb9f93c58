"""Figures of energy models: filters, samples, recalled patterns, energies, capacity and learning curves."""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from thalweg.energy.boltzmann import BoltzmannFit
from thalweg.energy.capacity import CapacityCurve
from thalweg.energy.hopfield import HopfieldMemory
from thalweg.energy.recall import Recall
from thalweg.energy.restricted.machines import RBMPopulation
from thalweg.energy.restricted.model import RBMParameters
from thalweg.report.drawing.figure import Axis, Figure
from thalweg.report.drawing.layers import Bars, Images, Layer, Line, Points
from thalweg.report.drawing.table import Cell, Column, Table

_ACROSS: Final = 8
_MOST: Final = 32
_LINES: Final = 40
Image = tuple[tuple[float, ...], ...]


def to_image(values: Sequence[float], width: int) -> Image:
    """Return values as lines of an image of so many columns.

    Examples
    --------
    >>> to_image([1.0, 2.0, 3.0, 4.0], 2)
    ((1.0, 2.0), (3.0, 4.0))
    """
    return tuple(tuple(map(float, values[first : first + width])) for first in range(0, len(values), width))


def filters_figure(machine: RBMParameters, width: int) -> Figure:
    """Draw the couplings of the hidden units with the visible ones, the strongest units first.

    Parameters
    ----------
    machine
        A restricted Boltzmann machine.
    width
        Columns of the images that its visible units are.

    Examples
    --------
    >>> from thalweg.energy import RBM, bars_and_stripes
    >>> figure = filters_figure(RBM(hidden=4, epochs=2).fit(bars_and_stripes(3)).parameters_, 3)
    >>> figure.data.columns[0].label
    'unit'
    """
    columns = machine.weights.T.tolist()
    size = [math.sqrt(sum(v * v for v in column)) for column in columns]
    order = sorted(range(len(columns)), key=lambda unit: -size[unit])
    shown = order[:_MOST]
    largest = max(abs(v) for unit in shown for v in columns[unit])
    rows: tuple[tuple[Cell, ...], ...] = tuple((unit, size[unit], *columns[unit]) for unit in order)
    heads = ("unit", "length", *(f"visible {place}" for place in range(machine.visible)))
    few = f"the {len(shown)} longest of {len(order)}" if len(shown) < len(order) else f"all {len(order)}"
    return _gallery(
        "filters",
        f"Couplings of hidden units with the image, {few}: blue raises a pixel, vermillion lowers it.",
        [to_image(columns[unit], width) for unit in shown],
        largest,
        Table("filters", "Couplings by hidden unit.", tuple(map(Column, heads)), rows),
    )


def samples_figure(states: Sequence[Sequence[float]], width: int, *, sweeps: int) -> Figure:
    """Draw states of the visible units that a machine dreamt up.

    Parameters
    ----------
    states
        Rows of visible states.
    width
        Columns of the images.
    sweeps
        Gibbs sweeps from a random start.

    Examples
    --------
    >>> samples_figure([[0.0, 1.0, 1.0, 0.0]], 2, sweeps=100).name
    'samples'
    """
    rows: tuple[tuple[Cell, ...], ...] = tuple((n, *map(float, state)) for n, state in enumerate(states))
    heads = ("sample", *(f"visible {place}" for place in range(len(states[0]))))
    return _gallery(
        "samples",
        f"Samples of the machine, {sweeps:,} sweeps after a random start.",
        [to_image(state, width) for state in states[:_MOST]],
        1.0,
        Table("samples", "Visible units by sample.", tuple(map(Column, heads)), rows),
    )


def recall_figure(memory: HopfieldMemory, probes: Sequence[Sequence[float]], recall: Recall, width: int) -> Figure:
    """Draw damaged patterns, what was recalled from them, and the stored patterns nearest to that.

    Parameters
    ----------
    memory
        The network.
    probes
        What recall started from.
    recall
        Where it ended.
    width
        Columns of the images.

    Examples
    --------
    >>> from thalweg.energy import Hopfield
    >>> memory = Hopfield().store([[1, 1, -1, -1]])
    >>> figure = recall_figure(memory, [[1, -1, -1, -1]], memory.recall([[1, -1, -1, -1]]), 2)
    >>> figure.y.categories
    ('damaged', 'recalled', 'nearest stored')
    """
    low = 0.0 if memory.zero_one else -1.0
    ends, stored = recall.states.tolist(), memory.patterns.tolist()
    nearest = recall.nearest.tolist()
    shown = range(min(len(ends), _ACROSS))
    images = tuple(
        tuple(to_image([_sign(v, low) for v in row], width) for row in rows)
        for rows in (
            [list(probes[n]) for n in shown],
            [ends[n] for n in shown],
            [[(1.0 if v > 0 else low) for v in stored[nearest[n]]] for n in shown],
        )
    )
    exact = sum(max(overlaps) == 1 for overlaps in recall.overlaps.tolist())
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (n, nearest[n], max(recall.overlaps[n].tolist()), "yes" if recall.converged[n] else "no")
        for n in range(len(ends))
    )
    heads = ("probe", "nearest pattern", "overlap", "at rest")
    return Figure(
        "recall",
        f"{exact} of {len(ends)} damaged patterns came back without a wrong unit.",
        Axis("probe", categories=tuple(str(n) for n in shown)),
        Axis("", categories=("damaged", "recalled", "nearest stored")),
        (Images(images, largest=1.0),),
        Table("recall", "Where each probe came to rest.", tuple(map(Column, heads)), rows),
    )


def _sign(value: float, low: float) -> float:
    return 1.0 if value > 0 else (0.0 if low == 0 else -0.25)


def energy_figure(recall: Recall) -> Figure:
    """Draw the energy of every probe, sweep by sweep.

    Examples
    --------
    >>> from thalweg.energy import Hopfield
    >>> energy_figure(Hopfield().store([[1, 1, -1]]).recall([[1, -1, -1]])).x.label
    'sweep'
    """
    traces = recall.energies.T.tolist()
    sweeps = tuple(map(float, range(len(recall.energies))))
    rises = sum(any(b > a + 1e-9 * abs(a) for a, b in pairwise(t)) for t in traces)
    layers = tuple(
        Line("a probe" if n == 0 else "", sweeps, tuple(trace), "first", thin=True)
        for n, trace in enumerate(traces[:_LINES])
    )
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (n, sweep, value) for n, trace in enumerate(traces) for sweep, value in enumerate(trace)
    )
    told = "It never rose." if not rises else f"It rose for {rises} of them."
    return Figure(
        "energy",
        f"Energy of {len(traces)} probes by sweep. {told}",
        Axis("sweep"),
        Axis("energy"),
        layers,
        Table("energy", "Energy by probe and sweep.", tuple(map(Column, ("probe", "sweep", "energy"))), rows),
    )


def capacity_figure(curve: CapacityCurve) -> Figure:
    """Draw overlaps by load beside the theory of infinitely many units.

    Examples
    --------
    >>> from thalweg.energy import capacity_curve
    >>> capacity_figure(capacity_curve(60, [0.05, 0.2], networks=2, probes=5)).name
    'capacity'
    """
    x, y = tuple(curve.loads.tolist()), tuple(curve.overlap.tolist())
    error, theory = curve.overlap_error.tolist(), tuple(curve.theory.tolist())
    layers: list[Layer] = [Points(f"{curve.units} units", x, y, "first")]
    if all(map(math.isfinite, error)):
        low = tuple(a - 2 * e for a, e in zip(y, error, strict=True))
        high = tuple(min(1.0, a + 2 * e) for a, e in zip(y, error, strict=True))
        layers.insert(0, Bars("two standard errors over networks", low, high, x, "first", upright=True))
    if any(map(math.isfinite, theory)):
        layers.append(Line("theory, many units", x, theory, "second"))
    rows: tuple[tuple[Cell, ...], ...] = tuple(zip(x, y, error, curve.exact.tolist(), theory, strict=True))
    heads = ("load", "overlap", "standard error", "recalled exactly", "theory")
    return Figure(
        "capacity",
        f"Overlap of the recalled state with its pattern, by patterns per unit, for the {curve.rule} rule"
        + (f" with {100 * curve.flips:g} % of the units turned." if curve.flips else "."),
        Axis("patterns per unit"),
        Axis("overlap"),
        tuple(layers),
        Table("capacity", "Overlap by load.", tuple(map(Column, heads)), rows),
    )


def couplings_figure(fit: BoltzmannFit) -> Figure:
    """Draw biases and couplings with two standard errors to either side, the clearest where there are many.

    Examples
    --------
    >>> from thalweg.energy import BoltzmannMachine
    >>> fit = BoltzmannMachine().fit([[0, 0], [0, 1], [1, 0], [1, 1], [1, 1], [0, 0]])
    >>> couplings_figure(fit).y.categories
    ('0', '1', '0 1')
    """
    frame = fit.frame()
    names, estimates, errors = (frame[name].tolist() for name in ("unit", "estimate", "standard_error"))
    rows = [row for row in zip(map(str, names), estimates, errors, strict=True) if row[2] > 0]
    clearest = sorted(rows, key=lambda row: -abs(row[1]) / row[2])[:_MOST]
    kept = [row for row in rows if row in clearest]
    places = tuple(map(float, range(len(kept))))
    few = f"the {len(kept)} clearest of {len(names)}" if len(kept) < len(names) else f"all {len(names)}"
    layers: tuple[Layer, ...] = (
        Line("", (0.0, 0.0), (-0.5, len(kept) - 0.5), "guide"),
        Bars("", tuple(e - 2 * s for _, e, s in kept), tuple(e + 2 * s for _, e, s in kept), places, "first"),
        Points("", tuple(e for _, e, _ in kept), places, "first"),
    )
    apart = sum(abs(e) > 2 * s for _, e, s in kept)
    return Figure(
        "couplings",
        f"Biases of units and couplings of pairs, {few}, with two standard errors to either side. "
        f"{apart} lie more than that from 0.",
        Axis("estimate"),
        Axis("", categories=tuple(name for name, _, _ in kept)),
        layers,
        couplings_table(fit),
    )


def couplings_table(fit: BoltzmannFit) -> Table:
    """Return biases and couplings with their standard errors.

    Examples
    --------
    >>> from thalweg.energy import BoltzmannMachine
    >>> fit = BoltzmannMachine().fit([[0, 0], [0, 1], [1, 0], [1, 1], [1, 1], [0, 0]])
    >>> [row[0] for row in couplings_table(fit).rows]
    ['0', '1', '0 1']
    """
    frame = fit.frame()
    columns = (frame[name].tolist() for name in ("unit", "estimate", "standard_error"))
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (unit, estimate, error) for unit, estimate, error in zip(*columns, strict=True)
    )
    heads = (Column("Unit or pair"), Column("Estimate", 3), Column("Standard error", 3))
    return Table("couplings", "Biases of units, and couplings of pairs.", heads, rows)


def learning_figure(population: RBMPopulation) -> Figure:
    """Draw how well each machine knew the training rows, epoch by epoch.

    Examples
    --------
    >>> from thalweg.energy import RBMMember, bars_and_stripes, fit_rbm_population
    >>> learning_figure(fit_rbm_population(bars_and_stripes(2), [RBMMember(2, epochs=4)])).x.label
    'epoch'
    """
    curves = [curve.tolist() for curve in population.curves]
    measure = " or ".join(dict.fromkeys(population.measures))
    layers = tuple(
        Line("a machine" if n == 0 else "", tuple(e for e, _ in curve), tuple(v for _, v in curve), "first", thin=True)
        for n, curve in enumerate(curves[:_LINES])
    )
    fell = sum(max(v for _, v in curve) - curve[-1][1] > 0.1 for curve in curves)
    rows: tuple[tuple[Cell, ...], ...] = tuple((n, e, v) for n, curve in enumerate(curves) for e, v in curve)
    told = "" if not fell else f" {fell} of {len(curves)} had been better by more than 0.1 before."
    return Figure(
        "learning",
        f"Mean {measure} of training rows, by epoch.{told}",
        Axis("epoch"),
        Axis(f"mean {measure}"),
        layers,
        Table("learning", "By machine and epoch.", tuple(map(Column, ("machine", "epoch", measure))), rows),
    )


def _gallery(name: str, finding: str, images: Sequence[Image], largest: float, data: Table) -> Figure:
    """Lay images out in rows of eight."""
    rows = [tuple(images[first : first + _ACROSS]) for first in range(0, len(images), _ACROSS)]
    starts = range(0, len(images), _ACROSS)
    return Figure(
        name,
        finding,
        Axis("", categories=tuple(str(n) for n in range(1, min(_ACROSS, len(images)) + 1))),
        Axis("", categories=tuple(f"{start + 1} to {min(start + _ACROSS, len(images))}" for start in starts)),
        (Images(tuple(rows), largest=largest),),
        data,
    )
