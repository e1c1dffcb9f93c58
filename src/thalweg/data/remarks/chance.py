"""How likely a pattern between a column and the outcome would be if the rows of one were shuffled: logarithms."""

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

RARE: Final = math.log(1e-3)
"""A pattern is told if its chance, times the number of columns or pairs that were looked at, is below this."""


def log_chance_of_classes(counts: NDArray[np.integer], ways: float) -> float:
    """Return the bound log(ways · Π m_j! / N!) on the chance that classes of m_j rows fall into given places.

    Parameters
    ----------
    counts
        Rows of each class, m_j.
    ways
        Logarithm of the number of arrangements that count as the pattern.

    Examples
    --------
    >>> round(math.exp(log_chance_of_classes(np.array([2, 2]), math.log(2))), 4)  # 2 / 6
    0.3333
    """
    return float(ways + gammaln(counts + 1.0).sum() - gammaln(counts.sum() + 1.0))


def log_chance_of_order(x: NDArray[np.generic], y: NDArray[np.generic]) -> float:
    """Return log(2 Π n_k! Π m_j! / (N! Π n_kj!)), the chance that y never falls, or never rises, as x rises.

    n_k and m_j count equal values of x and y, n_kj rows equal in both.

    Examples
    --------
    >>> round(math.exp(log_chance_of_order(np.array([1, 2, 3]), np.array([4, 5, 6]))), 4)  # 2 / 3!
    0.3333
    """
    order = np.lexsort((y, x))
    x, y = x[order], y[order]
    new_x, new_y = x[1:] != x[:-1], y[1:] != y[:-1]
    same_x, same_y, same = (_sizes(new) for new in (new_x, np.sort(y)[1:] != np.sort(y)[:-1], new_x | new_y))
    arranged = sum(float(gammaln(sizes + 1.0).sum()) for sizes in (same_x, same_y))
    return math.log(2) + arranged - float(gammaln(same + 1.0).sum()) - float(gammaln(len(x) + 1.0))


def _sizes(new: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return the lengths of runs, given where a new one begins."""
    edges = np.flatnonzero(np.concatenate([[True], new, [True]]))
    return np.diff(edges)
