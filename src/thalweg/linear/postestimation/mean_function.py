"""The expected outcome of rows as a function of the coefficients, with its derivatives, for every linear model."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import softmax

from thalweg.base.arrays import FloatArray
from thalweg.base.errors import DataError, SettingError
from thalweg.base.wording import listed
from thalweg.linear.estimates import Estimates
from thalweg.linear.likelihoods.families import mean_family
from thalweg.linear.models import model_named
from thalweg.linear.rows import check_design

INTERCEPT = "Intercept"


@dataclass(frozen=True, slots=True)
class MeanValues:
    """Expected outcomes of N rows.

    Parameters
    ----------
    value
        Shape [N M]: M is 1, or C for the probabilities of C classes.
    jacobian
        Derivatives in the coefficients, shape [N M K].
    """

    value: FloatArray
    jacobian: FloatArray


def kept_design(fit: Estimates, X: ArrayLike) -> FloatArray:
    """Return the columns that have coefficients, behind a column of ones if the model has a constant, shape [N K].

    Parameters
    ----------
    fit
        The model. Of several classes K are the coefficients of one.
    X
        Design with the columns of the fit; those of a data frame are found by name.

    Raises
    ------
    DataError
        If columns are missing, or a number is not finite.
    SettingError
        If another package estimated the model.

    Examples
    --------
    >>> from thalweg.linear import regress
    >>> fit = regress([[1.0], [2.0], [4.0]], [1.0, 2.0, 3.5])
    >>> kept_design(fit, [[3.0]])
    array([[1., 3.]])
    """
    if fit.source:
        raise SettingError(f"{fit.source} estimated the model, and knows how it predicts.", "Use its own predict.")
    names = getattr(X, "columns", None)
    if names is None:
        design = check_design(X, len(fit.columns))
        place = {name: j for j, name in enumerate(fit.columns)}
    else:
        absent = [name for name in kept_names(fit) if name not in {INTERCEPT, *map(str, names)}]
        if absent:
            raise DataError(f"The rows lack columns of the model: {listed(absent, 10)}.", "Add them.")
        design = check_design(X)
        place = {str(name): j for j, name in enumerate(names)}
    ones = np.ones((len(design), 1))
    return np.hstack([ones if name == INTERCEPT else design[:, [place[name]]] for name in kept_names(fit)])


def kept_names(fit: Estimates) -> tuple[str, ...]:
    """Return the names of the constant and the columns that have coefficients, once also where there are classes.

    Examples
    --------
    >>> from thalweg.linear import regress
    >>> kept_names(regress([[1.0], [2.0], [4.0]], [1.0, 2.0, 3.5]))
    ('Intercept', 'x1')
    """
    if model_named(fit.model).task != "multiclass":
        return fit.names
    first = fit.names[0].partition(": ")[0]
    return tuple(name[len(first) + 2 :] for name in fit.names if name.startswith(f"{first}: "))


def output_names(fit: Estimates) -> tuple[str, ...]:
    """Return what the M expected outcomes of a row are called: the answer, or the classes with a coefficient.

    Examples
    --------
    >>> from thalweg.linear import regress
    >>> output_names(regress([[1.0], [2.0], [4.0]], [1.0, 2.0, 3.5], answer="wage"))
    ('wage',)
    """
    if model_named(fit.model).task != "multiclass":
        return (fit.answer,)
    return (fit.reference, *dict.fromkeys(name.partition(": ")[0] for name in fit.names))


def mean_values(fit: Estimates, A: FloatArray) -> MeanValues:
    """Return the expected outcomes of rows.

    Parameters
    ----------
    fit
        The model.
    A
        From :func:`kept_design`, shape [N K].

    Examples
    --------
    >>> from thalweg.linear import regress
    >>> fit = regress([[1.0], [2.0], [3.0]], [1.0, 2.1, 2.9])
    >>> mean_values(fit, np.array([[1.0, 2.0]])).value.round(9)
    array([[2.]])
    """
    model = model_named(fit.model)
    if model.task == "multiclass":
        others = len(fit.names) // A.shape[1]
        eta = A @ fit.estimate.reshape(others, -1).T
        P = softmax(np.column_stack([np.zeros(len(A)), eta]), axis=1)
        turned = P[:, :, None] * (np.eye(others + 1)[None] - P[:, None, :])  # dP_c / dη_d, [N C C]
        jacobian = turned[:, :, 1:, None] * A[:, None, None, :]
        return MeanValues(P, jacobian.reshape(len(A), others + 1, -1))
    eta = A @ fit.estimate
    if model.key == "ols":
        return MeanValues(eta[:, None], A[:, None, :])
    family = mean_family(model.key)
    return MeanValues(family.mean(eta)[:, None], (family.curvature(eta)[:, None] * A)[:, None, :])
