"""How many seeds are enough: spread and score of an average against the number of networks in it."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from thalweg.base.arrays import FloatArray
from thalweg.base.checks import check_number
from thalweg.base.errors import SettingError
from thalweg.base.seeds import stream

SUBSETS = 50


@dataclass(frozen=True, slots=True, eq=False)
class SeedCurve:
    """What averaging over seeds buys.

    Parameters
    ----------
    members
        Numbers of networks averaged, 1 … S [S].
    prediction_sd
        Standard deviation over seeds of an average of that many predictions, root mean square over rows [S].
    score_mean, score_sd
        Mean and standard deviation of the score over random subsets of that many networks [S]; NaN without outcomes.
        The subsets overlap, so that the standard deviation is too small near S.
    """

    members: NDArray[np.int64]
    prediction_sd: FloatArray
    score_mean: FloatArray
    score_sd: FloatArray

    def enough(self, tolerance: float) -> int:
        """Return how many seeds bring the spread of a prediction down to a tolerance, in units of the prediction.

        Examples
        --------
        >>> SeedCurve(np.array([1]), np.array([1.0]), np.array([np.nan]), np.array([np.nan])).enough(0.25)
        16
        """
        check_number("tolerance", tolerance, low=0.0, open_low=True)
        return max(1, math.ceil((float(self.prediction_sd[0]) / tolerance) ** 2 - 1e-9))


def seed_curve(
    values: FloatArray,
    y: ArrayLike | None = None,
    metric: Callable[[Any, Any], float] | None = None,
    *,
    seed: int = 0,
) -> SeedCurve:
    """Return spread and score against the number of networks averaged.

    Parameters
    ----------
    values
        Predictions of S networks that differ by seed alone [S N C], from ``predict_distribution(X, source="seeds")``.
    y, metric
        Outcomes [N] of rows the networks did not see, and a score of them and the averaged prediction, [N] or [N C];
        None for no scores.
    seed
        Names the subsets drawn.

    Returns
    -------
    SeedCurve
        The spread of an average of m is sd/√m, since seeds are independent; scores are averages over random subsets.

    Raises
    ------
    SettingError
        With fewer than two networks.

    Examples
    --------
    >>> curve = seed_curve(np.random.default_rng(0).standard_normal((9, 100, 1)))
    >>> curve.prediction_sd.round(1).tolist()[::4]
    [1.0, 0.4, 0.3]
    """
    values = np.asarray(values)
    if values.ndim != 3 or len(values) < 2:
        raise SettingError(
            f"Expected predictions [S N C] of two or more networks, got shape {values.shape}.",
            "Fit with seeds=5 or more.",
        )
    count = len(values)
    members = np.arange(1, count + 1)
    sd = float(np.sqrt(values.var(axis=0, ddof=1).mean()))
    mean, spread = np.full(count, np.nan), np.full(count, np.nan)
    if y is not None and metric is not None:
        for m in members:
            scores = [float(metric(y, _average(values[subset]))) for subset in _subsets(count, int(m), seed)]
            mean[m - 1], spread[m - 1] = np.mean(scores), np.std(scores)
    return SeedCurve(members, sd / np.sqrt(members), mean, spread)


def _average(values: FloatArray) -> FloatArray:
    mean: FloatArray = values.mean(axis=0)
    return mean[:, 0] if mean.shape[1] == 1 else mean


def _subsets(count: int, size: int, seed: int) -> list[NDArray[np.int32]]:
    """Draw subsets; of size 1 each network once, of all networks one."""
    if size == count:
        return [np.arange(count, dtype=np.int32)]
    if size == 1:
        return [np.array([k], dtype=np.int32) for k in range(count)]
    return [stream(seed, "data", size, k).permutation(count)[:size] for k in range(SUBSETS)]
