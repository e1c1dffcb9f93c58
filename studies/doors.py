"""Every door, driven for a long time with values of any kind: how many were answered, how many refused, any fault?

The strategies are those of ``tests/doors.py``; here they run until the time is over, each round from another seed, in
one process, which also shows whether memory or open files grow.

    python studies/doors.py [seconds] > studies/doors.txt
"""

import os
import platform
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import thalweg as tw
from doors import SETTINGS, TOML, command, commands, fault_of_call, fault_of_command, prepare

EACH = 25
ROUND = settings(
    max_examples=EACH,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
CONFIGURED = [
    "fit",
    "t.csv",
    "--target",
    "y",
    "--config",
    "c.toml",
    "--folds",
    "2",
    "--seeds",
    "1",
    "--hidden",
    "2",
    "--epochs",
    "1",
    "--workers",
    "1",
]


def resident() -> float:
    """Return the resident memory of this process in MB."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def files() -> int:
    """Return how many files are open."""
    return len(list(Path("/proc/self/fd").iterdir()))


def main(seconds: float) -> None:  # noqa: C901 - three doors, one loop
    """Drive, count, print."""
    counts: dict[str, Counter[str]] = {kind: Counter() for kind in ("commands", "configuration files", "Python")}
    faults: list[str] = []
    started, number = time.monotonic(), 0

    def note(kind: str, given_value: object, fault: str | None) -> None:
        counts[kind]["inputs"] += 1
        if fault is not None:
            counts[kind]["faults"] += 1
            faults.append(f"{kind}: {given_value!r}: {fault}")

    def watched(kind: str, given_value: object, look: object, *inputs: object) -> None:
        try:
            fault = look(*inputs)  # type: ignore[operator]  # one of the three functions of the doors
        except Exception as error:  # noqa: BLE001 - counting them is what this is for
            fault = f"{type(error).__name__}: {error}"
        note(kind, given_value, fault)

    def by_command(words: list[str]) -> None:
        watched("commands", words, fault_of_command, words)

    def by_file(text: str) -> None:
        Path("c.toml").write_text(text, encoding="utf-8", errors="replace")
        watched("configuration files", text, fault_of_command, CONFIGURED)

    def by_call(chosen: dict[str, object]) -> None:
        watched("Python", chosen, fault_of_call, chosen)

    with tempfile.TemporaryDirectory() as place:
        prepare(Path(place))
        os.chdir(place)
        command(["linear", "t.csv", "--target", "y"])  # everything is loaded once before memory is looked at
        first = None
        while time.monotonic() - started < seconds:
            for strategy, drive in ((commands(), by_command), (TOML, by_file), (SETTINGS, by_call)):
                seed(number)(ROUND(given(strategy)(drive)))()
                number += 1
            first = first or (resident(), files())
        os.chdir("/")
    spent = time.monotonic() - started
    print(f"{time.strftime('%Y-%m-%d')}, {spent / 60:.0f} minutes, thalweg {tw.__version__}, ", end="")
    print(f"Python {platform.python_version()}, {platform.machine()}\n")
    print(f"{'door':24}{'inputs':>10}{'faults':>10}")
    for kind, found in counts.items():
        print(f"{kind:24}{found['inputs']:>10,}{found['faults']:>10,}")
    assert first is not None
    print(f"\nResident memory after the first round {first[0]:.0f} MB, at the end {resident():.0f} MB; ", end="")
    print(f"open files {first[1]} and {files()}.")
    print(*sorted(set(faults))[:50], sep="\n")


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 3600.0)
