"""The difference of two models on the same held-out rows, with an interval that covers.

What is estimated: the expected difference of out-of-sample loss of the two *procedures*, each trained once
(with a random seed, if it has one) on a fresh table with as many rows as a training part of the
cross-validation.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import ndtri
from scipy.stats import t as student

from thalweg.base.arrays import FloatArray, IntArray
from thalweg.base.checks import check_number
from thalweg.base.errors import SettingError
from thalweg.base.interval import Interval
from thalweg.base.weighing import FREQUENCY

METHOD: Final = "larger of fold and row variance, corrected for overlapping training sets"
IN_TIME: Final = "spread of the differences between blocks of time, Student's t"


@dataclass(frozen=True, slots=True)
class Difference:
    """One model's score minus another's, with an interval.

    Parameters
    ----------
    model, reference
        What is compared: ``estimate`` is the model's score minus the reference's.
    metric
        Key of :data:`~thalweg.select.scoring.metrics.METRICS`.
    estimate, low, high
        In units of the metric; NaN if nothing could be compared.
    level
        Nominal coverage of the interval, such as 0.95.
    method
        How the interval was made.

    Examples
    --------
    >>> Difference("network", "ridge regression", "rmse", -0.2, -0.3, -0.1, 0.95).contains_zero
    False
    """

    model: str
    reference: str
    metric: str
    estimate: float
    low: float
    high: float
    level: float
    method: str = METHOD

    @property
    def contains_zero(self) -> bool:
        """Whether the interval does not rule out equal scores; true if it could not be computed."""
        return not (self.low > 0 or self.high < 0)


def compare(
    model: FloatArray,
    reference: FloatArray,
    fold: IntArray,
    weights: FloatArray | None = None,
    level: float = 0.95,
    groups: IntArray | None = None,
    weights_kind: str | None = None,
    *,
    in_time: bool = False,
) -> Interval:
    """Estimate the difference of two procedures from out-of-fold row values.

    With d_i the row differences, d̄ their weighted mean, d_f the fold means, K folds, n rows::

        estimate  d̄ = Σ w_i d_i / Σ w_i
        rows      V_r = n/(n − 1) Σ w_i² (d_i − d̄)² / (Σ w_i)²
        folds     V_f = K/(K − 1) Σ W_f² (d_f − d̄)² / (Σ W_f)²,   W_f the fold's weight
        interval  d̄ ± z √( (1 + K/(K − 1)) · max(V_r, V_f) ),     z the normal quantile

    V_f with the factor 1 + K · n_test/n_train is Nadeau & Bengio's corrected variance; V_r is the variance
    of Bayle et al., which hundreds of rows estimate better than K folds do. The larger is taken because
    rows do not see that all predictions of a fold share one fit, and few folds may agree by luck. With groups,
    V_r adds up w_i (d_i − d̄) within each group before it squares, and n counts groups: rows of a group are no
    independent witnesses. Without groups frequency weights stand for that many: V_r = n/(n − 1) Σ w_i (d_i − d̄)² / n²
    with n = Σ w_i. See ``docs/lab-notes.md`` for what the interval covered in simulation and for the rules
    that were tried and dropped.

    In time order the rows of a block hang together in ways that no row variance sees, and the first blocks are judged
    by models that learned from little. There the blocks alone are the witnesses (Ibragimov & Müller)::

        blocks    V_b = 1/(K (K − 1)) Σ (d_f − mean of d_f)²
        interval  d̄ ± t √max(V_r, V_b),     t the quantile of Student's t with K − 1 degrees of freedom

    Parameters
    ----------
    model, reference
        Row values ``[N]`` of one metric, averaged over seeds; NaN in folds that could not be scored.
    fold
        ``[N]``, fold numbers.
    weights
        ``[N]`` row weights.
    level
        Nominal coverage.
    groups
        ``[N]`` groups of rows that depend on each other, or None for rows that are independent.
    weights_kind
        What the weights mean, one of :data:`~thalweg.base.weighing.WEIGHTS_KINDS`; None without weights.
    in_time
        Whether folds are blocks in time order.

    Returns
    -------
    Interval
        All NaN if fewer than two folds have values for both.

    Raises
    ------
    SettingError
        If lengths differ or the level is not between 0 and 1.

    References
    ----------
    Nadeau & Bengio (2003), Machine Learning 52, 239-281, doi:10.1023/A:1024068626366: the factor.
    Bayle, Bayle, Janson & Mackey (2020), NeurIPS, arXiv:2007.12671: the all-pairs variance estimator.
    Ibragimov & Müller (2010), Journal of Business & Economic Statistics 28, 453-468: t statistics of group means.

    Examples
    --------
    >>> fold = np.array([0, 0, 1, 1])
    >>> compare(np.array([1.0, 2.0, 1.0, 2.0]), np.array([1.0, 1.0, 1.0, 1.0]), fold).estimate
    0.5
    """
    check_number("level", level, low=0, high=1, open_low=True, open_high=True)
    weights = np.ones(len(fold)) if weights is None else weights
    repeated = weights_kind == FREQUENCY and groups is None
    groups = np.arange(len(fold)) if groups is None else groups
    if not len(model) == len(reference) == len(fold) == len(weights) == len(groups):
        raise SettingError(
            "Row values, folds, weights and groups must be equally long.", "Compare models on the same rows."
        )
    folds = int(fold.max()) + 1
    difference = model - reference
    usable = np.isfinite(difference) & (weights > 0)
    difference, fold, weights, groups = difference[usable], fold[usable], weights[usable], groups[usable]
    used = len(np.unique(fold))
    if used < 2:
        return Interval(math.nan, math.nan, math.nan)
    share = weights / weights.sum()
    estimate = float(share @ difference)
    centred = share * (difference - estimate)
    by_rows = variance_over_rows(centred, groups, weights if repeated else None)
    if in_time:
        means = np.array([np.average(difference[fold == one], weights=weights[fold == one]) for one in np.unique(fold)])
        half = float(student.ppf(0.5 + level / 2, used - 1)) * math.sqrt(max(by_rows, float(means.var(ddof=1)) / used))
        return Interval(estimate, estimate - half, estimate + half)
    by_fold = np.bincount(fold, centred)
    by_folds = used / (used - 1) * float(by_fold @ by_fold)
    half = float(ndtri(0.5 + level / 2)) * math.sqrt((1 + used / (folds - 1)) * max(by_rows, by_folds))
    return Interval(estimate, estimate - half, estimate + half)


def variance_over_rows(centred: FloatArray, groups: IntArray | None, counts: FloatArray | None = None) -> float:
    """Return the variance of a weighted mean over rows, or over groups, that are independent.

    Parameters
    ----------
    centred
        w_i (d_i − d̄) / Σ w of every row [N].
    groups
        Of each row [N]; None if every row is one of its own.
    counts
        How many rows each stands for [N]; None for one.

    Examples
    --------
    >>> values = np.array([1.0, 2.0, 3.0, 6.0])
    >>> round(variance_over_rows((values - 3.0) / 4, None), 4), round(float(values.var(ddof=1) / 4), 4)
    (1.1667, 1.1667)
    """
    if counts is not None:
        witnesses, squares = float(counts.sum()), float(centred @ (centred / counts))
    else:
        sums = centred if groups is None else np.bincount(np.unique(groups, return_inverse=True)[1], centred)
        witnesses, squares = float(len(sums)), float(sums @ sums)
    return witnesses / (witnesses - 1) * squares
