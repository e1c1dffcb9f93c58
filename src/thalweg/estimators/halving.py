"""Successive halving: all candidates train a little, the best of them longer."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from thalweg.base.checks import check_count, check_number
from thalweg.estimators.candidates import ranks

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Halved:
    """What successive halving found.

    Parameters
    ----------
    stage
        Last stage of each candidate [K].
    epochs
        Its epochs there [K].
    columns
        Scores, fit seconds and score seconds of its last stage, each [K F]; seconds are summed over stages.
    """

    stage: NDArray[np.int64]
    epochs: NDArray[np.int64]
    columns: tuple[FloatArray, FloatArray, FloatArray]


def stages(candidates: int, epochs: int, factor: float) -> list[tuple[int, int]]:
    """Return (candidates, epochs) of every stage: the last has the full epochs, each before it 1/factor of the next.

    Examples
    --------
    >>> stages(30, 200, 3.0)
    [(30, 8), (10, 23), (4, 67), (2, 200)]
    """
    check_number("factor", factor, low=1.0, open_low=True)
    check_count("epochs", epochs)
    count = 1 + math.floor(math.log(candidates) / math.log(factor) + 1e-9)
    kept = [math.ceil(candidates / factor**stage) for stage in range(count)]
    return [(k, max(1, math.ceil(epochs / factor ** (count - 1 - stage)))) for stage, k in enumerate(kept)]


def halve(
    candidates: int,
    folds: int,
    plan: Sequence[tuple[int, int]],
    run: Callable[[Sequence[int], int, int], tuple[FloatArray, FloatArray, FloatArray]],
) -> Halved:
    """Run all stages, each with the best candidates of the one before by mean score.

    Parameters
    ----------
    candidates, folds
        K and F.
    plan
        From :func:`stages`.
    run
        Given candidates, epochs and the number of the stage, returns their scores, fit seconds and score seconds [k F].

    Returns
    -------
    Halved
        The last stage of every candidate.

    References
    ----------
    Jamieson & Talwalkar (2016), arXiv:1502.07943, Figure 3.

    Examples
    --------
    >>> def run(which, epochs, stage):
    ...     column = np.array(which, dtype=float)[:, None]
    ...     return column, 0 * column, 0 * column
    >>> halve(4, 1, [(4, 1), (2, 2)], run).stage.tolist()
    [0, 0, 1, 1]
    """
    stage, epochs = np.zeros(candidates, dtype=np.int64), np.zeros(candidates, dtype=np.int64)
    scores, fit_seconds, score_seconds = (np.zeros((candidates, folds)) for _ in range(3))
    alive = np.arange(candidates)
    for number, (kept, length) in enumerate(plan):
        if number:
            alive = np.sort(alive[np.argsort(ranks(scores[alive].mean(axis=1)), kind="stable")[:kept]])
        found = run(alive.tolist(), length, number)
        scores[alive] = found[0]
        fit_seconds[alive] += found[1]
        score_seconds[alive] += found[2]
        stage[alive], epochs[alive] = number, length
    return Halved(stage, epochs, (scores, fit_seconds, score_seconds))
