"""Trials: every candidate in every fold with every seed, trained as one population; importing this file loads torch."""

import copy
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.exceptions import FitFailedWarning

from thalweg.base.arrays import FloatArray, IntArray
from thalweg.base.errors import TrainingError, rows_at
from thalweg.estimators.ensemble.frame_encoding import FrameEncoder
from thalweg.estimators.ensemble.inputs import Classes, base_seed
from thalweg.estimators.ensemble.networks import Plan, plan_networks, train_lessons
from thalweg.estimators.search.candidates import Candidate
from thalweg.estimators.setting_checks import check_settings
from thalweg.select.learning.lessons import Lesson, Sample
from thalweg.select.learning.observations import Observations
from thalweg.train.result import MemberFit
from thalweg.train.store import MemberStore

Scorer = Callable[..., float]


@dataclass(frozen=True, slots=True, eq=False)
class SearchFold:
    """One fold of a search.

    Parameters
    ----------
    reader
        A copy of the estimator that has read the training rows.
    rows, task
        What it read.
    x, y, metadata
        Held-out rows, outcomes and what the scorer gets besides, as the user gave them.
    positions
        Of the training rows in the table the user gave.
    """

    reader: Any
    rows: Observations
    task: str
    x: Any
    y: Any
    metadata: Mapping[str, Any]
    positions: IntArray


@dataclass(frozen=True, slots=True, eq=False)
class TrialScores:
    """Scores and times per candidate and fold [K F]."""

    scores: FloatArray
    fit_seconds: FloatArray
    score_seconds: FloatArray


def read_fold(
    estimator: Any,
    train: tuple[Any, Any, Mapping[str, Any]],
    test: tuple[Any, Any, Mapping[str, Any]],
    positions: IntArray,
    encoder: FrameEncoder | None = None,
    classes: Classes | None = None,
) -> SearchFold:
    """Let a copy of the estimator read the training rows of a fold: features, outcomes, and what goes with them.

    All folds of a population have the same columns, and the same classes: those of the whole table.
    """
    reader = clone(estimator)
    reader._given_encoder = encoder  # noqa: SLF001 - a search is the estimators' own tool
    with rows_at(positions):
        known = {} if classes is None else {"known": classes}
        x, y, beside = train
        rows, task = reader._read(x, y, **{"sample_weight": None, **beside}, **known)  # noqa: SLF001 - a search is the estimators' own tool
    return SearchFold(reader, rows, task, *test, positions)


@dataclass(frozen=True, slots=True, eq=False)
class Trials:
    """Every candidate in every fold, before it is trained.

    Parameters
    ----------
    splits, candidates, scorer
        The folds, settings of the estimator, and a scorer of scikit-learn.
    plans
        Networks of each trial, fold by fold within candidates.
    lessons
        Networks of all trials, in order.
    """

    splits: Sequence[SearchFold]
    candidates: Sequence[Candidate]
    scorer: Scorer
    plans: Sequence[Plan]
    lessons: Sequence[Lesson]

    def places(self, candidate: int) -> range:
        """Return the numbers of a candidate's networks."""
        first = sum(len(plan.lessons) for plan in self.plans[: candidate * len(self.splits)])
        return range(first, first + sum(len(plan.lessons) for plan in self._of(candidate)))

    def score(self, candidate: int, fits: Mapping[int, MemberFit]) -> tuple[list[float], list[float]]:
        """Return a candidate's scores and the seconds they took, fold by fold; NaN where every network diverged."""
        scores, seconds, numbers = [], [], iter(self.places(candidate))
        for split, plan in zip(self.splits, self._of(candidate), strict=True):
            began = time.perf_counter()
            mine = [fits[next(numbers)] for _ in plan.lessons]
            scores.append(_score(split, self.candidates[candidate], plan, mine, self.scorer))
            seconds.append(time.perf_counter() - began)
        return scores, seconds

    def shares(self, fits: Mapping[int, MemberFit]) -> FloatArray:
        """Return each trial's share of the work, by epochs and rows [K F]; a network that is not there did none."""
        pairs = enumerate(self.lessons)
        work = iter([fits[n].epochs * len(lesson.sample.rows) if n in fits else 0 for n, lesson in pairs])
        mine = np.array([float(sum(next(work) for _ in plan.lessons)) for plan in self.plans])
        shares: FloatArray = (mine / max(1.0, mine.sum())).reshape(len(self.candidates), len(self.splits))
        return shares

    def _of(self, candidate: int) -> Sequence[Plan]:
        return self.plans[candidate * len(self.splits) : (candidate + 1) * len(self.splits)]


