"""Metrics as averages of row values, so that a score and its standard error have one definition.

A row value is the row's loss where the metric is a mean of losses; otherwise the metric plus the row's
influence on it (Hampel 1974, J. Am. Stat. Assoc. 69, 383-393). In both cases the weighted mean of the row
values *is* the metric, and their variance gives its standard error. The tests hold every metric against
scikit-learn's, with and without weights.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from thalweg.base.arrays import FloatArray, IntArray
from thalweg.base.checks import check_choice
from thalweg.base.errors import SettingError, setting
from thalweg.select.scoring.predictions import TASKS

RowValues = Callable[[FloatArray, FloatArray, FloatArray], FloatArray]


@dataclass(frozen=True, slots=True)
class Metric:
    """A measure of how well held-out rows were predicted.

    Parameters
    ----------
    name
        Key in :data:`METRICS`.
    label
        How tables and sentences call it.
    higher_is_better
        Its direction.
    rows
        Function of predictions ``[R N C]``, outcome ``[N]`` and weights ``[N]`` that returns row values
        ``[R N]``.

    Examples
    --------
    >>> METRICS["regression"]["rmse"].higher_is_better
    False
    """

    name: str
    label: str
    higher_is_better: bool
    rows: RowValues


def _mean(values: FloatArray, weights: FloatArray) -> FloatArray:
    mean: FloatArray = values @ weights / weights.sum()
    return mean


def _squared(predicted: FloatArray, outcome: FloatArray) -> FloatArray:
    errors: FloatArray = (outcome - predicted[..., 0]) ** 2
    return errors


def _rmse(predicted: FloatArray, outcome: FloatArray, weights: FloatArray) -> FloatArray:
    squared = _squared(predicted, outcome)
    mean = _mean(squared, weights)[:, None]
    root = np.sqrt(mean)
    influence = np.divide(squared - mean, 2 * root, out=np.zeros_like(squared), where=root > 0)
    values: FloatArray = root + influence
    return values


def _mae(predicted: FloatArray, outcome: FloatArray, _: FloatArray) -> FloatArray:
    return np.abs(outcome - predicted[..., 0])


def _r2(predicted: FloatArray, outcome: FloatArray, weights: FloatArray) -> FloatArray:
    squared = _squared(predicted, outcome)
    deviation = (outcome - _mean(outcome, weights)) ** 2
    variance = _mean(deviation, weights)
    if variance == 0:
        return np.full_like(squared, np.nan)
    ratio = _mean(squared, weights)[:, None] / variance
    return 1 - squared / variance + ratio * (deviation / variance - 1)


def _codes(outcome: FloatArray) -> IntArray:
    return outcome.astype(np.int64)


def _accuracy(predicted: FloatArray, outcome: FloatArray, _: FloatArray) -> FloatArray:
    hit: FloatArray = (predicted.argmax(-1) == outcome).astype(np.float64)
    return hit


def _log_loss(predicted: FloatArray, outcome: FloatArray, _: FloatArray) -> FloatArray:
    chosen = predicted[:, np.arange(len(outcome)), _codes(outcome)] / predicted.sum(-1)
    loss: FloatArray = -np.log(np.clip(chosen, np.finfo(np.float64).eps, 1))
    return loss


def _brier_binary(predicted: FloatArray, outcome: FloatArray, _: FloatArray) -> FloatArray:
    squared: FloatArray = (predicted[..., 1] - outcome) ** 2
    return squared


def _brier(predicted: FloatArray, outcome: FloatArray, _: FloatArray) -> FloatArray:
    indicator = np.eye(predicted.shape[-1])[_codes(outcome)]
    squared: FloatArray = ((predicted - indicator) ** 2).sum(-1)
    return squared


def _share_below(scores: FloatArray, others: FloatArray, weights: FloatArray) -> FloatArray:
    """Weighted share of ``others`` below each score, ties counting half."""
    order = np.argsort(others)
    total = np.concatenate([[0.0], np.cumsum(weights[order])])
    below = np.searchsorted(others[order], scores, "left")
    upto = np.searchsorted(others[order], scores, "right")
    share: FloatArray = (total[below] + total[upto]) / (2 * total[-1])
    return share


def _auc_rows(score: FloatArray, positive: IntArray, weights: FloatArray) -> FloatArray:
    """AUC plus each row's influence, through placement values (DeLong, DeLong & Clarke-Pearson 1988)."""
    is_one = positive.astype(bool)
    ones, zeros = weights[is_one].sum(), weights[~is_one].sum()
    if ones == 0 or zeros == 0:
        return np.full(len(score), np.nan)
    placement = np.empty(len(score))
    placement[is_one] = _share_below(score[is_one], score[~is_one], weights[~is_one])
    placement[~is_one] = 1 - _share_below(score[~is_one], score[is_one], weights[is_one])
    auc = placement[is_one] @ weights[is_one] / ones
    share = np.where(is_one, ones, zeros) / (ones + zeros)
    values: FloatArray = auc + (placement - auc) / share
    return values


