"""Memory: how much is free, and refusing beforehand what would not fit."""

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from thalweg.base.errors import SettingError

_MEMINFO: Final = Path("/proc/meminfo")
_CGROUPS: Final = (  # limit and use of the container, by the two versions of control groups
    (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory.current")),
    (Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"), Path("/sys/fs/cgroup/memory/memory.usage_in_bytes")),
)
_STEPS: Final = ("bytes", "kB", "MB", "GB", "TB")


def free_bytes() -> int | None:
    """Return how much memory is free, the container's limit and the process' own considered; None if unknown.

    Examples
    --------
    >>> found = free_bytes()
    >>> found is None or found > 0
    True
    """
    found = [*_of_system(), *_of_container(), *_of_process()]
    return max(0, min(found)) if found else None


def refuse_oversized(needs: Mapping[str, int], remedy: str, *, free: int | None = None) -> None:
    """Refuse work that needs more memory than is free, before it begins.

    Parameters
    ----------
    needs
        Bytes, by what takes them.
    remedy
        What to ask for instead.
    free
        Bytes; None asks the machine.

    Raises
    ------
    SettingError
        If it does not fit; the message says what is needed, what is free, and what takes it.

    Examples
    --------
    >>> refuse_oversized({"800 networks": 64 * 10**9}, "Ask for fewer networks.", free=20 * 10**9)
    Traceback (most recent call last):
    thalweg.base.errors.SettingError: This needs about 64 GB of memory, and 20 GB are free: 800 networks take 64 GB. ...
    """
    free = free_bytes() if free is None else free
    total = sum(needs.values())
    if free is not None and total > free:
        parts = ", ".join(f"{name} take {in_words(size)}" for name, size in needs.items())
        raise SettingError(
            f"This needs about {in_words(total)} of memory, and {in_words(free)} are free: {parts}.", remedy
        )


def in_words(size: int) -> str:
    """Return a number of bytes in the unit that suits it.

    Examples
    --------
    >>> in_words(1_500_000), in_words(10**18)
    ('1.5 MB', '1,000,000 TB')
    """
    step = min((len(str(size)) - 1) // 3, len(_STEPS) - 1)
    whole, rest = divmod(size, 1000**step)
    return (
        f"{whole:,} {_STEPS[step]}" if whole >= 10 or step == 0 else f"{whole + rest / 1000**step:.2g} {_STEPS[step]}"
    )


def _of_system() -> list[int]:
    with suppress(OSError, ValueError, IndexError):
        for line in _MEMINFO.read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return [int(line.split()[1]) * 1024]
    with suppress(OSError, ValueError, AttributeError):  # macOS: all there is, for want of what is free
        return [os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")]
    return []


def _of_container() -> list[int]:
    found = []
    for limit, used in _CGROUPS:
        with suppress(OSError, ValueError):  # "max" is no number, and no limit
            found.append(int(limit.read_text()) - int(used.read_text()))
    return found


def _of_process() -> list[int]:
    with suppress(ImportError, OSError, ValueError, IndexError):
        import resource  # noqa: PLC0415 - Windows has none

        limit = resource.getrlimit(resource.RLIMIT_AS)[0]
        if limit != resource.RLIM_INFINITY:
            used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
            return [limit - used]
    return []
