"""A population on a Dask cluster of this machine beside threads of this process: efficiency, overhead, the scheduler.

Run: OMP_NUM_THREADS=1 python -P benchmarks/cluster.py [members] > benchmarks/results/cluster.md
"""

import itertools
import json
import statistics
import sys
import time

import numpy as np
from distributed import Client, LocalCluster

from machine import describe
from thalweg.loss.squared import Squared
from thalweg.net.spec import mlp
from thalweg.train.fit import fit_population
from thalweg.train.population import Member, training_table
from thalweg.train.remote import remote_crew

ROWS, FOLDS, REPEATS = 2000, 3, 3


def population(members, epochs, hidden, rows=ROWS):
    x = np.random.default_rng(0).normal(size=(rows, 10))
    y = np.sin(x[:, :1]) + x[:, 1:2] * x[:, 2:3]
    folds = [np.flatnonzero(np.arange(rows) % FOLDS != fold).astype(np.int32) for fold in range(FOLDS)]
    table = training_table(x, y)
    return table, [Member(mlp((hidden,)), Squared(), folds[n % FOLDS], seed=n, epochs=epochs) for n in range(members)]


def timed(table, members, **where):
    began = time.perf_counter()
    fit = fit_population(table, members, **where)
    assert fit.statuses() == {"finished": len(members)}
    return time.perf_counter() - began, fit


def scheduler_bytes(client):
    def look(dask_scheduler):
        import psutil

        return psutil.Process().memory_info().rss, len(dask_scheduler.tasks)

    return client.run_on_scheduler(look)


def main(many):
    found = describe(["torch", "distributed"])
    sizes = {"n_workers": 2, "threads_per_worker": 1, "memory_limit": 0}
    with (
        LocalCluster(dashboard_address="127.0.0.1:0", silence_logs=50, **sizes) as cluster,
        Client(cluster, set_as_default=False) as client,
    ):
        table, members = population(60, 150, 64)
        timed(table, members[:4], executor=client)  # workers have imported what they need
        pairs = [  # in turns, for the machine may have other work
            (timed(table, members, workers=2)[0], timed(table, members, executor=client)[0]) for _ in range(REPEATS)
        ]
        found["seconds by 2 threads, by 2 Dask workers"] = [[round(s, 2) for s in pair] for pair in pairs]
        found["efficiency of 2 Dask workers"] = round(statistics.median(a / b for a, b in pairs), 3)
        small, tiny = population(200, 1, 2, rows=60)
        alone = timed(small, tiny, workers=1)[0]
        remote_crew.SHORTEST = remote_crew.LONGEST = 0.0  # a batch for each member
        each = timed(small, tiny, executor=client, workers=1)[0]
        found["milliseconds a batch takes besides its work"] = round((each - alone) / len(tiny) * 1e3, 2)
        remote_crew.SHORTEST, remote_crew.LONGEST = 0.5, 10.0
        table, members = population(many * FOLDS, 1, 2, rows=300)
        before, looks = scheduler_bytes(client), []
        tick = itertools.count()
        seconds, _ = timed(
            table,
            members,
            executor=client,
            on_progress=lambda _: next(tick) % 10 or looks.append(scheduler_bytes(client)),
        )
        after = scheduler_bytes(client)
        found[f"{many:,} members x {FOLDS} folds"] = {
            "seconds": round(seconds, 1),
            "MB of the process with scheduler and caller: before, highest, after": [
                round(b / 1e6) for b in (before[0], max(b for b, _ in [before, *looks]), after[0])
            ],
            "tasks the scheduler knew: most, after": [max(n for _, n in [before, *looks]), after[1]],
        }
    print("# A population on a Dask cluster of one machine\n\n```json")
    print(json.dumps(found, indent=1))
    print("```\n\nThe bits are equal: `tests/train/remote/test_transport.py`.")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
