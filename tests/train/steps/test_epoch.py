"""Shuffling all slots at once gives the rows and weights of shuffling them one by one."""

import numpy as np
import pytest
import torch

from thalweg.base.seeds import stream
from thalweg.loss.squared import Squared
from thalweg.net.spec import mlp
from thalweg.train.population import Member, crowd_of, training_table
from thalweg.train.steps.epoch import DevicePlanner, plan_on_host
from thalweg.train.steps.shuffle import permutations


def test_permutations_are_those_of_the_streams():
    counts = [1, 2, 3, 64, 65, 100]
    keys = [stream(seed, "order", 4).key for seed in range(len(counts))]
    found = permutations(keys, torch.tensor(counts), 100)
    for row, key, count in zip(found, range(len(counts)), counts, strict=True):
        assert row[:count].tolist() == stream(key, "order", 4).permutation(count).tolist()
        assert (row[count:] == 100).all()


def test_a_permutation_is_fair():
    first = np.array([stream(seed, "order", 0).permutation(5)[0] for seed in range(5000)])
    counts = np.bincount(first, minlength=5)
    assert ((counts - 1000) ** 2 / 1000).sum() < 18.5  # chi square, 4 degrees of freedom, 0.1 %


@pytest.mark.parametrize("batch", [None, 17, 32])
@pytest.mark.parametrize("weighted", [False, True])
def test_device_and_host_plan_the_same_epoch(batch, weighted):
    table = training_table(np.zeros((100, 2)), np.zeros(100))
    rng = np.random.default_rng(0)

    def member(seed):
        rows = rng.permutation(100)[:90].astype(np.int32)
        weights = rng.random(90) if weighted else None
        return Member(mlp((4,)), Squared(), rows, weights=weights, batch=batch, seed=seed)

    members = [member(0), None, member(2), member(3)]
    crowd = crowd_of(members[0], table)
    carrying = crowd.steps if weighted else int(crowd.partial)
    epochs = [3, 0, 7, 1]
    host = plan_on_host(crowd, members, epochs, table.count, carrying, torch.float64)
    table64 = training_table(np.zeros((100, 2)), np.zeros(100), torch.float64)
    device = DevicePlanner(crowd, members, table64, carrying).plan(epochs)
    torch.testing.assert_close(device.order, host.order, rtol=0, atol=0)
    if carrying:
        torch.testing.assert_close(device.weights, host.weights, rtol=1e-15, atol=0)
