"""What a population says about new rows: intervals for the outcome, and distributions named by their source."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from thalweg.base.arrays import FloatArray
from thalweg.base.checks import check_choice
from thalweg.base.errors import SettingError, setting
from thalweg.estimators.ensemble.model_population import ModelPopulation
from thalweg.estimators.uncertainty.conformal import (
    CELLS,
    leave_out_means,
    plus_interval,
    split_interval,
)
from thalweg.estimators.uncertainty.quantile_interval import quantile_interval
from thalweg.select.scoring.covering import group_shares

SPLIT, CV_PLUS, JACKKNIFE_PLUS, CQR = "split", "cv+", "jackknife+ab", "cqr"
METHODS = (SPLIT, CV_PLUS, JACKKNIFE_PLUS, CQR)
SEEDS, BOOTSTRAP, OUTCOME = "seeds", "bootstrap", "outcome"
SOURCES = (SEEDS, BOOTSTRAP, OUTCOME)


@dataclass(frozen=True, slots=True, eq=False)
class PredictiveDistribution:
    """Values for every new row, equally likely but for groups, and where they come from.

    Parameters
    ----------
    values
        [K N C].
    source
        ``seeds``: predictions of networks that differ by chance alone, the luck of one training. ``bootstrap``:
        predictions had other rows been drawn, the uncertainty of the mean. ``outcome``: where a new outcome falls.
    shares
        Probability of each value [K], where rows come in groups that are equally likely; None for equal ones.
    """

    values: FloatArray
    source: str
    shares: FloatArray | None = None

    def mean(self) -> FloatArray:
        """Return the mean [N C]."""
        found: FloatArray = np.average(self.values, axis=0, weights=self.shares)
        return found

    def sd(self) -> FloatArray:
        """Return the standard deviation [N C], divisor K − 1, or of shares that sum to 1."""
        if self.shares is None:
            found: FloatArray = self.values.std(axis=0, ddof=1)
        else:
            found = np.sqrt(np.average((self.values - self.mean()) ** 2, axis=0, weights=self.shares))
        return found

    def quantile(self, levels: float | FloatArray) -> FloatArray:
        """Return quantiles: [N C] for one level, [L N C] for several."""
        if self.shares is None:
            found: FloatArray = np.quantile(self.values, levels, axis=0)
        else:
            found = np.quantile(self.values, levels, axis=0, method="inverted_cdf", weights=self.shares)
        return found


def prediction_interval(population: ModelPopulation, x: FloatArray, level: float, method: str | None) -> FloatArray:
    """Return an interval for the outcome of every new row.

    Parameters
    ----------
    population
        Trained with folds or bootstrap samples.
    x
        New rows [N D].
    level
        Nominal coverage.
    method
        ``split``: models of the first fold and their residuals on its held-out rows. ``cv+``: all folds.
        ``jackknife+ab``: the bootstrap samples. ``cqr``: learned quantiles, corrected over all folds. None takes
        ``cv+`` if there are folds, else ``jackknife+ab``.

    Returns
    -------
    numpy.ndarray
        Lower and upper bounds [N 2 C]. With groups, for a row of a new group, of which all are equally likely; infinite
        with fewer of them than level / (1 − level).

    Raises
    ------
    SettingError
        If the population has no folds or samples for the method, or its folds are in order of time.
    """
    name = _method(population, method)
    if name == CQR:
        return quantile_interval(population, x, level)
    columns, groups = population.rows.y.shape[1], population.rows.groups
    bounds = np.empty((len(x), 2, columns))
    if name == SPLIT:
        group, held = population.folds[0], population.held_out[0]
        residuals = population.rows.y[held] - group.predict(population.rows.x[held]).mean(axis=0)
        centre = group.predict(x).mean(axis=0)
        for c in range(columns):
            bounds[:, :, c] = split_interval(
                centre[:, c], residuals[:, c], level, None if groups is None else groups[held]
            )
        return bounds
    residuals, seen = _left_out_residuals(population, name)
    own = None if groups is None else groups[seen]
    for c in range(columns):
        for part, centres in _left_out_centres(population, x, name, seen, c):
            bounds[part, :, c] = plus_interval(centres, residuals[seen, c], level, own)
    return bounds


def distribution(population: ModelPopulation, x: FloatArray, source: str) -> PredictiveDistribution:
    """Return equally likely values for every new row.

    Parameters
    ----------
    population
        What was trained.
    x
        New rows [N D].
    source
        One of :data:`SOURCES`. For ``outcome`` the values are c_i + r_i, predictions by the models that did not see row
        i plus its residual (the cross-conformal predictive distribution; Vovk, Nouretdinov, Manokhin & Gammerman 2018,
        PMLR 91:37-51).

    Returns
    -------
    PredictiveDistribution
        K values per row: one per seed, per bootstrap sample, or per training row.

    Raises
    ------
    SettingError
        If the population lacks what the source needs.
    """
    check_choice("source", source, SOURCES)
    if source == SEEDS:
        return PredictiveDistribution(population.final.predict(x), source)
    if source == BOOTSTRAP:
        if population.bootstrap is None:
            raise SettingError("There are no bootstrap samples in this fit.", "Fit with bootstrap=50 or more.")
        return PredictiveDistribution(population.bootstrap.predict(x), source)
    name = _method(population, None)
    residuals, seen = _left_out_residuals(population, name)
    values = np.empty((len(seen), len(x), residuals.shape[1]))
    for c in range(residuals.shape[1]):
        for part, centres in _left_out_centres(population, x, name, seen, c):
            values[:, part, c] = centres + residuals[seen, c][:, None]
    if population.rows.groups is None:
        return PredictiveDistribution(values, source)
    count, shares = group_shares(population.rows.groups[seen])
    return PredictiveDistribution(values, source, shares / count)


def _method(population: ModelPopulation, method: str | None) -> str:
    chosen = method or (CV_PLUS if population.folds else JACKKNIFE_PLUS)
    check_choice("method", chosen, METHODS)
    missing = population.bootstrap is None if chosen == JACKKNIFE_PLUS else not population.folds
    if missing:
        raise SettingError(
            f"A prediction interval by {chosen!r} needs models that did not see some rows; this fit has none.",
            "Fit with folds=10 (or bootstrap=50 for 'jackknife+ab').",
        )
    if chosen != JACKKNIFE_PLUS and population.in_time:
        raise SettingError(
            "Folds in order of time: there is no interval for the outcome, for new rows are not exchangeable with old.",
            f"Fit with {setting('folds')} that hold every row out, without {setting('time')}, if they are.",
        )
    return chosen


def _left_out_residuals(population: ModelPopulation, method: str) -> tuple[FloatArray, NDArray[np.int64]]:
    """Return residuals by models that did not see the row [n C], and the rows that have any."""
    found = population.out_of_fold if method == CV_PLUS else population.out_of_bag
    assert found is not None
    seen = np.flatnonzero(np.isfinite(found[:, 0]))
    if not len(seen):
        raise SettingError(
            "Every bootstrap sample holds every row: no row has a model that did not see it.",
            f"Give more rows, or a larger {setting('bootstrap')}.",
        )
    return population.rows.y - found, seen


def _left_out_centres(
    population: ModelPopulation, x: FloatArray, method: str, seen: NDArray[np.int64], column: int
) -> Iterator[tuple[slice, FloatArray]]:
    """Yield parts of the new rows with their predictions by models that did not see each training row [n part]."""
    if method == CV_PLUS:
        by_fold = np.stack([group.predict(x).mean(axis=0)[:, column] for group in population.folds])
        fold = population.fold
    else:
        assert population.bootstrap is not None
        by_sample = population.bootstrap.predict(x)[:, :, column]
    step = max(1, CELLS // len(seen))
    for first in range(0, len(x), step):
        part = slice(first, first + step)
        if method == CV_PLUS:
            yield part, by_fold[fold[seen], part]
        else:
            yield part, leave_out_means(by_sample[:, part], population.bags[:, seen])
