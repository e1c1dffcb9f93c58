"""Memory: how much is free, refusing beforehand what would not fit, and saying so where it runs out all the same."""

import errno
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from thalweg.base.errors import SettingError

_MEMINFO: Final = Path("/proc/meminfo")
_CGROUPS: Final = (  # limit and use of the container, by the two versions of control groups
    (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory.current")),
    (Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"), Path("/sys/fs/cgroup/memory/memory.usage_in_bytes")),
)
_AMOUNT: Final = re.compile(r"\d+(\.\d+)? ?([KMGTP]i?B|bytes)\b")
_TYPES: Final = {"RuntimeError", "OutOfMemoryError", "OutOfMemoryException", "ArrowMemoryError", "InternalException"}
_PARTS: Final = ("allocate memory", "not enough memory", "out of memory", "bad_alloc", "bad allocation")
_STEPS: Final = ("bytes", "kB", "MB", "GB", "TB")


class OversizedError(SettingError):
    """What is asked for does not fit into memory, as was foreseen.

    Examples
    --------
    >>> print(OversizedError("This needs 64 GB.", "Ask for less."))
    This needs 64 GB. Ask for less.
    """


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
    thalweg.base.machine.free_memory.OversizedError: This needs about 64 GB of memory, and 20 GB ...
    """
    free = free_bytes() if free is None else free
    total = sum(needs.values())
    if free is not None and total > free:
        parts = ", ".join(f"{name} take {in_words(size)}" for name, size in needs.items())
        raise OversizedError(
            f"This needs about {in_words(total)} of memory, and {in_words(free)} are free: {parts}.", remedy
        )


@contextmanager
def memory_told(remedy: str) -> Iterator[None]:
    """Say in words that memory ran out, whichever library noticed it; also a decorator.

    Parameters
    ----------
    remedy
        What to ask for instead.

    Raises
    ------
    SettingError
        In place of ``MemoryError`` and its kin: how much was asked for, as far as the library says, and what is free.

    Examples
    --------
    >>> with memory_told("Select columns by a query."):
    ...     raise MemoryError("Unable to allocate 7.45 GiB for an array")
    Traceback (most recent call last):
    thalweg.base.errors.SettingError: Memory ran out (7.45 GiB were asked for, and ... are free). Select columns ...
    """
    try:
        yield
    except Exception as error:
        if not ran_out(error):
            raise
        asked = _AMOUNT.search(str(error))
        free = free_bytes()
        told = [f"{asked[0]} were asked for"] if asked else []
        told += [] if free is None else [f"{in_words(free)} are free"]
        facts = f" ({', and '.join(told)})" if told else ""
        raise SettingError(f"Memory ran out{facts}.", remedy) from error


def ran_out(error: Exception) -> bool:
    """Say whether a library found no memory; most have no type of error for it.

    Examples
    --------
    >>> ran_out(RuntimeError("DefaultCPUAllocator: can't allocate memory")), ran_out(RuntimeError("no"))
    (True, False)
    """
    if isinstance(error, MemoryError):
        return True
    if isinstance(error, OSError):
        return error.errno == errno.ENOMEM
    return type(error).__name__ in _TYPES and any(part in str(error).lower() for part in _PARTS)


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
        for line in _MEMINFO.read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return [int(line.split()[1]) * 1024]
    with suppress(OSError, ValueError, AttributeError):  # macOS: all there is, for want of what is free
        return [os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")]
    return []


def _of_container() -> list[int]:
    found = []
    for limit, used in _CGROUPS:
        with suppress(OSError, ValueError):  # "max" is no number, and no limit
            found.append(int(limit.read_text(encoding="ascii")) - int(used.read_text(encoding="ascii")))
    return found


def _of_process() -> list[int]:
    with suppress(ImportError, OSError, ValueError, IndexError):
        import resource  # noqa: PLC0415 - Windows has none

        limit = resource.getrlimit(resource.RLIMIT_AS)[0]
        if limit != resource.RLIM_INFINITY:
            used = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()
            return [limit - used]
    return []
