import numpy as np
import torch

from thalweg.loss.squared import Squared
from thalweg.net.spec import mlp
from thalweg.train.masks import POOL, mask_pool
from thalweg.train.order import mask_starts
from thalweg.train.population import Member


def member(seed):
    return Member(mlp((4,), dropout=0.3), Squared(), np.arange(10), seed=seed)


def test_a_pool_does_not_depend_on_which_others_are_drawn():
    alone, together = mask_pool([0.3], torch.float32), mask_pool([0.1, 0.3, 0.5], torch.float32)
    place = together.starts[0.3]
    assert torch.equal(alone.values, together.values[place : place + POOL])


def test_kept_values_make_up_for_the_lost():
    values = mask_pool([0.3], torch.float64).values
    assert set(values.unique().tolist()) == {0.0, 1 / 0.7}
    assert abs(values.mean().item() - 1.0) < 5 * np.sqrt(0.3 / 0.7 / POOL)


def test_starts_differ_by_member_epoch_layer_and_step_and_stay_inside_the_pool():
    pool = mask_pool([0.1, 0.3], torch.float32)
    masks = [(0.3, 4096), (0.3, 4096), (0.1, 128)]
    first = mask_starts(pool, masks, member(0), 0, 50)
    for other in (mask_starts(pool, masks, member(1), 0, 50), mask_starts(pool, masks, member(0), 1, 50)):
        assert not np.array_equal(first, other)
    assert not np.array_equal(first[:, 0], first[:, 1])
    assert len(np.unique(first[:, 0])) > 45
    for layer, (rate, length) in enumerate(masks):
        place = first[:, layer] * 16
        assert (place >= pool.starts[rate]).all()
        assert (place + length <= pool.starts[rate] + POOL).all()
