"""Operations of modules, against closed formulas and against kinds of module torch's own counter takes for nothing."""

import numpy as np
import pytest
import torch
from torch import nn

from thalweg.base.errors import SettingError
from thalweg.planning.module_timing import module_step_seconds
from thalweg.planning.work.dense_work import dense_step_flops
from thalweg.planning.work.module_count import count_module


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.into = nn.Linear(8, 8)

    def forward(self, x):
        z = self.into(x)
        return nn.functional.scaled_dot_product_attention(z, z, z)


class Decomposed(nn.Module):
    def __init__(self):
        super().__init__()
        self.into = nn.Linear(4, 4)

    def forward(self, x):
        return {"values": torch.linalg.svd(self.into(x))[1], "name": "svd"}


class Failing(nn.Linear):
    def __init__(self):
        super().__init__(8, 1)

    def forward(self, x):
        return {}[f"missing {len(x)}"]


class Deciding(nn.Linear):
    def __init__(self):
        super().__init__(8, 8)

    def forward(self, x):
        return x if x.sum() > 0 else -x


def test_dense_networks_agree_with_the_closed_formula():
    net = nn.Sequential(
        nn.Linear(20, 64), nn.ReLU(), nn.BatchNorm1d(64), nn.Linear(64, 32), nn.Dropout(), nn.Linear(32, 1)
    )
    found = count_module(net, [np.zeros((128, 20))])
    assert found.step_flops == dense_step_flops([20, 64, 32, 1], 128)
    assert found.parameters == sum(p.numel() for p in net.parameters())
    assert found.uncounted == ()
    assert found.launches > 10
    assert next(net.parameters()).device.type == "cpu", "the module stays where it is"


def test_attention_on_a_processor_is_counted():
    tokens, rows = 5, 4 * 2
    found = count_module(Attention(), [torch.zeros(4, 2, tokens, 8)])
    assert found.forward_flops == rows * (2 * tokens * 8 * 8 + 2 * 2 * tokens * tokens * 8)


def test_convolutions_and_recurrent_networks_are_counted():
    conv = count_module(nn.Conv2d(3, 8, 3), [torch.zeros(2, 3, 10, 10)])
    assert conv.forward_flops == 2 * 2 * 8 * 8 * 8 * 3 * 9
    layer = nn.LSTM(8, 16, batch_first=True)
    assert count_module(layer, [torch.zeros(4, 5, 8)]).forward_flops == 2 * 4 * 5 * 4 * 16 * (8 + 16)


def test_what_has_no_formula_is_named():
    found = count_module(Decomposed(), [torch.zeros(4, 4)])
    assert found.uncounted == ("aten._linalg_svd (1)",)
    assert found.step_flops > 0


@pytest.mark.parametrize(
    ("module", "sample", "words"),
    [
        (Deciding(), torch.zeros(4, 8), "can only be timed"),
        (nn.Linear(3, 1), torch.zeros(4, 8), "Linear could not be counted"),
        (nn.Embedding(3, 2), torch.zeros(4, 8), "Embedding could not be counted"),
        (nn.LazyLinear(2), torch.zeros(4, 8), "Call it once on a batch first"),
        (nn.Identity(), torch.zeros(4, 8), "no parameter to train"),
        (nn.Linear(8, 1).requires_grad_(False), torch.zeros(4, 8), "no parameter to train"),
        (Failing(), torch.zeros(4, 8), "Failing could not be counted.*missing 4"),
    ],
)
def test_what_cannot_be_counted_is_refused_in_words(module, sample, words):
    with pytest.raises(SettingError, match=words):
        count_module(module, [sample])


def test_steps_are_timed_on_a_copy():
    net = nn.Linear(3, 1)
    before = net.weight.detach().clone()
    assert 0 < module_step_seconds(net, [np.ones((8, 3))]) < 1
    assert torch.equal(net.weight, before)
