"""Which processor this is, by the name its maker gave it."""

import platform
from functools import cache
from pathlib import Path

_CPUINFO = Path("/proc/cpuinfo")


@cache
def processor_name() -> str:
    """Return the processor's name, or at least its family.

    Examples
    --------
    >>> bool(processor_name())
    True
    """
    try:
        facts = (line.partition(":") for line in _CPUINFO.read_text(encoding="utf-8", errors="replace").splitlines())
        found = next((value.strip() for key, _, value in facts if key.strip() == "model name"), "")
    except OSError:
        found = ""
    return found or platform.processor() or platform.machine() or "unknown processor"
