"""Fitted results of statsmodels, linearmodels and pyfixest as estimates of ours: their numbers, our words."""

import math
from collections.abc import Callable
from importlib.metadata import version
from typing import Any, Final

import numpy as np

from thalweg.base.errors import SettingError
from thalweg.linear.certificate import Certificate
from thalweg.linear.estimates import Estimates


def estimates_of_result(result: Any) -> Estimates:
    """Return a fitted model of another package as estimates.

    Coefficients, covariance, degrees of freedom and numbers of the fit are taken as they are; tests and intervals
    follow from them. Nothing of the optimum is checked.

    Parameters
    ----------
    result
        What ``fit`` of statsmodels or linearmodels returned, or ``feols``, ``fepois``, ``feglm`` of pyfixest.

    Raises
    ------
    SettingError
        If it is none of them.

    Examples
    --------
    >>> import statsmodels.api as sm
    >>> x = np.array([[1.0, 1.0], [1.0, 2.0], [1.0, 3.0], [1.0, 4.0]])
    >>> fit = estimates_of_result(sm.OLS([1.1, 1.9, 3.2, 3.8], x).fit())
    >>> fit.bse.round(3).tolist(), fit.model
    ([0.248, 0.091], 'OLS')
    """
    package = type(result).__module__.partition(".")[0]
    if package not in _READERS:
        raise SettingError(
            f"A fitted result of {', '.join(_READERS)} or of thalweg is needed, got {type(result).__name__}.",
            "Give what fit() returned.",
        )
    return _READERS[package](result)


def _estimates(
    package: str,
    *,
    model: str,
    answer: str,
    names: list[str],
    estimate: Any,
    covariance: Any,
    cov_type: str,
    df: float,
    nobs: float,
    llf: float | None,
    rsquared: float | None,
    llnull: float | None = None,
    absorbed: dict[str, int] | None = None,
) -> Estimates:
    """Gather what a package reports."""
    values = np.asarray(estimate, dtype=np.float64).ravel()
    said = f"Estimated by {package} {version(package)} ({model}); nothing of its optimum was checked here."
    nothing = math.nan
    told = Certificate(
        model, nobs, len(values), len(values), nothing, (), nothing, nothing, "", nothing, unchecked=said
    )
    return Estimates(
        model=model,
        answer=answer,
        names=tuple(map(str, names)),
        estimate=values,
        covariance=np.asarray(covariance, dtype=np.float64).reshape(len(values), -1),
        cov_type=cov_type,
        nobs=float(nobs),
        llf=nothing if llf is None else float(llf),
        llnull=nothing if llnull is None else float(llnull),
        certificate=told,
        df=float(df),
        rsquared=rsquared,
        absorbed=absorbed or {},
        source=f"{package} {version(package)}",
    )


def _number(result: Any, *names: str) -> float | None:
    """Return the first of some numbers that a result has."""
    for name in names:
        try:
            value = float(getattr(result, name))
        except (AttributeError, NotImplementedError, TypeError, ValueError):
            continue
        if math.isfinite(value):
            return value
    return None


def _of_statsmodels(result: Any) -> Estimates:
    params = result.params
    several = getattr(params, "ndim", 1) == 2
    labels = list(getattr(params, "index", result.model.exog_names))
    if several:  # of classes: one column of coefficients each
        labels = [f"{column}: {name}" for column in np.arange(1, params.shape[1] + 1) for name in labels]
    return _estimates(
        "statsmodels",
        model=type(result.model).__name__,
        answer=str(result.model.endog_names),
        names=labels,
        estimate=np.asarray(params).T if several else params,
        covariance=result.cov_params(),
        cov_type=str(getattr(result, "cov_type", "nonrobust")),
        df=_number(result, "df_resid_inference", "df_resid") or math.inf
        if getattr(result, "use_t", False)
        else math.inf,
        nobs=_number(result, "nobs") or math.nan,
        llf=_number(result, "llf"),
        rsquared=_number(result, "rsquared"),
        llnull=_number(result, "llnull"),
    )


def _of_linearmodels(result: Any) -> Estimates:
    debiased = bool(getattr(result, "debiased", False) or getattr(result, "_debiased", False))
    return _estimates(
        "linearmodels",
        model=str(getattr(result, "_method", "") or type(result.model).__name__),
        answer=str(
            result.model.dependent.vars[0]
            if hasattr(result.model.dependent, "vars")
            else result.model.dependent.cols[0]
        ),
        names=list(result.params.index),
        estimate=result.params,
        covariance=result.cov,
        cov_type=str(getattr(result, "cov_type", "") or getattr(result, "_cov_type", "")),
        df=(_number(result, "df_resid") or math.inf) if debiased else math.inf,
        nobs=float(result.nobs),
        llf=_number(result, "loglik"),
        rsquared=_number(result, "rsquared"),
    )


def _of_pyfixest(result: Any) -> Estimates:
    llf, pseudo = _number(result, "_loglik"), _number(result, "_pseudo_r2")
    effects = str(getattr(result, "_fixef", "") or "").split("+")
    return _estimates(
        "pyfixest",
        model=type(result).__name__.lower(),
        answer=str(result._depvar),  # noqa: SLF001 - pyfixest gives no other way to its covariance and names
        names=list(result.coef().index),
        estimate=result.coef(),
        covariance=result._vcov,  # noqa: SLF001 - the same
        cov_type=str(result._vcov_type_detail),  # noqa: SLF001 - the same
        df=float(result._df_t),  # noqa: SLF001 - the same
        nobs=float(result._N),  # noqa: SLF001 - the same
        llf=llf,
        llnull=None if llf is None or pseudo is None else llf / (1 - pseudo),
        rsquared=_number(result, "_r2"),
        absorbed={name.strip(): 0 for name in effects if name.strip() not in {"", "0", "None"}},
    )


_READERS: Final[dict[str, Callable[[Any], Estimates]]] = {
    "statsmodels": _of_statsmodels,
    "linearmodels": _of_linearmodels,
    "pyfixest": _of_pyfixest,
}
