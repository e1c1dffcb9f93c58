"""A captured stretch of steps does what the steps do one by one (here the capture keeps the function itself)."""

import gc

import numpy as np
import pytest
import torch
from torch.multiprocessing.reductions import StorageWeakRef

from laws.bench import make_chunk, make_table
from laws.registry import LOSSES, OPTIMIZERS, STACKS
from thalweg.loss.logistic import Logistic
from thalweg.loss.penalty import Penalty
from thalweg.net.spec import mlp
from thalweg.optim.schedule import Cosine
from thalweg.train.population import Member, crowd_of, training_table
from thalweg.train.steps.chunk import Chunk
from thalweg.train.steps.masks import mask_pool
from thalweg.train.steps.stepper import UNROLLED, GraphStepper

pytestmark = pytest.mark.usefixtures("by_torch")


def kept(first, stretch):
    """Stand in for a graph by the function itself."""
    first()
    return stretch


class Touched(torch.utils._python_dispatch.TorchDispatchMode):
    """Storages that operations are given while the mode is on, those made under it left out."""

    def __init__(self):
        super().__init__()
        self.given, self._made = {}, []

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        made = {storage.data_ptr() for storage in self._made}
        for tensor in torch.utils._pytree.tree_leaves((args, kwargs)):
            if isinstance(tensor, torch.Tensor) and tensor.untyped_storage().data_ptr() not in made:
                self.given[tensor.untyped_storage().data_ptr()] = StorageWeakRef(tensor.untyped_storage())
        result = function(*args, **(kwargs or {}))
        for tensor in torch.utils._pytree.tree_leaves(result):
            if isinstance(tensor, torch.Tensor) and tensor.untyped_storage().data_ptr() not in self.given:
                self._made.append(tensor.untyped_storage())
        return result


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("dropout", [None, 0.2])
def test_all_that_a_graph_would_touch_stays_alive_though_a_graph_keeps_nothing(weighted, dropout):
    rng = np.random.default_rng(0)
    table = training_table(rng.normal(size=(1000, 4)), rng.integers(0, 2, 1000))
    weights, mode = rng.random(990) if weighted else None, Touched()
    member = Member(mlp((8,), dropout=dropout), Logistic(), np.arange(990), weights=weights)

    def forgotten(first, stretch):
        first()
        with mode:
            stretch()
        return lambda: None

    with torch.inference_mode():
        chunk = Chunk(crowd_of(member, table), table, 1, mask_pool([0.2], torch.float32))
        chunk.place([0], [member])
        chunk._regroup()
        program = chunk.program(weighted=weighted)
        chunk._steppers[weighted] = GraphStepper(program, chunk._calls(program), table.rows, capture=forgotten)
        chunk.run_epoch()
        gc.collect()
    assert len(mode.given) > 10
    assert not any(storage.expired() for storage in mode.given.values())


WAITING = {"_local_scalar_dense", "is_nonzero", "equal", "nonzero", "masked_select", "unique", "_to_copy"}


class Waits(torch.utils._python_dispatch.TorchDispatchMode):
    """Operations whose answer or shape the host must wait for; none may be captured."""

    def __init__(self):
        super().__init__()
        self.found, self.seen = set(), 0

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        name = function.overloadpacket.__name__
        masks = [t for t in torch.utils._pytree.tree_leaves(args) if isinstance(t, torch.Tensor)][1:]
        by_mask = name.startswith("index") and any(t.dtype == torch.bool for t in masks)
        self.seen += 1
        if name in WAITING or by_mask:
            self.found.add(name)
        return function(*args, **(kwargs or {}))


def step_of(network=None, loss="squared", **settings):
    """All calls of a step with row weights and every penalty."""
    rows, (criterion, classes) = np.arange(83, dtype=np.int32), LOSSES[loss]
    penalty = Penalty(ridge=1e-3, decay=1e-2, lasso=1e-3)
    network, weights = network or mlp((7,)), np.ones(83)
    members = [Member(network, criterion, rows, weights, batch=32, penalty=penalty, **settings) for _ in range(2)]
    chunk = make_chunk(make_table(criterion, classes, 83, torch.float32), members)
    chunk._regroup()
    return chunk._calls(chunk.program(weighted=True))


STEPS = {
    **{f"layers: {name}": {"network": stack} for name, stack in STACKS.items()},
    **{f"loss: {name}": {"loss": name} for name in LOSSES},
    **{f"optimizer: {name}": {"optimizer": optimizer} for name, optimizer in OPTIMIZERS.items()},
}


@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
def test_nothing_in_a_step_makes_the_host_wait(step):
    with torch.inference_mode():
        calls = step_of(**step)
        with Waits() as waits:
            for call in calls:
                call()
    assert waits.seen > len(calls) // 2
    assert waits.found == set()


def test_a_wait_is_noticed():
    x = torch.ones(3)
    with Waits() as waits:
        x[x > 0].sum().item()
    assert waits.found == {"index", "_local_scalar_dense"}


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("dropout", [None, 0.2])
@pytest.mark.parametrize("batch", [16, 32])
def test_replays_equal_single_steps(weighted, dropout, batch):
    rng = np.random.default_rng(0)
    table = training_table(rng.normal(size=(1000, 4)), rng.integers(0, 2, 1000))
    weights = rng.random(990) if weighted else None
    members = [
        Member(mlp((8,), dropout=dropout), Logistic(), np.arange(990), weights=weights, seed=s, batch=batch)
        for s in range(3)
    ]
    vectors = []
    with torch.inference_mode():
        for replayed in (False, True):
            chunk = Chunk(crowd_of(members[0], table), table, 3, mask_pool([0.2], torch.float32))
            chunk.place(range(3), members)
            chunk._regroup()
            if replayed:
                for kind in {chunk.crowd.weighted, True}:
                    program = chunk.program(weighted=kind)
                    stepper = GraphStepper(program, chunk._calls(program), table.rows, capture=kept)
                    chunk._steppers[kind] = stepper
            losses = [chunk.run_epoch() for _ in range(3)]
            vectors.append([chunk.blocks.vector(s) for s in range(3)])
            assert np.isfinite(losses).all()
        if replayed:
            main = chunk._steppers[chunk.crowd.weighted]
            assert main._replay is not None
            assert chunk.crowd.steps > 3 * UNROLLED
    for one, two in zip(*vectors, strict=True):
        assert torch.equal(one, two)


def test_a_schedule_is_stepped_one_by_one():
    rng = np.random.default_rng(0)
    table = training_table(rng.normal(size=(640, 4)), rng.integers(0, 2, 640))
    member = Member(mlp((8,)), Logistic(), np.arange(640), batch=32, schedule=Cosine(), epochs=4)
    with torch.inference_mode():
        chunk = Chunk(crowd_of(member, table), table, 1)
        chunk.place([0], [member])
        rates = []
        for _ in range(4):
            chunk.run_epoch()
            rates.append(float(chunk.updater.groups[0].rate))
    assert rates == sorted(rates, reverse=True)
    assert rates[-1] < 0.01 * rates[0]
