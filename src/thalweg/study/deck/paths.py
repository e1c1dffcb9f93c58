"""Descent on the least squares of two columns: contours, paths, and how successive steps point."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from sklearn.feature_selection import f_regression

from thalweg.base.arrays import FloatArray
from thalweg.linear.descent.descend import descend
from thalweg.linear.descent.objectives import least_squares_objective
from thalweg.study.sample import StudySample
from thalweg.study.surfaces.contours import Piece, contour_pieces

STEPS: Final = 30
NEAR_EDGE: Final = 1.9  # by 1/M: gradient descent diverges from 2
CALM: Final = 0.5
WEIGHT: Final = 0.8  # μ
POINTS: Final = 61
LEVELS: Final = 7


@dataclass(frozen=True, slots=True, eq=False)
class DescentPath:
    """One method's way down.

    Parameters
    ----------
    label
        Method and step.
    places
        Coefficients of the two columns at every step [T+1 2].
    values
        The cost there [T+1].
    turns
        Cosine between successive steps [T-1]: −1 where they cancel, 1 where they add up.
    """

    label: str
    places: FloatArray
    values: FloatArray
    turns: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class DescentPaths:
    """Paths on one cost.

    Parameters
    ----------
    columns
        Names of the two encoded columns.
    condition
        Largest curvature by the smallest.
    optimum
        Where the cost is least [2].
    paths
        By method.
    contours
        Lines of equal cost.
    """

    columns: tuple[str, str]
    condition: float
    optimum: FloatArray
    paths: tuple[DescentPath, ...]
    contours: tuple[tuple[Piece, ...], ...]


def descent_paths(sample: StudySample) -> DescentPaths | None:
    """Descend on the least squares of the two columns that explain most, from a start beside both axes of its valley.

    Parameters
    ----------
    sample
        The rows; of several classes the first column of the outcome is explained.

    Returns
    -------
    DescentPaths or None
        None if there are not two columns that vary and are not the same.

    Examples
    --------
    >>> from thalweg.data.problem import pose
    >>> from thalweg.study.sample import sample_of
    >>> found = descent_paths(sample_of(pose("example:diabetes")))
    >>> found.columns, len(found.paths)
    (('bmi', 's5'), 3)
    """
    y = sample.y[:, 0] - sample.y[:, 0].mean()
    varied = np.flatnonzero(sample.x.std(axis=0) > 1e-9)
    if len(varied) < 2:
        return None
    strength: FloatArray = np.nan_to_num(np.asarray(f_regression(sample.x[:, varied], y)[0], dtype=np.float64))
    one, other = sorted(varied[np.argsort(-strength, kind="stable")[:2]].tolist())
    x = sample.x[:, [one, other]]
    if np.linalg.matrix_rank(x - x.mean(axis=0), tol=1e-6 * len(x)) < 2:
        return None
    cost = least_squares_objective(x, y)
    M = cost.smoothness
    assert cost.hessian is not None
    _, axes = np.linalg.eigh(cost.hessian[1:, 1:])
    away = max(float(np.linalg.norm(cost.optimum[1:])), 0.1) * (2 * axes[:, 0] + axes[:, 1])
    start = np.concatenate([cost.optimum[:1], cost.optimum[1:] + away])
    runs = (
        (f"gradient, step {CALM:g}/M", "gradient", CALM / M, None),
        (f"gradient, step {NEAR_EDGE:g}/M", "gradient", NEAR_EDGE / M, None),
        (f"momentum {WEIGHT:g}, step {CALM:g}/M", "heavy-ball", CALM / M, WEIGHT),
    )
    paths = []
    for label, method, step, momentum in runs:
        run = descend(cost, start=start, steps=STEPS, tolerance=1e-12, method=method, step=step, momentum=momentum)
        moves = np.diff(run.iterates[:, 1:], axis=0)
        sizes = np.linalg.norm(moves, axis=1)
        kept = (sizes[1:] > 0) & (sizes[:-1] > 0)
        turns = (moves[1:] * moves[:-1]).sum(axis=1)[kept] / (sizes[1:] * sizes[:-1])[kept]
        paths.append(DescentPath(label, run.iterates[:, 1:].copy(), run.values, turns))
    places = np.concatenate([path.places for path in paths])
    low, high = places.min(axis=0), places.max(axis=0)
    room = 0.15 * np.maximum(high - low, 1e-3)
    grid = [np.linspace(a, b, POINTS) for a, b in zip(low - room, high + room, strict=True)]
    values = np.array([[cost.value(np.array([0.0, a, b])) for a in grid[0]] for b in grid[1]])
    rise = values - cost.minimum
    levels = cost.minimum + rise.max() * np.geomspace(0.003, 0.9, LEVELS)
    return DescentPaths(
        (sample.features[one], sample.features[other]),
        M / cost.convexity if cost.convexity > 0 else float("inf"),
        cost.optimum[1:].copy(),
        tuple(paths),
        tuple(contour_pieces(grid[0], grid[1], values, level) for level in levels),
    )
