"""A product is the same bits for any shape of tiles, alignment and folding, and right."""

import numpy as np
import pytest
import torch

from builds import LEVELS, needs_compiler, run_on
from libraries import needs_native
from thalweg.base.contracts import Native
from thalweg.train.native.fuse import fused
from thalweg.train.native.runner import Runner

pytestmark = [needs_native, pytest.mark.usefixtures("natively")]

SHAPES = [(1, 1, 1), (1, 5, 300), (3, 1, 7), (7, 17, 33), (64, 64, 64), (13, 31, 515), (129, 66, 20), (10, 128, 64)]
DTYPES = [torch.float32, torch.float64]


def skewed(values, skew):
    """The same numbers, so many places off the start of a cache line."""
    room = torch.zeros(values.numel() + skew, dtype=values.dtype)
    place = room[skew:].view(values.shape)
    return place.copy_(values)


def drawn(*shape, dtype, seed=0):
    return torch.from_numpy(np.random.default_rng(seed).normal(size=shape)).to(dtype)


def multiplied(a, b, start=None, skew=0, turned=(False, False), threads=1):
    S, M, _ = a.shape
    pairs = zip((a, b), turned, strict=True)
    left, right = (skewed(x.mT.contiguous(), skew).mT if t else skewed(x, skew) for x, t in pairs)
    out = skewed(torch.full((S, M, b.shape[2]), torch.nan, dtype=a.dtype), skew)
    Runner([Native("product", out, (left, right, start, None), (0.0, 0.0))], S, a.dtype).run(
        range(S), range(1), threads
    )
    return out


@needs_compiler
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", SHAPES)
def test_layout_alignment_and_instruction_set_do_not_show(shape, dtype, monkeypatch):
    M, N, K = shape
    a, b, start = drawn(2, M, K, dtype=dtype), drawn(2, K, N, dtype=dtype, seed=1), drawn(2, M, 1, dtype=dtype, seed=2)
    found = []
    for level in LEVELS:
        run_on(monkeypatch, level)
        found += [
            multiplied(a, b, start, skew, (left, right))
            for skew in (0, 1, 3)
            for left in (False, True)
            for right in (False, True)
        ]
    found += [multiplied(a, b, start, threads=threads) for threads in (2, 3, 4)]
    assert all(torch.equal(found[0], other) for other in found[1:])
    exact = start.double() + a.double() @ b.double()
    bound = K * torch.finfo(dtype).eps * (start.abs().double() + a.abs().double() @ b.abs().double())
    assert ((found[0].double() - exact).abs() <= bound).all()


@needs_compiler
def test_every_element_is_one_chain_in_ascending_order():
    """2²⁴ + 1 + … rounds each addition of 1 away; any other order would keep some of them."""
    a = torch.ones(1, 1, 600)
    b = torch.ones(1, 600, 40)
    b[:, 0] = 2.0**24
    assert (multiplied(a, b) == 2.0**24).all()


@needs_compiler
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("behind", ["bias", "bias and rectifier", "rectifier", "gate"])
def test_folding_changes_no_bit(behind, dtype):
    S, M, N, K = 2, 19, 37, 300
    a, b, bias, gate = (drawn(S, *s, dtype=dtype, seed=n) for n, s in enumerate([(M, K), (K, N), (1, N), (M, N)]))
    found, counts = [], []
    for fold in (fused, list):
        out = torch.empty(S, M, N, dtype=dtype)
        forms = [Native("product", out, (a, b, None, None), (0.0, 0.0))]
        if "bias" in behind:
            forms.append(Native("add", out, (out, bias.expand(S, M, N)), (1.0,)))
        if "rectifier" in behind:
            forms.append(Native("rectify", out, (out,)))
        if "gate" in behind:
            forms.append(Native("rectify_back", out, (out, gate)))
        made = Runner(fold(forms), S, dtype)
        made.run(range(S), range(1))
        found.append(out)
        counts.append(len(made._table))
    assert torch.equal(*found)
    assert counts[0] == 1 < counts[1]


def test_what_is_not_finite_stays_so():
    out = torch.empty(1, 2, 2)
    a = torch.tensor([[[torch.nan, 1.0], [torch.inf, 1.0]]])
    Runner([Native("product", out, (a, torch.ones(1, 2, 2), None, None), (1.0, 0.0))], 1, a.dtype).run([0], range(1))
    assert not out.isfinite().any()
