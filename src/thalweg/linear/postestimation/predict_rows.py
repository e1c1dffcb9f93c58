"""Predictions of a fitted model with standard errors and intervals, for the mean and for a single outcome."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtrit

from thalweg.base.arrays import FloatArray
from thalweg.base.checks import check_number
from thalweg.base.errors import SettingError
from thalweg.linear.estimates import Estimates
from thalweg.linear.likelihoods.families import mean_family
from thalweg.linear.models import model_named
from thalweg.linear.postestimation.mean_function import kept_design, mean_values, output_names

if TYPE_CHECKING:
    import pandas as pd

_BLOCK = 1 << 22  # numbers of a block of derivatives


def predict_rows(fit: Estimates, X: ArrayLike, *, level: float = 0.95) -> "pd.DataFrame":
    """Predict rows: ``μ(x'β)`` with the standard error ``√(g'Vg)`` of the mean, g its derivative in β.

    The interval of a mean between bounds (logistic, Poisson) is that of x'β, turned by the link, and stays within them.
    An interval for a single outcome of least squares takes errors as normal with equal variance: ``x'β ± t √(σ² +
    x'Vx)``, also where V is robust.

    Parameters
    ----------
    fit
        From :func:`~thalweg.linear.regress` or one of its kin.
    X
        Design [N D] with the columns of the fit; those of a data frame are found by name.
    level
        Nominal coverage of both intervals.

    Returns
    -------
    pandas.DataFrame
        ``prediction``, ``std_error``, ``mean_low``, ``mean_high``; of least squares also ``low`` and ``high``, for a
        single outcome. Of several classes those columns for each, behind its name. Shrunken coefficients have none.

    Raises
    ------
    DataError
        If columns are missing, or a number is not finite.
    SettingError
        If effects were absorbed, which have no estimates, or the level is not between 0 and 1.

    Examples
    --------
    >>> from thalweg.linear import regress
    >>> fit = regress([[1.0], [2.0], [3.0], [4.0]], [1.1, 1.9, 3.2, 3.8])
    >>> predict_rows(fit, [[5.0]]).round(2).to_dict("records")
    [{'prediction': 4.85, 'std_error': 0.25, 'mean_low': 3.78, 'mean_high': 5.92, 'low': 3.47, 'high': 6.23}]

    Notes
    -----
    Standard errors of functions of estimates by the delta method: Wooldridge (2010), Econometric Analysis of Cross
    Section and Panel Data, section 3.5.2.
    """
    import pandas as pd  # noqa: PLC0415 (half a second that a bare fit does not need)

    check_number("level", level, low=0, high=1, open_low=True, open_high=True)
    if fit.absorbed:
        raise SettingError(
            "The model absorbed effects, which have no estimates, and predictions need them.",
            "Write the effects as C(…) in front of the bar.",
        )
    A, names = kept_design(fit, X), output_names(fit)
    value, error = _with_errors(fit, A)
    single = len(names) == 1
    reach = -stdtrit(_degrees(fit), (1 - level) / 2)
    columns: dict[str, FloatArray] = {}
    for m, name in enumerate(names):
        before = "" if single else f"{name}: "
        low, high = value[:, m] - reach * error[:, m], value[:, m] + reach * error[:, m]
        model = model_named(fit.model)
        if model.key in {"logistic", "poisson"}:
            family, eta = mean_family(model.key), A @ fit.estimate
            spread = reach * np.sqrt(np.einsum("nk,kl,nl->n", A, fit.covariance, A))
            low, high = family.mean(eta - spread), family.mean(eta + spread)
        elif not single:
            low, high = np.maximum(low, 0.0), np.minimum(high, 1.0)
        columns |= {f"{before}prediction": value[:, m], f"{before}std_error": error[:, m]}
        columns |= {f"{before}mean_low": low, f"{before}mean_high": high}
        if fit.scale is not None:
            around = reach * np.sqrt(fit.scale + error[:, m] ** 2)
            columns |= {"low": value[:, m] - around, "high": value[:, m] + around}
    return pd.DataFrame(columns, index=getattr(X, "index", None) if hasattr(X, "columns") else None)


def _degrees(fit: Estimates) -> float:
    """Degrees of freedom of a prediction: the fewest of any coefficient, where they differ."""
    return fit.degrees_range[0]


def _with_errors(fit: Estimates, A: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return expected outcomes and their standard errors, both [N M], block by block of rows."""
    step = max(1, _BLOCK // (len(fit.names) * len(output_names(fit))))
    parts = []
    for first in range(0, len(A), step):
        found = mean_values(fit, A[first : first + step])
        squares = np.einsum("nmk,kl,nml->nm", found.jacobian, fit.covariance, found.jacobian, optimize=True)
        parts.append((found.value, np.sqrt(squares)))
    value, error = zip(*parts, strict=True)
    return np.concatenate(value), np.concatenate(error)
