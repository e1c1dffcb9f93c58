"""All configurations of binary units, in blocks that fit into memory."""

from collections.abc import Iterator

import numpy as np

from thalweg.base.arrays import FloatArray

BLOCK = 1 << 14


def configurations(units: int, block: int = BLOCK) -> Iterator[FloatArray]:
    """Yield the 2^D states of D units 0 and 1, in blocks [≤ block D]; the first unit changes fastest.

    Examples
    --------
    >>> [state.tolist() for states in configurations(2) for state in states]
    [[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]
    """
    places = np.arange(units, dtype=np.int64)
    for first in range(0, 1 << units, block):
        numbers = np.arange(first, min(first + block, 1 << units), dtype=np.int64)
        yield ((numbers[:, None] >> places) & 1).astype(np.float64)
