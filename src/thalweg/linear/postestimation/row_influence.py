"""Which rows move the estimates, and which columns say much the same."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from thalweg.base.arrays import FloatArray
from thalweg.base.errors import SettingError
from thalweg.linear.estimates import Estimates
from thalweg.linear.models import model_named
from thalweg.linear.numerics.factor import factor_gram, factor_rows
from thalweg.linear.numerics.moments import moments
from thalweg.linear.postestimation.mean_function import kept_design
from thalweg.linear.rows import check_rows

if TYPE_CHECKING:
    import pandas as pd

_ALONE = 1e-10
_SAFE = 1e-4  # of the largest eigenvalue: cross products then cost four digits of sixteen


@dataclass(frozen=True, slots=True)
class RowInfluence:
    """What each row does to a least-squares fit.

    Parameters
    ----------
    leverage
        ``h = a'(A'WA)⁻¹a w``, shape [N].
    studentised
        Residuals by their own standard error, the row left out of the variance, shape [N]; NaN at leverage 1.
    cooks_distance
        How far all fitted values move without the row, in units of the coefficients' confidence region, shape [N].
    """

    leverage: FloatArray
    studentised: FloatArray
    cooks_distance: FloatArray

    def frame(self) -> "pd.DataFrame":
        """Return one row per row of the table."""
        import pandas as pd  # noqa: PLC0415 (half a second that a bare fit does not need)

        return pd.DataFrame({name: getattr(self, name) for name in self.__slots__})


def row_influence(fit: Estimates, X: ArrayLike, *, weights: ArrayLike | None = None) -> RowInfluence:
    """Measure the influence of every row on a least-squares fit.

    ``t_i = r_i √w_i / (s₍ᵢ₎ √(1 - h_i))`` and ``D_i = w_i r_i² h_i / (k s² (1 - h_i)²)``.

    Parameters
    ----------
    fit
        From :func:`~thalweg.linear.regress`, without absorbed effects.
    X, weights
        Those of the fit.

    Returns
    -------
    RowInfluence
        Leverage, studentised residual and Cook's distance of every row.

    Raises
    ------
    SettingError
        If the model is no least squares, or absorbed effects.

    Examples
    --------
    >>> from thalweg.linear import regress
    >>> X, y = [[1.0], [2.0], [3.0], [10.0]], [1.0, 2.1, 2.9, 5.0]
    >>> row_influence(regress(X, y), X).cooks_distance.round(1)
    array([ 0.6,  0. ,  0.2, 31.6])

    Notes
    -----
    Belsley, Kuh & Welsch (1980), Regression Diagnostics, chapter 2; Cook (1977, Technometrics 19, 15-18).
    """
    if model_named(fit.model).key != "ols" or fit.absorbed or fit.scale is None or fit.residuals is None:
        raise SettingError("Influence is defined for least squares without absorbed effects.", "Fit such a model.")
    A = kept_design(fit, X)
    counted = ~np.isnan(fit.residuals)
    w = np.ones(len(A)) if weights is None else np.asarray(weights, dtype=np.float64)
    w = np.where(counted, w, 0.0)
    w = w * (fit.nobs / w.sum())
    leverage = _leverage(A * np.sqrt(w)[:, None])
    room = np.where(leverage > 1 - _ALONE, np.nan, 1 - leverage)
    residual = fit.residuals * np.sqrt(w)
    squares = fit.scale * fit.df_resid - residual**2 / room
    left_out = squares / (fit.df_resid - 1) if fit.df_resid > 1 else np.full(len(A), np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        studentised = residual / np.sqrt(np.maximum(left_out, 0.0) * room)
        cooks = residual**2 * leverage / (len(fit.names) * fit.scale * room**2)
    gone = np.where(counted, 1.0, np.nan)
    return RowInfluence(leverage * gone, studentised * gone, cooks * gone)


def _leverage(A: FloatArray) -> FloatArray:
    """Return the diagonal of ``A (A'A)⁻¹ A'``: from cross products where they lose few digits, else by QR."""
    scale = np.sqrt(np.square(A).sum(axis=0))
    Z = A / scale
    values, vectors = np.linalg.eigh(Z.T @ Z)
    if values[0] > _SAFE * values[-1]:
        return np.asarray(np.square(Z @ (vectors / np.sqrt(values))).sum(axis=1))
    return np.asarray(np.square(np.linalg.qr(Z)[0]).sum(axis=1))


def variance_inflation(X: ArrayLike, *, weights: ArrayLike | None = None) -> "pd.Series[float]":
    """Return by how much each column's variance of estimate grows because others say much the same: ``1 / (1 - R_j²)``.

    Parameters
    ----------
    X
        Design [N D], without a column of ones.
    weights
        Of the rows, shape [N].

    Returns
    -------
    pandas.Series
        By name; 1 is a column uncorrelated with all others, infinity one that those before it determine.

    Raises
    ------
    DataError
        If the design is no table of finite numbers.

    Examples
    --------
    >>> random = np.random.default_rng(0)
    >>> x = random.normal(size=100)
    >>> variance_inflation(np.column_stack([x, x + random.normal(size=100)])).round(1).tolist()
    [2.1, 2.1]

    Notes
    -----
    Marquardt (1970, Technometrics 12, 591-612).
    """
    import pandas as pd  # noqa: PLC0415 (as above)

    rows = check_rows(X, np.zeros(len(X)), weights)  # type: ignore[arg-type]  # what has no length is refused there
    factor = factor_gram(rows, moments(rows), intercept=True) or factor_rows(rows, intercept=True)[0]
    names = list(getattr(X, "columns", [f"x{j + 1}" for j in range(rows.X.shape[1])]))
    inflation = np.full(rows.X.shape[1], np.inf)
    inflation[factor.kept] = np.diag(factor.inverse())[1:] * factor.scale**2
    return pd.Series(inflation, index=names, name="variance_inflation")
