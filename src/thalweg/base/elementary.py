"""Elementary functions of float64 by additions, products, quotients and roots alone: the same bits everywhere.

These operations are rounded correctly wherever IEEE 754 holds, one by one; the functions of C libraries are not, and
differ in their last digits between them. What decides where a member starts, and how it goes on, uses these.
"""

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

Polynomial = tuple[float, ...]  # coefficients, the highest power first


def _ratio_of(over: str, under: str) -> tuple[Polynomial, Polynomial]:
    return tuple(map(float, over.split())), tuple(map(float, under.split()))


_LN2: Final = (float.fromhex("0x1.62e42fefa3800p-1"), float.fromhex("0x1.ef35793c76730p-45"))
_CENTRE: Final = _ratio_of(
    "2.5090809287301226727e3 3.3430575583588128105e4 6.7265770927008700853e4 4.5921953931549871457e4 "
    "1.3731693765509461125e4 1.9715909503065514427e3 1.3314166789178437745e2 3.3871328727963666080e0",
    "5.2264952788528545610e3 2.8729085735721942674e4 3.9307895800092710610e4 2.1213794301586595867e4 "
    "5.3941960214247511077e3 6.8718700749205790830e2 4.2313330701600911252e1 1.0",
)
_TAIL: Final = _ratio_of(
    "7.74545014278341407640e-4 2.27238449892691845833e-2 2.41780725177450611770e-1 1.27045825245236838258e0 "
    "3.64784832476320460504e0 5.76949722146069140550e0 4.63033784615654529590e0 1.42343711074968357734e0",
    "1.05075007164441684324e-9 5.47593808499534494600e-4 1.51986665636164571966e-2 1.48103976427480074590e-1 "
    "6.89767334985100004550e-1 1.67638483018380384940e0 2.05319162663775882187e0 1.0",
)
_FAR: Final = _ratio_of(
    "2.01033439929228813265e-7 2.71155556874348757815e-5 1.24266094738807843860e-3 2.65321895265761230930e-2 "
    "2.96560571828504891230e-1 1.78482653991729133580e0 5.46378491116411436990e0 6.65790464350110377720e0",
    "2.04426310338993978564e-15 1.42151175831644588870e-7 1.84631831751005468180e-5 7.86869131145613259100e-4 "
    "1.48753612908506148525e-2 1.36929880922735805310e-1 5.99832206555887937690e-1 1.0",
)


def logarithm(x: Array) -> Array:
    """Return the natural logarithm of positive numbers, within two units in the last place.

    x = 2ᵉ f with f between 1/√2 and √2, and log f = 2 artanh((f − 1)/(f + 1)) by its series.

    Examples
    --------
    >>> logarithm(np.array([1.0, 8.0])).round(12).tolist()
    [0.0, 2.07944154168]
    """
    f, e = np.frexp(x)
    low = f < math.sqrt(0.5)
    f, e = np.where(low, 2.0 * f, f), (e - low).astype(np.float64)
    s = (f - 1.0) / (f + 1.0)
    z = s * s
    p = _polynomial(tuple(2.0 / k for k in range(23, 1, -2)), z) * z
    result: Array = e * _LN2[0] + (e * _LN2[1] + (s * p + 2.0 * s))
    return result


def normal_quantile(u: Array) -> Array:
    """Return the quantiles of the standard normal distribution at probabilities 0 < u < 1.

    Rational functions of Wichura (1988), *Algorithm AS 241*, Applied Statistics 37, 477-484, whose error is about
    1e-16 of the result.

    Examples
    --------
    >>> normal_quantile(np.array([0.5, 0.975])).round(9).tolist()
    [0.0, 1.959963985]
    """
    q = u - 0.5
    centre = 0.180625 - q * q
    result: Array = q * _ratio(_CENTRE, centre)
    outside = centre < 0.0
    if outside.any():
        side = q[outside]
        r = np.sqrt(-logarithm(np.where(side < 0.0, u[outside], 1.0 - u[outside])))
        size = np.where(r <= 5.0, _ratio(_TAIL, r - 1.6), _ratio(_FAR, r - 5.0))
        result[outside] = np.where(side < 0.0, -size, size)
    return result


def cosine_of_half_turns(t: float) -> float:
    """Return cos(π t) for 0 ≤ t ≤ 1.

    Examples
    --------
    >>> [cosine_of_half_turns(t) for t in (0.0, 0.5, 1.0)]
    [1.0, 0.0, -1.0]
    """
    if t > 0.5:
        return -cosine_of_half_turns(1.0 - t)
    x = math.pi * (t if t <= 0.25 else 0.5 - t)
    z, first = -x * x, 0 if t <= 0.25 else 1  # cosine, or sine of what is left to a right angle
    total = 0.0
    for k in range(18 + first, first, -2):
        total = (total + 1.0) * z / (k * (k - 1))
    return (total + 1.0) * (x if first else 1.0)


def raised(base: float, exponent: int) -> float:
    """Return a power with a whole exponent of at least 0, by squaring.

    Examples
    --------
    >>> raised(0.5, 3)
    0.125
    """
    power = 1.0
    while exponent:
        if exponent & 1:
            power *= base
        base, exponent = base * base, exponent >> 1
    return power


def ordered_sum(x: Array) -> Array:
    """Return the sum over the first axis: neighbours are added, then neighbouring sums, and so on.

    Examples
    --------
    >>> ordered_sum(np.ones((5, 2))).tolist()
    [5.0, 5.0]
    """
    while len(x) > 1:
        half = len(x) // 2
        x = np.concatenate([x[:half] + x[half : 2 * half], x[2 * half :]])
    total: Array = x.sum(axis=0)
    return total


def orthonormal(columns: Array) -> Array:
    """Return orthonormal columns [M N] that span as the given ones do, each on the side of its original.

    Gram and Schmidt's method, every column taken out of all later ones at once (modified; Björck 1967,
    doi:10.1007/BF01934122, whose bound is the condition number in units of rounding): the factor Q of a QR
    factorisation with a positive diagonal of R.

    Examples
    --------
    >>> orthonormal(np.array([[3.0, 1.0], [4.0, 0.0]])).round(12).tolist()
    [[0.6, 0.8], [0.8, -0.6]]
    """
    left, found = columns.copy(), np.empty_like(columns)
    for j in range(columns.shape[1]):
        one = left[:, :1] / np.sqrt(ordered_sum(left[:, :1] * left[:, :1]))
        found[:, j : j + 1] = one
        left = left[:, 1:] - one * ordered_sum(one * left[:, 1:])
    return found


def _polynomial(coefficients: Polynomial, x: Array) -> Array:
    """Return a polynomial by Horner's rule."""
    total = np.full_like(x, coefficients[0])
    for coefficient in coefficients[1:]:
        total = total * x + coefficient
    return total


def _ratio(parts: tuple[Polynomial, Polynomial], x: Array) -> Array:
    over, under = parts
    result: Array = _polynomial(over, x) / _polynomial(under, x)
    return result
