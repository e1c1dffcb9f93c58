"""Published training runs, recomputed: operations, hours, utilisation, money and energy.

Sources: Brown et al. (2020), arXiv:2005.14165; Touvron et al. (2023), arXiv:2307.09288, table 2; model cards of Llama
3 and 3.1; DeepSeek-V3 technical report (2024), table 1; He et al. (2015), arXiv:1512.03385; MLPerf training 1.0; the
sizing notebook of nanoGPT; Devlin et al. (2018), arXiv:1810.04805.
"""

import pytest

from thalweg.planning.catalogue.electricity import electricity_of
from thalweg.planning.fleet import read_fleet
from thalweg.planning.forecast import forecast, rate_needed
from thalweg.planning.work.convolution import residual_network
from thalweg.planning.work.training_memory import state_bytes
from thalweg.planning.work.training_work import picture_work, token_work
from thalweg.planning.work.transformer import Transformer

DAY, HOUR = 86_400, 3_600
IMAGENET = 1_281_167
GPT3 = Transformer(96, 12288, 50257, 2048)


def planned(work, on, **settings):
    return forecast(work, read_fleet(on), electricity_of("USA"), **settings)


def utilisation(parameters, tokens, device_hours, on, precision="bf16"):
    fleet = read_fleet(on)
    return rate_needed(token_work(parameters, tokens), fleet, device_hours * HOUR) / fleet.device.peak(precision)


def test_gpt_3_by_its_exact_size_and_with_attention():
    assert 6 * GPT3.parameters * 300e9 == pytest.approx(3.1429e23, rel=1e-4)
    assert GPT3.step_flops_per_token * 300e9 == pytest.approx(3.230e23, rel=2e-3)  # positions are no product
    assert 6 * GPT3.parameters * 300e9 == pytest.approx(3640e15 * DAY, rel=2e-3)  # the paper's petaflop/s-days


def test_gpt_3_with_activations_computed_twice():
    row = planned(token_work(175e9, 300e9, recomputed=True), "1024xa100-40", precision="tf32", rate=80e12)
    assert row.seconds.middle / DAY == pytest.approx(59.34, abs=0.005)


def test_gpt_3_fits_no_device_and_is_shared():
    assert state_bytes(GPT3.parameters) / 1e12 == pytest.approx(2.79, abs=0.005)
    assert state_bytes(GPT3.parameters) / 80e9 == pytest.approx(34.9, abs=0.05)
    assert state_bytes(GPT3.parameters, devices=1024, sharded=3) / 1e9 == pytest.approx(2.73, abs=0.005)
    assert planned(token_work(GPT3.parameters, 300e9), "34xa100-80").fits == "no"


def test_resnet_50_of_mlperf_by_its_rate():
    work, fleet = picture_work(residual_network(50), IMAGENET, 35), read_fleet("8xa100-80")
    rate = rate_needed(work, fleet, 28.77 * 60)
    assert rate / 1e12 == pytest.approx(78.9, abs=0.1)
    assert rate / fleet.device.peak("bf16") == pytest.approx(0.253, abs=1e-3)


@pytest.mark.parametrize(("epochs", "hours"), [(90, 4.42), (35, 103 / 60)])
def test_resnet_50_in_tf32_by_published_pictures_a_second(epochs, hours):
    net = residual_network(50)
    row = planned(picture_work(net, IMAGENET, epochs), "8xa100", precision="tf32", rate=7248 / 8 * net.step_flops)
    assert row.seconds.middle / HOUR == pytest.approx(hours, abs=0.01)


@pytest.mark.parametrize(
    ("context_shares", "flops", "at_peak", "at_40"),
    [(((0.9, 128), (0.1, 512)), 2.81e19, 6.26, 15.6), (((1.0, 512),), 8.65e19, 19.3, 48.2)],
)
def test_bert_base_on_one_dgx(context_shares, flops, at_peak, at_40):
    tokens = 1e6 * 256 * sum(share * context for share, context in context_shares)
    work = token_work(110e6, tokens)
    assert work.flops == pytest.approx(flops, rel=2e-3)
    for share, hours in ((1.0, at_peak), (0.4, at_40)):
        row = planned(work, "8xa100-40", precision="tf32", rate=share * 156e12)
        assert row.seconds.middle / HOUR == pytest.approx(hours, rel=3e-3)


@pytest.mark.parametrize(
    ("parameters", "hours", "share"), [(7e9, 184_320, 0.391), (13e9, 368_640, 0.377), (70e9, 1_720_320, 0.429)]
)
def test_llama_2_by_device_hours(parameters, hours, share):
    exact = {7e9: 6.738e9, 13e9: 13.016e9, 70e9: 68.977e9}[parameters]
    assert utilisation(exact, 2e12, hours, "a100-80") == pytest.approx(share, abs=0.002)


@pytest.mark.parametrize(
    ("parameters", "hours", "share"),
    [
        (8.03e9, 1.3e6, 0.156),
        (70.6e9, 6.4e6, 0.279),
        (8.03e9, 1.46e6, 0.139),
        (70.6e9, 7.0e6, 0.255),
        (405.9e9, 30.84e6, 0.346),
    ],
)
def test_llama_3_by_device_hours(parameters, hours, share):
    tokens = 15.6e12 if parameters > 400e9 else 15e12
    assert utilisation(parameters, tokens, hours, "h100-sxm") == pytest.approx(share, abs=0.002)


def test_llama_3_1_405b_by_tokens():
    assert token_work(405.9e9, 15.6e12).flops == pytest.approx(3.80e25, rel=1e-3)


def test_gpt_2_small_forward_and_backward():
    small = Transformer(12, 768, 50257, 1024, biased=False)
    assert small.step_flops_per_token * 1024 / 874_944_921_600 == pytest.approx(1.0001, abs=5e-5)  # counted by layers
    share = 100 * 874_944_921_600 / 0.755 / 312e12
    assert share == pytest.approx(0.3714, abs=1e-4)
    row = planned(token_work(small.parameters - 1024 * 768, 300e9), "8xa100-40", rate=0.3 * 312e12)
    assert row.seconds.middle / DAY == pytest.approx(3.46, abs=0.03)  # positions are looked up, not multiplied


def test_money_is_hours_times_a_price_of_a_kind():
    for on, million in (("1024xa100-40@aws:capacity block", 2.02), ("1024xa100-40@aws", 4.48)):
        row = planned(token_work(175e9, 300e9), on, precision="tf32", rate=80e12)
        assert row.dollars.middle / 1e6 == pytest.approx(million, abs=0.006)
        assert row.price.kind in {"capacity block", "on-demand"}
