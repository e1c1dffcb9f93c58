"""How loss on other rows splits into bias and variance as networks grow, and what regularisation does to it."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from scipy.special import expit, softmax

from thalweg.base.arrays import FloatArray, IntArray
from thalweg.base.checks import check_count
from thalweg.base.errors import DataError, TrainingError
from thalweg.base.seeds import derived_seed, stream
from thalweg.loss.penalty import Penalty
from thalweg.net.spec import Network, mlp
from thalweg.optim.adam import Adam
from thalweg.study.capacity.decompose import (
    Decomposition,
    cross_entropy_decomposition,
    ridgeless_risk,
    squared_decomposition,
)
from thalweg.study.sample import StudySample, halves
from thalweg.study.watching import Told, train
from thalweg.train.many_losses import ManyLosses
from thalweg.train.population import Member
from thalweg.train.predict import predict_outputs

WIDTHS: Final = (1, 2, 4, 8, 16, 32, 64, 128)
SETS: Final = 4
LEAST_ROWS: Final = 40
LEARNING_RATE: Final = 1e-2
RIDGE, DROPOUT, PATIENCE = 0.01, 0.3, 10


@dataclass(frozen=True, slots=True, eq=False)
class CapacityPoint:
    """Networks of one kind.

    Parameters
    ----------
    label
        What they are called.
    width, parameters
        Hidden units, and all parameters.
    parts
        Of the loss on other rows.
    trained
        Mean loss on the rows each learned from.
    """

    label: str
    width: int
    parameters: int
    parts: Decomposition
    trained: float


@dataclass(frozen=True, slots=True, eq=False)
class CapacityStudy:
    """Bias and variance by the size of a network.

    Parameters
    ----------
    table, target, loss_name
        On what, and which loss.
    rows, held, sets, seeds
        Rows of one set, rows that are held out, sets of rows, and networks on each.
    epochs
        Passes over a set.
    widths
        Networks by width, without regularisation.
    regular
        The widest again, and with ridge, dropout and early stopping.
    ridgeless_columns, ridgeless_theory
        Double descent of least squares by formula: columns [P] and error [P] with 60 rows.
    """

    table: str
    target: str
    loss_name: str
    rows: int
    held: int
    sets: int
    seeds: int
    epochs: int
    widths: tuple[CapacityPoint, ...]
    regular: tuple[CapacityPoint, ...]
    ridgeless_columns: FloatArray
    ridgeless_theory: FloatArray

    @property
    def best(self) -> CapacityPoint:
        """The width of the lowest loss on other rows."""
        return min(self.widths, key=lambda point: point.parts.risk)

    @property
    def sentence(self) -> str:
        """Where the loss on other rows is lowest, and what the widest network's is made of."""
        best, last = self.best, self.widths[-1]
        seed = "" if np.isnan(last.parts.seed) else f", {last.parts.seed:.2g} of it from the start alone"
        kind = min(self.regular, key=lambda point: point.parts.risk)
        return (
            f"On other rows networks of {best.width} units lose least, {best.parts.risk:.3g}. With {last.width} units "
            f"it is {last.parts.risk:.3g}: bias {last.parts.bias:.2g}, variance {last.parts.variance:.2g}{seed}. There "
            f"the lowest is {kind.parts.risk:.3g}, {kind.label}."
        )


