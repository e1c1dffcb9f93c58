"""Trials: every candidate in every fold with every seed, trained as one population; importing this file loads torch."""

import copy
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.exceptions import FitFailedWarning

from thalweg.base.errors import TrainingError
from thalweg.estimators.candidates import Candidate
from thalweg.estimators.inputs import base_seed
from thalweg.estimators.network_group import TrainedNetwork
from thalweg.estimators.networks import Plan, plan_networks
from thalweg.estimators.rows import Rows
from thalweg.estimators.training import Sample, train_lessons
from thalweg.train.store import MemberStore

FloatArray = NDArray[np.float64]
Scorer = Callable[..., float]


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """One fold of a search.

    Parameters
    ----------
    reader
        A copy of the estimator that has read the training rows.
    rows, task
        What it read.
    x, y, weights
        Held-out rows, outcomes and weights, as the user gave them.
    """

    reader: Any
    rows: Rows
    task: str
    x: Any
    y: Any
    weights: Any


@dataclass(frozen=True, slots=True, eq=False)
class TrialScores:
    """Scores and times per candidate and fold [K F]."""

    scores: FloatArray
    fit_seconds: FloatArray
    score_seconds: FloatArray


def read_split(estimator: Any, train: tuple[Any, Any, Any], test: tuple[Any, Any, Any]) -> Split:
    """Let a copy of the estimator read the training rows (features, outcomes, weights) of a fold."""
    reader = clone(estimator)
    rows, task = reader._read(*train)  # noqa: SLF001 - a search is the estimators' own tool
    return Split(reader, rows, task, *test)


def run_trials(
    splits: Sequence[Split],
    candidates: Sequence[Candidate],
    scorer: Scorer,
    *,
    workers: int | None = None,
    epochs: int | None = None,
    store: MemberStore | None = None,
) -> TrialScores:
    """Train every candidate on every fold as one population and score it on the held-out rows.

    Parameters
    ----------
    splits
        The folds.
    candidates
        Settings of the estimator.
    scorer
        Of scikit-learn.
    workers
        Processes.
    epochs
        Epochs for all candidates; None for their own.
    store
        Where trained members are kept, to go on after an interruption; None for nowhere.

    Returns
    -------
    TrialScores
        NaN where every network diverged. A fit's seconds are its share of the population's, by steps.

    Examples
    --------
    See :class:`thalweg.estimators.search.NetSearch`.
    """
    trials = [(c, s) for c in range(len(candidates)) for s in range(len(splits))]
    samples: list[dict[object, Sample]] = [{} for _ in splits]
    plans = [_plan(splits[s], candidates[c], epochs, samples[s]) for c, s in trials]
    lessons = [lesson for plan in plans for lesson in plan.lessons]
    started = time.perf_counter()
    trained = train_lessons(lessons, workers=workers, store=store)
    seconds = time.perf_counter() - started
    work = [n.fit.epochs * len(lesson.sample.rows) for n, lesson in zip(trained, lessons, strict=True)]
    shape = (len(candidates), len(splits))
    found = TrialScores(np.full(shape, np.nan), np.zeros(shape), np.zeros(shape))
    last = 0
    for (c, s), plan in zip(trials, plans, strict=True):
        first, last = last, last + len(plan.lessons)
        began = time.perf_counter()
        found.scores[c, s] = _score(splits[s], candidates[c], plan, trained[first:last], scorer)
        found.score_seconds[c, s] = time.perf_counter() - began
        found.fit_seconds[c, s] = seconds * sum(work[first:last]) / max(1, sum(work))
    return found


def _plan(split: Split, candidate: Candidate, epochs: int | None, samples: dict[object, Sample]) -> Plan:
    """Return the networks of one trial; folds are trained only where they calibrate, samples not at all."""
    settings = split.reader.get_params(deep=False) | dict(candidate) | {"bootstrap": None}
    if not settings.get("calibrate"):
        settings["folds"] = None
    if epochs is not None:
        settings["epochs"] = epochs
    return plan_networks(split.rows, split.task, settings, seed=base_seed(settings["random_state"]), samples=samples)


def _score(split: Split, candidate: Candidate, plan: Plan, trained: Sequence[TrainedNetwork], scorer: Scorer) -> float:
    model = copy.copy(split.reader).set_params(**candidate)
    try:
        model._learned(plan.collect(trained))  # noqa: SLF001 - a search is the estimators' own tool
    except TrainingError as error:
        warnings.warn(f"No score for {dict(candidate)}: {error}", FitFailedWarning, stacklevel=4)
        return float("nan")
    weights = {} if split.weights is None else {"sample_weight": split.weights}
    return float(scorer(model, split.x, split.y, **weights))
