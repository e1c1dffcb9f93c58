"""Trials that are judged while they train: the worst leave, the others go on; importing this file loads torch."""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from thalweg.base.files import write_whole
from thalweg.estimators.ensemble.networks import train_lessons
from thalweg.estimators.search.standings import RECORD, Standings, recall
from thalweg.estimators.search.trials import Trials, TrialScores
from thalweg.train.result import MemberFit
from thalweg.train.running.halving import Rungs
from thalweg.train.store import MemberStore


def race_trials(
    trials: Trials,
    plan: Sequence[tuple[int, int]],
    *,
    workers: int | None = None,
    executor: Any = None,
    folder: Path | None = None,
) -> tuple[TrialScores, Standings]:
    """Train all candidates as one population, judge them at rungs, and let the best go on from where they were.

    Parameters
    ----------
    trials
        Candidates and folds, laid out for the epochs of the last stage.
    plan
        Candidates and epochs of every stage, from :func:`~thalweg.estimators.search.standings.stages`.
    workers, executor
        As for :func:`~thalweg.estimators.ensemble.networks.train_lessons`.
    folder
        Where networks and judgements are kept, to go on after an interruption; None for nowhere.

    Returns
    -------
    TrialScores
        Of every candidate's last stage. Those of the last stage are the numbers of full training.
    Standings
        Who came how far.

    References
    ----------
    Jamieson & Talwalkar (2016), arXiv:1502.07943, Figure 3.

    Examples
    --------
    >>> from sklearn.metrics import check_scoring
    >>> from thalweg.estimators import NetRegressor
    >>> from thalweg.estimators.search.trials import lay_out, read_fold
    >>> x, net = np.linspace(-1.0, 1.0, 40)[:, None], NetRegressor(hidden=(4,), seeds=2, epochs=2)
    >>> half = np.arange(20)
    >>> fold = read_fold(net, (x[half], x[half, 0], {}), (x[20:], x[20:, 0], {}), half)
    >>> trials = lay_out([fold], [{"ridge": 0.0}, {"ridge": 0.1}], check_scoring(net), epochs=4)
    >>> _, standings = race_trials(trials, [(2, 2), (1, 4)], workers=1)
    >>> sorted(standings.stage.tolist())
    [0, 1]
    """
    standings, passed = recall(folder, len(trials.candidates), len(trials.splits))
    spent = np.zeros_like(standings.scores)

    def score(stage: int, fits: Mapping[int, MemberFit]) -> None:
        alive = standings.alive
        scored = [trials.score(candidate, fits) for candidate in alive]
        standings.enter(stage, alive, np.array([scores for scores, _ in scored]))
        spent[alive] += np.array([seconds for _, seconds in scored])

    def judge(rung: int, fits: Mapping[int, MemberFit]) -> list[int]:
        score(rung, fits)
        kept = standings.keep(plan[rung + 1][0])
        if folder is not None:
            write_whole(folder / RECORD, standings.to_json())
        return [number for candidate in kept for number in trials.places(candidate)]

    racing = [number for candidate in standings.alive for number in trials.places(candidate)]
    rungs = Rungs([epochs for _, epochs in plan[:-1]], judge, passed=passed, racing=racing)
    store = None if folder is None else MemberStore(folder, run=folder.name)
    started = time.perf_counter()
    trained = train_lessons(trials.lessons, workers=workers, executor=executor, store=store, rungs=rungs)
    fits = {fit.number: fit for fit in trained}  # a search killed at a rung may have lost some that were dropped there
    seconds = time.perf_counter() - started - spent.sum()
    score(len(plan) - 1, fits)
    return TrialScores(standings.scores, trials.shares(fits) * seconds, spent), standings
