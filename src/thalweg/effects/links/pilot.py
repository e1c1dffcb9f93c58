"""A pilot: the link with the same parameters for all units, fitted to the means of the cells."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.optimize import least_squares

from thalweg.base.arrays import FloatArray
from thalweg.base.seeds import Stream
from thalweg.effects.links.link import Link

HOLD: Final = 0.003
"""Pull of the parameters to zero, in shares of the outcome's size: it keeps a pilot near the middle of the curve where
the cells leave a direction open."""
SCALE_STARTS: Final = (1.1, 1.5, 3.0)


@dataclass(frozen=True, slots=True)
class Start:
    """Initial values that are given, one per output.

    Parameters
    ----------
    values
        One number per output.

    Examples
    --------
    >>> Start((0.5, -1.0)).draw(Stream(0), 1, 2).tolist()
    [[0.5, -1.0]]
    """

    values: tuple[float, ...]

    def draw(self, stream: Stream, fan_in: int, fan_out: int) -> FloatArray:  # noqa: ARG002 - nothing random
        """Return the values in every row [fan_in fan_out]."""
        return np.tile(np.array(self.values), (fan_in, 1))


def pilot(link: Link, design: FloatArray, means: FloatArray, counts: FloatArray) -> tuple[FloatArray, float]:
    """Fit θ and c to the means of the cells by weighted least squares.

    Parameters
    ----------
    link
        The link; ``low`` and ``height`` count as 0 and 1, the means are measured accordingly.
    design
        φ of the cells [J K].
    means, counts
        Mean outcome and number of units of every cell [J].

    Returns
    -------
    tuple
        θ [K] and c; c = 1 where the link has none.

    Examples
    --------
    >>> from thalweg.effects.links.link import LINKS
    >>> design = np.array([[1.0, 0.0], [1.0, 1.0]])
    >>> theta, _ = pilot(LINKS["linear"], design, np.array([1.0, 3.0]), np.array([50.0, 50.0]))
    >>> theta.round(2).tolist()
    [1.0, 2.0]
    """
    size = design.shape[1]
    root = np.sqrt(counts / counts.sum())
    unit = max(float(np.abs(means).max()), 1e-12)
    if link.linear:
        theta = np.linalg.lstsq(design * root[:, None], means * root, rcond=None)[0]
        return np.asarray(theta), 1.0

    def residuals(parameters: FloatArray) -> FloatArray:
        c = np.exp(parameters[size]) * sign if link.scaled else 1.0
        fitted = c * link.curve.value(design @ parameters[:size])
        return np.concatenate([root * (fitted - means) / unit, HOLD * parameters[:size]])

    sign = float(np.sign(means[np.abs(means).argmax()]) or 1.0)
    best = None
    for factor in SCALE_STARTS if link.scaled else (1.0,):
        start = np.zeros(size + int(link.scaled))
        if link.scaled:
            start[size] = np.log(factor * unit)
        bounds = np.full(len(start), 30.0)
        if link.scaled:
            bounds[size] = np.log(1e3 * unit)
        low = -np.abs(bounds)
        if link.scaled:
            low[size] = np.log(0.5 * unit)
        found = least_squares(residuals, start, bounds=(low, bounds))
        if best is None or found.cost < best.cost:
            best = found
    assert best is not None
    scale = float(np.exp(best.x[size]) * sign) if link.scaled else 1.0
    return np.asarray(best.x[:size]), scale
