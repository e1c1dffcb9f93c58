"""Optimizers side by side: the same starts, the same batches, each at its best learning rate."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.stats import binomtest

from thalweg.base.arrays import FloatArray, IntArray
from thalweg.base.checks import check_count
from thalweg.base.contracts import Optimizer
from thalweg.base.seeds import derived_seed
from thalweg.net.spec import Network, mlp
from thalweg.optim.adagrad import AdaGrad
from thalweg.optim.adam import Adam
from thalweg.optim.gradient import GradientDescent
from thalweg.optim.momentum import Momentum
from thalweg.optim.rmsprop import RMSProp
from thalweg.study.race.modes import Modes, modes_of
from thalweg.study.race.plane import PathPlane, path_plane
from thalweg.study.race.tracks import Tracks, follow, step_seconds
from thalweg.study.sample import StudySample
from thalweg.study.watching import Told, train
from thalweg.train.many_losses import ManyLosses
from thalweg.train.population import Member, TrainingTable

RATES: Final = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
TUNING_SEEDS: Final = 3
MOST_SNAPSHOTS: Final = 48
FULL_BATCH_PASSES: Final = 8  # passes over the rows that gradient descent gets for each of the others
SIGNIFICANT: Final = 0.05
GRADIENT_DESCENT: Final = "gradient descent"


@dataclass(frozen=True, slots=True)
class Racer:
    """One optimizer of the race.

    Parameters
    ----------
    name, update
        What it is called, and its step.
    make
        From a learning rate to the optimizer.
    full
        Whether it sees all rows at every step.
    """

    name: str
    update: str
    make: Callable[[float], Optimizer]
    full: bool = False


RACERS: Final = (
    Racer(GRADIENT_DESCENT, "w −= α g, g of all rows", GradientDescent, full=True),
    Racer("SGD", "w −= α g, g of a mini-batch", GradientDescent),
    Racer("momentum", "v = 0.9 v + g, w −= α v", Momentum),
    Racer("Nesterov", "v = 0.9 v + g, w −= α (g + 0.9 v)", lambda rate: Momentum(rate, nesterov=True)),
    Racer("AdaGrad", "s += g², w −= α g / √s", AdaGrad),
    Racer("RMSProp", "s = 0.99 s + 0.01 g², w −= α g / √s", RMSProp),
    Racer("Adam", "w −= α m̂ / √r̂, moments of g and g²", Adam),
)


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """What one optimizer did.

    Parameters
    ----------
    optimizer, update
        Its name and its step.
    batch
        Rows of a step.
    rate
        Learning rate, the best of ``rates``.
    rates, tuned
        Learning rates tried [R], and the median loss at the end with each, over starts of their own [R]; infinite where
        it diverged.
    steps
        Steps done at each snapshot [T].
    losses
        Loss on all rows [S T], by start.
    step_seconds
        Seconds of a step of one network alone, on this machine.

    Examples
    --------
    >>> two, loss = np.array([0.1, 1.0]), np.array([[1.0, 0.5], [1.0, 0.3]])
    >>> track = Track("SGD", "w −= α g", 32, 0.1, two, two, np.array([0, 10]), loss, 1e-5)
    >>> track.last, track.at_edge
    (array([0.5, 0.3]), True)
    """

    optimizer: str
    update: str
    batch: int
    rate: float
    rates: FloatArray
    tuned: FloatArray
    steps: IntArray
    losses: FloatArray
    step_seconds: float

    @property
    def last(self) -> FloatArray:
        """The loss at the end by start [S]."""
        return self.losses[:, -1]

    @property
    def median(self) -> FloatArray:
        """Median loss over starts at each snapshot [T]."""
        return np.asarray(np.median(self.losses, axis=0))

    @property
    def band(self) -> tuple[FloatArray, FloatArray]:
        """The 10 % and 90 % quantiles of the loss over starts at each snapshot, [T] each; losses of single starts.

        Between two starts of which one diverged there is nothing to interpolate.
        """
        low, high = np.quantile(self.losses, [0.1, 0.9], axis=0, method="inverted_cdf")
        return low, high

    @property
    def at_edge(self) -> bool:
        """Whether the best rate is the smallest or the largest that was tried, so that a better one may lie beyond."""
        return len(self.rates) > 1 and self.rate in {float(self.rates[0]), float(self.rates[-1])}


@dataclass(frozen=True, slots=True, eq=False)
class OptimizerRace:
    """A race of optimizers.

    Parameters
    ----------
    table, target, loss_name
        On what, and what was minimised.
    rows, parameters
        Numbers of rows and of parameters.
    network
        The network in words.
    batch, epochs
        Rows of a mini-batch, and passes over the rows.
    tracks
        One per optimizer.
    plane
        Paths from the first start, on the plane that shows most of them.
    modes
        The quadratic of least squares on the same features, eigenvalue by eigenvalue; None for classes.
    """

    table: str
    target: str
    loss_name: str
    rows: int
    parameters: int
    network: str
    batch: int
    epochs: int
    tracks: tuple[Track, ...]
    plane: PathPlane
    modes: Modes | None

    @property
    def ranked(self) -> tuple[Track, ...]:
        """Tracks by median loss at the end, the lowest first."""
        return tuple(sorted(self.tracks, key=lambda track: float(np.median(track.last))))

    @property
    def beaten(self) -> tuple[str, ...]:
        """Optimizers that are above the first in more starts than chance explains, by two-sided sign tests at 5 %.

        The tests are corrected for their number (Holm), but not for having picked the first by the same losses.
        """
        first, *others = self.ranked
        tests = []
        for track in others:
            wins, losses = int((first.last < track.last).sum()), int((first.last > track.last).sum())
            chance = binomtest(wins, wins + losses).pvalue if wins + losses else 1.0
            tests.append((float(chance), track.optimizer))
        kept = []
        for place, (chance, name) in enumerate(sorted(tests)):
            if chance * (len(tests) - place) > SIGNIFICANT:
                break
            kept.append(name)
        return tuple(track.optimizer for track in others if track.optimizer in kept)

    @property
    def sentence(self) -> str:
        """Who is lowest at the end, and from whom these starts can tell it apart."""
        first, second, *_ = self.ranked
        wins, seeds = int((first.last < second.last).sum()), len(first.last)
        median = float(np.median(first.last))
        told = f"After {self.epochs} passes {first.optimizer} has the lowest training loss, {median:.4g} in the median "
        told += f"of {seeds} starts; it is below {second.optimizer} ({np.median(second.last):.4g}) in {wins} of them. "
        equal = [t.optimizer for t in self.ranked[1:] if t.optimizer not in self.beaten]
        if not equal:
            return f"{told}Its lead over all others is more than chance."
        return f"{told}These starts cannot tell it from {', '.join(equal)}."


def race_optimizers(
    sample: StudySample,
    *,
    hidden: Sequence[int] = (32,),
    activation: str = "relu",
    rates: Sequence[float] = RATES,
    batch: int = 32,
    epochs: int = 30,
    seeds: int = 8,
    seed: int = 0,
    workers: int | None = 1,
    watch: Told = None,
) -> OptimizerRace:
    """Let optimizers minimise the same loss from the same starts on the same batches.

    Every optimizer first tries all learning rates on starts of its own and keeps the one with the lowest median loss at
    the end; then it runs from the starts that all share. Gradient descent sees all rows at every step; it gets as many
    steps as the others, but at most eight times their passes over the rows.

    Parameters
    ----------
    sample
        The rows.
    hidden, activation
        The network; no hidden layer makes the loss convex.
    rates
        Learning rates to try; a single one is used as it is.
    batch, epochs
        Rows of a mini-batch, passes over the rows.
    seeds
        Starts, at least 2.
    seed
        Names all randomness.
    workers
        Processes that try learning rates; the numbers do not depend on it.
    watch
        Told the stage and how far it has come.

    Returns
    -------
    OptimizerRace
        Losses by step and second, paths, and rates of the quadratic.

    Raises
    ------
    SettingError
        If a setting makes no sense.

    Examples
    --------
    >>> from thalweg.data.problem import pose
    >>> from thalweg.study.sample import sample_of
    >>> race = race_optimizers(sample_of(pose("example:iris")), hidden=(4,), epochs=3, seeds=2, rates=[0.03])
    >>> len(race.tracks), race.tracks[0].losses.shape[0]
    (7, 2)
    """
    for name, value, low in (("batch", batch, 1), ("epochs", epochs, 1), ("seeds", seeds, 2)):
        check_count(name, value, low=low)
    network, table = mlp(tuple(hidden), activation), sample.table()
    design = _Design(network, sample, table, batch, epochs)
    losses = ManyLosses(network, sample.loss, table)
    chosen = _tune(design, losses, tuple(map(float, rates)), seed, workers, watch)
    starts = [derived_seed(seed, "init", 11, k) for k in range(seeds)]
    tracks, paths = [], []
    for racer, (rate, tuned) in zip(RACERS, chosen, strict=True):
        members = [design.member(racer, rate, start) for start in starts]
        found = follow(table, members, _snapshots(members[0].epochs))
        measured = _Measured(losses, members[0].batch_rows, step_seconds(table, members[0]))
        tracks.append(_track(racer, rate, (np.array(rates, dtype=np.float64), tuned), found, measured))
        paths.append(found.vectors[0])
    usable = [np.isfinite(path).all(axis=1) & np.isfinite(t.losses[0]) for path, t in zip(paths, tracks, strict=True)]
    return OptimizerRace(
        sample.name,
        sample.target,
        sample.loss_name,
        sample.rows,
        network.count(table.inputs, sample.outputs),
        network_words(hidden, activation),
        design.batch,
        epochs,
        tuple(tracks),
        path_plane(
            [path[kept] for path, kept in zip(paths, usable, strict=True)],
            [track.losses[0][kept] for track, kept in zip(tracks, usable, strict=True)],
        ),
        _modes(sample),
    )


def network_words(hidden: Sequence[int], activation: str) -> str:
    """Return a network in words.

    Examples
    --------
    >>> network_words((32, 16), "relu"), network_words((), "relu")
    ('hidden layers of 32 and 16 relu units', 'no hidden layer')
    """
    if not hidden:
        return "no hidden layer"
    widths = " and ".join(map(str, hidden))
    return f"hidden layer{'s' if len(hidden) > 1 else ''} of {widths} {activation} units"


@dataclass(frozen=True, slots=True, eq=False)
class _Design:
    network: Network
    sample: StudySample
    table: TrainingTable
    given_batch: int
    epochs: int

    @property
    def batch(self) -> int:
        return min(self.given_batch, self.sample.rows)

    def member(self, racer: Racer, rate: float, start: int) -> Member:
        """Return a member: its start and its batches depend on nothing but ``start``."""
        rows = np.arange(self.sample.rows, dtype=np.int32)
        steps = -(-self.sample.rows // self.batch)
        epochs = self.epochs * min(steps, FULL_BATCH_PASSES) if racer.full else self.epochs
        return Member(
            self.network,
            self.sample.loss,
            rows,
            seed=start,
            optimizer=racer.make(rate),
            batch=None if racer.full else self.batch,
            epochs=epochs,
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Measured:
    losses: ManyLosses
    batch: int
    step_seconds: float


def _tune(
    design: _Design, losses: ManyLosses, rates: Sequence[float], seed: int, workers: int | None, watch: Told
) -> list[tuple[float, FloatArray]]:
    """Return for every optimizer its best rate, and the median loss at the end with each rate."""
    if len(rates) == 1:
        return [(rates[0], np.array([np.nan]))] * len(RACERS)
    starts = [derived_seed(seed, "init", 12, k) for k in range(TUNING_SEEDS)]
    members = [design.member(racer, rate, start) for racer in RACERS for rate in rates for start in starts]
    fits = train(design.table, members, "learning rates", workers, watch)
    ends = np.full(len(members), np.inf)
    usable = [n for n, fit in enumerate(fits) if fit.usable]
    if usable:
        ends[usable] = losses.losses(np.stack([fits[n].parameters for n in usable]))
    ends[~np.isfinite(ends)] = np.inf
    medians = np.median(ends.reshape(len(RACERS), len(rates), TUNING_SEEDS), axis=2)
    return [(rates[int(row.argmin())], row) for row in medians]


def _track(
    racer: Racer, rate: float, tried: tuple[FloatArray, FloatArray], found: Tracks, measured: _Measured
) -> Track:
    seeds, snapshots, size = found.vectors.shape
    losses = measured.losses.losses(found.vectors.reshape(-1, size)).reshape(seeds, snapshots)
    return Track(
        racer.name,
        racer.update,
        measured.batch,
        rate,
        *tried,
        found.steps,
        np.where(np.isfinite(losses), losses, np.inf),
        measured.step_seconds,
    )


def _snapshots(epochs: int) -> list[int]:
    """Return the epochs to look at: the first ones all, later ones ever further apart."""
    spread = np.expm1(np.linspace(0, np.log1p(epochs), MOST_SNAPSHOTS))
    return sorted({0, *map(round, spread.tolist()), epochs})


def _modes(sample: StudySample) -> Modes | None:
    """Return the modes of ½ mean (q − y)², which is quadratic in the coefficients."""
    if sample.task != "regression":
        return None
    design = np.concatenate([np.ones((sample.rows, 1)), sample.x], axis=1)
    return modes_of(design.T @ design / sample.rows)
