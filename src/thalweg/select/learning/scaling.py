"""Features and numeric outcomes on a common scale, learned from the rows a member trains on."""

from dataclasses import dataclass

import numpy as np

from thalweg.base.arrays import FloatArray

TINY = 1e-12  # standard deviation, relative to the largest number of a column, under which the column is constant


@dataclass(frozen=True, slots=True, eq=False)
class Scaling:
    """Centre and scale of features [D] and outcomes [C].

    Parameters
    ----------
    centre_x, scale_x, centre_y, scale_y
        A value v becomes (v − centre) / scale.
    """

    centre_x: FloatArray
    scale_x: FloatArray
    centre_y: FloatArray
    scale_y: FloatArray

    @property
    def key(self) -> tuple[bytes, ...]:
        """What equal scales have in common."""
        return tuple(a.tobytes() for a in (self.centre_x, self.scale_x, self.centre_y, self.scale_y))

    def features(self, x: FloatArray) -> FloatArray:
        """Return features as networks see them [N D]."""
        return (x - self.centre_x) / self.scale_x

    def outcomes(self, y: FloatArray) -> FloatArray:
        """Return outcomes as networks see them [N C]."""
        return (y - self.centre_y) / self.scale_y


def learn_scaling(
    x: FloatArray, y: FloatArray, weights: FloatArray | None, *, features: bool, outcomes: bool
) -> Scaling:
    """Learn means and standard deviations (divisor Σ w); a constant column keeps its scale.

    Parameters
    ----------
    x, y
        Rows to learn from [N D] and [N C].
    weights
        Relative weights [N]; None for 1.
    features, outcomes
        Whether to scale them; if not, centre 0 and scale 1.

    Returns
    -------
    Scaling
        The scale.

    Examples
    --------
    >>> scaling = learn_scaling(np.array([[0.0], [2.0]]), np.ones((2, 1)), None, features=True, outcomes=True)
    >>> scaling.centre_x.item(), scaling.scale_x.item(), scaling.scale_y.item()
    (1.0, 1.0, 1.0)
    """
    return Scaling(*_moments(x, weights, wanted=features), *_moments(y, weights, wanted=outcomes))


def _moments(values: FloatArray, weights: FloatArray | None, *, wanted: bool) -> tuple[FloatArray, FloatArray]:
    if not wanted:
        return np.zeros(values.shape[1]), np.ones(values.shape[1])
    mean = np.average(values, axis=0, weights=weights)
    sd = np.sqrt(np.average(np.square(values - mean), axis=0, weights=weights))
    constant = sd <= TINY * np.abs(values).max(axis=0, initial=0.0)
    return mean, np.where(constant, 1.0, sd)
