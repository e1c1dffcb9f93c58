"""Rows that are nearly the same: measurements of one unit without its name, or copies with a little noise."""

from itertools import islice
from typing import Final

import numpy as np
import pandas as pd
from scipy.spatial import KDTree

from thalweg.data.kinds import kind_of
from thalweg.data.notes import Note

_LEAST_ROWS: Final = 50
_MOST_ROWS: Final = 200_000
_LOOKED_AT: Final = 500
_NEIGHBOURS: Final = 10
_GAP: Final = 5.0
_SHARE: Final = 0.5
_MOST_COLUMNS: Final = 10


def near_copies(features: pd.DataFrame) -> list[Note]:
    """Return a note if most rows lie in knots: a few neighbours much nearer than all others.

    Points that are spread over D dimensions have, within their first ten neighbours, a step of their distance by more
    than five with a probability of 5⁻ᴰ + 5⁻²ᴰ + …: 4 % for D = 2, 25 % on a line. Half of all rows do not by chance.

    Parameters
    ----------
    features
        Columns in canonical form; those are looked at that hardly repeat a number.

    Examples
    --------
    >>> draw = np.random.default_rng(0)
    >>> people = np.repeat(draw.normal(size=(50, 3)), 4, axis=0)
    >>> near_copies(pd.DataFrame(people + 0.01 * draw.normal(size=(200, 3))))[0].code
    'near_copies'
    >>> near_copies(pd.DataFrame(draw.normal(size=(200, 3))))
    []
    """
    hardly = (
        name
        for name, column in features.items()
        if kind_of(column) == "numeric" and column.nunique() > len(features) / 2
    )
    names = list(islice(hardly, _MOST_COLUMNS))
    values = features[names].to_numpy(dtype=np.float64)
    values = values[np.isfinite(values).all(axis=1)]
    if len(names) < 2 or not _LEAST_ROWS <= len(values) <= _MOST_ROWS:
        return []
    points = (values - values.mean(axis=0)) / np.maximum(values.std(axis=0), np.finfo(float).tiny)
    looked = points[:: -(-len(points) // _LOOKED_AT)]
    distances = KDTree(points).query(looked, k=_NEIGHBOURS + 2)[0][:, 1:]
    knots = (distances[:, 1:] > _GAP * distances[:, :-1]).any(axis=1)
    if knots.mean() < _SHARE:
        return []
    text = (
        f"{knots.mean():.0%} of the rows looked at have a few neighbours that are much nearer than all others, as "
        "repeated measurements of one unit, or copies, are. If so, name the column that tells the units apart as "
        "groups and as clusters, or keep one row of each."
    )
    return [Note("near_copies", text, tuple(map(str, names)), "most rows have near-copies on the other side of a fold")]
