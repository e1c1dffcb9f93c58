"""Killed at any moment, as often as you like, and continued: the members are the same bit for bit."""

import multiprocessing
import os
import signal
import time
from pathlib import Path

import numpy as np

from thalweg.loss.logistic import Logistic
from thalweg.net.spec import mlp
from thalweg.optim.adam import Adam
from thalweg.train.fit import fit_population
from thalweg.train.population import Member, training_table
from thalweg.train.store import MemberStore

KILLS = 50


def population():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(240, 6))
    table = training_table(x, (x[:, 0] + rng.normal(size=240) > 0).astype(float))
    train, held = np.arange(200, dtype=np.int32), np.arange(200, 240, dtype=np.int32)
    members = [
        Member(
            mlp((17,), "tanh", dropout=0.2),
            Logistic(),
            train,
            validation=held,
            seed=s,
            optimizer=Adam([1e-3, 1e-2][s % 2]),
            batch=30,
            epochs=60,
            patience=10,
        )
        for s in range(120)
    ]
    return table, members


def train_into(folder, seconds):
    """Train what is missing and write a shard every few moments; the body of a process that will be killed."""
    os.setsid()
    table, members = population()
    store = MemberStore(folder, every=seconds)
    fit_population(table, members, workers=2, slots=3, done=store.read(), on_member=store.add)
    store.flush()


def test_fifty_kills_change_nothing(tmp_path):
    table, members = population()
    whole = fit_population(table, members, workers=1).members
    context = multiprocessing.get_context("fork")
    moments = np.random.default_rng(1)
    kills = progress = 0
    while kills < KILLS:
        process = context.Process(target=train_into, args=(tmp_path, 0.005))
        process.start()
        process.join(timeout=float(moments.uniform(0.02, 0.25)))
        if process.is_alive():
            os.kill(process.pid, signal.SIGKILL)
            kills += 1
        process.join()
        stored = MemberStore(tmp_path).read()
        assert len(stored) >= progress, "a member that was stored is gone"
        progress = len(stored)
        assert all(fit.same_numbers(whole[fit.number]) for fit in stored)
        if progress == len(members):
            for shard in list(tmp_path.glob("*.safetensors"))[1:]:
                shard.unlink()
            progress = 0
    table, members = population()
    done = MemberStore(tmp_path).read()
    final = fit_population(table, members, workers=2, done=done).members
    assert all(a.same_numbers(b) for a, b in zip(whole, final, strict=True))


def test_workers_leave_when_their_parent_is_killed(tmp_path):
    context = multiprocessing.get_context("fork")
    process = context.Process(target=train_into, args=(tmp_path, 0.005))
    process.start()
    time.sleep(0.4)
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        alive = [
            p.name
            for p in Path("/proc").iterdir()
            if p.name.isdigit() and _session(p) == process.pid and _state(p) != "Z"
        ]
        if not alive:
            return
        time.sleep(0.1)
    raise AssertionError(f"workers {alive} outlived their parent")


def _stat(process):
    try:
        return (process / "stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return ["Z", "0", "0", "0"]


def _session(process):
    return int(_stat(process)[3])


def _state(process):
    return _stat(process)[0]
