"""Linear runs as the tables of other packages take them: the other way round from ``run_of_result``."""

from importlib import import_module
from types import SimpleNamespace
from typing import Any, Final

from thalweg.answers.linear import LinearRun
from thalweg.base.checks import check_choice
from thalweg.base.errors import MissingExtraError
from thalweg.linear.estimates import Estimates

PACKAGES: Final = ("statsmodels", "pyfixest")


class StatsmodelsResult:
    """Estimates with the names that ``statsmodels.iolib.summary2.summary_col`` reads.

    Parameters
    ----------
    fit
        The estimates; whatever is not told here is theirs.

    Examples
    --------
    >>> from thalweg.linear import regress
    >>> StatsmodelsResult(regress([[1.0], [2.0], [4.0]], [1.0, 2.0, 3.0], answer="wage")).model.endog_names
    'wage'
    """

    def __init__(self, fit: Estimates) -> None:
        self.fit = fit
        self.model = SimpleNamespace(endog_names=fit.answer, exog_names=list(fit.names))

    def __getattr__(self, name: str) -> Any:
        """Return what the estimates have under the name."""
        if name == "fit":  # while it is copied or unpickled
            raise AttributeError(name)
        return getattr(self.fit, name)


def result_of_run(run: LinearRun | Estimates, package: str) -> Any:
    """Return a linear run as a result that another package's table of models takes.

    Parameters
    ----------
    run
        A linear run, or estimates of :mod:`thalweg.linear`.
    package
        "statsmodels" for ``summary_col``, "pyfixest" for ``etable``.

    Returns
    -------
    object
        With coefficients, standard errors, p-values and numbers of the fit; it can do nothing else.

    Raises
    ------
    SettingError
        If the package is another.
    MissingExtraError
        If pyfixest is asked for and not installed.

    Examples
    --------
    >>> import thalweg as tw
    >>> from statsmodels.iolib.summary2 import summary_col
    >>> run = tw.fit_linear("example:diabetes", formula="progression ~ bmi")
    >>> print(summary_col([result_of_run(run, "statsmodels")]).tables[0].iloc[:2, 0].tolist())
    ['152.1335', '(2.9735)']
    """
    check_choice("package", package, PACKAGES)
    fit = run.estimates if isinstance(run, LinearRun) else run
    if package == "statsmodels":
        return StatsmodelsResult(fit)
    try:
        models: Any = import_module("pyfixest.estimation.models.feols_")
    except ModuleNotFoundError as error:
        raise MissingExtraError(
            "etable is of the package pyfixest, which is not installed.", "Install it with: pip install pyfixest"
        ) from error
    found: Any = object.__new__(
        type("ThalwegEstimates", (models.Feols,), {"tidy": lambda _: _tidy(fit)})
    )  # etable takes its own kind
    vars(found).update(
        _depvar=fit.answer,
        _fixef="+".join(fit.absorbed) or None,
        _N=fit.nobs,
        _r2=fit.rsquared,
        _adj_r2=fit.rsquared_adj,
        _rmse=fit.root_mse,
        _vcov_type=fit.cov_type,
    )
    return found


def _tidy(fit: Estimates) -> Any:
    """Return coefficients as a data frame under the names of pyfixest."""
    columns = {"estimate": "Estimate", "std_error": "Std. Error", "statistic": "t value", "p_value": "Pr(>|t|)"}
    ends = {"conf_low": "2.5%", "conf_high": "97.5%"}
    return fit.frame().set_index("term").rename_axis("Coefficient").rename(columns=columns | ends)
