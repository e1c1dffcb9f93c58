"""How predictions relate to outcomes: calibration, residuals and confusions, thinned for a report."""

import math
from dataclasses import dataclass

import numpy as np

from thalweg.base.arrays import FloatArray, IntArray
from thalweg.select.scoring.curves import plain
from thalweg.select.scoring.predictions import HeldOutRows, ModelPredictions

_BINS = 10
_SAMPLE_ROWS = 300


@dataclass(frozen=True, slots=True)
class Calibration:
    """Predicted probability against observed frequency in bins of equally many rows.

    Parameters
    ----------
    model
        Whose predictions.
    event
        What the probability is of: a class, or "the predicted class" for more than two.
    predicted, observed
        Mean probability and weighted frequency in each bin.
    count
        Rows in each bin.

    Examples
    --------
    >>> Calibration("network", "yes", (0.25,), (0.5,), (50,)).distance
    0.25
    """

    model: str
    event: str
    predicted: tuple[float, ...]
    observed: tuple[float, ...]
    count: tuple[int, ...]

    @property
    def distance(self) -> float:
        """Mean distance between predicted probability and observed frequency, by rows (expected calibration error)."""
        distances = (abs(p - o) * n for p, o, n in zip(self.predicted, self.observed, self.count, strict=True))
        return sum(distances) / max(sum(self.count), 1)


@dataclass(frozen=True, slots=True)
class Residuals:
    """Predicted against actual outcomes in bins of equally many rows, and a sample of rows.

    Parameters
    ----------
    model
        Whose predictions.
    predicted, actual
        Means in each bin.
    low, high
        10 % and 90 % quantile of the actual outcome in each bin.
    count
        Rows in each bin.
    sample
        Pairs (predicted, actual) of evenly spaced rows of the table.

    Examples
    --------
    >>> Residuals("ridge regression", (1.0, 2.0), (1.1, 1.5), (0.5, 1.0), (1.9, 2.5), (40, 40), ()).farthest
    1
    """

    model: str
    predicted: tuple[float, ...]
    actual: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    count: tuple[int, ...]
    sample: tuple[tuple[float, float], ...]

    @property
    def farthest(self) -> int:
        """Number of the bin whose mean prediction lies farthest from the mean outcome."""
        gaps = [abs(p - a) for p, a in zip(self.predicted, self.actual, strict=True)]
        return gaps.index(max(gaps))


@dataclass(frozen=True, slots=True)
class Confusion:
    """How often each class was taken for which, in rows, averaged over seeds.

    Parameters
    ----------
    model
        Whose predictions.
    classes
        Class names.
    count
        ``count[actual][predicted]``, weighted if rows have weights.

    Examples
    --------
    >>> Confusion("network", ("no", "yes"), ((6.0, 2.0), (2.0, 2.0))).recall
    (0.75, 0.5)
    """

    model: str
    classes: tuple[str, ...]
    count: tuple[tuple[float, ...], ...]

    @property
    def recall(self) -> tuple[float, ...]:
        """Share of each class that was taken for itself; NaN for a class without rows."""
        return tuple(row[k] / sum(row) if sum(row) else math.nan for k, row in enumerate(self.count))


def _bins(predicted: FloatArray) -> list[IntArray]:
    """Return the row numbers of bins with about equally many rows, equal predictions in one bin."""
    edges = np.unique(np.quantile(predicted, np.linspace(0, 1, _BINS + 1)[1:-1]))
    number = np.searchsorted(edges, predicted, "right")
    return [rows for rows in (np.flatnonzero(number == k) for k in range(len(edges) + 1)) if len(rows)]


def _finite_rows(held_out: HeldOutRows, model: ModelPredictions) -> tuple[FloatArray, IntArray]:
    """Return the rows of all finite fits, stacked over seeds ``[R·N C]``, and their row numbers."""
    held_out.check(model)
    seed, row = np.nonzero(np.isfinite(model.values.sum(2)) & (held_out.row_weights > 0))
    return model.values[seed, row], row


