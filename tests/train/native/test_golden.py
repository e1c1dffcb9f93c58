"""Members have the same bits on every processor: digests that any machine must reproduce.

If a change moves a digest on purpose, raise ``ARITHMETIC`` and write golden.json anew:
``PYTHONPATH=src:tests python tests/train/native/test_golden.py``.
"""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
import torch

from builds import LEVELS, needs_compiler, run_on
from laws.registry import INPUTS, LOSSES, OPTIMIZERS, STACKS
from laws.registry import LEVELS as CODES
from libraries import needs_native
from thalweg.base.seeds import stream
from thalweg.loss.penalty import Penalty
from thalweg.loss.softmax import Softmax
from thalweg.net.spec import mlp
from thalweg.optim.schedule import Warmup
from thalweg.train.fit import fit_population
from thalweg.train.native import library
from thalweg.train.native.runner import Runner
from thalweg.train.population import Member, training_table

pytestmark = [needs_native, pytest.mark.usefixtures("natively")]

FILE = Path(__file__).with_name("golden.json")
ROWS = 83
SQUARED = LOSSES["squared"]

CASES = {
    **{f"stack, {name}": (network, SQUARED, {}) for name, network in STACKS.items()},
    **{f"loss, {name}": (mlp((7, 33), "tanh"), loss, {}) for name, loss in LOSSES.items()},
    **{f"optimizer, {name}": (mlp((7, 33), "gelu"), SQUARED, {"optimizer": o}) for name, o in OPTIMIZERS.items()},
    "penalties": (mlp((7,)), SQUARED, {"penalty": Penalty(1e-3, 1e-2, 1e-3)}),
    "schedule": (mlp((7,)), SQUARED, {"schedule": Warmup(7), "penalty": Penalty(decay=1e-2)}),
    "weights": (mlp((7,)), SQUARED, {"weights": 1.0 + np.arange(81) % 3}),
    "all rows": (mlp((40,), "silu"), SQUARED, {"batch": None}),
}
PRECISIONS = {"float32": torch.float32, "float64": torch.float64}


def exact_table(loss, classes, dtype):
    """A table of whole sixty-fourths: made by integer arithmetic, the same on every machine."""
    draws = np.round(64 * (stream(0, "data").uniform(ROWS * (INPUTS + classes)) - 0.5)) / 16
    x, y = np.split(draws.reshape(ROWS, -1), [INPUTS], axis=1)
    x[:, 3] = np.arange(ROWS) % CODES
    if isinstance(loss, Softmax):
        y = np.eye(classes)[np.arange(ROWS) * 7 % classes]
    elif loss in [LOSSES[name][0] for name in ("logistic", "poisson")]:
        y = (y > 0).astype(float)
    return training_table(x, y, dtype)


def members(network, loss, **settings):
    """Three members of other seeds; the last batch is partial."""
    common = {"batch": 17, "epochs": 2, **settings}
    held = [np.arange(60 + s, ROWS, dtype=np.int32) for s in range(3)]
    return [
        Member(network, loss, np.arange(81, dtype=np.int32), seed=s, validation=held[s], **common) for s in range(3)
    ]


def digest(fit):
    whole = hashlib.sha256()
    for numbers in (fit.parameters, fit.training_loss, fit.validation_loss):
        whole.update(np.ascontiguousarray(numbers).tobytes())
    return whole.hexdigest()[:16]


def digests(case, precision, *, slots=3, workers=1):
    network, (loss, classes), settings = CASES[case]
    table = exact_table(loss, classes, PRECISIONS[precision])
    fits = fit_population(table, members(network, loss, **settings), workers=workers, slots=slots).members
    assert all(np.isfinite(fit.parameters).all() for fit in fits)
    return [digest(fit) for fit in fits]


def golden():
    return json.loads(FILE.read_text())


@needs_compiler
@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("case", CASES)
def test_every_instruction_set_gives_the_golden_bits(case, precision, level, monkeypatch):
    run_on(monkeypatch, level)
    assert golden()["arithmetic"] == library.ARITHMETIC, "another arithmetic has other digests: write them anew"
    assert digests(case, precision) == golden()["digests"][f"{case}, {precision}"]


@needs_compiler
@pytest.mark.parametrize(("slots", "workers"), [(1, 1), (2, 1), (1, 2), (2, 3)])
@pytest.mark.parametrize("case", ["stack, relu", "stack, batch norm and dropout", "loss, softmax", "weights"])
def test_neither_slots_nor_workers_show(case, slots, workers, monkeypatch):
    run_on(monkeypatch, LEVELS[0])
    assert digests(case, "float32", slots=slots, workers=workers) == golden()["digests"][f"{case}, float32"]


@needs_compiler
@pytest.mark.parametrize(("case", "threads"), [("all rows", 2), ("loss, softmax", 3), ("stack, embedding", 4)])
def test_threads_that_share_every_operation_do_not_show(case, threads, monkeypatch):
    run_on(monkeypatch, LEVELS[0])
    alone = Runner.run
    monkeypatch.setattr(Runner, "run", lambda self, slots, steps: alone(self, slots, steps, threads))
    assert digests(case, "float32") == golden()["digests"][f"{case}, float32"]


def renewed(before, found, arithmetic):
    """The file's new content; digests may come, but under the same arithmetic none may move."""
    moved = [case for case, digest in found.items() if before["digests"].get(case, digest) != digest]
    if moved and arithmetic == before["arithmetic"]:
        raise SystemExit(f"Raise ARITHMETIC in library.py: the bits of {len(moved)} members moved, {moved[0]} first.")
    return {"arithmetic": arithmetic, "digests": found}


def test_digests_do_not_move_without_another_version():
    before = {"arithmetic": "3", "digests": {"a": ["x"], "b": ["y"]}}
    assert renewed(before, {"a": ["x"], "c": ["z"]}, "3")["digests"] == {"a": ["x"], "c": ["z"]}
    assert renewed(before, {"a": ["other"]}, "4") == {"arithmetic": "4", "digests": {"a": ["other"]}}
    with pytest.raises(SystemExit, match="Raise ARITHMETIC"):
        renewed(before, {"a": ["other"]}, "3")


if __name__ == "__main__":
    found = {f"{case}, {precision}": digests(case, precision) for case in CASES for precision in PRECISIONS}
    FILE.write_text(json.dumps(renewed(golden(), found, library.ARITHMETIC), indent=1) + "\n")
