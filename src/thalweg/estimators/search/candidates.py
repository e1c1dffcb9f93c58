"""Candidate settings of a search, and the table of their scores."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata
from sklearn.model_selection import ParameterGrid, ParameterSampler

from thalweg.base.arrays import FloatArray
from thalweg.base.checks import check_count
from thalweg.base.errors import SettingError

Candidate = Mapping[str, Any]


def list_candidates(space: Any, count: int | None, seed: int) -> list[Candidate]:
    """Return every combination of a grid, or ``count`` drawn ones.

    Parameters
    ----------
    space
        Lists of values by parameter, or several such grids; for drawn ones also scipy distributions.
    count
        How many to draw; None for all combinations.
    seed
        Names the draw.

    Returns
    -------
    list of mappings
        Settings by parameter.

    Raises
    ------
    SettingError
        If there is none.

    Examples
    --------
    >>> list_candidates({"ridge": [0.0, 0.1], "dropout": [0.0, 0.5]}, None, 0)[0]
    {'dropout': 0.0, 'ridge': 0.0}
    """
    try:
        grid = (
            ParameterGrid(space)
            if count is None
            else ParameterSampler(space, check_count("candidates", count), random_state=seed)
        )
        found: list[Candidate] = list(grid)
    except (TypeError, ValueError) as error:
        raise SettingError(f"The space cannot be listed: {error}.", "Give lists of values by parameter.") from error
    return found


def score_table(
    candidates: Sequence[Candidate],
    scores: FloatArray,
    fit_seconds: FloatArray,
    score_seconds: FloatArray,
    *,
    stage: NDArray[np.int64] | None = None,
    epochs: NDArray[np.int64] | None = None,
) -> dict[str, Any]:
    """Return the columns of ``GridSearchCV.cv_results_``.

    Parameters
    ----------
    candidates
        Settings.
    scores, fit_seconds, score_seconds
        Per candidate and fold [K F].
    stage, epochs
        The last stage of successive halving a candidate took part in, and its epochs there; those of later stages rank
        before all others.

    Returns
    -------
    dict
        Columns by name.

    Examples
    --------
    >>> table = score_table([{"a": 1}, {"a": 2}], np.array([[0.1], [0.3]]), *np.zeros((2, 2, 1)))
    >>> table["rank_test_score"].tolist(), table["param_a"].tolist()
    ([2, 1], [1, 2])
    """
    table: dict[str, Any] = {}
    for name, seconds in (("fit", fit_seconds), ("score", score_seconds)):
        table[f"mean_{name}_time"], table[f"std_{name}_time"] = seconds.mean(axis=1), seconds.std(axis=1)
    for name in sorted({name for candidate in candidates for name in candidate}):
        column = np.ma.MaskedArray(np.empty(len(candidates), dtype=object), mask=True)
        for row, candidate in enumerate(candidates):
            if name in candidate:
                column[row] = candidate[name]
        table[f"param_{name}"] = column
    table["params"] = list(candidates)
    for fold, column in enumerate(scores.T):
        table[f"split{fold}_test_score"] = column
    table["mean_test_score"], table["std_test_score"] = scores.mean(axis=1), scores.std(axis=1)
    if stage is not None and epochs is not None:
        table["iter"], table["n_resources"] = stage, epochs
    table["rank_test_score"] = ranks(table["mean_test_score"], stage)
    return table


def ranks(means: FloatArray, stage: NDArray[np.int64] | None = None) -> NDArray[np.int32]:
    """Return 1 for the highest mean score of the last stage; equal ones share the best rank, NaN comes last.

    Examples
    --------
    >>> ranks(np.array([0.5, np.nan, 0.5, 0.4])).tolist()
    [1, 4, 1, 3]
    """
    order = np.where(np.isnan(means), np.nanmin(means, initial=0.0) - 1.0, means)
    if stage is not None:
        span = order.max() - order.min() + 1.0
        order = order + span * stage
    found: NDArray[np.int32] = rankdata(-order, method="min").astype(np.int32)
    return found
