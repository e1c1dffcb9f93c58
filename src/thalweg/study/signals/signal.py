"""Signals and gradients by layer at the start of training, for several starts, and the training that follows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from torch import Tensor, nn

from thalweg.base.arrays import FloatArray, IntArray
from thalweg.base.checks import check_count
from thalweg.base.errors import SettingError, setting
from thalweg.base.seeds import derived_seed, stream
from thalweg.net.init import Glorot, He, Initial, Normal, Zeros
from thalweg.net.spec import Network, mlp
from thalweg.optim.momentum import Momentum
from thalweg.study.race.tracks import follow
from thalweg.study.sample import StudySample
from thalweg.study.signals.mean_field import MeanField, mean_field
from thalweg.train.backend import backend_of
from thalweg.train.many_losses import ManyLosses
from thalweg.train.population import Member

SMALL, LARGE = 0.01, 1.0
STARTS: Final[dict[str, Initial | None]] = {
    "zeros": Zeros(),
    "small": Normal(SMALL),
    "large": Normal(LARGE),
    "Xavier": Glorot(),
    "He": He(),
    "torch default": None,
}
KEPT: Final = 0.5  # of a squared gradient after one layer: below that, or above its inverse, it vanishes or explodes
MOST_ROWS: Final = 256  # that signals are measured on
DEPTH, WIDTH = 10, 32


@dataclass(frozen=True, slots=True, eq=False)
class StartSignals:
    """What one start does.

    Parameters
    ----------
    start
        One of :data:`STARTS`.
    normalised
        Whether batch normalisation stands before every activation.
    forward, backward
        Mean square of pre-activations and of the loss's gradient there, by hidden layer [L].
    dead
        Share of units that are below 0 on all rows, by hidden layer [L]; for rectifiers.
    alike
        Mean cosine of two rows' pre-activations, by hidden layer [L]; 1 if a layer tells no rows apart.
    factor
        What is left of a squared gradient after one layer, on average over layers.
    theory
        The same in infinitely wide layers; None with batch normalisation, or where no theory is told.
    steps, losses
        Steps of training [T], and the loss on all rows [S T].
    """

    start: str
    normalised: bool
    forward: FloatArray
    backward: FloatArray
    dead: FloatArray
    alike: FloatArray
    factor: float
    theory: MeanField | None
    steps: IntArray
    losses: FloatArray

    @property
    def name(self) -> str:
        """The start, and whether batches are normalised."""
        return f"{self.start}, batch norm" if self.normalised else self.start

    @property
    def median(self) -> FloatArray:
        """Median loss over networks [T]; infinite where it diverged."""
        return np.asarray(np.median(self.losses, axis=0))

    @property
    def verdict(self) -> str:
        """What happens to gradients, in a word or two."""
        if not np.isfinite(self.factor) or self.factor == 0:
            return "no gradient"
        if self.factor < KEPT * 1.05:
            return f"shrink {1 / self.factor:.3g}-fold a layer"
        return f"grow {self.factor:.3g}-fold a layer" if self.factor > 1 / KEPT else "are kept"


@dataclass(frozen=True, slots=True, eq=False)
class SignalStudy:
    """Signals at the start, by start.

    Parameters
    ----------
    table, target, loss_name
        On what, and what training minimised.
    rows
        Number of rows.
    layers, width, activation
        Hidden layers L, units of the widest, and their activation.
    learning_rate, epochs
        Of the training that follows, by gradient descent with momentum 0.9.
    starts
        One per start, without and with batch normalisation.
    """

    table: str
    target: str
    loss_name: str
    rows: int
    layers: int
    width: int
    activation: str
    learning_rate: float
    epochs: int
    starts: tuple[StartSignals, ...]

    @property
    def plain(self) -> tuple[StartSignals, ...]:
        """Starts without batch normalisation."""
        return tuple(found for found in self.starts if not found.normalised)

    @property
    def best(self) -> StartSignals:
        """The start without batch normalisation whose median loss at the end is lowest."""
        return min(self.plain, key=lambda found: float(found.median[-1]))

    @property
    def sentence(self) -> str:
        """What the best start keeps and torch's default does not, and what training makes of it."""
        best = self.best
        usual = next(found for found in self.plain if found.start == "torch default")
        told = f"Through {self.layers} {self.activation} layers squared gradients {usual.verdict} with torch's default "
        told += f"start; after {self.epochs} passes its median loss is {usual.median[-1]:.3g}. "
        if best is usual:
            return f"{told}No other start does better."
        return f"{told}The lowest is {best.median[-1]:.3g} with {best.start}, whose gradients {best.verdict}."