def capacity_study(
    sample: StudySample,
    *,
    activation: str = "relu",
    batch: int = 32,
    epochs: int = 100,
    seeds: int = 3,
    seed: int = 0,
    workers: int | None = 1,
    watch: Told = None,
) -> CapacityStudy:
    """Train networks of growing width on disjoint sets of rows, and split their loss on other rows.

    Half of the rows is cut into four sets that share no row; every set trains ``seeds`` networks of each width. The
    other half measures. No half and no set cuts a group.

    Parameters
    ----------
    sample
        The rows, at least 40.
    activation, batch, epochs
        Of networks with one hidden layer, trained by Adam at rate 0.01.
    seeds
        Networks per set, at least 2.
    seed
        Names all randomness.
    workers, watch
        Processes, and who is told.

    Returns
    -------
    CapacityStudy
        Parts of the loss by width, and by regularisation.

    Raises
    ------
    DataError
        If there are too few rows or groups.
    TrainingError
        If a network diverged.
    SettingError
        If a setting makes no sense.

    Examples
    --------
    >>> from thalweg.data.problem import pose
    >>> from thalweg.study.sample import sample_of
    >>> study = capacity_study(sample_of(pose("example:diabetes")), epochs=1, seeds=2)
    >>> [point.width for point in study.widths][:3], [point.label for point in study.regular][1:]
    ([1, 2, 4], ['with ridge', 'with dropout', 'with early stopping'])
    """
    for name, value, low in (("batch", batch, 1), ("epochs", epochs, 1), ("seeds", seeds, 2)):
        check_count(name, value, low=low)
    if sample.rows < LEAST_ROWS:
        raise DataError(f"The table has {sample.rows} usable rows; {LEAST_ROWS} are needed.", "Give more rows.")
    first, second = halves(sample, seed)
    sets = _sets(sample, first, seed)
    trainer = _Trainer(sample, sets, second, seeds, {"batch": batch, "epochs": epochs}, seed, workers, watch)
    widths = [trainer.point(f"{width} units", width, mlp((width,), activation)) for width in WIDTHS]
    widest = WIDTHS[-1]
    plain = mlp((widest,), activation)
    regular = [
        widths[-1],
        trainer.point("with ridge", widest, plain, penalty=Penalty(ridge=RIDGE)),
        trainer.point("with dropout", widest, mlp((widest,), activation, dropout=DROPOUT)),
        trainer.point("with early stopping", widest, plain, stopped=True),
    ]
    columns = np.array([p for p in np.unique(np.geomspace(5, 600, 80).round()) if abs(p - 60) > 1.5])
    return CapacityStudy(
        sample.name,
        sample.target,
        sample.loss_name,
        len(sets[0]),
        len(second),
        SETS,
        seeds,
        epochs,
        tuple(widths),
        tuple(regular),
        columns,
        ridgeless_risk(60, columns, 1.0, 0.5),
    )


def _sets(sample: StudySample, rows: IntArray, seed: int) -> list[IntArray]:
    """Cut rows into sets that share no row and no group."""
    codes = rows if sample.groups is None else sample.groups[rows]
    units = np.unique(codes)
    if len(units) < 2 * SETS:
        raise DataError(f"{len(units)} groups are too few for {SETS} sets.", "Choose smaller groups.")
    order = units[stream(derived_seed(seed, "split", 41), "split").permutation(len(units))]
    return [rows[np.isin(codes, part)] for part in np.array_split(order, SETS)]


@dataclass(frozen=True, slots=True, eq=False)
class _Trainer:
    sample: StudySample
    sets: list[IntArray]
    held: IntArray
    seeds: int
    settings: dict[str, Any]
    seed: int
    workers: int | None
    watch: Told

    def point(
        self, label: str, width: int, network: Network, *, penalty: Penalty | None = None, stopped: bool = False
    ) -> CapacityPoint:
        """Train networks of one kind on every set, and split their loss."""
        members = [
            self._member(network, rows, (place, k), penalty or Penalty(), stopped=stopped)
            for place, rows in enumerate(self.sets)
            for k in range(self.seeds)
        ]
        table = self.sample.table()
        fits = train(table, members, label, self.workers, self.watch)
        for fit in fits:
            if not fit.usable:
                raise TrainingError(f"A network {label} {fit.reason}.", "Rescale columns of extreme values.")
        vectors = [fit.parameters for fit in fits]
        trained = [
            ManyLosses(network, self.sample.loss, self.sample.some(rows).table()).losses(
                np.stack(vectors[place * self.seeds : (place + 1) * self.seeds])
            )
            for place, rows in enumerate(self.sets)
        ]
        held = self.sample.some(self.held)
        outputs = predict_outputs(network, held.loss, vectors, held.x, classes=held.y.shape[1])
        count = network.count(held.x.shape[1], held.outputs)
        return CapacityPoint(label, width, count, self._split(outputs, held), float(np.mean(trained)))

    def _member(
        self, network: Network, rows: IntArray, place: tuple[int, int], penalty: Penalty, *, stopped: bool
    ) -> Member:
        watched = rows[::5] if stopped else None
        learned = np.setdiff1d(rows, watched) if watched is not None else rows
        return Member(
            network,
            self.sample.loss,
            learned.astype(np.int32),
            validation=None if watched is None else watched.astype(np.int32),
            patience=PATIENCE if stopped else None,
            seed=derived_seed(self.seed, "init", 42, *place),
            optimizer=Adam(LEARNING_RATE),
            penalty=penalty,
            **self.settings,
        )

    def _split(self, outputs: FloatArray, held: StudySample) -> Decomposition:
        if held.task == "regression":
            several = outputs[:, :, 0].reshape(len(self.sets), self.seeds, -1)
            return squared_decomposition(several, held.y[:, 0])
        if held.task == "binary":
            one = expit(outputs[:, :, 0])
            return cross_entropy_decomposition(np.stack([1 - one, one], axis=2), held.y[:, 0].astype(np.int64))
        return cross_entropy_decomposition(softmax(outputs, axis=2), held.y.argmax(axis=1))
