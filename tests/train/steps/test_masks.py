from dataclasses import dataclass, field

import numpy as np
import pytest
import torch

from thalweg.base.contracts import MaskRate, Signal
from thalweg.base.errors import SettingError
from thalweg.loss.squared import Squared
from thalweg.net.dense import Dense
from thalweg.net.dropout import Dropout
from thalweg.net.residual import Residual
from thalweg.net.spec import Network, mlp
from thalweg.train.fit import fit_population
from thalweg.train.population import Member, crowd_of, training_table
from thalweg.train.predict import predict_outputs
from thalweg.train.steps.chunk import Chunk
from thalweg.train.steps.masks import MOST_RATES, POOL, mask_pool, pool_for
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


@dataclass(frozen=True, slots=True)
class Leak:
    """A layer with a setting that ends in "rate" and is none of a mask."""

    leak_rate: float = field(default=3.0, compare=False)

    def width(self, inputs):
        return inputs

    def parameters(self, *_):
        return {}

    def settings(self):
        return {"leak_rate": self.leak_rate}

    def wire(self, _, x):
        return Signal(x.features), lambda d, _: d


@dataclass(frozen=True, slots=True)
class Hush(Leak):
    """Dropout that calls its rate otherwise, and declares it or not."""

    off: float = field(default=0.3, compare=False)
    declared: bool = True

    def settings(self):
        return {"off": MaskRate(self.off) if self.declared else self.off}

    def wire(self, planner, x):
        if not planner.training:
            return Signal(x.features), lambda d, _: d
        mask, noisy = planner.mask("off", x.features.shape[2]), planner.buffer(*x.features.shape)
        planner.op("a' = a ∘ m", torch.mul, x.features, mask, out=noisy)

        def backward(d, _):
            planner.op("da = da' ∘ m", d.mul_, mask)
            return d

        return Signal(noisy), backward


def trained(networks):
    rng = np.random.default_rng(0)
    table = training_table(rng.normal(size=(60, 3)), rng.normal(size=60))
    members = [Member(network, Squared(), np.arange(60), seed=7, epochs=3) for network in networks]
    return fit_population(table, members, workers=1).members


def test_no_pool_is_drawn_for_a_setting_that_only_sounds_like_a_rate():
    assert pool_for([Network((Dense(3), Leak(), Residual((Leak(),)))).settings(1)], torch.float32) is None
    assert trained([Network((Dense(3), Leak()))])[0].status == "finished"


@pytest.mark.parametrize("wrap", [lambda layer: layer, lambda layer: Residual((Residual((layer,)),))])
@pytest.mark.parametrize("others", [0, MOST_RATES + 1])
def test_a_rate_by_another_name_draws_the_masks_of_dropout(wrap, others):
    more = [mlp((4,), dropout=rate) for rate in np.linspace(0.4, 0.6, others).tolist()]
    (hush, *_), (dropout, *_) = (trained([Network((Dense(5), wrap(layer))), *more]) for layer in (Hush(), Dropout(0.3)))
    assert hush.same_numbers(dropout)


@pytest.mark.parametrize("beside", [(), (Dropout(0.1),)])
def test_a_mask_of_a_rate_that_was_not_declared_is_refused_in_words(beside):
    with pytest.raises(SettingError, match=r"'1\.off', which its settings do not declare"):
        trained([Network((Dense(3), Hush(declared=False), *beside))])


@pytest.mark.parametrize("rate", [1.0, -0.1, float("nan")])
def test_what_cannot_be_a_rate_is_refused(rate):
    with pytest.raises(SettingError, match="mask rate must"):
        MaskRate(rate)


def test_a_mask_while_predicting_is_refused_in_words():
    class Always(Hush):
        def wire(self, planner, x):
            mask = planner.mask("off", x.features.shape[2])
            return Signal(mask), lambda d, _: d

    network = Network((Dense(2), Always()))
    vector = np.zeros(sum(spec.shape[0] * spec.shape[1] for spec in network.parameters(3, 1).values()))
    with pytest.raises(SettingError, match="while predicting"):
        predict_outputs(network, Squared(), [vector], np.zeros((2, 3)))
