"""Every door, killed at random moments and given again: are its answers those of a run never disturbed?

Commands that keep a run, estimators that keep a folder and the engine with a store run in a process of their own, and
die in four ways at moments drawn uniformly over the length of an undisturbed run:

    machine   every process at once, as a power cut does (SIGKILL to the session)
    parent    the process that was started; its workers, if it has any, are orphans and must leave by themselves
    worker    one worker process, where a door has any; the rest must go on by itself
    ctrl-c    SIGINT, where members train in threads; what was started must leave by itself within a minute

After every kill the members on disk are compared with those before it; after every third kill the same command must
come to its end, and all its files are compared with those of the undisturbed run: members bit for bit, tables byte for
byte, answers and records without the seconds they took, predictions of estimators bit for bit.

    python studies/killed_doors.py [kills of each door] > studies/killed_doors.txt
"""

import contextlib
import io
import json
import multiprocessing
import os
import platform
import shutil
import signal
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import torch

import thalweg as tw
from thalweg.base.keeping.tensors import read_tensors
from thalweg.cli.main import main as command
from thalweg.loss.squared import Squared
from thalweg.train.fit import fit_population
from thalweg.train.module import ModuleNetwork
from thalweg.train.population import Member, training_table
from thalweg.train.store import MemberStore

FORK = multiprocessing.get_context("fork")
WAYS = ("machine", "parent", "worker or ctrl-c")
LEAVES = 60  # seconds that a process has to leave after Ctrl-C
TABLE = "t.csv"
OUT = Path("run")
WORKERS = ["--workers", "2", "--quiet", "--out", str(OUT)]
COMMANDS = {
    "fit": "fit t.csv --target y --folds 2 --seeds 2 --hidden 8 8-8 --epochs 8 --trees 4",
    "linear": "linear t.csv --target y --path lasso --search best-subset",
    "effects fit": "effects fit t.csv --target y --treatments t1 t2 --folds 2 --repeats 1 --hidden 8 --epochs 8",
    "effects observe": "effects observe t.csv --target y --treatments t1 --folds 2 --repeats 1 --epochs 8",
    "study race": "study race t.csv --target y --seeds 2 --hidden 4 --epochs 2",
    "study guide": "study guide t.csv --target y --seeds 2 --hidden 4 --epochs 5 --permutations 4 --resamples 2",
}
NETWORKS = {"hidden": (16,), "seeds": 4, "epochs": 30, "patience": None, "workers": 2}
CANDIDATES = {"learning_rate": [0.001, 0.01]}
ESTIMATORS: dict[str, Callable[[], object]] = {
    "NetRegressor": lambda: tw.NetRegressor(**NETWORKS, out=OUT),
    "NetSearch": lambda: tw.NetSearch(
        tw.NetRegressor(**NETWORKS | {"seeds": 2, "epochs": 12}), CANDIDATES, cv=3, out=OUT, workers=2
    ),
}
MODULES = 8  # members of the population of torch modules
COUNTS = ("machine", "parent", "worker", "ctrlc", "finished", "compared", "lost", "failed", "differing")
OF_THE_MOMENT = {"about", "repeat", "files", "sha256"}


@dataclass(slots=True)
class Tally:
    """What happened at one door."""

    machine: int = 0
    parent: int = 0
    worker: int = 0
    ctrlc: int = 0
    finished: int = 0
    compared: int = 0
    differing: int = 0
    lost: int = 0  # members that were on disk and are gone
    failed: int = 0  # commands that did not come to their end when they were left alone

    @property
    def kills(self) -> int:
        """How often something was killed."""
        return self.machine + self.parent + self.worker + self.ctrlc

    def line(self, door: str) -> str:
        return f"{door:<16}{self.kills:>7}" + "".join(f"{getattr(self, count):>10,}" for count in COUNTS)