def _auc_binary(predicted: FloatArray, outcome: FloatArray, weights: FloatArray) -> FloatArray:
    return np.stack([_auc_rows(one[:, 1], _codes(outcome), weights) for one in predicted])


def _auc(predicted: FloatArray, outcome: FloatArray, weights: FloatArray) -> FloatArray:
    codes = _codes(outcome)
    present = np.unique(codes[weights > 0])
    if len(present) < 2:
        return np.full(predicted.shape[:2], np.nan)
    return np.stack(
        [
            np.mean([_auc_rows(one[:, k], (codes == k).astype(np.int64), weights) for k in present], axis=0)
            for one in predicted
        ]
    )


def _registry(*metrics: Metric) -> Mapping[str, Metric]:
    return {metric.name: metric for metric in metrics}


METRICS: Final[Mapping[str, Mapping[str, Metric]]] = {
    "regression": _registry(
        Metric("rmse", "RMSE", False, _rmse),
        Metric("mae", "MAE", False, _mae),
        Metric("r2", "R²", True, _r2),
    ),
    "binary": _registry(
        Metric("log_loss", "log loss", False, _log_loss),
        Metric("accuracy", "accuracy", True, _accuracy),
        Metric("auc", "AUC", True, _auc_binary),
        Metric("brier", "Brier score", False, _brier_binary),
    ),
    "multiclass": _registry(
        Metric("log_loss", "log loss", False, _log_loss),
        Metric("accuracy", "accuracy", True, _accuracy),
        Metric("auc", "AUC (one against rest)", True, _auc),
        Metric("brier", "Brier score", False, _brier),
    ),
}
"""Metrics of each task by name; the first one is the primary metric.

With e = outcome − prediction, p the probability of the observed class and weighted means throughout: RMSE
√mean(e²); MAE mean|e|; R² = 1 − mean(e²)/var(outcome); log loss −mean ln p, p clipped at 2.2·10⁻¹⁶;
accuracy; Brier score mean (p₁ − y)² for two classes (Brier 1950, halved as usual) and mean Σ_c (p_c − y_c)²
for more; AUC the share of pairs ranked rightly, ties half, for several classes the plain average of one
class against the rest over the classes that occur in the fold. AUC of a fold with one class and R² of a
fold with one outcome are NaN.
"""


def metrics_of_task(task: str, metric: str | None = None) -> Mapping[str, Metric]:
    """Return the metrics of a task by name, the primary one, which decides, first.

    Parameters
    ----------
    task
        One of :data:`~thalweg.select.scoring.predictions.TASKS`.
    metric
        The primary one; None for RMSE, or log loss where classes are predicted.

    Raises
    ------
    SettingError
        If task or metric is unknown.

    Examples
    --------
    >>> list(metrics_of_task("binary", "auc"))
    ['auc', 'log_loss', 'accuracy', 'brier']
    """
    known = METRICS[check_choice("task", task, TASKS)]
    if metric is None:
        return known
    if metric not in known:
        raise SettingError(
            f"{setting('metric')} must be one of {', '.join(known)} for a {task} outcome, got {metric!r}.",
            f"Choose one of them, or give another {setting('task')}.",
        )
    return {metric: known[metric], **known}


def score(
    task: str, outcome: FloatArray | IntArray, predictions: FloatArray, weights: FloatArray | None = None
) -> dict[str, float]:
    """Compute every metric of a task for one set of predictions.

    Parameters
    ----------
    task
        One of :data:`~thalweg.select.scoring.predictions.TASKS`.
    outcome
        ``[N]`` floats, or class codes 0 … C − 1.
    predictions
        ``[N C]``, C = 1 for regression, class probabilities otherwise.
    weights
        ``[N]`` row weights.

    Returns
    -------
    dict
        Metric name to value; see :data:`METRICS` for the formulas.

    Raises
    ------
    SettingError
        If the task is unknown.

    Examples
    --------
    >>> score("regression", np.array([1.0, 3.0]), np.array([[1.0], [1.0]]))["mae"]
    1.0
    """
    check_choice("task", task, TASKS)
    weights = np.ones(len(outcome)) if weights is None else weights
    return {
        name: float(_mean(metric.rows(predictions[None], outcome.astype(np.float64), weights), weights)[0])
        for name, metric in METRICS[task].items()
    }