def lay_out(
    splits: Sequence[SearchFold],
    candidates: Sequence[Candidate],
    scorer: Scorer,
    *,
    epochs: int | None = None,
    beside: Sequence[SearchFold] = (),
) -> Trials:
    """Return the networks of all trials.

    Parameters
    ----------
    splits, candidates, scorer
        As for :class:`Trials`.
    epochs
        Epochs for all candidates; None for their own.
    beside
        All folds of the population, of other searches too; () if there is no other.

    Examples
    --------
    >>> from sklearn.metrics import check_scoring
    >>> from thalweg.estimators import NetRegressor
    >>> x, net = np.linspace(-1.0, 1.0, 40)[:, None], NetRegressor(hidden=(4,), seeds=2, epochs=2)
    >>> half = np.arange(20)
    >>> fold = read_fold(net, (x[half], x[half, 0], {}), (x[20:], x[20:, 0], {}), half)
    >>> trials = lay_out([fold], [{"ridge": 0.0}, {"ridge": 0.1}], check_scoring(net))
    >>> len(trials.lessons), trials.places(1)
    (4, range(2, 4))
    """
    samples: list[dict[object, Sample]] = [{} for _ in splits]
    together = [split.rows for split in beside or splits]
    plans = [
        _plan(split, candidate, epochs, known, together)
        for candidate in candidates
        for split, known in zip(splits, samples, strict=True)
    ]
    return Trials(splits, candidates, scorer, plans, [lesson for plan in plans for lesson in plan.lessons])


def run_trials(
    trials: Trials, *, workers: int | None = None, executor: Any = None, store: MemberStore | None = None
) -> TrialScores:
    """Train all trials as one population and score them on the held-out rows.

    Parameters
    ----------
    trials
        From :func:`lay_out`.
    workers, executor
        As for :func:`~thalweg.estimators.ensemble.networks.train_lessons`.
    store
        Where trained members are kept, to go on after an interruption; None for nowhere.

    Returns
    -------
    TrialScores
        NaN where every network diverged. A fit's seconds are its share of the population's, by steps.

    Examples
    --------
    >>> from sklearn.metrics import check_scoring
    >>> from thalweg.estimators import NetRegressor
    >>> x, net = np.linspace(-1.0, 1.0, 40)[:, None], NetRegressor(hidden=(4,), seeds=2, epochs=2)
    >>> half = np.arange(20)
    >>> fold = read_fold(net, (x[half], x[half, 0], {}), (x[20:], x[20:, 0], {}), half)
    >>> trials = lay_out([fold], [{"ridge": 0.0}, {"ridge": 0.1}], check_scoring(net))
    >>> run_trials(trials, workers=1).scores.shape
    (2, 1)
    """
    started = time.perf_counter()
    fits = dict(enumerate(train_lessons(trials.lessons, workers=workers, executor=executor, store=store)))
    seconds = time.perf_counter() - started
    scored = [trials.score(candidate, fits) for candidate in range(len(trials.candidates))]
    scores, score_seconds = (np.array(column) for column in zip(*scored, strict=True))
    return TrialScores(scores, trials.shares(fits) * seconds, score_seconds)


def _plan(
    split: SearchFold,
    candidate: Candidate,
    epochs: int | None,
    samples: dict[object, Sample],
    together: Sequence[Observations],
) -> Plan:
    """Return the networks of one trial; folds are trained only where they calibrate, samples not at all."""
    settings = check_settings(split.reader.get_params(deep=False) | dict(candidate)) | {"bootstrap": None}
    if not settings.get("calibrate"):
        settings["folds"] = None
    if epochs is not None:
        settings["epochs"] = epochs
    return plan_networks(
        split.rows,
        split.task,
        settings,
        seed=base_seed(settings["random_state"]),
        samples=samples,
        positions=split.positions,
        beside=together,
    )


def _score(split: SearchFold, candidate: Candidate, plan: Plan, fits: Sequence[MemberFit], scorer: Scorer) -> float:
    model = copy.copy(split.reader).set_params(**candidate)
    try:
        model._learned(plan.collect(fits))  # noqa: SLF001 - a search is the estimators' own tool
    except TrainingError as error:
        warnings.warn(f"No score for {dict(candidate)}: {error}", FitFailedWarning, stacklevel=4)
        return float("nan")
    return float(scorer(model, split.x, split.y, **split.metadata))
