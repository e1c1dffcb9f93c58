"""Many networks on many samples, trained as one population; importing this file loads torch."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from thalweg.base.arrays import FloatArray, IntArray
from thalweg.base.seeds import stream
from thalweg.estimators.ensemble.network_group import TrainedNetwork
from thalweg.estimators.ensemble.parallel import inside_a_worker
from thalweg.estimators.ensemble.recipe import Recipe
from thalweg.estimators.ensemble.scaling import Scaling
from thalweg.train.fit import Progress, fit_population
from thalweg.train.halving import Rungs
from thalweg.train.population import Member, TrainingTable, training_table
from thalweg.train.result import MemberFit
from thalweg.train.slots import predicted_seconds
from thalweg.train.store import MemberStore

SMALL = 0.25  # seconds of training under which starting worker processes does not pay


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """Rows that some members learn from, with the scale learned on them.

    Parameters
    ----------
    x, y
        Rows [N D] and outcomes as the loss wants them [N C], unscaled.
    weights
        Relative weights [N]; None for 1.
    rows
        Places among them that are learned from, repeats allowed.
    scaling
        Learned on those rows.
    validation
        Places of the user's own validation rows; None for none.
    """

    x: FloatArray
    y: FloatArray
    weights: FloatArray | None
    rows: IntArray
    scaling: Scaling
    validation: IntArray | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Lesson:
    """One network to train.

    Parameters
    ----------
    sample, recipe, seed
        On which rows, how, and the name of its random stream.
    share
        Share of the rows that early stopping watches, drawn by the seed; 0 for none, or when the sample has
        validation rows of its own.
    """

    sample: Sample
    recipe: Recipe
    seed: int
    share: float = 0.0


def train_lessons(
    lessons: Sequence[Lesson],
    *,
    workers: int | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    store: MemberStore | None = None,
    rungs: Rungs | None = None,
) -> list[MemberFit]:
    """Train all lessons as one population.

    Parameters
    ----------
    lessons
        What to train; lessons on one sample share its rows.
    workers
        Processes; None for one per core, or this process alone when the work is small or when this is itself a worker
        of a parallel run. It never changes a number.
    on_progress
        Called a few times a second.
    store
        Where trained members are kept: those already there are not trained again. None for nowhere.
    rungs
        Where the networks are judged and some of them dropped; None trains all to their end.

    Returns
    -------
    list of MemberFit
        In order; with rungs passed before, without those that were dropped there and not stored.

    Raises
    ------
    DataError, SettingError
        If the lessons make no sense.
    KeyboardInterrupt
        If training was interrupted.

    Examples
    --------
    See :class:`thalweg.estimators.regressor.NetRegressor`.
    """
    table, members = lesson_population(lessons)
    if workers is None and (inside_a_worker() or predicted_seconds(members, table, 1) < SMALL):
        workers = 1
    fit = fit_population(
        table,
        members,
        workers=workers,
        done=[] if store is None else store.read(),
        on_member=None if store is None else store.add,
        on_progress=on_progress,
        rungs=rungs,
    )
    if store is not None:
        store.flush()
    if fit.interrupted:
        raise KeyboardInterrupt
    return list(fit.members)


def trained_network(lesson: Lesson, fit: MemberFit) -> TrainedNetwork:
    """Return what became of a lesson."""
    sample, recipe = lesson.sample, lesson.recipe
    return TrainedNetwork(recipe.network, recipe.loss, sample.y.shape[1], sample.scaling, fit)


def lesson_population(lessons: Sequence[Lesson]) -> tuple[TrainingTable, list[Member]]:
    """Return the table and the members of some lessons."""
    table, first = _table(lessons)
    return table, [_member(lesson, first[id(lesson.sample)]) for lesson in lessons]


def _table(lessons: Sequence[Lesson]) -> tuple[TrainingTable, dict[int, int]]:
    """Lay the scaled rows of all samples one after the other; return where each starts."""
    samples = {id(lesson.sample): lesson.sample for lesson in lessons}
    sizes = [len(sample.x) for sample in samples.values()]
    starts = dict(zip(samples, np.cumsum([0, *sizes[:-1]]).tolist(), strict=True))
    x = np.concatenate([s.scaling.features(s.x) for s in samples.values()])
    y = np.concatenate([s.scaling.outcomes(s.y) for s in samples.values()])
    return training_table(x, y), starts


def _member(lesson: Lesson, first: int) -> Member:
    sample, recipe = lesson.sample, lesson.recipe
    train, held = _split(lesson)
    weights = sample.weights
    return Member(
        network=recipe.network,
        loss=recipe.loss,
        rows=(first + train).astype(np.int32),
        weights=None if weights is None else weights[train],
        validation=None if held is None else (first + held).astype(np.int32),
        validation_weights=None if held is None or weights is None else weights[held],
        seed=lesson.seed,
        optimizer=recipe.optimizer,
        schedule=recipe.schedule,
        penalty=recipe.penalty,
        batch=recipe.batch,
        epochs=recipe.epochs,
        patience=None if held is None else recipe.patience,
    )


def _split(lesson: Lesson) -> tuple[IntArray, IntArray | None]:
    """Set rows aside for early stopping; copies of a row in a bootstrap sample stay on one side."""
    sample = lesson.sample
    if sample.validation is not None or not lesson.share:
        return sample.rows, sample.validation
    distinct = np.unique(sample.rows)
    if len(distinct) < 2:
        return sample.rows, None
    count = min(len(distinct) - 1, max(1, round(lesson.share * len(distinct))))
    held = np.sort(distinct[stream(lesson.seed, "split").permutation(len(distinct))[:count]])
    inside = np.isin(sample.rows, held)
    return sample.rows[~inside], sample.rows[inside]
