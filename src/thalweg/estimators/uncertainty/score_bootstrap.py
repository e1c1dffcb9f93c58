"""A bootstrap confidence interval for a score: how far it could have come out otherwise on other rows."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import bootstrap

from thalweg.base.checks import check_count
from thalweg.estimators.uncertainty.conformal import check_level
from thalweg.select.learning.observations import InputError

Metric = Callable[[Any, Any], float]


@dataclass(frozen=True, slots=True)
class ScoreInterval:
    """A score and its uncertainty from the draw of the rows it was measured on; the models are taken as given.

    Parameters
    ----------
    value
        The score.
    low, high
        Bounds.
    level
        Nominal coverage.
    se
        Standard error: standard deviation over samples.
    """

    value: float
    low: float
    high: float
    level: float
    se: float


def score_interval(
    metric: Metric, y: ArrayLike, prediction: ArrayLike, *, level: float = 0.9, samples: int = 2000, seed: int = 0
) -> ScoreInterval:
    """Draw rows with replacement and score each sample; the bounds are BCa.

    Parameters
    ----------
    metric
        Score of outcomes and predictions, such as ``sklearn.metrics.r2_score``.
    y
        Outcomes [N].
    prediction
        Predictions of rows the models did not see, such as a fit's ``population_.out_of_fold``, [N] or [N C].
    level
        Nominal coverage.
    samples
        Bootstrap samples.
    seed
        Names the draw.

    Returns
    -------
    ScoreInterval
        It says nothing about other training rows or seeds.

    Raises
    ------
    InputError
        If lengths differ or fewer than two rows are given.
    SettingError
        If the level or the number of samples makes no sense.

    References
    ----------
    Efron (1987), doi:10.1080/01621459.1987.10478410: bias-corrected and accelerated percentiles; computed by scipy.

    Examples
    --------
    >>> from sklearn.metrics import accuracy_score
    >>> y, right = np.zeros(100), np.repeat([0, 1], [80, 20])
    >>> found = score_interval(accuracy_score, y, right, samples=500)
    >>> found.value, 0.70 < found.low < 0.76, 0.84 < found.high < 0.9
    (0.8, True, True)
    """
    check_level(level)
    check_count("samples", samples, low=20)
    outcomes, predictions = np.asarray(y), np.asarray(prediction)
    if len(outcomes) != len(predictions) or len(outcomes) < 2:
        raise InputError(
            f"Expected as many predictions as outcomes, two or more, got {len(predictions)} and {len(outcomes)}.",
            "Give one prediction per outcome.",
        )

    def score(rows: Any) -> float:
        return float(metric(outcomes[rows], predictions[rows]))

    found = bootstrap(
        (np.arange(len(outcomes)),),
        score,
        n_resamples=samples,
        confidence_level=level,
        vectorized=False,
        rng=np.random.default_rng(seed),
    )
    bounds = found.confidence_interval
    value = score(slice(None))
    return ScoreInterval(value, float(bounds.low), float(bounds.high), level, float(found.standard_error))