def signal_study(
    sample: StudySample,
    *,
    hidden: Sequence[int] = (WIDTH,) * DEPTH,
    activation: str = "relu",
    batch: int = 32,
    epochs: int = 10,
    learning_rate: float = 0.003,
    seeds: int = 4,
    seed: int = 0,
    workers: int | None = 1,  # noqa: ARG001 - all studies are called alike; this one trains in one process
    watch: object = None,  # noqa: ARG001 - the same
) -> SignalStudy:
    """Measure what reaches every layer at the start, forwards and backwards, and train from there.

    Second moments are averaged over networks: within one network they are noisy.

    Parameters
    ----------
    sample
        The rows; signals are measured on at most 256 of them, training uses all.
    hidden, activation
        The network, at least two hidden layers.
    batch, epochs, learning_rate
        Of the training: gradient descent with momentum 0.9.
    seeds
        Networks per start.
    seed
        Names all randomness.
    workers, watch
        Not needed.

    Returns
    -------
    SignalStudy
        Signals and losses by start.

    Raises
    ------
    SettingError
        If there are fewer than two hidden layers, or a setting makes no sense.

    Examples
    --------
    >>> from thalweg.data.problem import pose
    >>> from thalweg.study.sample import sample_of
    >>> study = signal_study(sample_of(pose("example:iris")), hidden=(8, 8, 8), epochs=1, seeds=2)
    >>> len(study.starts), study.starts[0].verdict
    (12, 'no gradient')
    """
    if len(hidden) < 2:
        raise SettingError(
            f"{setting('hidden')} needs at least two layers, so that signals pass one; got {len(hidden)}.",
            "Write 32-32-32, for example.",
        )
    for name, value in (("batch", batch), ("epochs", epochs), ("seeds", seeds)):
        check_count(name, value)
    found = []
    for normalise in (None, "batch"):
        for name, rule in STARTS.items():
            network = mlp(tuple(hidden), activation, init=rule, normalise=normalise)
            starts = [derived_seed(seed, "init", 13, k) for k in range(seeds)]
            vectors = [_start(network, sample, start) for start in starts]
            signals = _signals(network, sample, vectors)
            theory = None if normalise else _theory(name, activation, hidden, float(signals.forward[0]))
            steps, losses = _trained(network, sample, starts, batch, epochs, learning_rate)
            factor = _factor(signals.backward)
            found.append(
                StartSignals(
                    name,
                    normalise is not None,
                    signals.forward,
                    signals.backward,
                    signals.dead,
                    signals.alike,
                    factor,
                    theory,
                    steps,
                    losses,
                )
            )
    return SignalStudy(
        sample.name,
        sample.target,
        sample.loss_name,
        sample.rows,
        len(hidden),
        max(hidden),
        activation,
        learning_rate,
        epochs,
        tuple(found),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Signals:
    forward: FloatArray
    backward: FloatArray
    dead: FloatArray
    alike: FloatArray


def _start(network: Network, sample: StudySample, seed: int) -> FloatArray:
    """Return the start of a member of that seed, as the engine draws it [Θ]."""
    specs = network.parameters(sample.x.shape[1], sample.outputs).values()
    drawn = [spec.draw(stream(seed, "init", number)) for number, spec in enumerate(specs)]
    return np.concatenate([np.asarray(array, dtype=np.float64).ravel() for array in drawn])


def _signals(network: Network, sample: StudySample, vectors: Sequence[FloatArray]) -> _Signals:
    """Average second moments over networks."""
    every = stream(0, "data", 3).permutation(sample.rows)[:MOST_ROWS].astype(np.int64)
    x, y = torch.from_numpy(sample.x[every]), torch.from_numpy(sample.y[every])
    found = []
    for vector in vectors:
        module = backend_of(network).module(network, x.shape[1], sample.outputs, vector).train()
        found.append(_of_one(module, x, y, sample))
    return _Signals(*(np.mean(column, axis=0) for column in zip(*found, strict=True)))


def _of_one(module: nn.Module, x: Tensor, y: Tensor, sample: StudySample) -> tuple[FloatArray, ...]:
    """Return second moments, squared gradients, dead units and cosines of rows by hidden layer of one network."""
    layers: list[Tensor] = []
    signal = x
    stages = list(module.children())
    for place, stage in enumerate(stages):
        signal = stage(signal)
        if isinstance(stage, nn.Linear) and place < len(stages) - 1:
            signal.retain_grad()
            layers.append(signal)
    loss = sample.loss.rows(signal.T[None], y.T[None]).mean()
    loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
    forward = [float(z.detach().square().mean()) for z in layers]
    backward = [0.0 if z.grad is None else float(z.grad.square().mean()) for z in layers]
    dead = [float((z.detach() <= 0).all(0).double().mean()) for z in layers]
    return np.array(forward), np.array(backward), np.array(dead), np.array([_alike(z.detach()) for z in layers])


def _alike(z: Tensor) -> float:
    """Return the mean cosine between two different rows."""
    unit = nn.functional.normalize(z, dim=1)
    rows = len(z)
    return float((unit.sum(0).square().sum() - unit.square().sum()) / max(rows * (rows - 1), 1))


def _factor(backward: FloatArray) -> float:
    """Return what is left of a squared gradient after one layer, the geometric mean over layers."""
    first, last = float(backward[0]), float(backward[-1])
    if not first > 0 or not last > 0 or not np.isfinite(first / last):
        return 0.0 if not first > 0 else float("inf")
    return float((first / last) ** (1 / (len(backward) - 1)))


def _theory(start: str, activation: str, hidden: Sequence[int], first: float) -> MeanField | None:
    """Return what infinitely wide layers of equal width would do; ``first`` is the second moment measured first."""
    width = hidden[0]
    if len(set(hidden)) > 1:
        return None
    weight = {
        "zeros": 0.0,
        "small": width * SMALL**2,
        "large": width * LARGE**2,
        "Xavier": 1.0,
        "He": 2.0,
        "torch default": 1 / 3,
    }
    bias = 1 / (3 * width) if start == "torch default" else 0.0
    return mean_field(activation, weight[start], bias, first, len(hidden))


def _trained(
    network: Network, sample: StudySample, starts: Sequence[int], batch: int, epochs: int, rate: float
) -> tuple[IntArray, FloatArray]:
    """Train networks and return their loss on all rows after every epoch, infinite where it diverged."""
    table, rows = sample.table(), np.arange(sample.rows, dtype=np.int32)
    optimizer = Momentum(rate)
    members = [
        Member(network, sample.loss, rows, seed=start, optimizer=optimizer, batch=batch, epochs=epochs)
        for start in starts
    ]
    found = follow(table, members, range(epochs + 1))
    seeds, snapshots, size = found.vectors.shape
    losses = ManyLosses(network, sample.loss, table).losses(found.vectors.reshape(-1, size))
    return found.steps, np.where(np.isfinite(losses), losses, np.inf).reshape(seeds, snapshots)
