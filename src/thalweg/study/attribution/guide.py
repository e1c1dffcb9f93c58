"""Which columns matter, asked of a population on one half of the rows and confirmed on the other.

The steps of Davies et al. (2021, Nature 600, 70-74): is there anything to learn, which inputs does the model use, does
a model of these alone do as well. Here every step has its own chance: a permuted outcome for the first, resampled rows,
other starts and knockoffs for the second, rows that took no part for the third.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

import numpy as np
import torch
from scipy.stats import t as student

from thalweg.base.arrays import FloatArray, IntArray
from thalweg.base.checks import check_count
from thalweg.base.errors import DataError, TrainingError
from thalweg.base.seeds import derived_seed, stream
from thalweg.net.spec import Network, mlp
from thalweg.optim.adam import Adam
from thalweg.study.attribution.findings import Attribution, Confirmation, GuideStudy, Relation
from thalweg.study.attribution.input_gradients import InputGradients, integrated_gradients, saliency
from thalweg.study.attribution.knockoffs import gaussian_knockoffs, q_values
from thalweg.study.attribution.permuted_columns import permutation_importance
from thalweg.study.sample import StudySample, halves
from thalweg.study.watching import Told, train
from thalweg.train.many_losses import ManyLosses
from thalweg.train.population import Member
from thalweg.train.predict import predict_outputs

LEAST_ROWS: Final = 40
VALIDATION: Final = 0.2
PATIENCE: Final = 10
KNOCKOFF_SEEDS: Final = 6
LEARNING_RATE: Final = 3e-3


def guide_study(
    sample: StudySample,
    *,
    hidden: Sequence[int] = (32,),
    activation: str = "relu",
    batch: int = 32,
    epochs: int = 100,
    seeds: int = 4,
    keep: int = 3,
    permutations: int = 39,
    resamples: int = 16,
    level: float = 0.95,
    seed: int = 0,
    workers: int | None = 1,
    watch: Told = None,
) -> GuideStudy:
    """Ask a population which columns matter.

    Half A of the rows trains; a fifth of it tells when to stop. Half B takes no part in training or choosing: the test
    of a relation, shuffled columns and the confirmation are measured there. No half cuts a group.

    Parameters
    ----------
    sample
        The rows, at least 40.
    hidden, activation, batch, epochs
        The networks, trained by Adam at rate 0.003 with patience 10.
    seeds
        Networks per set of rows.
    keep
        Columns that the confirmation retrains on; all of them at most.
    permutations
        Networks that learn a permuted outcome.
    resamples
        Bootstrap samples of the rows of half A.
    level
        Nominal coverage of the intervals.
    seed
        Names all randomness.
    workers, watch
        Processes, and who is told how far it has come.

    Returns
    -------
    GuideStudy
        The relation, the columns, and the confirmation.

    Raises
    ------
    DataError
        If there are too few rows.
    SettingError
        If a setting makes no sense.
    TrainingError
        If every network diverged.

    Examples
    --------
    >>> from thalweg.data.problem import pose
    >>> from thalweg.study.sample import sample_of
    >>> few = {"hidden": (4,), "epochs": 3, "seeds": 2, "permutations": 3, "resamples": 2, "keep": 2}
    >>> study = guide_study(sample_of(pose("example:iris")), **few)
    >>> len(study.attributions), study.relation.permutations
    (4, 3)
    """
    for name, value, low in (("seeds", seeds, 2), ("keep", keep, 1), ("resamples", resamples, 2)):
        check_count(name, value, low=low)
    check_count("permutations", permutations)
    if sample.rows < LEAST_ROWS:
        raise DataError(
            f"The table has {sample.rows} rows that can be used; halves of at least {LEAST_ROWS // 2} are needed.",
            "Give more rows.",
        )
    a, b = halves(sample, seed)
    first, second = sample.some(a), sample.some(b)
    trainer = _Trainer(first, mlp(tuple(hidden), activation), batch, epochs, seed, workers, watch)
    everyone = trainer.population([None] * seeds, "networks")
    relation = _relation(trainer, second, everyone, permutations)
    attributions = _attributions(trainer, second, everyone, resamples, seeds, level, min(keep, len(sample.columns)))
    return GuideStudy(
        sample.name,
        sample.target,
        sample.task,
        first.rows,
        second.rows,
        level,
        seeds,
        resamples,
        relation,
        attributions,
        _confirmations(trainer, second, everyone, attributions, min(keep, len(sample.columns)), level),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Trainer:
    """Trains networks on half A, each on its rows and its columns."""

    sample: StudySample
    network: Network
    batch: int
    epochs: int
    seed: int
    workers: int | None
    watch: Told

    def population(
        self,
        rows: Sequence[IntArray | None],
        stage: str,
        *,
        sample: StudySample | None = None,
        linear: bool = False,
        first: int = 0,
    ) -> FloatArray:
        """Return parameters [P Θ], a network per entry of ``rows``: training rows, or None for those that are there."""
        learned = self.sample if sample is None else sample
        network = mlp(()) if linear else self.network
        training, watched = self._parts()
        members = [
            Member(
                network,
                learned.loss,
                (training if mine is None else mine).astype(np.int32),
                validation=watched.astype(np.int32),
                seed=derived_seed(self.seed, "init", 22, first + place),
                optimizer=Adam(LEARNING_RATE),
                batch=self.batch,
                epochs=self.epochs,
                patience=PATIENCE,
            )
            for place, mine in enumerate(rows)
        ]
        fits = train(learned.table(), members, stage, self.workers, self.watch)
        usable = [fit.parameters.astype(np.float64) for fit in fits if fit.usable]
        if not usable:
            raise TrainingError(f"Every network diverged: {fits[0].reason}.", "Rescale columns of extreme values.")
        return np.stack(usable)

    def resampled(self, number: int) -> IntArray:
        """Return a bootstrap sample of the training rows, of whole groups where there are any."""
        training, _ = self._parts()
        draw = stream(derived_seed(self.seed, "bootstrap", 23, number), "bootstrap")
        if self.sample.groups is None:
            return training[draw.integers(len(training), len(training))]
        codes = self.sample.groups[training]
        units = np.unique(codes)
        chosen = units[draw.integers(len(units), len(units))]
        return np.concatenate([training[codes == unit] for unit in chosen])

    def _parts(self) -> tuple[IntArray, IntArray]:
        """Return rows to learn from, and rows that tell when to stop; no group is in both."""
        codes = np.arange(self.sample.rows) if self.sample.groups is None else self.sample.groups
        units = np.unique(codes)
        order = units[stream(derived_seed(self.seed, "split", 24), "split").permutation(len(units))]
        watched = np.isin(codes, order[: max(1, round(VALIDATION * len(units)))])
        if watched.all():
            return np.arange(self.sample.rows), np.arange(self.sample.rows)
        return np.flatnonzero(~watched), np.flatnonzero(watched)


def _relation(trainer: _Trainer, second: StudySample, everyone: FloatArray, permutations: int) -> Relation:
    """Test on half B whether there is anything to learn: one network, beside networks that learned nonsense."""
    losses = ManyLosses(trainer.network, second.loss, second.table())
    observed = losses.losses(everyone)
    linear = trainer.population([None], "a linear model", linear=True)
    beside = float(ManyLosses(mlp(()), second.loss, second.table()).losses(linear)[0])
    constant = _constant_loss(trainer.sample, second)
    if trainer.sample.groups is not None:  # rows of one group are not exchangeable
        return Relation(observed, np.array([]), constant, beside)
    null = []
    for number in range(permutations):
        order = stream(derived_seed(trainer.seed, "split", 25, number), "split").permutation(trainer.sample.rows)
        shuffled = replace(trainer.sample, y=trainer.sample.y[order])
        null.append(trainer.population([None], "permuted outcomes", sample=shuffled, first=1000 + number))
    return Relation(observed, losses.losses(np.concatenate(null)), constant, beside)


def _constant_loss(first: StudySample, second: StudySample) -> float:
    """Return the loss on half B of what predicts best without any column."""
    mean = first.y.mean(axis=0)
    if first.task == "regression":
        return float(((second.y - mean) ** 2).mean())
    chance = np.clip(mean, 1e-12, 1 - 1e-12)
    found = second.y * np.log(chance)
    if first.task == "binary":
        found = found + (1 - second.y) * np.log(1 - chance)
    return float(-found.sum(axis=1).mean())


def _attributions(
    trainer: _Trainer,
    second: StudySample,
    everyone: FloatArray,
    resamples: int,
    seeds: int,
    level: float,
    keep: int,
) -> tuple[Attribution, ...]:
    sample = trainer.sample
    again = [trainer.resampled(number) for number in range(resamples) for _ in range(seeds)]
    several = trainer.population(again, "resampled rows", first=5000)
    by_row = several.reshape(resamples, -1, several.shape[1]) if len(several) == len(again) else several[:, None]
    importances: dict[str, Callable[[FloatArray], FloatArray]] = {
        "saliency": partial(_saliency, trainer.network, sample),
        "integrated gradients": partial(_integrated, trainer.network, sample),
        "permutation": partial(_permutation, trainer, second),
    }
    q = _knockoff_q(trainer, second)
    redundancy = _redundancy(sample)
    found = []
    values = {}
    for name, importance in importances.items():
        here = importance(everyone)
        there = importance(by_row.reshape(-1, by_row.shape[2])).reshape(*by_row.shape[:2], -1)
        values[name] = (here, there)
    ranks = values["saliency"][1].reshape(-1, len(sample.columns))
    places = np.argsort(np.argsort(-ranks, axis=1), axis=1)
    for column, name in enumerate(sample.columns):
        said = {}
        for method, (here, there) in values.items():
            centre = float(here[:, column].mean())
            by_rows, starts = there[:, :, column].mean(axis=1), float(here[:, column].std(ddof=1))
            error = float(by_rows.std(ddof=1))
            moved = float(by_rows.mean()) - centre  # fewer different rows move an importance: so may the rows there are
            wide = float(student.ppf((1 + level) / 2, len(there) - 1))
            wide *= float(np.sqrt(error**2 + moved**2 + starts**2 / len(here)))
            said[method] = (centre, centre - wide, centre + wide, starts, error)
        stable = float((places[:, column] < keep).mean())
        chance = None if q is None else float(q[column])
        found.append(Attribution(name, said, stable, chance, float(redundancy[column])))
    return tuple(sorted(found, key=lambda one: -one.values["saliency"][0]))


def _explained(sample: StudySample) -> IntArray:
    """Return which output is explained for each row: that of its class."""
    return sample.y.argmax(axis=1) if sample.y.shape[1] > 1 else np.zeros(sample.rows, dtype=np.int64)


def _saliency(network: Network, sample: StudySample, vectors: FloatArray) -> FloatArray:
    """Return saliency by column of the table [P K]; a category's is the sum of its levels'."""
    gradients = InputGradients(network, sample.outputs, list(vectors), sample.x.shape[1])
    return by_column(saliency(gradients.at(sample.x, _explained(sample)), sample.x.std(axis=0)), sample)


def _integrated(network: Network, sample: StudySample, vectors: FloatArray) -> FloatArray:
    gradients = InputGradients(network, sample.outputs, list(vectors), sample.x.shape[1])
    found = integrated_gradients(gradients, sample.x, _explained(sample))
    signed = np.stack([by_column(member, sample) for member in found])
    return np.asarray(np.abs(signed).mean(axis=1))


def _permutation(trainer: _Trainer, second: StudySample, vectors: FloatArray) -> FloatArray:
    losses = ManyLosses(trainer.network, second.loss, second.table())
    assert second.belongs is not None
    return permutation_importance(losses, vectors, second.x, second.belongs, repeats=3, seed=trainer.seed)


def by_column(values: FloatArray, sample: StudySample) -> FloatArray:
    """Return the sum over the encoded columns of each column of the table [… K].

    Examples
    --------
    >>> from thalweg.data.problem import pose
    >>> from thalweg.study.sample import sample_of
    >>> sample = sample_of(pose({"y": [1.0, 2, 3, 5], "ward": list("aabb"), "x": [1, 2, 3, 4.5]}, target="y"))
    >>> by_column(np.array([1.0, 2.0, 5.0]), sample).tolist()
    [3.0, 5.0]
    """
    assert sample.belongs is not None
    found = np.zeros((*values.shape[:-1], len(sample.columns)))
    for encoded, column in enumerate(sample.belongs):
        found[..., column] += values[..., encoded]
    return found


def _knockoff_q(trainer: _Trainer, second: StudySample) -> FloatArray | None:
    """Return q-values by column; None where a column is no number of several values, which no Gaussian copies."""
    sample = trainer.sample
    numeric = len(sample.columns) == sample.x.shape[1]
    if not numeric or any(len(np.unique(column)) <= 2 for column in sample.x.T) or sample.groups is not None:
        return None
    copies = gaussian_knockoffs(np.concatenate([sample.x, second.x]), trainer.seed)[: sample.rows]
    doubled = replace(sample, x=np.hstack([sample.x, copies]), belongs=None)
    vectors = trainer.population([None] * KNOCKOFF_SEEDS, "knockoffs", sample=doubled, first=9000)
    gradients = InputGradients(trainer.network, sample.outputs, list(vectors), doubled.x.shape[1])
    found = saliency(gradients.at(doubled.x, _explained(sample)), doubled.x.std(axis=0)).mean(axis=0)
    count = len(sample.columns)
    return q_values(found[:count] - found[count:])


def _redundancy(sample: StudySample) -> FloatArray:
    """Return how well the other columns explain each column linearly, R² [K]."""
    assert sample.belongs is not None
    found = np.zeros(len(sample.columns))
    for column in range(len(sample.columns)):
        mine = sample.x[:, sample.belongs == column]
        rest = np.concatenate([np.ones((sample.rows, 1)), sample.x[:, sample.belongs != column]], axis=1)
        away = mine - rest @ np.linalg.lstsq(rest, mine, rcond=None)[0]
        total = ((mine - mine.mean(axis=0)) ** 2).sum()
        found[column] = 1 - (away**2).sum() / total if total > 0 else 0.0
    return found


def _confirmations(
    trainer: _Trainer,
    second: StudySample,
    everyone: FloatArray,
    attributions: Sequence[Attribution],
    keep: int,
    level: float,
) -> tuple[Confirmation, ...]:
    """Retrain on half A with some columns alone, and measure on half B."""
    sample = trainer.sample
    top = [one.column for one in attributions[:keep]]
    rest = [name for name in sample.columns if name not in top]
    found = [Confirmation("all columns", sample.columns, *_loss_of(trainer, second, everyone, level))]
    for label, names in ((f"the first {keep}", tuple(top)), ("the others", tuple(rest))):
        if not names:
            continue
        places = np.flatnonzero(np.isin(np.array(sample.columns)[_belongs(sample)], names))
        small, held = (replace(s, x=s.x[:, places], belongs=None) for s in (sample, second))
        vectors = trainer.population([None] * len(everyone), f"{label} alone", sample=small, first=12_000)
        found.append(Confirmation(label, names, *_loss_of(trainer, held, vectors, level)))
    return tuple(found)


def _belongs(sample: StudySample) -> IntArray:
    assert sample.belongs is not None
    return sample.belongs


def _loss_of(trainer: _Trainer, held: StudySample, vectors: FloatArray, level: float) -> tuple[float, float, float]:
    """Return the mean loss over networks on half B with an interval for new rows, or new groups."""
    q = predict_outputs(trainer.network, held.loss, list(vectors), held.x, classes=held.y.shape[1])
    rows = held.loss.rows(torch.from_numpy(q.transpose(0, 2, 1).copy()), torch.from_numpy(held.y.T[None].copy()))
    values = rows.numpy().mean(axis=0)
    if held.groups is not None:
        codes = np.unique(held.groups, return_inverse=True)[1]
        totals = np.bincount(codes, values - values.mean())
        error, count = float(np.sqrt((totals**2).sum())) / len(values), len(totals)
    else:
        error, count = float(values.std(ddof=1) / np.sqrt(len(values))), len(values)
    wide = float(student.ppf((1 + level) / 2, max(count - 1, 1))) * error
    mean = float(values.mean())
    return mean, mean - wide, mean + wide
