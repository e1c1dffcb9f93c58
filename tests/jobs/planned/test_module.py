"""Modules planned here and elsewhere, and named on the command line."""

import math

import pytest
import torch
from torch import nn

import thalweg as tw
from thalweg.base.errors import SettingError
from thalweg.jobs.planned.module import named_module


def test_a_small_module_waits_for_launches_elsewhere_and_is_timed_here():
    net = nn.Sequential(nn.Linear(20, 64), nn.ReLU(), nn.Linear(64, 1))
    here, there = tw.plan.module(net, torch.zeros(128, 20), steps=1000, on=["this", "8xh100-sxm"]).rows
    assert (here.basis, there.basis, there.limit) == ("A", "E", "launches")
    assert math.isnan(here.share)
    assert there.share < 0.01, "a share of the peak that large networks reach would be wrong a thousandfold"
    assert any("one of them" in note for note in there.notes)
    assert here.work.parameters == 20 * 64 + 64 + 64 + 1


def test_a_rate_that_is_given_decides():
    row = tw.plan.module(
        nn.Linear(100, 100), torch.zeros(64, 100), steps=1e6, on="t4", precision="fp32", rate=1e12
    ).rows[0]
    assert row.seconds.middle == pytest.approx(row.work.flops / 1e12)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("torch.nn", "names nothing"),
        ("torch.nn:", "names nothing"),
        ("os;x:system", "names nothing"),
        ("no_such_package:net", "cannot be had"),
        ("torch.nn:NoSuch", "cannot be had"),
        ("torch.nn:Linear", "cannot be had"),
        ("collections:OrderedDict", "no torch module"),
    ],
)
def test_what_is_no_module_is_refused(name, words):
    with pytest.raises(SettingError, match=words):
        named_module(name)
