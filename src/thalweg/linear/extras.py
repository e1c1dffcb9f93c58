"""What a linear answer can hold beside estimates: selection, the picture of ridge and lasso, descents."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from thalweg.base.errors import SettingError
from thalweg.base.wording import closest
from thalweg.data.problem import Problem
from thalweg.linear.descent.descend import Descent, descend
from thalweg.linear.descent.geometry import ShrinkageGeometry, likelihood_geometry, shrinkage_geometry
from thalweg.linear.families import mean_family
from thalweg.linear.folds import deviations
from thalweg.linear.models import MODELS
from thalweg.linear.moments import moments
from thalweg.linear.rows import check_rows
from thalweg.linear.subsets.likelihood_selection import select_likelihood
from thalweg.linear.subsets.selection import SelectionPath, select

_DESCENT_WORK: Final = 4e8  # steps times cells of the design: a few seconds
_MOST_STEPS: Final = 5000


def select_columns(model: str, problem: Problem, search: str, held: NDArray[np.int64] | None) -> SelectionPath:
    """Search the best columns of each number.

    Parameters
    ----------
    model
        One of :data:`thalweg.linear.models.MODELS`.
    problem
        What is asked.
    search
        One of :data:`thalweg.linear.models.SEARCHES`.
    held
        Fold of each row, shape [N].

    Raises
    ------
    SettingError
        If the model has no such search.

    Examples
    --------
    See :func:`thalweg.fit_linear`.
    """
    if model == "ols":
        return select(problem.features, problem.outcome, search=search, weights=problem.weights, folds=held)
    roles: dict[str, Any] = {"weights": problem.weights, "folds": held}
    return select_likelihood(model, problem.features, problem.outcome, search=search, **roles)


def draw_geometry(model: str, problem: Problem, axes: tuple[str, str]) -> ShrinkageGeometry:
    """Ridge and lasso on two columns, the lasso at half the penalty that leaves nothing.

    The ridge is at λ = n, of a likelihood at half its curvature without columns.

    Parameters
    ----------
    model
        One of :data:`thalweg.linear.models.MODELS`.
    problem
        What is asked.
    axes
        Two columns of the design.

    Raises
    ------
    SettingError
        If one of them is no column of the design.

    Examples
    --------
    See :func:`thalweg.fit_linear`.
    """
    for name in axes:
        if name not in problem.features:
            raise SettingError(f"The design has no column {name!r}.", closest(name, list(problem.features)))
    X = problem.features[list(axes)].to_numpy()
    total = moments(check_rows(X, problem.outcome))
    steepest = float(np.max(np.abs(total.cross[:, 0]) / deviations(total, standardise=True)))
    if model != "ols":
        y = np.asarray(problem.outcome, dtype=np.float64)
        flat = total.total * mean_family(model).spread(y)
        return likelihood_geometry(model, X, y, lasso_penalty=steepest / 2, ridge_penalty=flat / 2)
    return shrinkage_geometry(X, problem.outcome, lasso_penalty=steepest, ridge_penalty=total.total)


def run_descents(model: str, problem: Problem) -> dict[str, Descent]:
    """Run the methods; the outcome of least squares by its standard deviation, so that one tolerance suits all.

    Parameters
    ----------
    model
        One of :data:`thalweg.linear.models.MODELS`.
    problem
        What is asked.

    Examples
    --------
    See :func:`thalweg.fit_linear`.
    """
    from thalweg.optim.adam import Adam  # noqa: PLC0415 (torch, for descents alone)

    X, y = problem.features.to_numpy(), np.asarray(problem.outcome, dtype=np.float64)
    cost = MODELS[model].public("objective")(X, y / y.std() if model == "ols" else y)
    steps = int(min(_MOST_STEPS, max(100, _DESCENT_WORK / X.size)))
    methods: dict[str, Any] = {"gradient": "gradient", "nesterov": "nesterov", "adam": Adam(0.05)}
    if cost.convexity > 0:
        methods["heavy-ball"] = "heavy-ball"
    return {name: descend(cost, method=method, steps=steps) for name, method in methods.items()}
