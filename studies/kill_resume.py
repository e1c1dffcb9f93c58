"""Training that is killed again and again, and continued: are the members those of a training never disturbed?

Four ways to die, each at moments drawn uniformly while a training runs:

    machine   every process of the training at once, as a power cut does (SIGKILL to the session)
    parent    the process that collects the members; its workers are orphans and must leave by themselves
    worker    one worker process; the training goes on and tries its members once more
    command   every process of ``thalweg fit`` on a table, continued by the same command

    python studies/kill_resume.py [kills] [kills of the command] > studies/kill_resume.txt

After every kill all members on disk are compared bit for bit with those of the undisturbed training.
"""

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch

from thalweg.loss.logistic import Logistic
from thalweg.net.spec import mlp
from thalweg.optim.adam import Adam
from thalweg.optim.momentum import Momentum
from thalweg.train.fit import fit_population
from thalweg.train.population import Member, TrainingTable, training_table
from thalweg.train.result import MemberFit
from thalweg.train.store import MemberStore

FORK = multiprocessing.get_context("fork")
WAYS = ("machine", "parent", "worker")
COMMAND = [
    *[
        sys.executable,
        "-m",
        "thalweg.cli.main",
        "fit",
        "example:breast_cancer",
        "--folds",
        "3",
        "--seeds",
        "3",
        "--workers",
        "2",
    ],
    *[
        "--hidden",
        "16",
        "16-16",
        "--learning-rate",
        "0.001",
        "--dropout",
        "0",
        "0.2",
        "--epochs",
        "40",
        "--quiet",
        "--out",
    ],
]


@dataclass(slots=True)
class Tally:
    """What happened to one way of dying."""

    kills: int = 0
    trainings: int = 0
    found: list[int] = field(default_factory=list)  # members on disk after each kill
    compared: int = 0
    differing: int = 0
    lost: int = 0  # members that were on disk and are gone

    def line(self, way: str) -> str:
        found = np.array(self.found or [0])
        return (
            f"{way:<10}{self.kills:>7}{self.trainings:>11}{np.median(found):>9.0f}"
            f"{self.compared:>14,}{self.lost:>7}{self.differing:>11}"
        )


