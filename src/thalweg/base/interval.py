"""An estimate with its lower and upper end."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with lower and upper end.

    Parameters
    ----------
    estimate, low, high
        All three in the units of what is estimated; NaN if nothing could be estimated.

    Examples
    --------
    >>> Interval(0.0, -1.0, 1.0).high
    1.0
    """

    estimate: float
    low: float
    high: float
