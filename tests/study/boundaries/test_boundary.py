import numpy as np
import pytest

import thalweg as tw
from thalweg.study.boundaries.boundary import boundary_study
from thalweg.study.sample import sample_of

QUICK = {"epochs": 60, "seeds": 3}


def corners(rows=400, seed=0):
    """Exclusive or of two columns, beside a third that says nothing."""
    x = np.random.default_rng(seed).uniform(-1, 1, size=(rows, 3))
    return {"y": np.where(x[:, 0] * x[:, 1] > 0, "same", "other"), "a": x[:, 0], "b": x[:, 1]}


@pytest.fixture(scope="module")
def study():
    return boundary_study(sample_of(tw.pose(corners(), target="y")), **QUICK)


def test_no_hidden_layer_cannot_do_exclusive_or_and_one_can(study):
    none, one, two = study.panels
    assert none.middle < 0.62
    assert min(one.middle, two.middle) > 0.9


def test_without_hidden_layers_boundaries_are_straight(study):
    for pieces in study.panels[0].lines:
        ends = np.array(pieces).reshape(-1, 2)
        if len(ends) > 2:
            flat = np.linalg.svd(ends - ends.mean(axis=0), compute_uv=False)
            assert flat[1] < 1e-3 * flat[0]


def test_votes_are_shares_of_networks(study):
    for panel in study.panels:
        assert set(np.round(panel.votes * 3).ravel()) <= {0, 1, 2, 3}
        np.testing.assert_allclose(panel.votes * 3, np.round(panel.votes * 3), atol=1e-12)


@pytest.mark.parametrize(
    ("source", "chosen"),
    [("example:diabetes", "progression above its median"), ("example:iris", "setosa"), ("example:wine", None)],
)
def test_any_outcome_becomes_two_classes(source, chosen):
    study = boundary_study(sample_of(tw.pose(source)), epochs=1, seeds=1)
    assert chosen in {None, study.chosen}
    assert 0.5 <= study.majority < 1


def test_one_column_is_refused():
    with pytest.raises(tw.DataError, match="two columns"):
        tw.run_study("boundary", {"y": [0.0, 1.0] * 20, "x": range(40)}, target="y")