def calibration(held_out: HeldOutRows, model: ModelPredictions) -> Calibration:
    """Compare predicted probabilities with observed frequencies, each row once for every seed.

    Two classes: probability of the second class. More: probability of the predicted class against its
    accuracy (confidence calibration, Guo et al. 2017, ICML, section 2).

    Parameters
    ----------
    held_out
        The held-out rows.
    model
        Class probabilities.

    Returns
    -------
    Calibration
        At most ten bins of about equally many rows; ``count`` is in rows of the table.

    Raises
    ------
    SettingError
        If the predictions do not fit the rows.

    Examples
    --------
    >>> held_out = HeldOutRows("binary", np.array([0, 1]), np.array([0, 1]), "x", ("no", "yes"))
    >>> calibration(held_out, ModelPredictions("x", "linear", np.full((1, 2, 2), 0.5))).observed
    (0.5,)
    """
    predicted, row = _finite_rows(held_out, model)
    actual, weights = held_out.outcome[row], held_out.row_weights[row]
    if held_out.task == "binary":
        event, probability, happened = held_out.classes[1], predicted[:, 1], actual == 1
    else:
        event, probability, happened = "the predicted class", predicted.max(1), predicted.argmax(1) == actual
    bins = _bins(probability)
    shares = [weights[b] / weights[b].sum() for b in bins]
    return Calibration(
        model.name,
        event,
        plain(np.array([share @ probability[b] for share, b in zip(shares, bins, strict=True)])),
        plain(np.array([share @ happened[b] for share, b in zip(shares, bins, strict=True)])),
        tuple(round(len(b) / len(model.values)) for b in bins),
    )


def residuals(held_out: HeldOutRows, model: ModelPredictions) -> Residuals:
    """Compare predicted with actual outcomes, each row with its mean prediction over seeds.

    Parameters
    ----------
    held_out
        The held-out rows.
    model
        Predictions of a regression.

    Returns
    -------
    Residuals
        At most ten bins of about equally many rows and at most 300 single rows.

    Raises
    ------
    SettingError
        If the predictions do not fit the rows.

    Examples
    --------
    >>> held_out = HeldOutRows("regression", np.array([0.0, 1.0]), np.array([0, 1]), "x")
    >>> residuals(held_out, ModelPredictions("x", "linear", np.full((1, 2, 1), 0.5))).actual
    (0.5,)
    """
    stacked, row = _finite_rows(held_out, model)
    counts = np.bincount(row, minlength=len(held_out.outcome))
    seen = np.flatnonzero(counts)
    predicted = np.bincount(row, stacked[:, 0], len(held_out.outcome))[seen] / counts[seen]
    actual, weights = held_out.outcome[seen].astype(np.float64), held_out.row_weights[seen]
    bins = _bins(predicted)
    quantiles = np.array([np.quantile(actual[b], [0.1, 0.9]) for b in bins])
    some = np.unique(np.linspace(0, len(seen) - 1, min(len(seen), _SAMPLE_ROWS)).round().astype(int))
    return Residuals(
        model.name,
        plain(np.array([np.average(predicted[b], weights=weights[b]) for b in bins])),
        plain(np.array([np.average(actual[b], weights=weights[b]) for b in bins])),
        plain(quantiles[:, 0]),
        plain(quantiles[:, 1]),
        tuple(len(b) for b in bins),
        tuple(zip(plain(predicted[some]), plain(actual[some]), strict=True)),
    )


def confusion(held_out: HeldOutRows, model: ModelPredictions) -> Confusion:
    """Count how often each class was predicted for which, averaged over seeds.

    Parameters
    ----------
    held_out
        The held-out rows.
    model
        Class probabilities.

    Returns
    -------
    Confusion
        Rows are actual, columns predicted classes; diverged fits are left out, the rest is averaged.

    Raises
    ------
    SettingError
        If the predictions do not fit the rows.

    Examples
    --------
    >>> held_out = HeldOutRows("binary", np.array([0, 1]), np.array([0, 1]), "x", ("no", "yes"))
    >>> confusion(held_out, ModelPredictions("x", "linear", np.array([[[0.9, 0.1], [0.2, 0.8]]]))).count
    ((1.0, 0.0), (0.0, 1.0))
    """
    predicted, row = _finite_rows(held_out, model)
    share = held_out.row_weights[row] / np.bincount(row, minlength=len(held_out.outcome))[row]
    size = len(held_out.classes)
    count = np.zeros((size, size))
    np.add.at(count, (held_out.outcome[row].astype(np.int64), predicted.argmax(1)), share)
    return Confusion(model.name, held_out.classes, tuple(plain(line) for line in count))
