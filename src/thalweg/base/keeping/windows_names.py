"""Names that Windows keeps for itself, or would change without a word: told before a file is looked for or written."""

import sys
from pathlib import PureWindowsPath
from typing import Final

_NUMBERED: Final = {f"{device}{number}" for device in ("COM", "LPT") for number in "123456789¹²³"}
_DEVICES: Final = _NUMBERED | {"CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"}
_SIGNS: Final = set('<>:"|?*') | {chr(code) for code in range(32)}


def fault_of_name(path: str) -> str | None:
    r"""Return why the system cannot keep a file under this path; None where it can, and on any system but Windows.

    Parameters
    ----------
    path
        As it was given, with slashes of either kind.

    Examples
    --------
    >>> fault_of_name("runs/first") is None
    True
    """
    return fault_on_windows(path) if sys.platform == "win32" else None


def device_in(path: str) -> str | None:
    """Return the device that Windows takes a path for; None if it is none, and on any other system.

    Examples
    --------
    >>> device_in("t.csv") is None
    True
    """
    return device_on_windows(path) if sys.platform == "win32" else None


def fault_on_windows(path: str) -> str | None:
    r"""Return why Windows cannot keep a file under a path, or would keep it under another name.

    Examples
    --------
    >>> fault_on_windows("runs\\aux.csv")
    "Windows takes 'aux.csv' for a device"
    >>> fault_on_windows("runs/first. ")
    "Windows takes the dots and spaces off the end of 'first. '"
    >>> fault_on_windows("C:\\runs\\first:2")
    "Windows keeps the sign ':' in 'first:2' for itself"
    >>> fault_on_windows("..\\runs\\first.html") is None
    True
    """
    device = device_on_windows(path)
    if device is not None:
        return f"Windows takes {device!r} for a device"
    for name in _names(path):
        if name.endswith((".", " ")):
            return f"Windows takes the dots and spaces off the end of {name!r}"
        kept = next((sign for sign in name if sign in _SIGNS), None)
        if kept is not None:
            return f"Windows keeps the sign {kept!r} in {name!r} for itself"
    return None


def device_on_windows(path: str) -> str | None:
    """Return the part of a path that Windows takes for a device, with any ending and in any case; None if none is.

    Source: Microsoft, Naming Files, Paths, and Namespaces.

    Examples
    --------
    >>> device_on_windows("tables/Con.2024.csv"), device_on_windows("console.csv")
    ('Con.2024.csv', None)
    """
    return next((name for name in _names(path) if name.partition(".")[0].rstrip().upper() in _DEVICES), None)


def _names(path: str) -> list[str]:
    parts = PureWindowsPath(path)
    return [name for name in parts.parts if name != parts.anchor and name not in {".", ".."}]
