"""What a population costs in the situations research has: members that differ, weights, dropout, early stopping."""

import importlib.util
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

import machine
from peers.net import NETS, ROWS
from tables import markdown
from thalweg.loss.penalty import Penalty
from thalweg.loss.squared import Squared
from thalweg.net.spec import Network, mlp
from thalweg.optim.adam import Adam
from thalweg.train.fit import fit_population
from thalweg.train.population import Member, crowd_of, training_table
from thalweg.train.slots import choose_slots

NET = NETS["A"]
MEMBERS = 64
Population = Sequence[Member]


@dataclass(frozen=True, slots=True)
class Situation:
    """Two populations that do the same useful work, or as good as.

    Parameters
    ----------
    label
        What is compared.
    plain, special
        Return the population one would like to be as fast as, and the one in question, for some epochs.
    """

    label: str
    plain: Callable[[int], Population]
    special: Callable[[int], Population]


def members(epochs: int, network: Network | None = None) -> list[Member]:
    """Return equal members that differ in their seed."""
    rows = np.arange(ROWS, dtype=np.int32)
    network = network or mlp(NET.hidden)
    return [Member(network, Squared(), rows, seed=s, batch=NET.batch, epochs=epochs) for s in range(MEMBERS)]


def own_settings(epochs: int) -> Population:
    """Give every member its own learning rate and ridge."""
    return [
        replace(m, optimizer=Adam(1e-3 * (1 + n / MEMBERS)), penalty=Penalty(ridge=1e-6 * (n + 1)))
        for n, m in enumerate(members(epochs))
    ]


def own_rates(epochs: int) -> Population:
    """Give every member its own dropout rate as well."""
    found = enumerate(own_settings(epochs))
    return [replace(m, network=mlp(NET.hidden, dropout=0.05 + 0.4 * n / MEMBERS)) for n, m in found]


def dropout(epochs: int) -> Population:
    """Put dropout behind both hidden layers, one rate for all."""
    return members(epochs, mlp(NET.hidden, dropout=0.2))


def weighted(epochs: int) -> Population:
    """Weigh the rows as a Bayesian bootstrap does, every member its own way."""
    stream = np.random.default_rng(0)
    return [replace(m, weights=stream.exponential(size=ROWS)) for m in members(epochs)]


def validated(epochs: int) -> Population:
    """Hold a quarter as many rows as are trained on for a validation loss after every epoch."""
    held = np.arange(ROWS // 4, dtype=np.int32)
    return [replace(m, validation=held) for m in members(epochs)]


def batch_norm(epochs: int) -> Population:
    """Normalise both hidden layers."""
    layer = importlib.import_module("thalweg.net.batchnorm").BatchNorm()
    layers = mlp(NET.hidden).layers
    return members(epochs, Network((layers[0], layer, layers[1], layers[2], layer, layers[3])))


def stopping(epochs: int) -> list[Member]:
    """Let members stop anywhere between a tenth of the epochs and all of them."""
    lengths = np.random.default_rng(0).integers(max(1, epochs // 10), epochs + 1, MEMBERS)
    return [replace(m, epochs=int(length)) for m, length in zip(members(epochs), lengths, strict=True)]


def waiting(epochs: int) -> Population:
    """Let the same members train on until the slowest of their chunk stops."""
    population, table = stopping(epochs), training_table(*NET.data())
    slots = choose_slots(crowd_of(population[0], table), table, MEMBERS, machine.cores())
    most = [max(m.epochs for m in population[n - n % slots :][:slots]) for n in range(MEMBERS)]
    return [replace(m, epochs=length) for m, length in zip(population, most, strict=True)]


def widths(epochs: int) -> Population:
    """Let a quarter of the members each have 16, 32, 64 and 128 units in both hidden layers."""
    choice = (16, 32, 64, 128)
    return [replace(m, network=mlp((choice[n % 4],) * 2)) for n, m in enumerate(members(epochs))]


def padded(epochs: int) -> Population:
    """Give all of them the widest."""
    return members(epochs, mlp((128, 128)))


SITUATIONS = (
    Situation("every member its own learning rate and ridge / all equal", members, own_settings),
    Situation("own learning rate, ridge, dropout rate / dropout, all equal", dropout, own_rates),
    Situation("row weights / none", members, weighted),
    Situation("validation loss after every epoch, a quarter of the rows / none", members, validated),
    Situation("two dropout layers / none", members, dropout),
    Situation("two batch norms / none", members, batch_norm),
    Situation("stopping early: waiting for the slowest of a chunk / refilled slots", stopping, waiting),
    Situation("widths 16, 32, 64, 128: padded to the widest / grouped", widths, padded),
)


def measure_situations(seconds: float, rounds: int) -> tuple[str, dict[str, Any]]:
    """Return the table of all situations, and its numbers."""
    rows, records = [], {}
    for situation in SITUATIONS:
        if situation.special is batch_norm and importlib.util.find_spec("thalweg.net.batchnorm") is None:
            continue
        plain, special = _compare(situation, seconds, rounds)
        ratio = statistics.median(b / a for a, b in zip(plain, special, strict=True))
        rows.append([situation.label, f"{ratio:.2f}"])
        records[situation.label] = {"plain": plain, "special": special, "ratio": ratio}
    return markdown([f"net {NET.name}, K={MEMBERS}: time of the first / time of the second", "ratio"], rows), records


def _compare(situation: Situation, seconds: float, rounds: int) -> tuple[list[float], list[float]]:
    """Return seconds of both populations, in turns."""
    probe = 10
    epochs = max(probe, round(probe * seconds / _seconds(situation.plain(probe))))
    plain, special = [], []
    for _ in range(rounds):
        plain.append(_seconds(situation.plain(epochs)))
        special.append(_seconds(situation.special(epochs)))
    return plain, special


def _seconds(population: Population) -> float:
    started = time.perf_counter()
    fit_population(training_table(*NET.data()), population, workers=machine.cores())
    return time.perf_counter() - started
