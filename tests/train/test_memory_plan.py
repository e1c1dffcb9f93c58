"""The memory of a chunk is known before it is allocated."""

import numpy as np
import pytest
import torch

from thalweg.loss.softmax import Softmax
from thalweg.loss.squared import Squared
from thalweg.net.spec import mlp
from thalweg.train.chunk import Chunk
from thalweg.train.masks import mask_pool
from thalweg.train.memory_plan import chunk_bytes
from thalweg.train.population import Member, crowd_of, training_table
from thalweg.train.validation import plan_validation, validation_losses


class Allocations(torch.utils._python_dispatch.TorchDispatchMode):
    """Bytes of every distinct storage that operations return while the mode is on, shared ones left out."""

    def __init__(self, shared):
        super().__init__()
        self.storages, self.shared = {}, shared

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        result = function(*args, **(kwargs or {}))
        for tensor in result if isinstance(result, (tuple, list)) else [result]:
            if isinstance(tensor, torch.Tensor):
                storage = tensor.untyped_storage()
                self.storages[storage.data_ptr()] = (storage, storage.nbytes())
        return result

    @property
    def bytes(self):
        return sum(size for place, (_, size) in self.storages.items() if place not in self.shared)


@pytest.mark.parametrize("hidden", [(64, 64), (7,), ()])
@pytest.mark.parametrize("batch", [128, 50])
def test_predicted_memory_is_what_is_allocated(hidden, batch):
    rng = np.random.default_rng(0)
    table = training_table(rng.normal(size=(2000, 20)), np.eye(3)[rng.integers(0, 3, 2000)])
    network = mlp(hidden, dropout=0.2 if hidden else None)
    rows = np.arange(1900, dtype=np.int32)
    held = np.arange(1900, 2000)
    members = [Member(network, Softmax(), rows, validation=held, seed=s, batch=batch) for s in range(4)]
    pool = mask_pool([0.2], torch.float32)
    crowd = crowd_of(members[0], table)
    shared = {pool.values.untyped_storage().data_ptr(), table.rows.untyped_storage().data_ptr()}
    with Allocations(shared) as made:
        chunk = Chunk(crowd, table, 4, pool)
        chunk.program(weighted=True)
        chunk.program()
        chunk.program(training=False)
    predicted = chunk_bytes(crowd, table, 4)
    transient = chunk.planned_bytes(validating=True) - chunk.blocks.value_bytes
    plan = 4 * crowd.padded * (4 * crowd.steps + 4 * (crowd.steps if chunk.weighted else int(crowd.partial)))
    assert predicted == chunk.planned_bytes(validating=True)
    extra = 0 if not chunk.weighted else chunk.program().bytes_held
    assert made.bytes == pytest.approx(transient - plan + extra, rel=0.05)


def test_a_step_allocates_nothing():
    rng = np.random.default_rng(0)
    table = training_table(rng.normal(size=(256, 20)), rng.normal(size=256))
    rows = np.arange(256, dtype=np.int32)
    members = [Member(mlp((64, 64)), Squared(), rows, seed=s, batch=64, validation=rows[:50]) for s in range(3)]
    with torch.inference_mode():
        chunk = Chunk(crowd_of(members[0], table), table, 3)
        chunk.place(range(3), members)
        chunk.run_epoch()
        validation_losses(chunk, plan_validation(chunk))
        calls = chunk._stepper(weighted=False)._calls
        with torch.profiler.profile(profile_memory=True, activities=[torch.profiler.ProfilerActivity.CPU]) as profile:
            for call in calls:
                call()
    grown = {
        event.key: event.self_cpu_memory_usage for event in profile.key_averages() if event.self_cpu_memory_usage > 0
    }
    assert grown == {}
