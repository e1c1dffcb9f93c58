"""Prediction intervals from models that did not see the rows they are judged on: numbers only.

Coverage is over the draw of training rows and of the new row together, for exchangeable rows, or for a row of a new
group where groups are exchangeable; it is not promised for every single x.
"""

import numpy as np
from numpy.typing import NDArray

from thalweg.base.arrays import FloatArray, IntArray
from thalweg.base.checks import check_number
from thalweg.select.scoring.covering import covering_value

CELLS = 4_000_000  # numbers held at once when every new row meets every training row


def split_interval(
    centre: FloatArray, residuals: FloatArray, level: float, groups: IntArray | None = None
) -> FloatArray:
    """Return centre ± the ⌈(n + 1) level⌉-th smallest |residual| of n rows the model did not see.

    Split conformal prediction covers with probability at least ``level`` and at most level + 1/(n + 1) without ties.

    Parameters
    ----------
    centre
        Predictions for new rows [N].
    residuals
        Outcome minus prediction [n].
    level
        Nominal coverage.
    groups
        Of the n rows, see :func:`covering_value`; None for independent rows.

    Returns
    -------
    numpy.ndarray
        Lower and upper bounds [N 2]; infinite if n, or the number of groups, is less than level / (1 − level).

    Raises
    ------
    SettingError
        If the level is not in (0, 1).

    References
    ----------
    Lei, G'Sell, Rinaldo, Tibshirani & Wasserman (2018), doi:10.1080/01621459.2017.1307116, Algorithm 2.

    Examples
    --------
    >>> split_interval(np.array([10.0]), np.arange(-4.0, 5.0), 0.9).tolist()
    [[6.0, 14.0]]
    """
    check_level(level)
    width = covering_value(np.abs(residuals)[:, None], level, groups)
    return np.stack([centre - width, centre + width], axis=1)


def plus_interval(
    centres: FloatArray, residuals: FloatArray, level: float, groups: IntArray | None = None
) -> FloatArray:
    """Return the jackknife+ interval for new rows: CV+ and jackknife+-after-bootstrap are this with other centres.

    The lower bound is the ⌊(n + 1)(1 − level)⌋-th smallest of c_i − |r_i|, the upper the ⌈(n + 1) level⌉-th smallest of
    c_i + |r_i|, with c_i the prediction by models that did not see row i. It covers with probability at least
    2 level − 1; in practice about ``level``.

    Parameters
    ----------
    centres
        For every training row i, predictions for the new rows by models that did not see i [n N].
    residuals
        Outcome minus prediction of row i by those models [n].
    level
        Nominal coverage.
    groups
        Of the n rows, none of them seen by a model that predicts a row of it; None for independent rows.

    Returns
    -------
    numpy.ndarray
        Bounds [N 2].

    Raises
    ------
    SettingError
        If the level is not in (0, 1).

    References
    ----------
    Barber, Candès, Ramdas & Tibshirani (2021), doi:10.1214/20-AOS1965, equations 1.4 and 3.1 (CV+); Kim, Xu & Barber
    (2020), arXiv:2002.09025, Algorithm 1 (jackknife+-after-bootstrap).

    Examples
    --------
    >>> plus_interval(np.full((9, 1), 10.0), np.arange(-4.0, 5.0), 0.9).tolist()
    [[6.0, 14.0]]
    """
    check_level(level)
    size = np.abs(residuals)[:, None]
    lower = -covering_value(size - centres, level, groups)
    return np.stack([lower, covering_value(centres + size, level, groups)], axis=1)


def leave_out_means(predictions: FloatArray, bags: NDArray[np.int32]) -> FloatArray:
    """Return for every training row the mean prediction of the samples without it [n N]; NaN if every sample holds it.

    Parameters
    ----------
    predictions
        Of every bootstrap model [B N].
    bags
        How often each sample holds each training row [B n].

    Examples
    --------
    >>> leave_out_means(np.array([[1.0], [3.0]]), np.array([[2, 0], [0, 0]])).tolist()
    [[3.0], [2.0]]
    """
    free = (bags == 0).T.astype(np.float64)
    counts = free.sum(axis=1, keepdims=True)
    means: FloatArray = np.divide(
        free @ predictions, counts, out=np.full((len(free), predictions.shape[1]), np.nan), where=counts > 0
    )
    return means


def check_level(level: float) -> float:
    """Return the level if it lies in (0, 1)."""
    return check_number("level", level, low=0.0, high=1.0, open_low=True, open_high=True)
