"""What a measurement ran on, and what else ran there."""

import importlib.metadata
import os
import platform
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import thalweg

QUIET = 0.25  # cores that may be busy with something else


def cores() -> int:
    """Return the cores this process may use."""
    return len(os.sched_getaffinity(0))


def busy_cores(seconds: float = 1.0) -> float:
    """Return how many cores are busy with something else, measured while this program waits."""
    before = _busy_ticks()
    time.sleep(seconds)
    return (_busy_ticks() - before) / os.sysconf("SC_CLK_TCK") / seconds


def _busy_ticks() -> int:
    user, nice, system, _idle, _wait, irq, softirq, steal = map(
        int, Path("/proc/stat").read_text().splitlines()[0].split()[1:9]
    )
    return user + nice + system + irq + softirq + steal


def describe(packages: Sequence[str]) -> dict[str, Any]:
    """Return date, machine, load and versions."""
    facts = [line.partition(":") for line in Path("/proc/cpuinfo").read_text().splitlines()]
    model = next((value.strip() for key, _, value in facts if key.strip() == "model name"), platform.processor())
    busy = busy_cores()
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "machine": f"{model}, {cores()} cores",
        "load average": os.getloadavg()[0],
        "cores busy with other work": round(busy, 2),
        "quiet": busy <= QUIET,
        "versions": {"Python": platform.python_version(), **_versions(packages)},
    }


def _versions(packages: Sequence[str]) -> dict[str, str]:
    found = {"thalweg": thalweg.__version__}
    for name in packages:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found[name] = "absent"
    return found


def as_lines(facts: dict[str, Any]) -> list[str]:
    """Return the facts as lines of Markdown."""
    quiet = "yes" if facts["quiet"] else "**no: read ratios with care**"
    versions = ", ".join(f"{name} {version}" for name, version in facts["versions"].items())
    load = f"load average {facts['load average']:.2f}, {facts['cores busy with other work']} cores busy with other work"
    return [
        f"- {facts['date']}; {facts['machine']}",
        f"- at the start: {load}; quiet: {quiet}",
        f"- {versions}",
    ]
