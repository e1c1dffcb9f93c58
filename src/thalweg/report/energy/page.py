"""Pages of energy models: one HTML file each that needs nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass

from thalweg.base.interval import Interval
from thalweg.energy.belief_network import DBN
from thalweg.energy.boltzmann import BoltzmannFit
from thalweg.energy.capacity import CapacityCurve
from thalweg.energy.hopfield import HopfieldMemory
from thalweg.energy.rbm import RBM
from thalweg.energy.recall import Recall
from thalweg.energy.restricted.partition import LogPartition
from thalweg.report.drawing.document import Page, Prose, Section, page_html
from thalweg.report.drawing.table import Cell, Column, Table
from thalweg.report.energy.figures import (
    capacity_figure,
    couplings_figure,
    energy_figure,
    filters_figure,
    learning_figure,
    recall_figure,
    samples_figure,
)


@dataclass(frozen=True, slots=True)
class Pretraining:
    """Accuracies of networks that started at a belief network, and of those that did not.

    Parameters
    ----------
    labels
        Rows with an outcome.
    pretrained, random
        Mean accuracy of each start.
    gain
        Mean difference over seeds, with a 95 % interval.

    Examples
    --------
    >>> Pretraining(30, 0.76, 0.73, Interval(0.03, 0.02, 0.04)).labels
    30
    """

    labels: int
    pretrained: float
    random: float
    gain: Interval


def hopfield_page(
    memory: HopfieldMemory,
    probes: Sequence[Sequence[float]],
    recall: Recall,
    width: int,
    capacity: CapacityCurve | None = None,
) -> str:
    """Return a page about a Hopfield network: recalled patterns, energies, and its capacity.

    Parameters
    ----------
    memory, probes, recall
        The network, what recall started from and where it ended.
    width
        Columns of the images that its units are.
    capacity
        Measured overlaps by load, if there are any.

    Examples
    --------
    >>> from thalweg.energy import Hopfield
    >>> memory = Hopfield().store([[1, 1, -1, -1]])
    >>> hopfield_page(memory, [[1, -1, -1, -1]], memory.recall([[1, -1, -1, -1]]), 2).startswith("<!doctype html>")
    True
    """
    exact = sum(max(overlaps) == 1 for overlaps in recall.overlaps.tolist())
    units, patterns = len(memory.couplings), len(memory.patterns)
    return _page(
        "Hopfield network",
        f"{patterns} patterns over {units} units, stored by the {memory.rule} rule",
        f"{exact} of {len(recall.states)} damaged patterns were recalled without a wrong unit.",
        f"The load is {patterns / units:.3f} patterns per unit.",
        (
            Section("h-recall", "Recall", (recall_figure(memory, probes, recall, width), energy_figure(recall))),
            Section("h-capacity", "Capacity", () if capacity is None else (capacity_figure(capacity),)),
        ),
    )


def boltzmann_page(fit: BoltzmannFit) -> str:
    """Return a page about a Boltzmann machine: its couplings with their standard errors, drawn and in numbers.

    Examples
    --------
    >>> from thalweg.energy import BoltzmannMachine
    >>> fit = BoltzmannMachine().fit([[0, 0], [0, 1], [1, 0], [1, 1], [1, 1], [0, 0]])
    >>> "Standard error" in boltzmann_page(fit)
    True
    """
    likely = "" if fit.log_likelihood != fit.log_likelihood else f" Mean log-likelihood {fit.log_likelihood:.4f} nats."
    return _page(
        "Boltzmann machine",
        f"{fit.visible} visible and {fit.hidden} hidden units, {fit.rows:,} rows, {fit.method} moments",
        f"The moments of rows and machine differ by at most {fit.gap:.1e}.{likely}",
        "Standard errors are those of maximum likelihood; a dash marks what the rows do not determine.",
        (Section("h-couplings", "Couplings", (couplings_figure(fit),)),),
    )


def rbm_page(
    model: RBM, partition: LogPartition, likelihood: float, samples: Sequence[Sequence[float]], width: int, sweeps: int
) -> str:
    """Return a page about a restricted Boltzmann machine: likelihood, learning, filters and samples.

    Parameters
    ----------
    model
        The fitted machine.
    partition, likelihood
        Its log Z, and the mean log-likelihood of rows by it.
    samples, sweeps
        States drawn, and after how many sweeps.
    width
        Columns of the images that its visible units are.

    Examples
    --------
    >>> from thalweg.energy import RBM, bars_and_stripes
    >>> model = RBM(hidden=4, epochs=2).fit(bars_and_stripes(3))
    >>> page = rbm_page(model, model.log_partition(), -6.0, model.sample(2, sweeps=5).tolist(), 3, 5)
    >>> "Filters" in page
    True
    """
    machine = model.parameters_
    exact = partition.method == "exact"
    how = "by enumeration" if exact else f"annealed, ± {partition.standard_error:.3f}"
    return _page(
        "Restricted Boltzmann machine",
        f"{machine.visible} visible ({model.visible_kind_}) and {machine.hidden} hidden units, {model.learner}",
        f"The mean log-likelihood is {likelihood:.3f} nats (log Z = {partition.value:.3f}, {how}).",
        f"{len(model.population_.members)} machines were trained at once; the best on the training rows is shown.",
        (
            Section("h-learning", "Learning", (learning_figure(model.population_),)),
            Section("h-filters", "Filters", (filters_figure(machine, width),)),
            Section("h-samples", "Samples", (samples_figure(samples, width, sweeps=sweeps),)),
        ),
    )


def belief_network_page(model: DBN, width: int, gains: Sequence[Pretraining] = ()) -> str:
    """Return a page about a belief network: its lowest filters, and what its start was worth.

    Parameters
    ----------
    model
        The fitted stack.
    width
        Columns of the images that its visible units are.
    gains
        Accuracies with and without it, by number of labels.

    Examples
    --------
    >>> from thalweg.energy import DBN, bars_and_stripes
    >>> "Filters" in belief_network_page(DBN((4, 3), epochs=2).fit(bars_and_stripes(3)), 3)
    True
    """
    heads = (Column("Labels"), *(Column(head, 3) for head in ("Pre-trained", "Random start", "Gain [95 % interval]")))
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (f"{one.labels:,}", one.pretrained, one.random, one.gain) for one in gains
    )
    worth = Table("gains", "Accuracy by start.", heads, rows)
    clear = [f"{one.labels:,}" for one in gains if one.gain.low > 0]
    told = f"The start helped with {' and '.join(clear)} labels: the interval of its gain excludes 0." if clear else ""
    return _page(
        "Deep belief network",
        f"layers of {', '.join(str(layer.parameters_.hidden) for layer in model.layers_)} units",
        told or "No gain is shown whose interval excludes 0.",
        "Layers were trained greedily, without any outcome.",
        (
            Section("h-gains", "What the start is worth", (worth,) if gains else (Prose("It was not tried here."),)),
            Section("h-filters", "Filters of the first layer", (filters_figure(model.layers_[0].parameters_, width),)),
        ),
    )


def _page(kind: str, facts: str, verdict: str, advice: str, sections: tuple[Section, ...]) -> str:
    return page_html(
        Page(
            title=kind,
            heading=kind,
            facts=facts,
            label="Finding",
            verdict=verdict,
            advice=advice,
            sections=sections,
        )
    )
