"""Boosted trees as arrays are those of scikit-learn, stopped on the rows they are given."""

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

from thalweg.select.learning.boosted_trees import LEARNING_RATE, BoostedTrees, fit_boosted_trees

RNG = np.random.default_rng(5)
X = RNG.standard_normal((240, 3))
SPLITS = [(np.arange(0, 200), np.arange(200, 240)), (np.arange(40, 240), np.arange(40))]
OUTCOMES = {
    "regression": np.where(X[:, 0] * X[:, 1] > 0, 1.0, -1.0) + 0.3 * RNG.standard_normal(240),
    "binary": (X[:, 0] + X[:, 1] ** 2 > 0.5).astype(np.int64),
    "multiclass": np.digitize(X[:, 0] + 0.3 * X[:, 2], [-0.4, 0.4]),
}


@pytest.mark.parametrize("task", list(OUTCOMES))
def test_arrays_predict_as_scikit_learn_does(task):
    y, weights = OUTCOMES[task], RNG.uniform(0.5, 2.0, 240)
    trees = fit_boosted_trees(task, X, y, weights, SPLITS, most=40)
    kind = HistGradientBoostingRegressor if task == "regression" else HistGradientBoostingClassifier
    peer = kind(
        learning_rate=LEARNING_RATE,
        max_iter=len(trees.roots),
        max_leaf_nodes=trees.leaves,
        early_stopping=False,
        random_state=0,
    ).fit(X, y, sample_weight=weights)
    new = RNG.standard_normal((50, 3))
    wanted = peer.predict(new)[:, None] if task == "regression" else peer.predict_proba(new)
    np.testing.assert_allclose(trees.predict(new), wanted, rtol=1e-9, atol=1e-12)  # sums in another order


def test_arrays_travel_as_tensors():
    trees = fit_boosted_trees("binary", X, OUTCOMES["binary"], None, SPLITS[:1], most=10)
    again = BoostedTrees.of_tensors("binary", trees.tensors())
    np.testing.assert_array_equal(again.predict(X), trees.predict(X))
    assert again.note == trees.note


def test_noise_is_left_alone():
    """The first trees already lose on rows they have not seen: the fewest are kept."""
    noise = np.random.default_rng(0).standard_normal(240)
    trees = fit_boosted_trees("regression", X, noise, None, SPLITS)
    assert len(trees.roots) < 10


def test_an_interaction_gets_trees_with_more_leaves():
    x = np.random.default_rng(1).standard_normal((600, 4))
    y = np.sign(x[:, 0] * x[:, 1] * x[:, 2])
    splits = [(np.arange(450), np.arange(450, 600))]
    assert fit_boosted_trees("regression", x, y, None, splits, most=60).leaves == 16
