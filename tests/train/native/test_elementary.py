"""Exponentials, logarithms and what follows from them against fifty digits, in units of the last place."""

import mpmath
import numpy as np
import pytest
import torch

from builds import LEVELS, needs_compiler, run_on
from libraries import needs_native
from thalweg.base.contracts import Native
from thalweg.train.native.runner import Runner

pytestmark = [needs_native, pytest.mark.usefixtures("natively")]

mpmath.mp.dps = 50


def softplus(x):
    return mpmath.log1p(mpmath.exp(x))


def sigmoid(x):
    return 1 / (1 + mpmath.exp(-x))


def gelu(x):
    return x * mpmath.ncdf(x)


LOOPS = {  # function, from, to, and the most units in the last place in float32 and float64
    "exponential_each": (mpmath.exp, -85, 85, 1.5, 1.5),
    "tanh_each": (mpmath.tanh, -12, 12, 3, 3),
    "sigmoid_each": (sigmoid, -80, 40, 3, 3),
    "softplus_each": (softplus, -80, 40, 3, 3),
    "elu": (lambda x: x if x > 0 else mpmath.expm1(x), -30, 5, 2, 2),
    "silu": (lambda x: x * sigmoid(x), -80, 40, 3, 3),
    "gelu": (gelu, -12, 8, 8, 12),
}
DTYPES = {"float32": torch.float32, "float64": torch.float64}


def computed(loop, x, *others, numbers=()):
    out = torch.empty_like(x)
    Runner([Native(loop, out, (x, *others), numbers)], 1, x.dtype).run([0], range(1))
    return out


def points(low, high, dtype):
    rng = np.random.default_rng(0)
    near = rng.choice([-1, 1], 150) * 10.0 ** rng.uniform(-6, 0, 150)
    return torch.from_numpy(np.concatenate([rng.uniform(low, high, 450), near, [0.0]])).to(dtype).view(1, 1, -1)


def errors(found, exact, dtype):
    spacing = np.spacing(np.abs(np.array([float(e) for e in exact], dtype=str(dtype).removeprefix("torch."))))
    triples = zip(found, exact, spacing, strict=True)
    return [abs(float((mpmath.mpf(float(f)) - e) / mpmath.mpf(float(s)))) for f, e, s in triples]


@pytest.mark.parametrize("precision", DTYPES)
@pytest.mark.parametrize("loop", LOOPS)
def test_errors_in_the_last_place(loop, precision):
    function, low, high, *most = LOOPS[loop]
    x = points(low, high, DTYPES[precision])
    exact = [function(mpmath.mpf(float(value))) for value in x.ravel()]
    worst = max(errors(computed(loop, x).ravel(), exact, DTYPES[precision]))
    assert worst <= most[list(DTYPES).index(precision)], worst


@pytest.mark.parametrize("precision", DTYPES)
def test_softmax_of_large_and_small_scores(precision):
    dtype, eps = DTYPES[precision], torch.finfo(DTYPES[precision]).eps
    q = torch.from_numpy(np.random.default_rng(0).normal(0, 30, size=(1, 7, 130))).to(dtype)
    exact = torch.log_softmax(q.double(), 1)
    assert torch.allclose(computed("log_softmax", q).double(), exact, rtol=8 * eps, atol=2 * eps)


@needs_compiler
@pytest.mark.parametrize("precision", DTYPES)
@pytest.mark.parametrize("loop", [*LOOPS, "log_softmax"])
def test_every_instruction_set_gives_the_same_bits(loop, precision, monkeypatch):
    x, found = points(-100, 100, DTYPES[precision]), []
    for level in LEVELS:
        run_on(monkeypatch, level)
        found.append(computed(loop, x))
    assert all(torch.equal(found[0], other) for other in found)


@pytest.mark.parametrize("loop", [*LOOPS, "rectify", "log_softmax"])
def test_what_is_not_a_number_stays_so(loop):
    assert computed(loop, torch.full((1, 1, 40), torch.nan)).isnan().all()


def test_ends_of_the_range():
    x = torch.tensor([[[-1e30, -torch.inf, 1e30, torch.inf]]])
    assert computed("exponential_each", x).ravel().tolist() == [0.0, 0.0, torch.inf, torch.inf]
    assert computed("tanh_each", x).ravel().tolist() == [-1.0, -1.0, 1.0, 1.0]
    assert computed("sigmoid_each", x).ravel().tolist() == [0.0, 0.0, 1.0, 1.0]
