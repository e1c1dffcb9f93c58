"""Tests of linear restrictions on coefficients, combinations of coefficients, and comparisons of nested models."""

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import chdtrc, fdtrc, stdtr, stdtrit

from thalweg.base.arrays import FloatArray
from thalweg.base.checks import check_number
from thalweg.base.errors import DataError, SettingError
from thalweg.base.wording import closest, listed
from thalweg.linear.estimates import Estimates

if TYPE_CHECKING:
    import pandas as pd

_SAME = 1e-9  # of two models' null log-likelihoods, if they are of the same rows


@dataclass(frozen=True, slots=True)
class WaldTest:
    """A joint test of linear restrictions.

    Parameters
    ----------
    hypothesis
        The restrictions, as they were written.
    statistic
        F, or χ² if there are no degrees of freedom in its denominator.
    restrictions
        How many of them are independent.
    df
        Degrees of freedom of the denominator; infinite for χ².
    p_value
        Of the test.
    """

    hypothesis: str
    statistic: float
    restrictions: int
    df: float
    p_value: float

    def sentence(self) -> str:
        """Return the test in plain words.

        Examples
        --------
        >>> WaldTest("x1 = 0", 4.0, 1, 20.0, 0.0593).sentence()
        'x1 = 0: F(1, 20) = 4, p = 0.0593.'
        """
        name = f"χ²({self.restrictions})" if np.isinf(self.df) else f"F({self.restrictions}, {self.df:.6g})"
        return f"{self.hypothesis}: {name} = {self.statistic:.5g}, p = {self.p_value:.3g}."


def wald_test(fit: Estimates, hypothesis: str | None = None) -> WaldTest:
    """Test restrictions ``Rβ = r`` together: ``(Rβ - r)'(RVR')⁻¹(Rβ - r)``, divided by their number where t is used.

    Parameters
    ----------
    fit
        The model; its covariance decides what the test is robust to.
    hypothesis
        Such as ``"educ = exper, tenure = 0"``; a name that is no Python name stands in backquotes. None tests that all
        slopes are zero.

    Returns
    -------
    WaldTest
        Statistic, degrees of freedom and p-value.

    Raises
    ------
    SettingError
        If the hypothesis cannot be read, names no coefficient of the model, or contradicts itself.
    DataError
        If the coefficients have no standard errors.

    Examples
    --------
    >>> from thalweg.linear import regress
    >>> random = np.random.default_rng(0)
    >>> X = random.normal(size=(50, 2))
    >>> fit = regress(X, X[:, 0] + X[:, 1] + random.normal(size=50))
    >>> round(wald_test(fit, "x1 = x2").p_value, 3)
    0.419

    Notes
    -----
    Wald (1943, Transactions of the AMS 54, 426-482). With clusters or robust errors the covariance is theirs, and F has
    the degrees of freedom of the t tests.
    """
    if hypothesis is None:
        slopes = [j for j, name in enumerate(fit.names) if name.rpartition(": ")[2] != "Intercept"]
        R, r, said = np.eye(len(fit.names))[slopes], np.zeros(len(slopes)), "all slopes = 0"
    else:
        (R, r), said = _restrictions(fit, hypothesis), hypothesis.strip()
    _refuse_unknown_errors(fit, R)
    away, V = R @ fit.estimate - r, R @ fit.covariance @ R.T
    scale = np.sqrt(np.maximum(np.diag(V), np.finfo(float).tiny))
    values, vectors = np.linalg.eigh(V / np.outer(scale, scale))
    there = values > 1e-10 * max(values[-1], np.finfo(float).tiny)
    along = vectors.T @ (away / scale)
    if np.abs(along[~there]).max(initial=0.0) > 1e-7 * max(1.0, float(np.abs(along).max())):
        raise SettingError(
            f"The restrictions {said!r} contradict each other, or are more than the errors can tell apart.",
            "Drop some.",
        )
    count = int(there.sum())
    chi = float((along[there] ** 2 / values[there]).sum())
    df = fit.degrees_range[0]
    if np.isinf(df):
        return WaldTest(said, chi, count, df, float(chdtrc(count, chi)))
    return WaldTest(said, chi / count, count, df, float(fdtrc(count, df, chi / count)))


