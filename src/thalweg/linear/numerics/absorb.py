"""AbsorbedEffects of many levels, such as firms and years, taken out of columns without a column for each level.

Columns are projected off the span of the dummies. One set of levels is a difference from group means. Of two sets the
means of the larger are eliminated and conjugate gradients solve for the other, of more they solve for all: products of
the normal equations are sums over groups, so that no dummy is ever written down.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph

from thalweg.base.arrays import FloatArray, IntArray
from thalweg.linear.rows import dense_codes

_TOLERANCE: Final = 1e-11  # of a pass, of which there are two
_STEPS: Final = 10_000


@dataclass(frozen=True, slots=True)
class AbsorbedEffects:
    """Sets of levels that are absorbed.

    Parameters
    ----------
    codes
        Level of each row in every set, 0, 1, …, each of shape [N].
    counts
        Levels of every set.
    weights
        Of the rows, shape [N].
    names
        What the sets are called.
    parts
        Connected part of every level of the second set, shape [levels]; None of a single set.
    """

    codes: tuple[IntArray, ...]
    counts: tuple[int, ...]
    weights: FloatArray
    names: tuple[str, ...]
    parts: IntArray | None


def effects_of(codes: dict[str, IntArray], weights: FloatArray) -> AbsorbedEffects:
    """Gather sets of levels, the one of most levels first; a set that another one refines says nothing more.

    Parameters
    ----------
    codes
        Level of each row by the name of the set, shape [N] each.
    weights
        Of the rows, shape [N].

    Examples
    --------
    >>> found = effects_of({"year": np.array([0, 1, 0, 1]), "firm": np.array([0, 0, 1, 2])}, np.ones(4))
    >>> found.names, found.counts
    (('firm', 'year'), (3, 2))
    """
    renumbered = {name: dense_codes(one) for name, one in codes.items()}
    counts = {name: int(one.max()) + 1 for name, one in renumbered.items()}
    names: list[str] = []
    for name in sorted(codes, key=lambda one: -counts[one]):
        if not any(is_nested(renumbered[finer], renumbered[name]) for finer in names):
            names.append(name)
    ordered = tuple(renumbered[name] for name in names)
    parts = None if len(names) == 1 else _parts(ordered[0], ordered[1])
    return AbsorbedEffects(ordered, tuple(counts[name] for name in names), weights, tuple(names), parts)


def is_nested(codes: IntArray, way: IntArray) -> bool:
    """Whether every level lies within one cluster, both of shape [N].

    Examples
    --------
    >>> is_nested(np.array([0, 0, 1]), np.array([5, 5, 5])), is_nested(np.array([0, 0, 1]), np.array([5, 6, 6]))
    (True, False)
    """
    cluster = np.zeros(int(codes.max()) + 1, dtype=way.dtype)
    cluster[codes] = way
    return bool((cluster[codes] == way).all())


def _parts(first: IntArray, second: IntArray) -> IntArray:
    """Return the connected part of every level of the second set: levels that occur together hang together."""
    joint = sparse.coo_matrix((np.ones(len(first)), (first, second)))
    square = sparse.bmat([[None, joint], [joint.T, None]])
    return np.asarray(csgraph.connected_components(square, directed=False)[1][joint.shape[0] :], dtype=np.int64)


def not_single(codes: dict[str, IntArray]) -> IntArray:
    """Return the rows that are left when rows alone in a level are left out, again until none is alone.

    Examples
    --------
    >>> not_single({"firm": np.array([0, 0, 1, 2, 2])})
    array([0, 1, 3, 4])

    Notes
    -----
    Correia (2015), "Singletons, cluster-robust standard errors and fixed effects": they tell nothing of the slopes and
    make clustered errors too small.
    """
    kept = np.arange(len(next(iter(codes.values()))))
    while len(kept):
        alone = np.zeros(len(kept), dtype=bool)
        for one in codes.values():
            here = one[kept]
            alone |= np.bincount(here)[here] == 1
        if not alone.any():
            break
        kept = kept[~alone]
    return kept


def absorbed(effects: AbsorbedEffects, columns: FloatArray) -> FloatArray:
    """Return columns [N K] less what the effects explain of them.

    Parameters
    ----------
    effects
        The sets of levels.
    columns
        Shape [N K].

    Examples
    --------
    >>> found = effects_of({"firm": np.array([0, 0, 1, 1])}, np.ones(4))
    >>> absorbed(found, np.array([[1.0], [3.0], [5.0], [9.0]])).ravel()
    array([-1.,  1., -2.,  2.])

    Notes
    -----
    Frisch & Waugh (1933), Econometrica 1, 387-401; conjugate gradients for the normal equations as in Abowd, Creecy &
    Kramarz (2002), Census Technical Paper TP-2002-06, preconditioned by the group sizes.
    """
    project = _projection(effects)
    return np.column_stack([project(project(column)) for column in np.asarray(columns).T])  # again, for the rounding


def _sums(codes: IntArray, values: FloatArray, count: int) -> FloatArray:
    """Sum values by level."""
    return np.asarray(np.bincount(codes, values, count), dtype=np.float64)


def _projection(effects: AbsorbedEffects) -> Callable[[FloatArray], FloatArray]:
    """Return what takes the effects out of one column."""
    w, first = effects.weights, effects.codes[0]
    sizes = _sums(first, w, effects.counts[0])
    if len(effects.codes) == 1:
        return lambda column: np.asarray(column - (np.bincount(first, w * column, len(sizes)) / sizes)[first])
    if len(effects.codes) == 2:
        return _projection_of_two(effects, sizes)
    return lambda column: _projected_many(effects, column)


def _projection_of_two(effects: AbsorbedEffects, sizes: FloatArray) -> Callable[[FloatArray], FloatArray]:
    """Eliminate the means of the first set; solve for the second by conjugate gradients."""
    w, (first, second), (_, count), parts = effects.weights, effects.codes, effects.counts, effects.parts
    assert parts is not None
    joint = sparse.csr_matrix((w, (first, second)), shape=(len(sizes), count))
    joint.sum_duplicates()
    turned, others = joint.T.tocsr(), _sums(second, w, count)

    def project(column: FloatArray) -> FloatArray:
        sums = np.bincount(first, w * column, len(sizes))
        right = np.bincount(second, w * column, count) - turned @ (sums / sizes)
        effect = _conjugate(lambda v: others * v - turned @ ((joint @ v) / sizes), right, others, parts)
        means = (sums - joint @ effect) / sizes
        return np.asarray(column - means[first] - effect[second])

    return project


def _projected_many(effects: AbsorbedEffects, column: FloatArray) -> FloatArray:
    """Solve the normal equations of all sets by conjugate gradients, preconditioned by their sizes."""
    offsets = np.concatenate([[0], np.cumsum(effects.counts)])
    places = [one + start for one, start in zip(effects.codes, offsets[:-1], strict=True)]
    total, w = int(offsets[-1]), effects.weights

    def sums(values: FloatArray) -> FloatArray:
        return np.concatenate(
            [np.bincount(one, w * values, count) for one, count in zip(effects.codes, effects.counts, strict=True)]
        )

    def spread(effect: FloatArray) -> FloatArray:
        return np.asarray(sum(effect[one] for one in places))

    column = column - np.average(column, weights=w)
    sizes = _sums(np.concatenate(places), np.tile(w, len(places)), total)
    parts = np.repeat(np.arange(len(places)), effects.counts)
    effect = _conjugate(lambda v: sums(spread(v)), sums(column), sizes, parts)
    return np.asarray(column - spread(effect))


def _conjugate(
    product: Callable[[FloatArray], FloatArray], right: FloatArray, sizes: FloatArray, parts: IntArray
) -> FloatArray:
    """Solve a semidefinite system, preconditioned by its diagonal.

    A number added to all unknowns of a part changes nothing: what rounding leaves along it is taken out at every step.
    """
    shares = sizes / np.bincount(parts, sizes)[parts]

    def consistent(r: FloatArray) -> FloatArray:
        return np.asarray(r - shares * np.bincount(parts, r)[parts])

    x, r = np.zeros_like(right), consistent(right)
    direction = r / sizes
    rz = float(r @ direction)
    enough = _TOLERANCE**2 * rz
    for _ in range(_STEPS):
        if rz <= enough:
            break
        along = product(direction)
        curvature = float(direction @ along)
        if curvature <= 0:
            break
        length = rz / curvature
        x += length * direction
        r = consistent(r - length * along)
        z = r / sizes
        last, rz = rz, float(r @ z)
        direction = z + (rz / last) * direction
    return x
