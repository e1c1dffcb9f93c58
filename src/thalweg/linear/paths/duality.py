"""The duality gap of the elastic net: how far, at most, an objective lies above its minimum."""

import numpy as np

from thalweg.base.arrays import FloatArray


def duality_gap(
    gram: FloatArray, cross: FloatArray, square: float, W: FloatArray, *, l1: FloatArray, l2: FloatArray
) -> FloatArray:
    """Return upper bounds on ``P(w) - min P`` of ``P(w) = ½ ||y - Xw||² + l1 |w|₁ + ½ l2 ||w||²``.

    The dual point is the residual of the ridge-augmented problem, shrunk until it is feasible.

    Parameters
    ----------
    gram, cross, square
        ``X'X`` [D D], ``X'y`` [D] and ``y'y``.
    W
        Coefficients, shape [D L].
    l1, l2
        Penalties, shape [L].

    Examples
    --------
    >>> one = np.ones(1)
    >>> duality_gap(np.eye(1), one, 1.0, 0.5 * np.ones((1, 1)), l1=0.5 * one, l2=0 * one)
    array([0.])

    Notes
    -----
    Kim, Koh, Lustig, Boyd & Gorinevsky (2007, IEEE J. Sel. Topics Signal Process. 1, 606-617, section III),
    with the quadratic penalty written as D further rows of the design.
    """
    curved = gram @ W
    fitted = cross @ W
    residual = square - 2 * fitted + np.einsum("dl,dl->l", W, curved) + l2 * np.square(W).sum(axis=0)
    correlation = np.abs(cross[:, None] - curved - l2 * W).max(axis=0)
    primal = 0.5 * residual + l1 * np.abs(W).sum(axis=0)
    shrink = np.minimum(1.0, np.divide(l1, correlation, out=np.ones_like(l1), where=correlation > 0))
    dual = shrink * (square - fitted) - 0.5 * shrink**2 * residual
    return np.asarray(np.maximum(primal - dual, 0.0))
