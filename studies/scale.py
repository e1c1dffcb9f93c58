"""A population on up to 10,000 workers, on paper: a simulation of events, and beside it what 1, 2 and 4 workers take.

Run: OMP_NUM_THREADS=1 python -P studies/scale.py > studies/scale.txt
"""

import argparse
import heapq
import math
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np

from thalweg.train.remote.remote_crew import LATE, LONGEST, SHARE, SHORTEST


@dataclass(frozen=True)
class World:
    """What is assumed of machines and network; every number is stated where results are."""

    startup: float = 30.0  # seconds until a worker is there, mean of an exponential time
    table: float = 88e6  # bytes: a million rows of 20 columns and an outcome
    bandwidth: float = 1.25e9  # bytes a second out of one machine
    dispatch: float = 0.005  # seconds the caller and the scheduler take for a batch there and back, one after the other
    overhead: float = 0.010  # seconds a worker takes for a batch besides its work
    spread: float = 0.3  # standard deviation of the logarithm of a batch's time
    straggling: float = 0.01  # share of batches that take `slow` times as long
    slow: float = 8.0
    mtbf: float = 100_000.0  # seconds between failures of one worker


def simulate(members, seconds, workers, world, seed=0):
    """Return the makespan of a population, its efficiency, and how long the caller was busy."""
    random = np.random.default_rng(seed)
    copies = math.ceil(math.log2(workers + 1))  # whoever has the table sends it on
    ready = random.exponential(world.startup, workers) + copies * world.table / world.bandwidth
    free = [(t, n) for n, t in enumerate(ready)] if world.startup else [(0.0, n) for n in range(workers)]
    heapq.heapify(free)
    left, again, caller, ends, busy = members, [], 0.0, [], 0.0
    while left or again:
        now, worker = heapq.heappop(free)
        if again:
            size = again.pop()
        else:
            work = left * seconds
            room = min(LONGEST, max(work / (SHARE * workers), min(SHORTEST, work / workers)))
            size = min(left, max(1, int(room / seconds)))
            left -= size
        caller = max(caller, now) + world.dispatch
        busy += world.dispatch
        took = size * seconds * random.lognormal(-(world.spread**2) / 2, world.spread) + world.overhead
        if random.random() < world.straggling:  # given to another worker as well, once it is far too late
            took = min(took * world.slow, LATE * max(SHORTEST, size * seconds) + took)
        if random.random() < -math.expm1(-took / world.mtbf):
            again.append(size)
            heapq.heappush(free, (caller + took * random.random() + random.exponential(world.startup), worker))
            continue
        ends.append(caller + took)
        heapq.heappush(free, (caller + took, worker))
    makespan = max(ends)
    return makespan, members * seconds / (workers * makespan), busy / makespan


def on_paper():
    print("Twenty members of ten seconds for each worker:")
    print(f"{'workers':>8} {'makespan s':>11} {'efficiency':>11} {'caller busy':>12}")
    for workers in (1, 10, 100, 1000, 10_000):
        print("{:8,} {:11.1f} {:11.2f} {:12.2f}".format(workers, *simulate(20 * workers, 10.0, workers, World())))
    print("\nThe same on a thousand workers, one thing at a time:")
    one_by_one(
        1000,
        {
            "as assumed": World(),
            "no time to start": replace(World(), startup=0.0),
            "a table of 10 GB": replace(World(), table=10e9),
            "one batch in ten straggles": replace(World(), straggling=0.1),
            "a worker fails every hour": replace(World(), mtbf=3600.0),
        },
    )
    print("\nThe same on ten thousand:")
    times = {f"the caller takes {ms:g} ms for a batch": replace(World(), dispatch=ms / 1e3) for ms in (0.5, 5, 20)}
    one_by_one(10_000, times)


def one_by_one(workers, cases):
    for name, world in cases.items():
        found = simulate(20 * workers, 10.0, workers, world)
        print("{:38} {:9.1f} s, efficiency {:.2f}, caller busy {:.2f}".format(name, *found))


def beside_measurement():
    """Compare with this machine: the time of a member is measured by one worker, the rest is predicted."""
    import os

    from thalweg.loss.squared import Squared
    from thalweg.net.spec import mlp
    from thalweg.train.fit import fit_population
    from thalweg.train.population import Member, training_table

    x = np.random.default_rng(0).normal(size=(2000, 10))
    rows = np.arange(2000, dtype=np.int32)
    members = [Member(mlp((64,)), Squared(), rows, seed=n, epochs=150) for n in range(60)]
    table, cores = training_table(x, x[:, :1]), len(os.sched_getaffinity(0))
    world = World(startup=0.0, table=0.0, straggling=0.0, spread=0.05, mtbf=math.inf)
    seconds = None
    print(f"\nThis machine, {cores} cores, 60 members of 150 epochs, processes:")
    for workers in (1, 2, 4):
        with ProcessPoolExecutor(workers) as executor:
            fit_population(table, members[: 2 * workers], executor=executor)  # processes are there
            began = time.perf_counter()
            fit_population(table, members, executor=executor)
            took = time.perf_counter() - began
        seconds = seconds or took / len(members)
        each = seconds * max(1.0, workers / cores)  # more workers than cores share them
        predicted, *_ = simulate(len(members), each, workers, world)
        print(f"{workers} workers: measured {took:5.2f} s, predicted {predicted:5.2f} s")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--paper", action="store_true", help="without the measurement")
    asked = parser.parse_args()
    print(f"{datetime.now(UTC):%Y-%m-%d %H:%M UTC}. {World()}\n")
    on_paper()
    if not asked.paper:
        beside_measurement()
