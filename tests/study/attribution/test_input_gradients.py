import numpy as np
import pytest
import torch

from thalweg.net.spec import mlp
from thalweg.study.attribution.input_gradients import InputGradients, integrated_gradients, saliency
from thalweg.train.backend import backend_of

ROWS, D = 13, 4


def population(network, outputs, dtype, count=3):
    size = sum(int(np.prod(spec.shape)) for spec in network.parameters(D, outputs).values())
    return list(np.random.default_rng(0).uniform(-1, 1, size=(count, size)).astype(dtype))


@pytest.mark.parametrize(("dtype", "near"), [(np.float32, 1e-5), (np.float64, 1e-12)])
@pytest.mark.parametrize("activation", ["relu", "tanh"])
@pytest.mark.parametrize("outputs", [1, 3])
def test_slopes_are_those_of_autograd_member_by_member(dtype, near, activation, outputs):
    network, rng = mlp((5, 4), activation), np.random.default_rng(1)
    x, which = rng.normal(size=(ROWS, D)), rng.integers(outputs, size=ROWS)
    vectors = population(network, outputs, dtype)
    found = InputGradients(network, outputs, vectors, D).at(x, which)
    for vector, slopes in zip(vectors, found, strict=True):
        rows = torch.from_numpy(x.astype(dtype)).requires_grad_()
        q = backend_of(network).module(network, D, outputs, vector)(rows)
        q[torch.arange(ROWS), torch.from_numpy(which)].sum().backward()
        np.testing.assert_allclose(slopes, rows.grad.numpy(), rtol=near, atol=near)


def test_integrated_gradients_add_up_to_the_difference_from_the_mean_row():
    network, rng = mlp((6,), "tanh"), np.random.default_rng(2)
    x, which = rng.normal(size=(ROWS, D)), np.zeros(ROWS, dtype=int)
    (vector,) = population(network, 1, np.float64, 1)
    found = integrated_gradients(InputGradients(network, 1, [vector], D), x, which, steps=64)[0]
    module = backend_of(network).module(network, D, 1, vector)
    q = module(torch.from_numpy(np.vstack([x, x.mean(axis=0)]))).detach().numpy()[:, 0]
    np.testing.assert_allclose(found.sum(axis=1), q[:-1] - q[-1], atol=1e-3)  # the midpoint rule with 64 points


def test_saliency_of_a_line_is_its_coefficient_by_a_deviation():
    x = np.random.default_rng(3).normal(size=(50, 2)) * [1.0, 5.0]
    slopes = InputGradients(mlp(()), 1, [np.array([2.0, -0.3, 1.0])], 2).at(x, np.zeros(50, dtype=int))
    np.testing.assert_allclose(saliency(slopes, x.std(axis=0))[0], np.abs([2, -0.3]) * x.std(axis=0), rtol=1e-6)


def test_many_rows_are_cut_into_blocks_without_a_trace(monkeypatch):
    import thalweg.study.attribution.input_gradients as module

    x = np.random.default_rng(4).normal(size=(ROWS, D))
    vectors, which = population(mlp((5,)), 1, np.float64), np.zeros(ROWS, dtype=int)
    whole = InputGradients(mlp((5,)), 1, vectors, D).at(x, which)
    monkeypatch.setattr(module, "MOST_AT_ONCE", 3 * 32 * 2)
    np.testing.assert_allclose(InputGradients(mlp((5,)), 1, vectors, D).at(x, which), whole, rtol=1e-13)
