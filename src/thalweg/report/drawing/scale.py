"""From numbers to places on paper: ranges, ticks at round numbers, and their labels."""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scale:
    """Maps values between ``low`` and ``high`` to places between ``start`` and ``end``.

    Examples
    --------
    >>> Scale(0.0, 10.0, 100.0, 200.0).place(5.0)
    150.0
    """

    low: float
    high: float
    start: float
    end: float
    log: bool = False

    def place(self, value: float) -> float:
        """Return the place of a value."""
        low, high = self.low, self.high
        if self.log:
            low, high, value = math.log10(low), math.log10(high), math.log10(max(value, 1e-300))
        return self.start + (value - low) / (high - low) * (self.end - self.start)

    def value(self, place: float) -> float:
        """Return the value that lies at a place."""
        share = (place - self.start) / (self.end - self.start)
        if self.log:
            return float(self.low * (self.high / self.low) ** share)
        return self.low + share * (self.high - self.low)


def padded(values: list[float], log: bool) -> tuple[float, float]:
    """Return a range 4 % wider than the values on each side; never empty.

    Examples
    --------
    >>> padded([0.0, 100.0], log=False)
    (-4.0, 104.0)
    """
    usable = [value for value in values if math.isfinite(value) and (value > 0 or not log)]
    if not usable:
        return (1.0, 10.0) if log else (0.0, 1.0)
    low, high = min(usable), max(usable)
    if log:
        pad = 1.1 if low == high else (high / low) ** 0.04
        return low / pad, high * pad
    pad = 0.04 * (high - low) or 0.5 * abs(high) or 0.5
    return low - pad, high + pad


def ticks(low: float, high: float, wanted: int = 6, log: bool = False) -> list[float]:
    """Return round numbers between two bounds, about as many as wanted.

    Steps are 1, 2 or 5 times a power of ten; on a logarithmic scale of at least one decade 1, 2, 5 of every
    decade that fit.

    Examples
    --------
    >>> ticks(0.0, 1.0)
    [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
    >>> ticks(0.5, 60.0, log=True)
    [0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0]
    """
    if log and high / low >= 10:
        return _log_ticks(low, high, wanted)
    power = 10.0 ** math.floor(math.log10((high - low) / max(wanted, 1)))
    spans = {step: _steps(low, high, step) for step in (power, 2 * power, 5 * power, 10 * power)}
    step, (first, last) = min(spans.items(), key=lambda item: abs(item[1][1] - item[1][0] + 1 - wanted))
    return [round(k * step, 12 - math.floor(math.log10(step))) + 0.0 for k in range(first, last + 1)]


def _steps(low: float, high: float, step: float) -> tuple[int, int]:
    """Return the first and the last multiple of a step between two bounds."""
    return math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)


def _log_ticks(low: float, high: float, wanted: int) -> list[float]:
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    for factors in ((1, 2, 5), (1, 3), (1,)):
        found = [f * 10.0**d for d in decades for f in factors if low <= f * 10.0**d <= high]
        if len(found) <= wanted + 2:
            return found
    stride = math.ceil(len(found) / wanted)
    return found[::stride]


def tick_labels(values: list[float], log: bool = False) -> list[str]:
    """Print ticks alike, with as few decimals as tell them apart; powers of ten if very large or small.

    Examples
    --------
    >>> tick_labels([0.0, 0.5, 1.0]), tick_labels([-0.1, 0.0])
    (['0.0', '0.5', '1.0'], ['−0.1', '0.0'])
    """
    largest = max(map(abs, values), default=0.0)
    if log or (largest and not 1e-4 <= largest < 1e6):
        texts = [f"{value:g}" for value in values]
    else:
        decimals = next(d for d in range(13) if all(abs(v - round(v, d)) <= 1e-9 * largest for v in values))
        texts = [f"{value:,.{decimals}f}" for value in values]
    return [text.replace("-", "−") for text in texts]


def log_steps(count: int, points: int = 150) -> list[int]:
    """Return about ``points`` of the steps from 1 to ``count - 1``, evenly on a logarithmic scale, both ends included.

    Examples
    --------
    >>> log_steps(5), len(log_steps(10_000)) <= 150
    ([1, 2, 3, 4], True)
    """
    last = max(count - 1, 1)
    kept = min(points, last)
    return sorted({round(last ** (k / max(kept - 1, 1))) for k in range(kept)})
