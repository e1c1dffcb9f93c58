"""A positive number that is not known exactly: its median and an 80 % range, on the scale of logarithms."""

import math
from dataclasses import dataclass
from typing import Final

_TENTH: Final = 1.2815515655446004  # upper tenth of the standard normal distribution


@dataclass(frozen=True, slots=True)
class LikelyRange:
    r"""A quantity that is log-normal, with a spread of its own to each side of the median.

    Parameters
    ----------
    middle
        Median :math:`m`.
    below, above
        Standard deviations of the logarithm for what lies below the median and above it.

    Examples
    --------
    >>> time = even_range(60.0, 0.36)
    >>> round(time.low), round(time.high)
    (38, 95)
    """

    middle: float
    below: float = 0.0
    above: float = 0.0

    @property
    def low(self) -> float:
        """What nine of ten lie above."""
        return self.middle * math.exp(-_TENTH * self.below)

    @property
    def high(self) -> float:
        """What nine of ten lie below."""
        return self.middle * math.exp(_TENTH * self.above)

    def times(self, factor: float) -> "LikelyRange":
        """Return its product with a number."""
        return LikelyRange(self.middle * factor, self.below, self.above)

    def plus(self, other: "LikelyRange") -> "LikelyRange":
        """Return its sum with another quantity that errs by itself: distances to the tenths add like perpendiculars."""
        middle = self.middle + other.middle
        down = math.hypot(self.middle - self.low, other.middle - other.low)
        up = math.hypot(self.high - self.middle, other.high - other.middle)
        return range_between(middle - down, middle, middle + up)

    def inverse(self) -> "LikelyRange":
        """Return one divided by it."""
        return LikelyRange(1 / self.middle, self.above, self.below)


def even_range(middle: float, spread: float) -> LikelyRange:
    """Return a range of the same spread to both sides.

    Examples
    --------
    >>> even_range(1.0, 0.2) == LikelyRange(1.0, 0.2, 0.2)
    True
    """
    return LikelyRange(middle, spread, spread)


def range_between(low: float, middle: float, high: float) -> LikelyRange:
    """Return the range of a lower tenth, a median and an upper tenth.

    Examples
    --------
    >>> found = range_between(0.2272, 0.381, 0.565)
    >>> round(found.low, 4), round(found.high, 4)
    (0.2272, 0.565)
    """
    return LikelyRange(middle, math.log(middle / low) / _TENTH, math.log(high / middle) / _TENTH)
