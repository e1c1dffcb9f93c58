"""The convex cost of multinomial regression, for descents."""

import numpy as np
from numpy.typing import ArrayLike

from thalweg.base.arrays import FloatArray
from thalweg.base.checks import check_number
from thalweg.linear.descent import rates
from thalweg.linear.descent.objectives import Objective
from thalweg.linear.newton import minimise
from thalweg.linear.rows import check_rows
from thalweg.linear.softmax_solver import Softmax, check_codes
from thalweg.linear.standardise import standardise


def softmax_objective(X: ArrayLike, codes: ArrayLike, *, ridge: float = 0.0) -> Objective:
    """Return the mean cross entropy plus ``ridge/2 Σ β²`` over (a, B), [1+D C] flattened, on standardised columns.

    M is Böhning's bound, half the largest eigenvalue of ``A'A/n``, plus the ridge (1992, Annals of the Institute of
    Statistical Mathematics 44, 197-200); m is 0. Every class has its own coefficients; descents from zero keep their
    sum at zero, where the optimum lies, too.

    Parameters
    ----------
    X, codes
        Design [N D], classes 0 … C - 1 [N].
    ridge
        On the scale of the mean loss.

    Returns
    -------
    Objective
        With its constants and its minimiser, found by Newton's method.

    Raises
    ------
    DataError
        If the input is wrong.
    SettingError
        If the ridge is negative.

    Examples
    --------
    >>> f = softmax_objective([[0.0], [1.0], [2.0], [3.0]], [0, 1, 0, 1])
    >>> f.smoothness, f.convexity
    (0.5, 0.0)
    """
    check_number("ridge", ridge, low=0)
    rows = check_rows(X, np.ravel(np.asarray(codes, dtype=np.float64)))
    count, n = check_codes(rows.y, None), len(rows.X)
    A = np.column_stack([np.ones(n), standardise(rows.X, None).apply(rows.X)])
    penalty = np.full(A.shape[1], n * float(ridge))
    penalty[0] = 0.0
    model = Softmax(A, np.eye(count)[rows.y.astype(np.int64)], np.ones(n), penalty)
    found = minimise(model.look, model.value, np.zeros(A.shape[1] * count))

    def gradient(x: FloatArray) -> FloatArray:
        return model.gradient(x)[0].ravel() / n

    return Objective(
        value=lambda x: model.value(x) / n,
        gradient=gradient,
        convexity=0.0,
        smoothness=rates.extreme_eigenvalues(A.T @ A / n)[1] / 2 + ridge,
        optimum=found.theta,
        minimum=model.value(found.theta) / n,
        information=float(n),
    )
