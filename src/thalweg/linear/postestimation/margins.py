"""Marginal effects: by how much the expected outcome changes with a variable, on average, at means or at values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol

import numpy as np
from scipy.special import stdtr, stdtrit

from thalweg.base.arrays import FloatArray
from thalweg.base.checks import check_choice, check_number
from thalweg.base.errors import DataError, SettingError, setting
from thalweg.base.wording import closest
from thalweg.linear.estimates import Estimates
from thalweg.linear.postestimation.mean_function import kept_design, mean_values, output_names

if TYPE_CHECKING:
    import pandas as pd

AVERAGES: Final = ("average", "means")
"""Over all rows, or at one row of means and most frequent levels."""

_STEP: Final = 1e-3  # of a variable's deviation: differences of fourth order are then good to 10 digits or more
_BLOCK: Final = 1 << 21  # numbers of a block of derivatives


class VariableRows(Protocol):
    """What the rows are made of, and how a design is made of them."""

    @property
    def frame(self) -> "pd.DataFrame":
        """The variables of every row: numbers, or categories whose levels are those of the fit."""

    def design(self, frame: "pd.DataFrame") -> "pd.DataFrame":
        """Return the columns of the design."""


@dataclass(frozen=True, slots=True, eq=False)
class PlainColumns:
    """A design whose columns are the variables themselves."""

    frame: "pd.DataFrame"

    def design(self, frame: "pd.DataFrame") -> "pd.DataFrame":
        """Return the columns."""
        return frame


@dataclass(frozen=True, slots=True)
class Margins:
    """Marginal effects of J variables or contrasts, with the covariance of their estimates.

    Parameters
    ----------
    names
        Variables, "variable: level − reference" for categories, behind "class: " where there are classes.
    estimate
        Shape [J].
    covariance
        By the delta method, the rows taken as given, shape [J J].
    df
        Degrees of freedom of the tests; infinite for the normal distribution.
    average
        One of :data:`AVERAGES`.
    at
        Variables held at a value in every row.
    level
        Nominal coverage of the intervals.
    """

    names: tuple[str, ...]
    estimate: FloatArray
    covariance: FloatArray
    df: float
    average: str
    at: Mapping[str, str]
    level: float = 0.95

    def frame(self) -> "pd.DataFrame":
        """Return one row per effect: term, estimate, std_error, statistic, p_value, conf_low, conf_high."""
        import pandas as pd  # noqa: PLC0415 (half a second that a bare fit does not need)

        errors = np.sqrt(np.diag(self.covariance))
        with np.errstate(divide="ignore", invalid="ignore"):
            statistic = np.where(errors > 0, self.estimate / errors, np.nan)
        reach = -stdtrit(self.df, (1 - self.level) / 2) * errors
        return pd.DataFrame(
            {
                "term": list(self.names),
                "estimate": self.estimate,
                "std_error": errors,
                "statistic": statistic,
                "p_value": 2 * stdtr(self.df, -np.abs(statistic)),
                "conf_low": self.estimate - reach,
                "conf_high": self.estimate + reach,
            }
        )

    @property
    def said(self) -> str:
        """Where the effects are taken, in words."""
        held = "".join(f", {name} = {value}" for name, value in self.at.items())
        where = "on average over the rows" if self.average == "average" else "at means and most frequent levels"
        return f"Marginal effects {where}{held}; standard errors by the delta method, the rows taken as given."


def margins(
    fit: Estimates,
    variables: "VariableRows | pd.DataFrame",
    *,
    names: Sequence[str] | None = None,
    average: str = "average",
    at: Mapping[str, object] | None = None,
    weights: FloatArray | None = None,
    level: float = 0.95,
) -> Margins:
    """Return the change of the expected outcome per unit of each number, and from the reference to each other level.

    ``mean_i ∂μ(x_i'β)/∂z_ij`` for a number z_j, also where it enters by powers or interactions, and ``mean_i
    [μ(x_i'β; level) - μ(x_i'β; reference)]`` for a level of a category. The standard error is ``√(g'Vg)``, g the
    derivative of that mean in β.

    Parameters
    ----------
    fit
        The model.
    variables
        The rows: a data frame with the columns of the design, or variables with the map that makes the design of them.
    names
        Variables; all if None.
    average
        "average" over the rows, or "means": at one row of the numbers' means and the most frequent levels.
    at
        Values, by variable, that are held in every row.
    weights
        Of the rows, shape [N].
    level
        Nominal coverage of the intervals.

    Returns
    -------
    Margins
        The effects, with their standard errors.

    Raises
    ------
    SettingError
        If a variable is unknown, or a value is none of it.
    DataError
        If the coefficients have no standard errors.

    Examples
    --------
    >>> import pandas as pd
    >>> from thalweg.linear import logistic_regression
    >>> X = pd.DataFrame({"dose": [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]})
    >>> found = margins(logistic_regression(X, [0, 0, 1, 0, 1, 1]), X)
    >>> found.frame().round(3)[["estimate", "std_error"]].to_numpy()
    array([[0.159, 0.022]])

    Notes
    -----
    Cameron & Trivedi (2005), Microeconometrics, section 5.9.3; the names are Stata's: AME and MEM.
    """
    check_choice("average", average, AVERAGES)
    check_number("level", level, low=0, high=1, open_low=True, open_high=True)
    if np.isnan(fit.covariance).all():
        raise DataError("Shrunken coefficients have no standard errors, and neither have their marginal effects.", "")
    known: VariableRows = PlainColumns(variables) if not hasattr(variables, "design") else variables
    frame = known.frame
    asked = list(frame.columns) if names is None else list(names)
    for name in (*asked, *(at or {})):
        if name not in frame:
            raise SettingError(
                f"The model has no variable {name!r}.", closest(name, list(map(str, frame.columns)), "variables")
            )
    held = _held(frame, at or {})
    if average == "means":
        held, weights = _typical(held, weights), None
    w = np.ones(len(held)) if weights is None else np.asarray(weights, dtype=np.float64)
    shares = w / w.sum()
    contrasts = [(name, *contrast) for name in asked for contrast in _contrasts(held, name)]
    parts = [(label, _change(fit, known, held, shares, name, level)) for name, label, level in contrasts]
    outputs = output_names(fit)
    shown = range(len(outputs))
    names_of = {m: "" if len(outputs) == 1 else f"{outputs[m]}: " for m in shown}
    estimate = np.array([value[m] for m in shown for _, (value, _) in parts])
    jacobian = np.array([gradient[m] for m in shown for _, (_, gradient) in parts])
    return Margins(
        names=tuple(f"{names_of[m]}{label}" for m in shown for label, _ in parts),
        estimate=estimate,
        covariance=jacobian @ fit.covariance @ jacobian.T,
        df=fit.degrees_range[0],
        average=average,
        at={name: str(value) for name, value in (at or {}).items()},
        level=level,
    )


def _held(frame: "pd.DataFrame", at: Mapping[str, object]) -> "pd.DataFrame":
    """Rows with some variables at a value."""
    for name, value in at.items():
        column = frame[name]
        if hasattr(column.dtype, "categories"):
            levels = list(column.dtype.categories)
            if str(value) not in levels:
                known = closest(str(value), levels, "levels")
                raise SettingError(f"{name!r} has no level {str(value)!r}, named by {setting('at')}.", known)
            frame = frame.assign(**{name: _all_at(column, str(value))})
        else:
            try:
                number = float(value)  # type: ignore[arg-type]  # what is no number is told below
            except (TypeError, ValueError):
                raise SettingError(
                    f"{name!r} holds numbers, but {setting('at')} gives {value!r}.", "Give a number."
                ) from None
            frame = frame.assign(**{name: number})
    return frame


def _all_at(column: "pd.Series[Any]", level: str) -> "pd.Series[Any]":
    """Return a category that has one level in every row."""
    import pandas as pd  # noqa: PLC0415 (half a second that a bare fit does not need)

    levels = column.dtype.categories
    codes = np.full(len(column), levels.get_loc(level))
    return pd.Series(pd.Categorical.from_codes(codes, categories=levels), index=column.index, name=column.name)


def _typical(frame: "pd.DataFrame", weights: FloatArray | None) -> "pd.DataFrame":
    """Return one row of means and most frequent levels."""
    row = frame.iloc[[0]].copy()
    for name in frame:
        column = frame[name]
        if hasattr(column.dtype, "categories"):
            counts = np.bincount(column.cat.codes, weights, len(column.dtype.categories))
            row[name] = _all_at(row[name], column.dtype.categories[int(counts.argmax())])
        else:
            row[name] = float(np.average(column.to_numpy(dtype=np.float64), weights=weights))
    return row


def _contrasts(frame: "pd.DataFrame", name: str) -> list[tuple[str, str]]:
    """Return what the effects of a variable are called, and the levels compared with the reference; "" for a number."""
    dtype = frame[name].dtype
    if not hasattr(dtype, "categories"):
        return [(name, "")]
    first, *others = dtype.categories
    return [(f"{name}: {other} − {first}", other) for other in others]


def _change(
    fit: Estimates, variables: VariableRows, frame: "pd.DataFrame", shares: FloatArray, name: str, level: str
) -> tuple[FloatArray, FloatArray]:
    """Mean change of the expected outcomes [M] and its derivatives in the coefficients [M K]."""
    column = frame[name]
    if hasattr(column.dtype, "categories"):
        ends = [frame.assign(**{name: _all_at(column, one)}) for one in (level, column.dtype.categories[0])]
        weighted = list(zip(ends, (shares, -shares), strict=True))
    else:
        values = column.to_numpy(dtype=np.float64)
        spread = float(variables.frame[name].std()) or 1.0
        step = _STEP * np.where(values == 0, spread, np.minimum(spread, np.abs(values)))
        moves = ((1, 8), (-1, -8), (2, -1), (-2, 1))  # a central difference of fourth order
        weighted = [(frame.assign(**{name: values + k * step}), c * shares / (12 * step)) for k, c in moves]
    value: FloatArray | float = 0.0
    gradient: FloatArray | float = 0.0
    for moved, weight in weighted:
        mean, slope = _weighted_mean(fit, variables.design(moved), weight)
        value, gradient = value + mean, gradient + slope
    return np.asarray(value), np.asarray(gradient)


def _weighted_mean(fit: Estimates, design: "pd.DataFrame", weights: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Weighted sums of expected outcomes [M] and of their derivatives [M K], block by block of rows."""
    A = kept_design(fit, design)
    step = max(1, _BLOCK // (len(fit.names) * len(output_names(fit))))
    value: FloatArray | float = 0.0
    gradient: FloatArray | float = 0.0
    for first in range(0, len(A), step):
        block = slice(first, first + step)
        found = mean_values(fit, A[block])
        value = value + weights[block] @ found.value
        gradient = gradient + np.einsum("n,nmk->mk", weights[block], found.jacobian)
    return np.asarray(value), np.asarray(gradient)
