"""Candidates suggested by Optuna, a batch at a time, so that every batch is one population."""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

import numpy as np

from thalweg.base.arrays import FloatArray
from thalweg.base.errors import MissingExtraError
from thalweg.estimators.search.candidates import Candidate

Columns = tuple[FloatArray, FloatArray, FloatArray]
BATCH = 10


def suggested(
    space: Mapping[str, Any], count: int, seed: int, run: Callable[[list[Candidate], int], Columns]
) -> tuple[list[Candidate], Columns]:
    """Ask Optuna's tree-structured Parzen estimator for candidates and tell it their mean scores.

    Parameters
    ----------
    space
        Optuna distributions by parameter.
    count
        Candidates in all, asked for in batches of :data:`BATCH`.
    seed
        Names the draw.
    run
        Given candidates and the number of the batch, returns scores, fit seconds and score seconds [k F].

    Returns
    -------
    list of mappings
        The candidates.
    tuple
        Scores, fit seconds and score seconds of all [K F].

    Raises
    ------
    MissingExtraError
        If Optuna is not installed.

    Examples
    --------
    See ``tests/estimators/search/test_net_search.py``.
    """
    try:
        optuna: Any = import_module("optuna")
    except ImportError as error:
        raise MissingExtraError(
            "strategy='optuna' needs Optuna, which is not installed.", "Install it with: pip install 'thalweg[search]'"
        ) from error
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    sampler = optuna.samplers.TPESampler(seed=seed, constant_liar=True)
    study = optuna.create_study(direction="maximize", sampler=sampler)
    candidates: list[Candidate] = []
    found: list[Columns] = []
    while len(candidates) < count:
        asked = [study.ask(dict(space)) for _ in range(min(BATCH, count - len(candidates)))]
        batch: list[Candidate] = [trial.params for trial in asked]
        columns = run(batch, len(found))
        for trial, scores in zip(asked, columns[0], strict=True):
            failed = not np.isfinite(scores).all()
            study.tell(
                trial, None if failed else float(scores.mean()), state=optuna.trial.TrialState.FAIL if failed else None
            )
        candidates += batch
        found.append(columns)
    scores, fit_seconds, score_seconds = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return candidates, (scores, fit_seconds, score_seconds)
