"""Lines of equal value on a grid."""

from collections.abc import Iterator

import numpy as np

from thalweg.base.arrays import FloatArray

Piece = tuple[float, float, float, float]
_EDGES = ((0, 0, 0, 1), (0, 1, 1, 1), (1, 1, 1, 0), (1, 0, 0, 0))  # corners of a cell's sides, around it


def contour_pieces(x: FloatArray, y: FloatArray, values: FloatArray, level: float) -> tuple[Piece, ...]:
    """Return the straight pieces of the line on which a grid's linear interpolation has a value.

    Marching squares; a saddle is resolved by the mean of its cell.

    Parameters
    ----------
    x, y
        Grid lines [A] and [B].
    values
        At their crossings [B A]; cells with a value that is not finite are left out.
    level
        The value.

    Examples
    --------
    >>> contour_pieces(np.array([0.0, 1.0]), np.array([0.0, 1.0]), np.array([[0.0, 1.0], [0.0, 1.0]]), 0.25)
    ((0.25, 0.0, 0.25, 1.0),)
    """
    return tuple(piece for piece in _pieces(x, y, np.asarray(values, dtype=np.float64), level))


def _pieces(x: FloatArray, y: FloatArray, values: FloatArray, level: float) -> Iterator[Piece]:
    above = values > level
    count = above[:-1, :-1].astype(int) + above[:-1, 1:] + above[1:, :-1] + above[1:, 1:]
    for i, j in zip(*np.nonzero((count > 0) & (count < 4)), strict=True):
        cell = values[i : i + 2, j : j + 2]
        if not np.isfinite(cell).all():
            continue
        crossings = []
        for a, b, c, d in _EDGES:
            one, other = cell[a, b], cell[c, d]
            if (one > level) != (other > level):
                share = (level - one) / (other - one)
                across = x[j + b] + share * (x[j + d] - x[j + b])
                crossings.append((float(across), float(y[i + a] + share * (y[i + c] - y[i + a]))))
        if len(crossings) == 4 and (cell.mean() > level) != (cell[0, 0] > level):
            crossings = [*crossings[1:], crossings[0]]  # the corners 01 and 10 belong together
        for k in range(0, len(crossings), 2):
            yield (*crossings[k], *crossings[k + 1])
