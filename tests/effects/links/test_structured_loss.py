"""The planned gradients of structured losses equal those of autograd, in double precision."""

import numpy as np
import pytest
import torch

from libraries import needs_native
from thalweg.effects.links.curve import EXPONENTIAL, IDENTITY, SIGMOID, own_curve
from thalweg.effects.links.structured_loss import StructuredLogistic, StructuredSquared
from thalweg.net.spec import mlp
from thalweg.train.fit import fit_population
from thalweg.train.population import Member, training_table
from thalweg.train.products.switch import NATIVE, SWITCH, TORCH
from thalweg.train.steps.memory import Buffers


class Recorder:
    """A planner that runs every operation at once."""

    def __init__(self, slots, batch, weight=None):
        self.slots, self.batch, self.weight, self.training = slots, batch, weight, True
        self.buffers = Buffers(torch.float64, torch.device("cpu"))

    def buffer(self, *shape):
        return self.buffers.take(*shape)

    def release(self, buffer):
        self.buffers.release(buffer)

    def accumulator(self, *shape):
        return torch.zeros(shape, dtype=torch.float64)

    def constant(self, value):
        return torch.tensor(value, dtype=torch.float64)

    def op(self, text, function, *arguments, flops=0, product=False, **keywords):  # noqa: ARG002 - the planner's signature
        function(*arguments, **keywords)

    def product(self, text, a, b, out):  # noqa: ARG002 - the planner's signature
        torch.bmm(a, b, out=out)


def batch(slots=2, rows=16, size=4, seed=0):
    generator = torch.Generator().manual_seed(seed)
    y = torch.rand(slots, size + 2, rows, generator=generator, dtype=torch.float64)
    y[:, 0].round_()
    y[:, 1] = 1
    y[:, 2:].round_()
    y[:, 2] = 1
    q = torch.randn(slots, size, rows, generator=generator, dtype=torch.float64)
    return q, y


def planned(loss, q, y, weight=None):
    work = q.clone()
    total = loss.wire(Recorder(q.shape[0], q.shape[2], weight), work, y)
    return loss.accumulated(total), work * loss.scale(q.shape[1])


def plain(curve):
    return {"identity": lambda u: u, "sigmoid": torch.sigmoid, "exponential": torch.exp, "arctan": torch.atan}[curve]


ARCTAN = own_curve("arctan", np.arctan, lambda u: 1 / (1 + u * u))


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("kind", ["known", "common", "own"])
@pytest.mark.parametrize("curve", [IDENTITY, SIGMOID, EXPONENTIAL, ARCTAN], ids=lambda c: c.name)
def test_squared_gradient_is_autograds(curve, kind, weighted):
    q, y = batch()
    w = torch.rand(2, 1, 16, dtype=torch.float64) if weighted else torch.ones(2, 1, 16, dtype=torch.float64)
    if kind == "own":
        q = torch.cat([q, q[:, :1] * 0.1], 1)
    q.requires_grad_(True)
    a = plain(curve.name)((q[:, :4] * y[:, 2:]).sum(1))
    outcome = y[:, 0]
    if kind == "own":
        a = a * (q[:, -1] + 2.0)
    if kind == "common":  # the derivative of the profiled loss itself, through the scale
        a = a * ((w[:, 0] * a * outcome).sum(1) / (w[:, 0] * a * a).sum(1))[:, None]
    rows = (outcome - a).square()
    (w[:, 0] * rows).sum().backward()
    loss = StructuredSquared(curve, kind)
    total, gradient = planned(loss, q.detach(), y, w if weighted else None)
    torch.testing.assert_close(gradient, q.grad, rtol=1e-10, atol=1e-10)
    torch.testing.assert_close(total, (w[:, 0] * rows).sum(1).detach(), rtol=1e-10, atol=1e-10)
    if not weighted:
        torch.testing.assert_close(loss.rows(q.detach(), y), rows.detach(), rtol=1e-10, atol=1e-10)


def test_logistic_gradient_is_autograds():
    q, y = batch()
    q.requires_grad_(True)
    u = (q * y[:, 2:]).sum(1)
    rows = torch.nn.functional.binary_cross_entropy_with_logits(u, y[:, 0], reduction="none")
    rows.sum().backward()
    total, gradient = planned(StructuredLogistic(), q.detach(), y)
    torch.testing.assert_close(gradient, q.grad, rtol=1e-10, atol=1e-10)
    torch.testing.assert_close(total, rows.sum(1).detach())
    torch.testing.assert_close(StructuredLogistic().rows(q.detach(), y), rows.detach())


def structured_table():
    rng = np.random.default_rng(0)
    x = rng.uniform(-1, 1, (2000, 2))
    t = rng.integers(0, 2, (2000, 2)).astype(float)
    y = 3.0 / (1 + np.exp(-(x[:, 0] + t @ np.array([1.0, -0.5]))))
    return training_table(x, np.column_stack([y, np.ones(2000), np.ones(2000), t])), y


@needs_native
def test_a_common_scale_is_that_of_each_block_of_validation_rows(monkeypatch):
    """However steps run: sums kept over blocks would be those of another set of rows."""
    table, _ = structured_table()
    rows, others = np.arange(1000), np.arange(1000, 1700)  # in six blocks
    loss, found = StructuredSquared(SIGMOID, "common"), []
    member = Member(mlp((16,)), loss, rows, validation=others, epochs=4, batch=100)
    for how in (NATIVE, TORCH):
        monkeypatch.setenv(SWITCH, how)
        found.append(fit_population(table, [member], workers=1).members[0].validation_loss)
    np.testing.assert_allclose(*found, rtol=1e-4)  # float32, a scale of rows that nearly cancel


@pytest.mark.parametrize("kind", ["common", "own"])
def test_the_engine_learns_a_structured_network(kind):
    table, y = structured_table()
    members = [
        Member(mlp((16,)), StructuredSquared(SIGMOID, kind), np.arange(2000), seed=s, epochs=60, batch=128)
        for s in range(2)
    ]
    fit = fit_population(table, members, workers=1)
    assert all(member.training_loss[-1] < 0.05 * y.var() for member in fit.members)
    alone = fit_population(table, members[1:], workers=1)
    assert np.array_equal(alone.members[0].parameters, fit.members[1].parameters)
