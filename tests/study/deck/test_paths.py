import numpy as np
import pytest

import thalweg as tw
from thalweg.study.deck.paths import descent_paths
from thalweg.study.sample import sample_of


@pytest.fixture(scope="module")
def paths():
    return descent_paths(sample_of(tw.pose("example:diabetes")))


def test_steps_near_the_edge_turn_back_and_small_ones_do_not(paths):
    calm, edge, momentum = paths.paths
    assert (calm.turns > 0).all()
    assert (edge.turns[:5] < 0).any()
    assert momentum.turns.max() > 0.5


def test_all_go_down_to_the_optimum(paths):
    for path in paths.paths:
        assert path.values[-1] < path.values[0]
        assert np.linalg.norm(path.places[-1] - paths.optimum) < 0.2 * np.linalg.norm(paths.optimum)


def test_without_two_columns_that_differ_there_are_none():
    x = np.arange(50.0)
    assert descent_paths(sample_of(tw.pose({"y": x % 7, "x": x}, target="y"))) is None
    twice = tw.pose({"y": x % 7, "x": x, "z": 2 * x + 1}, target="y")
    assert descent_paths(sample_of(twice)) is None