def population() -> tuple[TrainingTable, list[Member]]:
    """Members that differ in optimizer, weights, dropout and stopping, so that the queues refill at odd moments."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(240, 6))
    table = training_table(x, (x[:, 0] + rng.normal(size=240) > 0).astype(float))
    train, held = np.arange(200, dtype=np.int32), np.arange(200, 240, dtype=np.int32)
    members = [
        Member(
            mlp((17,), "tanh", dropout=0.2),
            Logistic(),
            train,
            weights=rng.exponential(size=200) if s % 3 == 0 else None,
            validation=held,
            seed=s,
            optimizer=[Adam(1e-3), Adam(1e-2), Momentum(0.05)][s % 3],
            batch=30,
            epochs=40 + s,
            patience=10 + s % 7,
        )
        for s in range(90)
    ]
    return table, members


def train_into(folder: Path) -> None:
    """Train what is missing; the body of a process that will be killed."""
    os.setsid()
    table, members = population()
    store = MemberStore(folder, every=0.005)
    again = store.read()
    fit_population(table, members, workers=2, slots=3, start_method="fork", done=again, on_member=store.add)
    store.flush()


def children(process: int) -> list[int]:
    with suppress(OSError):
        return [int(number) for number in Path(f"/proc/{process}/task/{process}/children").read_text().split()]
    return []


def kill(way: str, process: int, rng: np.random.Generator) -> bool:
    """Kill what the way says; return whether there was anything to kill."""
    if way == "worker":
        workers = children(process)
        if not workers:
            return False
        os.kill(int(rng.choice(workers)), signal.SIGKILL)
        return True
    if way == "parent":
        os.kill(process, signal.SIGKILL)
    else:
        with suppress(ProcessLookupError):  # it had no time to become a session of its own
            os.killpg(process, signal.SIGKILL)
        os.kill(process, signal.SIGKILL)
    return True


def study(way: str, whole: list[MemberFit], length: float, kills: int, folder: Path) -> Tally:
    """Kill trainings in one way until there were enough, each continued in the same folder."""
    rng, tally, before = np.random.default_rng(WAYS.index(way)), Tally(), 0
    while tally.kills < kills:
        process = FORK.Process(target=train_into, args=(folder,))
        process.start()
        assert process.pid is not None
        process.join(timeout=float(rng.uniform(0.01, 0.6 * length)))
        killed = process.is_alive() and kill(way, process.pid, rng)
        process.join()
        stored = MemberStore(folder).read()
        if killed:
            tally.kills += 1
            tally.found.append(len(stored))
        tally.compared += len(stored)
        tally.lost += max(0, before - len(stored))
        tally.differing += sum(not fit.same_numbers(whole[fit.number]) for fit in stored)
        before = len(stored)
        if before == len(whole):
            tally.trainings += 1
            before = 0
            for shard in folder.glob("*.safetensors"):
                shard.unlink()
    return tally


def everything(folder: Path) -> dict[str, object]:
    """What a finished run says, without the times it took."""
    members = {
        f"{stage} {fit.number}": (fit.parameters.tobytes(), fit.training_loss.tobytes(), fit.status)
        for stage in ("search", "chosen")
        for fit in MemberStore(folder / "members" / stage).read()
    }
    answer = json.loads((folder / "answer.json").read_text())
    del answer["about"], answer["files"], answer["sha256"]  # seconds, and how members were cut into shards
    return {**members, "answer": answer, "weights": (folder / "weights.safetensors").read_bytes()}


def finish(folder: Path) -> None:
    subprocess.run([*COMMAND, str(folder)], check=True, capture_output=True)  # noqa: S603 - this very program


def study_command(kills: int, folder: Path) -> Tally:
    """Kill the command at random moments, and let it finish after every eight kills."""
    rng, tally = np.random.default_rng(9), Tally()
    started = time.perf_counter()
    finish(folder / "whole")
    length = time.perf_counter() - started
    whole = everything(folder / "whole")
    while tally.kills < kills:
        out = folder / f"killed {tally.trainings}"
        for _ in range(min(8, kills - tally.kills)):
            process = subprocess.Popen(  # noqa: S603 - this very program
                [*COMMAND, str(out)], start_new_session=True, stdout=subprocess.DEVNULL
            )
            try:
                process.wait(timeout=float(rng.uniform(0.2, 1.0) * length))
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
                tally.kills += 1
                stages = [out / "members" / stage for stage in ("search", "chosen")]
                tally.found.append(sum(len(MemberStore(stage).read()) for stage in stages))
        finish(out)
        end = everything(out)
        tally.trainings += 1
        tally.compared += len(whole)
        tally.differing += sum(end.get(name) != content for name, content in whole.items())
    return tally


def main(kills: int, of_the_command: int) -> None:
    torch.set_num_threads(1)
    table, members = population()
    whole = fit_population(table, members, workers=1).members
    versions = f"python {sys.version.split()[0]}, torch {torch.__version__}"
    print(f"{len(members)} members, two workers of three slots; {versions}")
    heads = f"{'killed':<10}{'kills':>7}{'completed':>11}{'on disk':>9}"
    print(f"{heads}{'compared':>14}{'lost':>7}{'differing':>11}", flush=True)
    with tempfile.TemporaryDirectory() as place:
        started = time.perf_counter()
        first = FORK.Process(target=train_into, args=(Path(place) / "length",))
        first.start()
        first.join()
        length = time.perf_counter() - started
        for way in WAYS:
            print(study(way, whole, length, kills, Path(place) / way).line(way), flush=True)
        print(study_command(of_the_command, Path(place) / "command").line("command"), flush=True)
    print(f"\nOne undisturbed training takes {length:.2f} s; moments are uniform from 0.01 s to 60 % of that.")
    print("Command: moments from a fifth of its length on; finished after every eight kills.")
    print("On disk: members found there after a kill, median. Completed: trainings that came to their end.")


if __name__ == "__main__":
    numbers = [int(text) for text in sys.argv[1:3]]
    main(*(numbers if len(numbers) == 2 else (300, 48)))