def linear_combination(fit: Estimates, expression: str, *, level: float = 0.95) -> "pd.DataFrame":
    """Estimate ``c'β`` with its standard error ``√(c'Vc)``, test and interval.

    Parameters
    ----------
    fit
        The model.
    expression
        Such as ``"educ - 2 * exper"``.
    level
        Nominal coverage of the interval.

    Returns
    -------
    pandas.DataFrame
        One row: term, estimate, std_error, statistic, p_value, conf_low, conf_high.

    Raises
    ------
    SettingError
        If the expression cannot be read, or names no coefficient of the model.
    DataError
        If the coefficients have no standard errors.

    Examples
    --------
    >>> from thalweg.linear import regress
    >>> fit = regress([[1.0], [2.0], [3.0], [4.0]], [1.1, 1.9, 3.2, 3.8])
    >>> linear_combination(fit, "Intercept + 5 * x1")["estimate"].round(2).tolist()
    [4.85]
    """
    import pandas as pd  # noqa: PLC0415 (half a second that a bare fit does not need)

    check_number("level", level, low=0, high=1, open_low=True, open_high=True)
    if "=" in expression or "," in expression:
        raise SettingError(f"{expression!r} is a hypothesis, no expression.", "Leave out what follows the =.")
    R, r = _restrictions(fit, expression)
    _refuse_unknown_errors(fit, R)
    estimate = float((R @ fit.estimate - r)[0])
    error = float(np.sqrt((R @ fit.covariance @ R.T)[0, 0]))
    df = fit.degrees_range[0]
    statistic = estimate / error if error > 0 else np.nan
    reach = float(-stdtrit(df, (1 - level) / 2)) * error
    values = (expression.strip(), estimate, error, statistic, 2 * float(stdtr(df, -abs(statistic))))
    names = ("term", "estimate", "std_error", "statistic", "p_value", "conf_low", "conf_high")
    return pd.DataFrame([(*values, estimate - reach, estimate + reach)], columns=list(names))


def compare_nested(fits: Sequence[Estimates]) -> "pd.DataFrame":
    """Compare models of the same rows, each with more coefficients than the one before: F tests or likelihood ratios.

    Least squares: ``F = ((RSS₀ - RSS₁) / q) / (RSS₁ / (n - k))`` with the second model's variance. Likelihoods:
    ``2 (ℓ₁ - ℓ₀)``, χ² with q degrees of freedom.

    Parameters
    ----------
    fits
        Two or more models with classical standard errors, the smallest first.

    Returns
    -------
    pandas.DataFrame
        One row per model: coefficients, degrees of freedom left, log-likelihood, and the test against the one before.

    Raises
    ------
    SettingError
        If errors are robust, for which these tests do not hold, or fewer than two models are given.
    DataError
        If the models are not of the same rows, or not nested.

    Examples
    --------
    >>> from thalweg.linear import regress
    >>> X = np.random.default_rng(0).normal(size=(50, 2))
    >>> y = X[:, 0] + np.random.default_rng(1).normal(size=50)
    >>> compare_nested([regress(X[:, :1], y), regress(X, y)])["p_value"].round(2).tolist()
    [nan, 0.94]
    """
    import pandas as pd  # noqa: PLC0415 (as above)

    if len(fits) < 2:
        raise SettingError("A comparison needs two models or more.", "Give them in a list, the smallest first.")
    robust = [fit for fit in fits if fit.cov_type != "classical"]
    if robust:
        raise SettingError(
            f"Nested models are compared under their own variance, and errors here are {robust[0].cov_type!r}.",
            "Test the added coefficients by wald_test, which takes the model's own errors.",
        )
    rows = [_fit_row(fits[0], None, "")]
    for small, large in pairwise(fits):
        rows.append(_fit_row(large, _nested(small, large), "F" if large.scale is not None else "χ²"))
    return pd.DataFrame(rows)


def _fit_row(fit: Estimates, test: tuple[int, float, float] | None, kind: str) -> dict[str, object]:
    added, statistic, p_value = test or (0, np.nan, np.nan)
    told = {"coefficients": fit.parameters, "df_resid": fit.df_resid, "log_likelihood": fit.llf, "test": kind}
    return {"model": fit.model, **told, "added": added, "statistic": statistic, "p_value": p_value}


