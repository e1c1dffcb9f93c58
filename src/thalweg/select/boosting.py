"""Gradient boosting beside networks and linear models: fitted for every fold and for all rows, on their encodings."""

import math
import os
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from typing import Any, Final

import numpy as np

from thalweg.base.arrays import FloatArray, IntArray
from thalweg.select.crossval import CrossValidation, EncodedView
from thalweg.select.learning.boosted_trees import BOOSTING, BoostedTrees, fit_boosted_trees
from thalweg.select.scoring.predictions import ModelPredictions, held_out_predictions
from thalweg.train.progress import Progress

_LOST: Final = "sklearn.utils.parallel.delayed"
SPLITS: Final = 2  # how often validation rows are drawn


def train_boosting(
    plan: CrossValidation,
    workers: int | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    until: float = math.inf,
) -> list[BoostedTrees]:
    """Fit boosted trees on the training rows of every fold, then on all rows.

    Parameters
    ----------
    plan
        Folds and encodings; its networks' first validation rows are those that trees are chosen by.
    workers
        Threads; None for one per core. Each fit has one, so that no number depends on how many there are.
    on_progress
        Called after every fit.
    until
        Moment of ``time.monotonic`` after which no further fit begins.

    Returns
    -------
    list of BoostedTrees
        One per view of the plan; empty if the settings ask for no trees, or time was over before all were fitted.

    Examples
    --------
    >>> from thalweg.data.problem import pose
    >>> from thalweg.select.crossval import cross_validation
    >>> from thalweg.select.settings import Settings
    >>> plan = cross_validation(pose("example:iris"), Settings(folds=3, networks=(), trees=5))
    >>> len(train_boosting(plan))
    4
    """
    if not plan.settings.trees:
        return []
    count, started = len(plan.views), time.perf_counter()
    with _filters_kept(), _pool(min(count, workers or os.cpu_count() or 1)) as pool:
        futures = [pool.submit(_fitted, plan, part, until) for part in plan.views]
        try:
            for done, future in enumerate(as_completed(futures), 1):
                future.result()
                if on_progress is not None:
                    on_progress(Progress(done, count, done, count, time.perf_counter() - started))
            return [future.result() for future in futures]
        except TimeoutError:
            return []


@contextmanager
def _pool(threads: int) -> Iterator[ThreadPoolExecutor]:
    pool = ThreadPoolExecutor(threads)
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)  # after Ctrl-C only the fits at work are waited for


@contextmanager
def _filters_kept() -> Iterator[None]:
    """Keep the warning filters of the process, which scikit-learn saves and restores for every column it bins.

    Threads that do so at once lose them, and scikit-learn then warns of that.
    """
    with warnings.catch_warnings():
        shown = warnings.showwarning

        def said(message: Warning | str, *where: Any, **more: Any) -> None:
            if _LOST not in str(message):
                shown(message, *where, **more)

        warnings.showwarning = said
        yield


def _fitted(plan: CrossValidation, part: EncodedView, until: float) -> BoostedTrees:
    problem, rows = plan.problem, part.view.rows
    count = 1 if problem.time is not None else SPLITS  # in order of time there is one way to set rows aside
    splits = [
        (np.searchsorted(rows, learned), np.searchsorted(rows, watched))  # rows are ascending
        for learned, watched in plan.splits(part, count)
    ]
    weights = None if problem.weights is None else problem.weights[rows]
    x, y, most = part.sample.x[rows], problem.outcome[rows], plan.settings.trees
    return fit_boosted_trees(problem.task, x, y, weights, splits, most=most, until=until)


def boosting_predictions(plan: CrossValidation, boosted: Sequence[BoostedTrees]) -> list[ModelPredictions]:
    """Return what boosted trees predict for rows they have not seen; nothing if there are none.

    Examples
    --------
    >>> from thalweg.data.problem import pose
    >>> from thalweg.select.crossval import cross_validation
    >>> from thalweg.select.settings import Settings
    >>> plan = cross_validation(pose("example:iris"), Settings(folds=3, networks=(), trees=5))
    >>> [model.name for model in boosting_predictions(plan, train_boosting(plan))]
    ['gradient boosting']
    """
    if not boosted:
        return []
    columns = max(1, len(plan.problem.classes))
    pairs = zip(plan.views[:-1], boosted, strict=False)
    parts: list[tuple[IntArray, FloatArray]] = [
        (part.view.held_out, trees.predict(part.x_held_out)[None]) for part, trees in pairs
    ]
    table = held_out_predictions(parts, rows=len(plan.problem), columns=columns)[:, plan.judged]
    return [ModelPredictions(BOOSTING, "boosting", table, f"learned from all rows: {boosted[-1].note}")]
