"""The memory of a chunk is known before it is allocated."""

import numpy as np
import pytest
import torch
from torch.multiprocessing.reductions import StorageWeakRef

from thalweg.loss.softmax import Softmax
from thalweg.loss.squared import Squared
from thalweg.net.activation import Activation
from thalweg.net.dense import Dense
from thalweg.net.embedding import Codes, Embedding
from thalweg.net.spec import Network, mlp
from thalweg.train.population import Member, crowd_of, training_table
from thalweg.train.running.validation import plan_validation
from thalweg.train.steps.chunk import Chunk
from thalweg.train.steps.masks import mask_pool
from thalweg.train.steps.memory_plan import chunk_bytes


class Peak(torch.utils._python_dispatch.TorchDispatchMode):
    """Most bytes alive at once in storages that operations returned while the mode was on, shared ones left out."""

    def __init__(self, shared):
        super().__init__()
        self.shared, self.alive, self.bytes = {t.untyped_storage().data_ptr() for t in shared}, {}, 0

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        result = function(*args, **(kwargs or {}))
        for tensor in result if isinstance(result, (tuple, list)) else [result]:
            real = isinstance(tensor, torch.Tensor) and tensor.device.type != "meta"
            if real and tensor.untyped_storage().data_ptr() not in self.shared:
                storage = tensor.untyped_storage()
                self.alive[storage.data_ptr()] = (StorageWeakRef(storage), storage.nbytes())
        self.alive = {place: found for place, found in self.alive.items() if not found[0].expired()}
        self.bytes = max(self.bytes, sum(size for _, size in self.alive.values()))
        return result


NETWORKS = {
    "wide": mlp((64, 64), dropout=0.2),
    "odd": mlp((7,), dropout=0.2),
    "linear": mlp(()),
    "normalised": mlp((32,), normalise="batch"),
    "codes": Network((Embedding((Codes(0, 5, 3), Codes(4, 5, 2))), Dense(16), Activation("relu"))),
}


def measure(chunk):
    crowd, table = chunk.crowd, chunk.table
    plan = plan_validation(chunk.members, crowd.validation_block, table.count, table.rows.device)
    return chunk.weighted_losses(plan.order, plan.weights)


@pytest.mark.parametrize("network", NETWORKS.values(), ids=NETWORKS)
@pytest.mark.parametrize("batch", [128, 50])
def test_training_takes_the_memory_that_was_predicted(network, batch):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(2000, 20))
    x[:, [0, 4]] = rng.integers(0, 5, size=(2000, 2))
    table = training_table(x, np.eye(3)[rng.integers(0, 3, 2000)])
    rows, held = np.arange(1900, dtype=np.int32), np.arange(1900, 2000)
    members = [Member(network, Softmax(), rows, validation=held, seed=s, batch=batch) for s in range(4)]
    pool, crowd = mask_pool([0.2], torch.float32), crowd_of(members[0], table)
    with Peak([pool.values, table.rows]) as peak:
        chunk = Chunk(crowd, table, 4, pool)
        chunk.place(range(4), members)
        for _ in range(2):
            chunk.run_epoch()
            measure(chunk)
            chunk.blocks.remember(range(4))
    assert peak.bytes == pytest.approx(chunk_bytes(crowd, table, 4), rel=0.05)


@pytest.mark.usefixtures("by_torch")
def test_a_step_allocates_nothing():
    rng = np.random.default_rng(0)
    table = training_table(rng.normal(size=(256, 20)), rng.normal(size=256))
    rows = np.arange(256, dtype=np.int32)
    members = [Member(mlp((64, 64)), Squared(), rows, seed=s, batch=64, validation=rows[:50]) for s in range(3)]
    with torch.inference_mode():
        chunk = Chunk(crowd_of(members[0], table), table, 3)
        chunk.place(range(3), members)
        chunk.run_epoch()
        measure(chunk)
        calls = chunk._stepper(weighted=False)._calls
        with torch.profiler.profile(profile_memory=True, activities=[torch.profiler.ProfilerActivity.CPU]) as profile:
            for call in calls:
                call()
    grown = {
        event.key: event.self_cpu_memory_usage for event in profile.key_averages() if event.self_cpu_memory_usage > 0
    }
    assert grown == {}
