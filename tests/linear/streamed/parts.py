"""Rows in parts of batches, as a stream."""

from copy import deepcopy

import numpy as np

from thalweg.linear.numerics.tally import RowBatch
from thalweg.linear.rows import DesignRows


class Parts:
    """Batches by part; every part is summed for itself."""

    def __init__(self, parts):
        self.parts = parts

    def tally(self, empty):
        whole = deepcopy(empty)
        for part in self.parts:
            found = deepcopy(empty)
            for batch in part:
                found.add(batch)
            whole.merge(found)
        return whole


def parts_of(X, y, weights=None, clusters=(), levels=None, count=4):
    """Cut rows into parts of two batches each."""

    def batch(rows):
        own = None if weights is None else weights[rows]
        ways = tuple(way[rows] for way in clusters)
        return RowBatch(DesignRows(X[rows], y[rows], own), ways, None if levels is None else levels[rows])

    return Parts(
        [[batch(half) for half in np.array_split(rows, 2)] for rows in np.array_split(np.arange(len(X)), count)]
    )
