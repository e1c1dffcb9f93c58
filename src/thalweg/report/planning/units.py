"""Times and sums of money in words."""

from thalweg.planning.likely_range import LikelyRange

_UNITS = (
    (86_400.0 * 2, 86_400.0, "days"),
    (7_200.0, 3_600.0, "hours"),
    (120.0, 60.0, "minutes"),
    (0.0, 1.0, "seconds"),
)


def spans(seconds: LikelyRange) -> str:
    """Return a time with its 80 % range, in the unit of its median.

    Examples
    --------
    >>> spans(LikelyRange(44.5048 * 86400)), spans(LikelyRange(1.0, 0.1, 0.1))
    ('44.5 days', '1.00 seconds (0.880 to 1.14)')
    """
    size, unit = next((size, unit) for least, size, unit in _UNITS if seconds.middle >= least)
    middle, low, high = (_digits(value / size) for value in (seconds.middle, seconds.low, seconds.high))
    return f"{middle} {unit}" if low == high else f"{middle} {unit} ({low} to {high})"


def dollars(money: LikelyRange) -> str:
    """Return a sum of money with its 80 % range.

    Examples
    --------
    >>> dollars(LikelyRange(4_484_375.0, 0.12, 0.12)), dollars(LikelyRange(0.031))
    ('4.48 million (3.85 to 5.23)', '0.03')
    """
    size, unit = (1e6, " million") if money.middle >= 1e6 else (1.0, "")
    middle, low, high = (_cents(value / size) for value in (money.middle, money.low, money.high))
    return f"{middle}{unit}" if low == high else f"{middle}{unit} ({low} to {high})"


def _digits(value: float) -> str:
    return f"{value:,.0f}" if 100 <= value < 1e7 else f"{value:.3g}" if value >= 1e7 else f"{value:#.3g}"


def _cents(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{value:.2f}"
