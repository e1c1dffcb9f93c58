import numpy as np
import pytest
import torch

from thalweg.loss.squared import Squared
from thalweg.net.spec import mlp
from thalweg.train.fit import fit_population
from thalweg.train.population import Member, crowd_of, training_table
from thalweg.train.steps.chunk import Chunk
from thalweg.train.steps.masks import MOST_RATES, POOL, mask_pool
from thalweg.train.steps.order import mask_starts


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


def many_rates(activation):
    """A rate for every member, more than have pools of their own."""
    rng = np.random.default_rng(0)
    table = training_table(rng.normal(size=(100, 3)), rng.normal(size=100))
    rates = np.linspace(0.0, 0.7, MOST_RATES + 3)
    networks = [mlp((9, 5), activation, dropout=float(rate)) for rate in rates]
    return table, [Member(n, Squared(), np.arange(100), seed=s, epochs=3) for s, n in enumerate(networks)]


def test_many_rates_share_one_pool():
    pool = mask_pool(np.linspace(0.1, 0.5, 100).tolist(), torch.float32)
    assert pool.values.numel() == POOL
    assert set(pool.starts.values()) == {0}


@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_a_member_has_the_masks_of_its_rate_however_many_rates_there_are(activation):
    table, members = many_rates(activation)
    together = fit_population(table, members, workers=1, slots=4).members
    for member, fit in zip(members, together, strict=True):
        assert fit_population(table, [member], workers=1).members[0].same_numbers(fit)


def test_masks_of_the_one_pool_drop_at_the_rate_and_make_up_for_it():
    table, members = many_rates("tanh")
    rates = [dict(m.network.settings(1))["2.rate"] for m in members]
    chunk = Chunk(crowd_of(members[0], table), table, len(members), mask_pool(rates, torch.float32))
    chunk.place(range(len(members)), members)
    first = [op for op in chunk.program().ops if op.text.startswith("m = ")][:3]  # gather, compare, scale
    for op in first:
        op.run()
    for rate, mask in zip(rates, first[0].run.keywords["out"], strict=True):
        assert (mask == 0).double().mean().item() == pytest.approx(rate, abs=0.1)
        assert mask[mask > 0].unique().tolist() == [pytest.approx(1 / (1 - rate))]
