"""Lengths of time, as people write them and as sentences say them."""

import math
import re
from typing import Final

from thalweg.base.checks import plain_value, shown
from thalweg.base.errors import SettingError, setting

_SECONDS: Final = {"d": 86_400.0, "h": 3_600.0, "m": 60.0, "min": 60.0, "s": 1.0, "sec": 1.0}
_PART: Final = re.compile(r"\s*(\d+(?:\.\d*)?|\.\d+)\s*(min|sec|d|h|m|s)(?![a-z])")


def seconds_of(name: str, value: object) -> float:
    """Return a length of time in seconds.

    Parameters
    ----------
    name
        The setting's name, as the user wrote it.
    value
        A number of seconds, or text such as ``90s``, ``10m`` or ``1h30m``; text without a unit is refused.

    Raises
    ------
    SettingError
        If it is no length of time, or none above 0.

    Examples
    --------
    >>> seconds_of("time_limit", "1h30m"), seconds_of("time_limit", 90)
    (5400.0, 90.0)
    """
    plain = plain_value(value)
    found = _read(plain) if isinstance(plain, str) else plain
    if isinstance(found, bool) or not isinstance(found, (int, float)) or not 0 < found < math.inf:
        raise SettingError(
            f"{setting(name)} must be a length of time above 0, got {shown(value)}.",
            "Write it with its unit: 90s, 10m, 2h or 1h30m.",
        )
    return float(found)


def _read(text: str) -> float | None:
    total, place, clean = 0.0, 0, text.strip().lower()
    while place < len(clean):
        part = _PART.match(clean, place)
        if part is None:
            return None
        total, place = total + float(part[1]) * _SECONDS[part[2]], part.end()
    return total


def spoken(seconds: float) -> str:
    """Return a length of time in its two largest units.

    Examples
    --------
    >>> spoken(0.25), spoken(42.0), spoken(600.0), spoken(5430.0), spoken(200_000.0)
    ('0.2 s', '42 s', '10 min', '1 h 30 min', '2 d 8 h')
    """
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds) if seconds < 3600 else 60 * round(seconds / 60)
    whole = whole if whole < 86_400 else 3600 * round(whole / 3600)
    parts = []
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")):
        count, whole = divmod(whole, size)
        if count:
            parts.append(f"{count} {unit}")
    return " ".join(parts[:2])