def _nested(small: Estimates, large: Estimates) -> tuple[int, float, float]:
    """Restrictions, statistic and p-value of a model within another."""
    if (small.model, small.answer) != (large.model, large.answer) or small.nobs != large.nobs:
        raise DataError("The models are not of the same kind, outcome and rows.", "Fit both to the same rows.")
    if abs(small.llnull - large.llnull) > _SAME * max(1.0, abs(large.llnull)):
        raise DataError("The models were fitted to different outcomes or rows.", "Fit both to the same rows.")
    absent = [name for name in small.names if name not in large.names]
    added = large.parameters - small.parameters
    if absent or added <= 0:
        raise DataError(
            f"The smaller model is not within the larger one{f', which lacks {listed(absent, 5)}' if absent else ''}.",
            "Give them in order, the smallest first, each with the columns of the one before.",
        )
    if large.scale is None or small.scale is None:
        ratio = 2 * (large.llf - small.llf)
        return added, ratio, float(chdtrc(added, ratio))
    lost = small.scale * small.df_resid - large.scale * large.df_resid
    ratio = lost / added / large.scale
    return added, ratio, float(fdtrc(added, large.df_resid, ratio))


def _restrictions(fit: Estimates, text: str) -> tuple[FloatArray, FloatArray]:
    """Matrix and values of restrictions."""
    names, bare = _plain_names(fit.names, text)
    rows = []
    for part in bare.split(","):
        sides = part.split("=")
        try:
            if len(sides) > 2:
                raise ValueError
            left, right = (_Linear.of(ast.parse(side.strip(), mode="eval").body) for side in (*sides, "0")[:2])
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            raise SettingError(
                f"{text!r} cannot be read as restrictions on coefficients.",
                "They are sums of coefficients times numbers: 'x1 = x2, 2 * x3 + x4 = 1'.",
            ) from None
        difference = left.plus(right, -1.0)
        for name in difference.factors:
            if name not in names:
                raise SettingError(f"There is no coefficient {name!r}.", closest(name, list(fit.names), "coefficients"))
        row = np.array([difference.factors.get(name, 0.0) for name in names])
        if not row.any():
            raise SettingError(f"A part of {text!r} restricts no coefficient.", "Write it as 'x1 = x2, x3 = 0'.")
        rows.append((row, -difference.number))
    return np.array([row for row, _ in rows]), np.array([value for _, value in rows])


@dataclass(frozen=True, slots=True)
class _Linear:
    """A number and factors of names."""

    number: float
    factors: dict[str, float]

    @staticmethod
    def of(node: ast.AST) -> "_Linear":
        """Read sums of names times numbers."""
        match node:
            case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
                return _Linear(float(value), {})
            case ast.Name(id=name):
                return _Linear(0.0, {name: 1.0})
            case ast.UnaryOp(op=ast.USub(), operand=inner):
                return _Linear(0.0, {}).plus(_Linear.of(inner), -1.0)
            case ast.BinOp(left=left, op=ast.Add() | ast.Sub() as sign, right=right):
                return _Linear.of(left).plus(_Linear.of(right), 1.0 if isinstance(sign, ast.Add) else -1.0)
            case ast.BinOp(left=left, op=ast.Mult() | ast.Div() as sign, right=right):
                one, other = _Linear.of(left), _Linear.of(right)
                if one.factors and not other.factors and (other.number or isinstance(sign, ast.Mult)):
                    return _Linear(0.0, {}).plus(one, other.number if isinstance(sign, ast.Mult) else 1 / other.number)
                if not one.factors and isinstance(sign, ast.Mult):
                    return _Linear(0.0, {}).plus(other, one.number)
                if not one.factors and not other.factors and other.number:
                    return _Linear(one.number / other.number, {})
        raise ValueError

    def plus(self, other: "_Linear", times: float) -> "_Linear":
        """Add another, times a number."""
        names = dict.fromkeys([*self.factors, *other.factors])
        factors = {name: self.factors.get(name, 0.0) + times * other.factors.get(name, 0.0) for name in names}
        return _Linear(self.number + times * other.number, factors)


def _plain_names(names: Sequence[str], text: str) -> tuple[list[str], str]:
    """Return names that are Python names, and the text with them: the longest names are replaced first."""
    plain = list(names)
    for j in sorted(range(len(names)), key=lambda j: -len(names[j])):
        if not names[j].isidentifier():
            plain[j] = f"coefficient_{j}"
            text = text.replace(f"`{names[j]}`", plain[j]).replace(names[j], plain[j])
    return plain, text.replace("`", "")


def _refuse_unknown_errors(fit: Estimates, R: FloatArray) -> None:
    """Refuse to test coefficients without standard errors."""
    used = np.flatnonzero(R.any(axis=0))
    lost = [fit.names[j] for j in used if np.isnan(fit.covariance[j, j])]
    if lost:
        why = fit.reason_undefined or "They are shrunken, and carry none."
        raise DataError(f"{listed(lost, 5)}: no standard errors. {why}", "Test other coefficients.")
