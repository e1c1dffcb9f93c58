"""Batches of rows, dealt as often as rows weigh.

A weight says how many rows a row stands for. A pass over rows of weights w [N] deals K = Σ w of them, or N if they sum
to less: whole weights as if every row stood there w times, others by a systematic sample whose mean is the weight. Rows
are counted in the order of their content, so that neither their order nor how equal rows are written changes a machine.
"""

from typing import Final

import numpy as np

from thalweg.base.arrays import FloatArray, IntArray
from thalweg.base.errors import DataError

MOST: Final = 10_000_000
"""Rows of a pass at most: their numbers are kept, 8 bytes for each row and machine."""


def by_content(x: FloatArray) -> IntArray:
    """Return the order of rows [N D] by their content as float32 [N].

    Examples
    --------
    >>> by_content(np.array([[1.0, 0.0], [0.0, 5.0], [0.0, -2.0]])).tolist()
    [2, 1, 0]
    """
    rows = np.ascontiguousarray(x.astype(np.float32) + np.float32(0.0))  # −0 is 0
    return np.lexsort(rows.T[::-1])


def pass_length(weights: FloatArray) -> int:
    """Return how many rows a pass deals for weights above 0 [N].

    Raises
    ------
    DataError
        If they are too many.

    Examples
    --------
    >>> pass_length(np.array([1.0, 3.0])), pass_length(np.array([0.1, 0.1]))
    (4, 2)
    """
    total = float(weights.sum())
    if total > MOST:
        raise DataError(
            f"A weight says how many rows a row stands for, and these sum to {total:.3g}; up to {MOST:,} are dealt.",
            "Divide them by their mean.",
        )
    return max(len(weights), round(total))


class Deal:
    """Numbers of the rows of the next batch of every machine [P B], from one permutation after another: none is short.

    Parameters
    ----------
    generators
        The stream of each machine.
    weights
        Of the rows, above 0, [P N]; every machine deals equally many in a pass.
    batch
        B.

    Examples
    --------
    >>> deal = Deal([np.random.default_rng(0)], np.array([[1.0, 3.0]]), batch=4)
    >>> np.sort(deal.next()).tolist()
    [[0, 1, 1, 1]]
    """

    def __init__(self, generators: list[np.random.Generator], weights: FloatArray, batch: int) -> None:
        self._generators, self.batch = generators, batch
        self._length = pass_length(weights[0])
        scaled = weights * (self._length / weights.sum(axis=1, keepdims=True))
        whole = np.rint(scaled)
        self._whole = [bool(np.allclose(one, near, rtol=1e-9, atol=0)) for one, near in zip(scaled, whole, strict=True)]
        self._ends = np.where(np.array(self._whole)[:, None], whole, scaled).cumsum(axis=1)
        self._middle = [self._places(end, 0.5) for end in self._ends]
        self._waiting: IntArray = np.empty((len(generators), 0), dtype=np.int64)

    def next(self) -> IntArray:
        """Return the numbers of rows [P B]."""
        while self._waiting.shape[1] < self.batch:
            more = np.stack([self._pass(machine) for machine in range(len(self._generators))])
            self._waiting = np.concatenate([self._waiting, more], axis=1)
        batch, self._waiting = self._waiting[:, : self.batch], self._waiting[:, self.batch :]
        return batch

    def some(self, count: int) -> IntArray:
        """Return the numbers of some rows, as often as they weigh [P count], the same at every call."""
        places = np.random.default_rng(0).permutation(self._length)[:count]
        return np.stack([middle[places] for middle in self._middle])

    def _pass(self, machine: int) -> IntArray:
        generator = self._generators[machine]
        places = self._middle[machine]
        if not self._whole[machine]:
            places = self._places(self._ends[machine], generator.random())
        return places[generator.permutation(self._length)]

    def _places(self, ends: FloatArray, offset: float) -> IntArray:
        points = (np.arange(self._length) + offset) * (ends[-1] / self._length)
        return np.asarray(np.minimum(np.searchsorted(ends, points, side="right"), len(ends) - 1))
