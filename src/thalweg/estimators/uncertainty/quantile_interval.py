"""Conformalised quantile regression: intervals as wide as the outcome is uncertain at each x."""

import numpy as np

from thalweg.base.arrays import FloatArray
from thalweg.base.errors import SettingError
from thalweg.estimators.ensemble.model_population import ModelGroup, ModelPopulation
from thalweg.estimators.uncertainty.conformal import check_level
from thalweg.select.scoring.covering import covering_value


def quantile_interval(population: ModelPopulation, x: FloatArray, level: float) -> FloatArray:
    """Widen the band between the lowest and the highest learned quantile until it covers, by CV+ over folds.

    With E_i = max(lo(x_i) − y_i, y_i − hi(x_i)) of row i by the networks that did not see it, the lower bound is the
    ⌊(n + 1)(1 − level)⌋-th smallest of lo_{−k(i)}(x) − E_i and the upper the ⌈(n + 1) level⌉-th smallest of
    hi_{−k(i)}(x) + E_i: at least 2 level − 1, in practice about ``level``, whatever quantiles were learned.

    Parameters
    ----------
    population
        Trained with folds and a quantile loss of two or more levels.
    x
        New rows [N D].
    level
        Nominal coverage.

    Returns
    -------
    numpy.ndarray
        Bounds [N 2 C].

    Raises
    ------
    SettingError
        If there are no folds, or the models did not learn quantiles.

    References
    ----------
    Romano, Patterson & Candès (2019), arXiv:1905.03222, equation 6, for the score E; combined over folds as in Barber,
    Candès, Ramdas & Tibshirani (2021), doi:10.1214/20-AOS1965, section 3.

    Examples
    --------
    >>> from thalweg.estimators import NetRegressor
    >>> x = np.linspace(-1.0, 1.0, 40)[:, None]
    >>> model = NetRegressor(loss="quantile", hidden=(4,), seeds=1, epochs=5, folds=3).fit(x, x[:, 0])
    >>> bounds = quantile_interval(model.population_, x[:2], level=0.8)
    >>> bounds.shape, bool((bounds[:, 0] < bounds[:, 1]).all())
    ((2, 2, 1), True)
    """
    check_level(level)
    if not population.folds:
        raise SettingError("method='cqr' needs models that did not see some rows.", "Fit with folds=10.")
    y, groups = population.rows.y, population.rows.groups
    bounds = np.empty((len(x), 2, y.shape[1]))
    scores = np.empty(y.shape)
    fold = population.fold
    bands = []
    for group, held in zip(population.folds, population.held_out, strict=True):
        seen = _band(group, population.rows.x[held])
        scores[held] = np.maximum(seen[:, 0] - y[held], y[held] - seen[:, 1])
        bands.append(_band(group, x))
    band = np.stack(bands)  # [F N 2 C]
    for place in range(len(x)):
        own = band[fold, place]  # [n 2 C]
        bounds[place, 0] = -covering_value(scores - own[:, 0], level, groups)
        bounds[place, 1] = covering_value(own[:, 1] + scores, level, groups)
    return bounds


def _band(group: ModelGroup, x: FloatArray) -> FloatArray:
    """Return the mean lowest and highest quantile over networks [N 2 C]."""
    band = getattr(group, "band", None)
    if band is None:
        raise SettingError("method='cqr' needs networks that learned quantiles.", "Use NetRegressor(loss='quantile').")
    found: FloatArray = band(x).mean(axis=0)
    return found
