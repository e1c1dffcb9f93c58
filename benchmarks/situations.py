"""What a population costs in the situations research has: members that differ, weights, dropout, early stopping.

python benchmarks/situations.py --seconds 0.7 --rounds 5
"""

import argparse
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

import machine
from peers.net import NETS, ROWS, Net
from tables import markdown
from thalweg.loss.penalty import Penalty
from thalweg.loss.softmax import Softmax
from thalweg.loss.squared import Squared
from thalweg.net.batchnorm import BatchNorm
from thalweg.net.spec import Network, mlp
from thalweg.optim.adam import Adam
from thalweg.train.fit import fit_population
from thalweg.train.population import Member, TrainingTable, crowd_of, training_table
from thalweg.train.slots import choose_slots

A, B, C = (NETS[name] for name in "ABC")
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
    net
        What they learn from, and their architecture where the situation says nothing else.
    least
        Epochs it needs to show.
    """

    label: str
    plain: Callable[[int], Population]
    special: Callable[[int], Population]
    net: Net = A
    least: int = 1


def table_of(net: Net) -> TrainingTable:
    """Return what the members learn from; classes as one column each."""
    x, y = net.data()
    return training_table(x, np.eye(net.outputs, dtype=np.float32)[y] if net.loss == "softmax" else y)


def members(epochs: int, network: Network | None = None, *, net: Net = A) -> list[Member]:
    """Return equal members that differ in their seed."""
    rows, network = np.arange(ROWS, dtype=np.int32), network or mlp(net.hidden)
    loss = Softmax() if net.loss == "softmax" else Squared()
    return [Member(network, loss, rows, seed=s, batch=net.batch, epochs=epochs) for s in range(MEMBERS)]


def own_settings(epochs: int, *, net: Net = A) -> Population:
    """Give every member its own learning rate and ridge."""
    return [
        replace(m, optimizer=Adam(1e-3 * (1 + n / MEMBERS)), penalty=Penalty(ridge=1e-6 * (n + 1)))
        for n, m in enumerate(members(epochs, net=net))
    ]


def own_rates(epochs: int) -> Population:
    """Give every member its own dropout rate as well."""
    found = enumerate(own_settings(epochs))
    return [replace(m, network=mlp(A.hidden, dropout=0.05 + 0.4 * n / MEMBERS)) for n, m in found]


def dropout(epochs: int) -> Population:
    """Put dropout behind both hidden layers, one rate for all."""
    return members(epochs, mlp(A.hidden, dropout=0.2))


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
    layer, layers = BatchNorm(), mlp(A.hidden).layers
    return members(epochs, Network((layers[0], layer, layers[1], layers[2], layer, layers[3])))


def stopping(epochs: int) -> list[Member]:
    """Let members stop anywhere between a tenth of the epochs and all of them."""
    lengths = np.random.default_rng(0).integers(max(1, epochs // 10), epochs + 1, MEMBERS)
    return [replace(m, epochs=int(length)) for m, length in zip(members(epochs), lengths, strict=True)]


def waiting(epochs: int) -> Population:
    """Let the same members train on until the slowest of their chunk stops; workers that mix chunks make it faster."""
    population, table = stopping(epochs), table_of(A)
    slots = choose_slots(crowd_of(population[0], table), table.rows.dtype, MEMBERS, machine.cores())
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
    *(
        Situation(
            f"net {net.name}: every member its own learning rate and ridge / all equal",
            partial(members, net=net),
            partial(own_settings, net=net),
            net,
        )
        for net in (A, B, C)
    ),
    Situation("own learning rate, ridge, dropout rate / dropout, all equal", dropout, own_rates),
    Situation("row weights / none", members, weighted),
    Situation("validation loss after every epoch, a quarter of the rows / none", members, validated),
    Situation("two dropout layers / none", members, dropout),
    Situation("two batch norms / none", members, batch_norm),
    Situation("stopping early: waiting for the slowest of a chunk / refilled slots", stopping, waiting, least=20),
    Situation("widths 16, 32, 64, 128: padded to the widest / grouped", widths, padded),
)


def measure_situations(seconds: float, rounds: int) -> tuple[str, dict[str, Any]]:
    """Return the table of all situations, and its numbers."""
    rows, records = [], {}
    for situation in SITUATIONS:
        plain, special = _compare(situation, seconds, rounds)
        ratio = statistics.median(b / a for a, b in zip(plain, special, strict=True))
        rows.append([situation.label, f"{ratio:.2f}"])
        records[situation.label] = {"plain": plain, "special": special, "ratio": ratio}
    return markdown([f"net A unless said, K={MEMBERS}: time of the first / time of the second", "ratio"], rows), records


def _compare(situation: Situation, seconds: float, rounds: int) -> tuple[list[float], list[float]]:
    """Return seconds of both populations, in turns; epochs are chosen so that a turn takes long enough."""
    table, epochs = table_of(situation.net), situation.least
    while (elapsed := _seconds(situation.plain(epochs), table)) < seconds / 2:
        epochs = max(epochs + 1, round(epochs * seconds / elapsed))
    plain, special = [], []
    for _ in range(rounds):
        plain.append(_seconds(situation.plain(epochs), table))
        special.append(_seconds(situation.special(epochs), table))
    return plain, special


def _seconds(population: Population, table: TrainingTable) -> float:
    started = time.perf_counter()
    fit_population(table, population, workers=machine.cores())
    return time.perf_counter() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=0.7, help="of a turn (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=5, help="turns of both populations (default: %(default)s)")
    chosen = parser.parse_args()
    print(measure_situations(chosen.seconds, chosen.rounds)[0])


if __name__ == "__main__":
    main()
