"""Estimates with their uncertainty, under the names statsmodels uses."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from scipy.special import stdtr, stdtrit

from thalweg.base.arrays import FloatArray, IntArray
from thalweg.base.checks import check_number
from thalweg.base.weighing import PROBABILITY
from thalweg.base.wording import listed
from thalweg.linear.certificate import Certificate

if TYPE_CHECKING:
    import pandas as pd

_DESCRIPTIONS: Final = {
    "classical": "classical standard errors, from the model's own variance",
    "HC0": "heteroskedasticity-robust standard errors (HC0)",
    "HC1": "heteroskedasticity-robust standard errors (HC1)",
    "HC2": "heteroskedasticity-robust standard errors (HC2)",
    "HC3": "heteroskedasticity-robust standard errors (HC3)",
    "none": "penalised, so without standard errors",
    "cluster": "standard errors robust to dependence within clusters",
    "CR2": "standard errors robust to dependence within clusters, bias-reduced (CR2)",
    "CR3": "standard errors robust to dependence within clusters, leave-one-cluster-out (CR3)",
}
_LABELS: Final = {
    "N": "Observations",
    "r2": "R²",
    "adj_r2": "Adjusted R²",
    "pseudo_r2": "Pseudo R² (McFadden)",
    "rmse": "Root MSE",
    "ll": "Log-likelihood",
    "aic": "AIC",
    "bic": "BIC",
}


@dataclass(frozen=True, slots=True)
class Estimates:
    """Coefficients, their covariance and the certificate of the fit.

    Parameters
    ----------
    model
        Name of the model.
    answer
        Name of the answer.
    names
        Name of each coefficient, the constant first.
    estimate
        Shape [K].
    covariance
        Shape [K K].
    cov_type
        Which covariance: "classical", "HC0" … "HC3", "cluster", "CR2", "CR3", or "none" for penalised estimates, whose
        standard errors, tests and intervals are NaN.
    nobs
        Number of observations: of the rows that count, or the sum of frequency weights.
    llf, llnull
        Log-likelihood of the model, and of the model with a constant alone.
    certificate
        How exactly the optimum was reached.
    df
        Degrees of freedom of the t distribution the tests use; infinite for the normal.
    rsquared
        Share of variance explained; None for models without one.
    centred
        Whether the model has a constant.
    weights_kind
        What the row weights mean, one of :data:`~thalweg.base.weighing.WEIGHTS_KINDS`; None without weights.
    each_df
        Degrees of freedom of each coefficient, shape [K], where they differ ("CR2"); else None.
    undefined
        Coefficients whose robust standard error is NaN, for one row or one cluster decides them alone.
    absorbed
        Levels of the absorbed effects, by name.
    absorbed_levels
        How many dummies they stand for: levels of every effect less one, and one.
    singletons
        Rows left out because they were alone in a level.
    columns
        All columns of the design in their order, those without a coefficient too.
    scale
        Residual variance of least squares: RSS by its degrees of freedom; None for likelihoods.
    fitted
        Expected outcome of each row, shape [N], or probabilities of the classes, [N C]; NaN where a row did not count.
    residuals
        Outcomes less those, shape [N]; None where there are classes.
    reference
        Of several classes the one that the others are compared with; "" otherwise.
    source
        The package that estimated, with its version; "" for this one.
    """

    model: str
    answer: str
    names: tuple[str, ...]
    estimate: FloatArray
    covariance: FloatArray
    cov_type: str
    nobs: float
    llf: float
    llnull: float
    certificate: Certificate
    df: float = math.inf
    rsquared: float | None = None
    centred: bool = True
    weights_kind: str | None = None
    each_df: FloatArray | None = None
    undefined: tuple[str, ...] = ()
    absorbed: Mapping[str, int] = field(default_factory=dict)
    absorbed_levels: int = 0
    singletons: int = 0
    columns: tuple[str, ...] = ()
    scale: float | None = None
    fitted: FloatArray | None = None
    residuals: FloatArray | None = None
    reference: str = ""
    source: str = ""

    @property
    def root_mse(self) -> float | None:
        """Root of the residual variance, in units of the outcome; None for likelihoods."""
        return None if self.scale is None else math.sqrt(self.scale)

    @property
    def degrees(self) -> float | FloatArray:
        """Degrees of freedom of the tests: one number, or one per coefficient, shape [K]."""
        return self.df if self.each_df is None else self.each_df

    @property
    def degrees_range(self) -> tuple[float, float]:
        """Fewest and most degrees of freedom of a test."""
        known = np.atleast_1d(self.degrees)
        known = known[~np.isnan(known)]
        return (float(known.min()), float(known.max())) if len(known) else (self.df, self.df)

    @property
    def perfect(self) -> bool:
        """Whether the columns explain every answer up to rounding, so that no variance is left to test with."""
        return self.llf == math.inf

    @property
    def reason_undefined(self) -> str:
        """Why some standard errors are NaN; "" if none is."""
        if not self.undefined:
            return ""
        unit = "row" if self.cov_type.startswith("HC") else "cluster"
        return (
            f"No standard error of {listed(self.undefined, 8)}: one {unit} alone decides each of them, so that its "
            "residuals are 0 whatever its errors were, and robust errors cannot be computed from them."
        )

    @property
    def params(self) -> "pd.Series[float]":
        """Coefficients by name."""
        return self._series(self.estimate, "params")

    @property
    def bse(self) -> "pd.Series[float]":
        """Standard errors by name."""
        return self._series(np.sqrt(np.diag(self.covariance)), "bse")

    @property
    def tvalues(self) -> "pd.Series[float]":
        """Coefficients in units of their standard error; NaN where that is 0, as of a perfect fit."""
        errors = self.bse
        return (self.params / errors.where(errors > 0)).rename("tvalues")

    @property
    def pvalues(self) -> "pd.Series[float]":
        """Two-sided p-values, Student's t with ``degrees`` degrees of freedom (the normal if infinite)."""
        return self._series(2 * stdtr(self.degrees, -np.abs(self.tvalues.to_numpy())), "pvalues")

    @property
    def errors_said(self) -> str:
        """What the standard errors are robust to, and what the weights mean, in words."""
        if self.source:
            return f"standard errors as {self.source} reports them ({self.cov_type})"
        words = _DESCRIPTIONS[self.cov_type]
        if self.weights_kind == PROBABILITY:
            words += ", somewhat too small where few rows weigh much"
        return words if self.weights_kind is None else f"{words}; {self.weights_kind} weights"

    @property
    def endog_names(self) -> str:
        """Name of the answer, as statsmodels calls it."""
        return self.answer

    @property
    def parameters(self) -> int:
        """Coefficients, and the dummies of absorbed effects."""
        return len(self.names) + self.absorbed_levels

    @property
    def absorbed_said(self) -> str:
        """What was absorbed, in words; "" if nothing."""
        if not self.absorbed:
            return ""
        sets = " and ".join(f"{count:,} levels of {name!r}" for name, count in self.absorbed.items())
        one = "row alone in a level was" if self.singletons == 1 else "rows alone in a level were"
        alone = f"; {self.singletons:,} {one} left out" if self.singletons else ""
        return f"Absorbed: {sets}{alone}."

    @property
    def df_model(self) -> float:
        """Coefficients without the constant."""
        return float(self.parameters - self.centred)

    @property
    def df_resid(self) -> float:
        """Observations less coefficients."""
        return self.nobs - self.parameters

    @property
    def rsquared_adj(self) -> float | None:
        """``1 - (1 - R²)(n - 1) / (n - k)``; n instead of n - 1 without a constant."""
        if self.rsquared is None or self.source:
            return None
        return 1 - (1 - self.rsquared) * (self.nobs - self.centred) / self.df_resid

    @property
    def prsquared(self) -> float | None:
        """McFadden's ``1 - llf / llnull``; None for least squares."""
        return 1 - self.llf / self.llnull if self.rsquared is None and not math.isnan(self.llnull) else None

    @property
    def aic(self) -> float:
        """``-2 llf + 2 k``."""
        return -2 * self.llf + 2 * self.parameters

    @property
    def bic(self) -> float:
        """``-2 llf + log(n) k``."""
        return -2 * self.llf + float(np.log(self.nobs)) * self.parameters

    def conf_int(self, alpha: float = 0.05) -> "pd.DataFrame":
        """Return the ends of the ``1 - alpha`` confidence intervals, columns 0 and 1.

        Raises
        ------
        SettingError
            If ``alpha`` is not between 0 and 1.
        """
        import pandas as pd  # noqa: PLC0415 (half a second that a bare fit does not need)

        check_number("alpha", alpha, low=0, high=1, open_low=True, open_high=True)
        reach = -stdtrit(self.degrees, alpha / 2) * self.bse
        return pd.DataFrame({0: self.params - reach, 1: self.params + reach})

    def cov_params(self) -> "pd.DataFrame":
        """Return the covariance matrix by name."""
        import pandas as pd  # noqa: PLC0415 (as above)

        return pd.DataFrame(self.covariance, index=list(self.names), columns=list(self.names))

    def frame(self, alpha: float = 0.05) -> "pd.DataFrame":
        """Return a tidy table: term, estimate, std_error, statistic, p_value, conf_low, conf_high.

        Raises
        ------
        SettingError
            If ``alpha`` is not between 0 and 1.
        """
        import pandas as pd  # noqa: PLC0415 (as above)

        ends = self.conf_int(alpha)
        return pd.DataFrame(
            {
                "term": list(self.names),
                "estimate": self.estimate,
                "std_error": self.bse.to_numpy(),
                "statistic": self.tvalues.to_numpy(),
                "p_value": self.pvalues.to_numpy(),
                "conf_low": ends[0].to_numpy(),
                "conf_high": ends[1].to_numpy(),
            }
        )

    def summary(self) -> str:
        """Return the table of coefficients, the fit and the certificate as text."""
        table = self.frame().set_index("term").rename_axis(None).to_string(float_format=lambda v: f"{v:.6g}")
        keys = [key for key in _LABELS if self.statistic(key) is not None]
        fit = "   ".join(f"{_LABELS[key]} {self.statistic(key):.6g}" for key in keys)
        head = f"{self.answer}: {self.model}, {self.errors_said}"
        why = "".join(f"\n{said}" for said in (self.absorbed_said, self.reason_undefined) if said)
        return f"{head}\n{table}\n{fit}\n{self.certificate.sentence()}{why}"

    def statistic(self, key: str) -> float | None:
        """Return a number of the fit by its short name (N, r2, adj_r2, pseudo_r2, rmse, ll, aic, bic)."""
        values = {
            "N": self.nobs,
            "r2": self.rsquared,
            "adj_r2": self.rsquared_adj,
            "pseudo_r2": self.prsquared,
            "rmse": self.root_mse,
            "ll": self.llf,
            "aic": self.aic,
            "bic": self.bic,
        }
        return values.get(key)

    @property
    def __maketables_coef_table__(self) -> "pd.DataFrame":
        """Table of coefficients as the maketables package reads it."""
        columns = {"estimate": "b", "std_error": "se", "statistic": "t", "p_value": "p"}
        ends = {"conf_low": "ci95l", "conf_high": "ci95u"}
        return self.frame().set_index("term").rename_axis("Coefficient").rename(columns=columns | ends)

    def __maketables_stat__(self, key: str) -> float | str | None:
        """Return a number of the fit, or the kind of standard errors."""
        return self.cov_type if key == "se_type" else self.statistic(key)

    @property
    def __maketables_depvar__(self) -> str:
        """Name of the answer."""
        return self.answer

    @property
    def __maketables_fixef_string__(self) -> str | None:
        """Absorbed effects."""
        return "+".join(self.absorbed) if self.absorbed else None

    @property
    def __maketables_vcov_info__(self) -> dict[str, Any]:
        """Kind of the standard errors."""
        return {"se_type": self.cov_type, "vcov_type": self.cov_type}

    @property
    def __maketables_stat_labels__(self) -> dict[str, str]:
        """Printed names of the numbers."""
        return dict(_LABELS)

    @property
    def __maketables_default_stat_keys__(self) -> list[str]:
        """Numbers shown unless others are asked for."""
        return ["N", "r2"] if self.rsquared is not None else ["N", "pseudo_r2"]

    def _series(self, values: FloatArray, name: str) -> "pd.Series[float]":
        """Values by coefficient name."""
        import pandas as pd  # noqa: PLC0415 (as above)

        return pd.Series(values, index=list(self.names), name=name)


def with_all_rows(fit: Estimates, kept: IntArray, count: int) -> Estimates:
    """Return estimates whose fitted values and residuals are of all rows, NaN for those that did not count.

    Parameters
    ----------
    fit
        Its fitted values are of the rows that counted.
    kept
        Positions of those among all.
    count
        How many rows there are.

    Examples
    --------
    >>> from thalweg.linear import regress
    >>> regress([[1.0], [2.0], [9.0], [3.0]], [1.0, 2.0, 7.0, 2.9], weights=[1, 1, 0, 1]).fitted.round(2)
    array([1.02, 1.97,  nan, 2.92])
    """
    if fit.fitted is None or len(kept) == count:
        return fit
    places = (fit.fitted, fit.residuals)
    full = [None if one is None else np.full((count, *one.shape[1:]), np.nan) for one in places]
    for whole, one in zip(full, places, strict=True):
        if whole is not None and one is not None:
            whole[kept] = one
    return replace(fit, fitted=full[0], residuals=full[1])
