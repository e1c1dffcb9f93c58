"""How long Ctrl-C takes to be heard while networks train: seconds from the signal to the answer with what is done.

python benchmarks/interrupts.py
"""

import os
import random
import signal
import threading
import time

import numpy as np

from tables import markdown
from thalweg.loss.squared import Squared
from thalweg.net.spec import mlp
from thalweg.train.fit import fit_population
from thalweg.train.population import Member, training_table

CASES = (
    (64, (4,), 12),
    (10_000, (64, 64), 100),
    (10_000, (1024, 1024), 1),
    (10_000, (1024, 1024), 4),
    (1_000_000, (64, 64), 4),
    (1_000_000, (512, 512), 1),
)
"""Rows, widths of the hidden layers, members."""


def waits(rows: int, widths: tuple[int, ...], members: int, repeats: int = 8) -> list[float]:
    """Press Ctrl-C somewhere in the training; return how long each answer took."""
    rng = np.random.default_rng(0)
    table = training_table(rng.normal(size=(rows, 10)), rng.normal(size=rows))
    population = [Member(mlp(widths), Squared(), np.arange(rows), seed=s, epochs=10**6) for s in range(members)]
    return [_wait(table, population, random.Random(repeat).uniform(0.6, 1.4)) for repeat in range(repeats)]  # noqa: S311


def _wait(table, population, after: float) -> float:
    pressed: list[float] = []

    def press() -> None:
        pressed.append(time.perf_counter())
        os.kill(os.getpid(), signal.SIGINT)

    timer = threading.Timer(after, press)
    timer.start()
    fit = fit_population(table, population)
    waited = time.perf_counter() - pressed[0]
    timer.join()
    if not fit.interrupted:
        raise SystemExit("The training ended before Ctrl-C was pressed.")
    return waited


def main() -> None:
    """Measure all cases and print a table."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    found = [
        (f"{rows:,} rows, {'-'.join(map(str, widths))}, {members} members", waits(rows, widths, members))
        for rows, widths, members in CASES
    ]
    print(
        markdown(
            ["training", "median s", "longest s"], [[name, f"{np.median(w):.3f}", f"{max(w):.3f}"] for name, w in found]
        )
    )


if __name__ == "__main__":
    main()
