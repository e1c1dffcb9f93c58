"""Sums of products in about 32 digits, from pairs of float64: exact residuals on any processor.

Dekker (1971, doi:10.1007/BF01397083) for the product, Knuth's TwoSum for the sum; the pair (high, low) stands
for high + low. Ogita, Rump & Oishi (2005, SIAM J. Sci. Comput. 26, algorithm 5.3) bound the error of such dot
products.
"""

import numpy as np

from thalweg.base.arrays import FloatArray
from thalweg.linear.numerics.moments import row_blocks

_SPLIT = float(2**27 + 1)

Pair = tuple[FloatArray, FloatArray]


def two_sum(a: FloatArray, b: FloatArray) -> Pair:
    """Return ``a + b`` and its rounding error; both exact.

    Examples
    --------
    >>> two_sum(np.array([1e16]), np.array([1.0]))
    (array([1.e+16]), array([1.]))
    """
    total = a + b
    part = total - a
    return total, (a - (total - part)) + (b - part)


def _halves(a: FloatArray) -> Pair:
    """Split 53 bits into 26 and 27."""
    shifted = _SPLIT * a
    high = shifted - (shifted - a)
    return high, a - high


def two_product(a: FloatArray, b: FloatArray) -> Pair:
    """Return ``a · b`` and its rounding error; exact below about 10³⁰⁰.

    Examples
    --------
    >>> high, low = two_product(np.array([1 + 2.0**-30]), np.array([1 - 2.0**-30]))
    >>> float(high[0]), float(low[0] / 2.0**-60)
    (1.0, -1.0)
    """
    product = a * b
    a_high, a_low = _halves(a)
    b_high, b_low = _halves(b)
    return product, ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low


def add_pairs(a: Pair, b: Pair) -> Pair:
    """Return the sum of two pairs."""
    high, low = two_sum(a[0], b[0])
    return two_sum(high, low + a[1] + b[1])


def round_pair(a: Pair) -> FloatArray:
    """Return a pair as one float64."""
    return a[0] + a[1]


def sum_pairs(a: Pair) -> Pair:
    """Sum pairs over their first axis, halving it until one is left.

    Examples
    --------
    >>> high, low = sum_pairs((np.array([1e16, 1.0, -1e16]), np.zeros(3)))
    >>> float(high + low)
    1.0
    """
    high, low = a
    while len(high) > 1:
        half = len(high) // 2
        rest = high[2 * half :], low[2 * half :]
        high, low = add_pairs((high[:half], low[:half]), (high[half : 2 * half], low[half : 2 * half]))
        if len(rest[0]):
            high, low = np.concatenate([high, rest[0]]), np.concatenate([low, rest[1]])
    return high[0], low[0]


def residual_pair(A: FloatArray, theta: Pair, y: FloatArray) -> Pair:
    """Return ``y - A θ`` for A of shape [N K] and θ of shape [K], shape [N]."""
    total = (y, np.zeros_like(y))
    for columns in row_blocks(A.shape[1], len(A)):
        part = A[:, columns].T
        product, error = two_product(part, -theta[0][columns, None])
        total = add_pairs(total, sum_pairs((product, error - part * theta[1][columns, None])))
    return total


def cross_pair(A: FloatArray, r: Pair) -> FloatArray:
    """Return ``A' r`` for A of shape [N K] and r of shape [N], rounded to float64 once, shape [K]."""
    sums = np.empty(A.shape[1])
    for columns in row_blocks(A.shape[1], len(A)):
        product, error = two_product(A[:, columns], r[0][:, None])
        sums[columns] = round_pair(sum_pairs((product, error + A[:, columns] * r[1][:, None])))
    return sums
