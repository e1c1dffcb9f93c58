import numpy as np
import pytest
import torch

from thalweg.loss.squared import Squared
from thalweg.net.spec import mlp
from thalweg.study.surfaces.directions import filter_directions
from thalweg.study.surfaces.landscape import deep_network, plane_losses
from thalweg.train.many_losses import ManyLosses
from thalweg.train.population import training_table
from thalweg.train.steps.parameters import split_vector

D, H = 4, 6


@pytest.fixture
def centre():
    return np.random.default_rng(0).normal(size=mlp((H,)).count(D, 2))


def test_every_units_part_is_as_long_as_its_weights_and_biases_stay(centre):
    specs = mlp((H,)).parameters(D, 2)
    parts = split_vector(specs, centre)
    for direction in filter_directions(mlp((H,)), D, 2, centre, 3):
        moved = split_vector(specs, direction)
        hidden, output = moved["0.weight"], moved["2.weight"]
        np.testing.assert_allclose(
            np.linalg.norm(hidden[:-1], axis=0), np.linalg.norm(parts["0.weight"][:-1], axis=0), rtol=1e-12
        )
        np.testing.assert_allclose(
            np.linalg.norm(output, axis=1), np.linalg.norm(parts["2.weight"], axis=1), rtol=1e-12
        )
        assert (hidden[-1] == 0).all()
        assert (moved["2.bias"] == 0).all()


@pytest.mark.parametrize(
    "network", [mlp((H, H)), mlp((H, H), normalise="batch"), deep_network((H, H, H), "relu", skips=True)]
)
def test_directions_are_orthogonal_and_differ_by_seed(network):
    size = sum(int(np.prod(spec.shape)) for spec in network.parameters(D, 1).values())
    centre = np.random.default_rng(1).normal(size=size)
    one, other = filter_directions(network, D, 1, centre, 0)
    assert abs(one @ other) < 1e-10 * (one @ one)
    assert not np.allclose(one, filter_directions(network, D, 1, centre, 1)[0])


def test_a_rescaled_network_has_the_same_surface(centre):
    """Layer 1 times c and layer 2 by c is the same function of rectifiers; raw directions would tell them apart."""
    network, rng, scale = mlp((H,)), np.random.default_rng(2), 7.0
    x, y = rng.normal(size=(20, D)), rng.normal(size=(20, 2))
    losses = ManyLosses(network, Squared(), training_table(x, y, torch.float64))
    specs = network.parameters(D, 2)
    parts = split_vector(specs, centre)
    scaled = np.concatenate(
        [(parts["0.weight"] * scale).ravel(), (parts["2.weight"] / scale).ravel(), parts["2.bias"].ravel()]
    )
    ticks = np.array([-1.0, 0.1, 0.5, 1.0])
    planes = [plane_losses(losses, at, filter_directions(network, D, 2, at, 5), ticks) for at in (centre, scaled)]
    np.testing.assert_allclose(planes[0], planes[1], rtol=1e-9)
    raw = rng.normal(size=(2, len(centre)))
    apart = [plane_losses(losses, at, (raw[0], raw[1]), ticks) for at in (centre, scaled)]
    assert np.abs(np.log(apart[0] / apart[1])).max() > 0.5
