"""Operations, parameters and bytes: published figures, and what torch counts."""

from itertools import pairwise

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from thalweg.base.errors import SettingError
from thalweg.planning.work.convolution import residual_network
from thalweg.planning.work.dense_work import dense_parameters, dense_step_flops
from thalweg.planning.work.training_memory import STATES, activation_bytes, state_bytes
from thalweg.planning.work.training_work import Work, token_work
from thalweg.planning.work.transformer import Transformer, best_size, token_flops


@pytest.mark.parametrize("widths", [(20, 64, 32, 1), (1000, 32, 1), (100, 256, 256, 10), (5, 1)])
def test_a_dense_step_is_what_torch_counts(widths):
    layers = [torch.nn.Linear(a, b) for a, b in pairwise(widths)]
    net = torch.nn.Sequential(*layers)
    with FlopCounterMode(display=False) as counter:
        net(torch.zeros(16, widths[0])).sum().backward()
    assert dense_step_flops(widths, 16) == counter.get_total_flops()
    assert dense_parameters(widths) == sum(p.numel() for p in net.parameters())


@pytest.mark.parametrize(
    ("depth", "parameters", "gflop"),
    [(18, 11_689_512, 3.628), (34, 21_797_672, 7.328), (50, 25_557_032, 8.178)],
)
def test_residual_networks_have_their_published_sizes(depth, parameters, gflop):
    net = residual_network(depth)
    assert net.parameters == parameters
    assert round(net.forward_flops / 1e9, 3) == gflop


def test_training_a_residual_network_is_not_quite_three_times_forward():
    assert round(residual_network(50).step_flops / 1e9, 3) == pytest.approx(24.299, abs=0.001)
    assert round(residual_network(18).step_flops / 1e9, 3) == pytest.approx(10.648, abs=0.001)


def test_transformers_have_their_published_sizes():
    small = Transformer(12, 768, 50257, 1024, biased=False)
    assert small.parameters == 124_337_664
    assert small.step_flops_per_token * 1024 == 875_062_886_400
    assert Transformer(96, 12288, 50257, 2048).parameters == 174_604_259_328


def test_operations_by_tokens():
    assert token_flops(175e9, 300e9) == pytest.approx(3.15e23, rel=1e-12)  # rounding of the product
    assert token_flops(175e9, 300e9, recomputed=True) == pytest.approx(4.2e23, rel=1e-12)
    assert token_flops(37e9, 14.8e12) == pytest.approx(3.29e24, rel=0.002)  # printed to three digits
    parameters, tokens = best_size(5.88e23)
    assert parameters == pytest.approx(70e9, rel=1e-3)
    assert tokens == pytest.approx(1.4e12, rel=1e-3)


@pytest.mark.parametrize(("stage", "gigabytes"), [(0, 120), (1, 31.4), (2, 16.6), (3, 1.9)])
def test_sharing_the_state_as_in_the_paper(stage, gigabytes):
    assert round(state_bytes(7.5e9, "mixed adam", devices=64, sharded=stage) / 1e9, 1) == gigabytes


def test_bytes_per_parameter():
    assert {name: state.total for name, state in STATES.items()} == {
        "float32 sgd": 8,
        "float32 momentum": 12,
        "float32 adam": 16,
        "mixed adam": 16,
        "mixed adam, float32 gradients": 18,
    }


@pytest.mark.parametrize(("kind", "gibibytes"), [("nothing", 256.5), ("attention", 76.5), ("everything", 4.5)])
def test_activations_of_gpt_3(kind, gibibytes):
    assert activation_bytes(96, 12288, 96, 2048, 1, recomputed=kind) == gibibytes * 2**30


@pytest.mark.parametrize("wrong", [0, -1, float("nan"), float("inf"), "many", True])
def test_nonsense_is_refused_by_name(wrong):
    with pytest.raises(SettingError, match="tokens must"):
        token_work(1e9, wrong)
    with pytest.raises(SettingError, match="flops must"):
        Work("work", "any", wrong)


@pytest.mark.parametrize("call", [lambda: state_bytes(1e9, "adam"), lambda: state_bytes(1e9, sharded=4)])
def test_unknown_states_are_refused(call):
    with pytest.raises(SettingError, match="must be one of"):
        call()
