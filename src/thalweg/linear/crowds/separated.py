"""What can still be estimated where answers are separated: coefficients with a ridge, and no standard errors."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from thalweg.base.checks import check_choice
from thalweg.linear.crowds.any_model import fit_members
from thalweg.linear.estimates import Estimates
from thalweg.linear.likelihoods.families import FAMILIES
from thalweg.linear.models import MODELS
from thalweg.linear.regression import named_rows
from thalweg.linear.ridge_certificate import certify_ridge

RIDGE: Final = 1.0


def separated_estimates(
    model: str,
    X: ArrayLike,
    y: ArrayLike,
    separation: str,
    *,
    weights: ArrayLike | None = None,
    names: Sequence[str] | None = None,
    classes: Sequence[str] | None = None,
    answer: str = "y",
) -> Estimates:
    """Maximise the log-likelihood less ``½ Σ β²`` over standardised columns, which has a finite maximum always.

    The coefficients depend on that penalty, which is a convention (scikit-learn's ``C=1``), not an estimate. They have
    no standard errors: the rows say only that some of them are large.

    Parameters
    ----------
    model
        "logistic", "poisson" or "softmax".
    X, y
        Design [N D], answers [N].
    separation
        Who separates the answers, from :class:`~thalweg.linear.likelihoods.separation.SeparatedError`.
    weights, names, classes, answer
        As for :func:`~thalweg.linear.multinomial.multinomial_regression`.

    Returns
    -------
    Estimates
        ``cov_type`` is "none", and the covariance NaN.

    Raises
    ------
    DataError
        If the input is wrong.
    SettingError
        If the model is unknown.

    Examples
    --------
    >>> x = [[0.0], [1.0], [2.0], [3.0]]
    >>> fit = separated_estimates("logistic", x, [0, 0, 1, 1], "x1 separates the answers completely")
    >>> fit.params.round(2).to_dict()
    {'Intercept': -1.27, 'x1': 0.84}
    """
    check_choice("model", model, tuple(key for key, family in FAMILIES.items() if family.separable))
    rows, labels = named_rows(X, y, weights, names)
    w = rows.weight_vector()
    found = fit_members(model, rows, w[None], ridge=RIDGE)
    intercept, estimate = found.intercepts[0], found.table[0]
    terms = labels
    if len(estimate) > len(labels):
        named = range(intercept.size) if classes is None else classes
        terms = tuple(f"{one}: {label}" for one in list(named)[1:] for label in labels)
    told = certify_ridge(model, rows.X, rows.y, found.coefficients[0], intercept, RIDGE, weights=w, names=labels[1:])
    return Estimates(
        model=f"{MODELS[model].name}, ridge {RIDGE:g}",
        answer=answer,
        names=terms,
        estimate=estimate,
        covariance=np.full((len(terms), len(terms)), np.nan),
        cov_type="none",
        nobs=rows.total,
        llf=np.nan,
        llnull=np.nan,
        certificate=replace(told, separation=separation),
        columns=labels[1:],
        reference="" if len(terms) == len(labels) else str(next(iter(named))),
    )
