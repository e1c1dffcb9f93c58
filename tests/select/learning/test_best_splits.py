import numpy as np
import pytest
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from thalweg.select.learning import best_splits
from thalweg.select.learning.best_splits import best_columns
from thalweg.select.learning.boosted_trees import BoostedTrees, fit_boosted_trees

RNG = np.random.default_rng(8)
X = np.column_stack([RNG.normal(size=(90, 30)), RNG.integers(0, 3, (90, 9)), np.ones(90)])
WEIGHTS = RNG.uniform(0.5, 2.0, 90)
OUTCOMES = {
    "regression": X[:, 3] ** 2 + X[:, 35] + RNG.normal(size=90),
    "binary": (X[:, 5] + RNG.normal(size=90) > 0).astype(np.int64),
    "multiclass": np.digitize(X[:, 7] + RNG.normal(size=90), [-0.5, 0.5]),
}


def gain_of_a_stump(task, x, y, weights):
    kind = DecisionTreeRegressor if task == "regression" else DecisionTreeClassifier
    tree = kind(max_depth=1).fit(x[:, None], y, sample_weight=weights).tree_
    mass = tree.weighted_n_node_samples * tree.impurity
    return mass[0] - mass[1:].sum() if len(mass) > 1 else 0.0


@pytest.mark.parametrize("task", list(OUTCOMES))
@pytest.mark.parametrize("weights", [None, WEIGHTS], ids=["plain", "weighted"])
def test_the_columns_kept_are_those_whose_stump_gains_most(task, weights, monkeypatch):
    monkeypatch.setattr(best_splits, "MOST_OFFERED", 12)
    gains = [gain_of_a_stump(task, column, OUTCOMES[task], weights) for column in X.T]
    kept = best_columns(task, X, OUTCOMES[task], weights)
    assert kept.tolist() == sorted(np.argsort(gains)[::-1][:12].tolist())


def test_few_columns_are_all_kept():
    assert best_columns("regression", X, OUTCOMES["regression"], None).tolist() == list(range(40))


def test_trees_of_a_wide_table_know_their_columns_by_their_places_in_it():
    x = RNG.normal(size=(120, 900))
    y = (x[:, 850] > 0) * 4.0 + x[:, 40]
    trees = fit_boosted_trees("regression", x, y, None, [(np.arange(80), np.arange(80, 120))], most=15)
    assert {40, 850} <= set(trees.feature.tolist())
    assert trees.note.endswith("from the 500 of 900 columns whose one best split says most")
    again = BoostedTrees.of_tensors("regression", trees.tensors())
    np.testing.assert_array_equal(again.predict(x), trees.predict(x))
    assert np.corrcoef(trees.predict(x)[:, 0], y)[0, 1] > 0.8


def test_rows_of_weight_zero_are_none(monkeypatch):
    monkeypatch.setattr(best_splits, "MOST_OFFERED", 5)
    weights = np.ones(len(X))
    weights[np.argsort(X[:, 0])[:10]] = 0.0  # the rows that a first split would part from
    weights[::3] = 0.0
    counted = weights > 0
    kept = best_columns("regression", X, OUTCOMES["regression"], weights)
    assert kept.tolist() == best_columns("regression", X[counted], OUTCOMES["regression"][counted], None).tolist()