def table() -> pd.DataFrame:
    """An experiment of two treatments."""
    rng = np.random.default_rng(0)
    treated, x = rng.integers(0, 2, (400, 2)), rng.normal(size=(400, 3))
    y = treated @ [1, 0.5] + x[:, 0] + rng.normal(size=400)
    return pd.DataFrame(np.c_[y, treated, x], columns=["y", "t1", "t2", "x1", "x2", "x3"])


def give(words: list[str]) -> None:
    """Give a command; the body of a process that may be killed."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()) as complaints:
        code = command(words)
    if code and "nterrupted" not in complaints.getvalue():
        print(complaints.getvalue(), file=sys.stderr)
    os._exit(code)


def fit(name: str) -> None:
    """Fit an estimator and write its predictions; the body of a process that may be killed."""
    frame = table()
    x, y = frame.drop(columns="y").to_numpy(), frame["y"].to_numpy()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        predictions = ESTIMATORS[name]().fit(x, y).predict(x)  # type: ignore[attr-defined]
    np.save(OUT / "predictions.npy", predictions)


def module() -> torch.nn.Module:
    """Return what no native step computes."""
    return torch.nn.Sequential(torch.nn.Linear(5, 16), torch.nn.Softplus(), torch.nn.Linear(16, 1))


def train(workers: int) -> None:
    """Train torch modules in worker processes, with a store; the body of a process that may be killed."""
    frame = table()
    x, y = frame.drop(columns="y").to_numpy(), frame["y"].to_numpy()
    members = [Member(ModuleNetwork(module), Squared(), np.arange(400), seed=k, epochs=12) for k in range(MODULES)]
    store = MemberStore(OUT / "members", every=0.0)
    OUT.mkdir(exist_ok=True)
    fit_population(
        training_table(x, y), members, workers=workers, done=store.read(), on_member=store.add, start_method="fork"
    )
    store.flush()


def start(body: Callable[..., None], argument: object) -> multiprocessing.process.BaseProcess:
    process = FORK.Process(target=_alone, args=(body, argument))
    process.start()
    return process


def _alone(body: Callable[..., None], argument: object) -> None:
    """Do it in a session of its own, and leave without what the study has opened."""
    os.setsid()
    code = 1
    with suppress(KeyboardInterrupt):
        body(argument)
        code = 0
    os._exit(code)


def finish(body: Callable[..., None], argument: object) -> bool:
    """Let it come to its end; return whether it did so in order."""
    process = start(body, argument)
    process.join()
    return process.exitcode == 0


def workers(process: int) -> list[int]:
    with suppress(OSError):
        return [int(number) for number in Path(f"/proc/{process}/task/{process}/children").read_text().split()]
    return []


def kill(number: int, process: int, rng: np.random.Generator) -> str:
    """Kill in one of three ways, by turns; return how it was done."""
    way, own = WAYS[number % 3], workers(process)
    if way == WAYS[2]:
        with suppress(ProcessLookupError):
            os.kill(int(rng.choice(own)) if own else process, signal.SIGKILL if own else signal.SIGINT)
        return "worker" if own else "ctrlc"
    if way == "machine":
        with suppress(ProcessLookupError):  # it had no time to become a session of its own
            os.killpg(process, signal.SIGKILL)
    os.kill(process, signal.SIGKILL)
    return way


def left(process: multiprocessing.process.BaseProcess, way: str) -> bool:
    """Wait for what was killed; return whether it did what it should."""
    process.join(LEAVES)
    if process.is_alive():
        process.kill()
        process.join()
        return False
    return way != "worker" or process.exitcode == 0


def members() -> dict[str, bytes]:
    """What every member on disk is, by stage and number."""
    return {
        f"{stage} {member.number}": member.parameters.tobytes() + member.training_loss.tobytes()
        for stage in sorted({path.parent for path in OUT.rglob("[0-9]*.safetensors")})
        for member in MemberStore(stage).read()
    }


def timeless(value: object) -> object:
    if isinstance(value, dict):
        return {k: timeless(v) for k, v in value.items() if k not in OF_THE_MOMENT and "seconds" not in k}
    return [timeless(part) for part in value] if isinstance(value, list) else value


def everything() -> dict[str, object]:
    """What a finished run says, without the times it took."""
    found: dict[str, object] = dict(members())
    for path in OUT.rglob("[a-z]*.*"):
        if path.suffix == ".json":
            found[str(path)] = timeless(json.loads(path.read_text()))
        elif path.suffix == ".safetensors":
            found[str(path)] = {name: array.tobytes() for name, array in read_tensors(path).arrays.items()}
        elif path.suffix in {".csv", ".tex", ".parquet", ".npy"}:
            found[str(path)] = path.read_bytes()
    return found


def length_of(body: Callable[..., None], argument: object) -> float:
    started = time.perf_counter()
    assert finish(body, argument), f"{argument} does not come to its end even undisturbed"
    return time.perf_counter() - started


def compare(tally: Tally, found: dict[str, object], whole: dict[str, object]) -> None:
    tally.compared += len(whole)
    tally.differing += sum(found.get(name) != content for name, content in whole.items()) + len(found.keys() - whole)


def at_door(body: Callable[..., None], argument: object, kills: int, rng: np.random.Generator) -> Tally:
    """Kill what was started, and let it finish after every third kill."""
    tally, length = Tally(), length_of(body, argument)
    whole, there = everything(), 0
    shutil.rmtree(OUT)
    while tally.kills < kills:
        process = start(body, argument)
        assert process.pid is not None
        process.join(timeout=float(rng.uniform(0.02, 1.0) * length))
        if process.is_alive():
            way = kill(tally.kills, process.pid, rng)
            setattr(tally, way, getattr(tally, way) + 1)
            tally.failed += not left(process, way)
        stored = members()
        tally.lost += max(0, there - len(stored))
        there = len(stored)
        tally.compared += there
        tally.differing += sum(whole[name] != content for name, content in stored.items())
        if tally.kills % 3 == 0:
            tally.failed += not finish(body, argument)
            tally.finished += 1
            compare(tally, everything(), whole)
            shutil.rmtree(OUT)
            there = 0
    return tally


def main(kills: int) -> None:
    torch.set_num_threads(1)
    versions = f"thalweg {tw.__version__}, Python {platform.python_version()}, {platform.machine()}"
    print(f"{time.strftime('%Y-%m-%d')}, {versions}, two workers where a door has any\n")
    print(f"{'door':<16}{'kills':>7}" + "".join(f"{head:>10}" for head in COUNTS), flush=True)
    started, whole = time.perf_counter(), Tally()
    with tempfile.TemporaryDirectory() as place:
        os.chdir(place)
        table().to_csv(TABLE, index=False)
        for words in COMMANDS.values():  # everything is loaded once, so that what is killed is work
            with contextlib.redirect_stdout(io.StringIO()):
                command([*words.split(), "--workers", "1", "--quiet", "--out", str(OUT)])
            shutil.rmtree(OUT)
        doors = {name: (give, [*words.split(), *WORKERS]) for name, words in COMMANDS.items()}
        doors |= {name: (fit, name) for name in ESTIMATORS}
        doors["torch modules"] = (train, 2)
        for number, (name, (body, argument)) in enumerate(doors.items()):
            tally = at_door(body, argument, kills, np.random.default_rng(number))
            print(tally.line(name), flush=True)
            for count in COUNTS:
                setattr(whole, count, getattr(whole, count) + getattr(tally, count))
        os.chdir("/")
    print(whole.line("all"))
    print(
        f"\n{(time.perf_counter() - started) / 60:.0f} minutes. Compared: members after every kill, and every file of "
    )
    print("finished runs. Lost: members that were on disk before a kill and not after it. Failed: commands that were")
    print("left alone, or lost a worker only, and did not come to their end, or did not leave after Ctrl-C.")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 60)
