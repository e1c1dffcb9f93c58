import numpy as np
import pytest
import torch

from thalweg.loss.logistic import Logistic
from thalweg.loss.softmax import Softmax
from thalweg.loss.squared import Squared
from thalweg.net.spec import mlp
from thalweg.study.surfaces.spectrum import hessian_product, spectrum_of
from thalweg.train.backend import backend_of


def symmetric(values, seed=0):
    q, _ = np.linalg.qr(np.random.default_rng(seed).normal(size=(len(values), len(values))))
    return q @ np.diag(values) @ q.T


def test_ends_of_a_known_spectrum():
    values = np.concatenate([np.linspace(-1, 1, 97), [5.0, 20.0, 21.0]])
    matrix = symmetric(values)
    found = spectrum_of(lambda v: matrix @ v, 100, steps=60, probes=200)
    np.testing.assert_allclose(found.top[:3], [21, 20, 5], rtol=1e-6)
    assert found.lowest == pytest.approx(-1, abs=0.02)
    assert found.lowest >= -1 - 1e-9  # a bound from above on the smallest
    assert abs(found.trace - values.sum()) < 4 * found.trace_error
    assert found.residual < 1e-6


def test_a_matrix_of_rank_one_ends_early():
    v = np.arange(1.0, 6.0)
    found = spectrum_of(lambda u: v * (v @ u), 5)
    assert found.top[0] == pytest.approx(55)
    assert found.products < 5 + 16


def test_the_standard_error_of_the_trace_is_one():
    matrix = symmetric(np.linspace(1, 3, 30))
    off = [spectrum_of(lambda v: matrix @ v, 30, seed, steps=1) for seed in range(200)]
    z = [(found.trace - 60) / found.trace_error for found in off]
    assert 0.85 < np.std(z) < 1.3  # Student's t with 15 degrees of freedom has 1.07


@pytest.mark.parametrize("loss", [Squared(), Logistic(), Softmax()])
@pytest.mark.parametrize("activation", ["tanh", "relu"])
def test_products_are_those_of_the_hessian(loss, activation):
    rng, network = np.random.default_rng(0), mlp((5, 4), activation)
    classes = 3 if isinstance(loss, Softmax) else 1
    x = rng.normal(size=(40, 3))
    y = np.eye(3)[rng.integers(3, size=40)] if classes == 3 else rng.integers(2, size=(40, 1)).astype(float)
    vector = rng.normal(size=network.count(3, classes))
    product, size = hessian_product(network, loss, vector, x, y)
    module = backend_of(network).module(network, 3, classes, vector)
    shapes = {name: p.shape for name, p in module.named_parameters()}

    def value(flat):
        parts = torch.split(flat, [s.numel() for s in shapes.values()])
        named = {name: part.view(shape) for (name, shape), part in zip(shapes.items(), parts, strict=True)}
        q = torch.func.functional_call(module, named, (torch.from_numpy(x),))
        return loss.rows(q.T[None], torch.from_numpy(y).T[None]).mean()

    flat = torch.cat([p.detach().reshape(-1) for p in module.parameters()])
    hessian = torch.autograd.functional.hessian(value, flat).numpy()
    direction = rng.normal(size=size)
    np.testing.assert_allclose(product(direction), hessian @ direction, rtol=1e-9, atol=1e-10)


def test_least_squares_has_the_curvature_of_its_design():
    x = np.random.default_rng(0).normal(size=(50, 4))
    product, size = hessian_product(mlp(()), Squared(), np.zeros(5), x, np.zeros((50, 1)))
    design = np.concatenate([x, np.ones((50, 1))], axis=1)
    found = spectrum_of(product, size)
    np.testing.assert_allclose(found.top, np.linalg.eigvalsh(2 * design.T @ design / 50)[::-1], rtol=1e-8)
