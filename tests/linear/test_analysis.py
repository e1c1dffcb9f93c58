import numpy as np
import pytest

from thalweg.linear import regress
from thalweg.linear.analysis import LinearAnalysis
from thalweg.linear.paths.penalty_path import penalty_path


@pytest.fixture(scope="module")
def answer():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 3)) * [1.0, 10.0, 100.0]
    y = X @ [1.0, 0.1, 0.01] + rng.normal(size=60)
    fit = regress(X, y, names=["a", "b", "c"])
    spreads = dict(zip("abc", X.std(axis=0), strict=True))
    path = penalty_path("ridge", X, y, names=("a", "b", "c"), folds=np.arange(60) % 5)
    return LinearAnalysis("t", "y", fit, spreads, (), {}, path=path)


def test_changes_are_coefficients_of_scaled_columns(answer):
    frame = answer.frame().set_index("term")
    assert [term for term, _ in answer.changes()] == ["a", "b", "c"]  # no constant
    for term, change in answer.changes():
        for name, value in (("estimate", change.estimate), ("conf_low", change.low), ("conf_high", change.high)):
            assert value == frame.loc[term, name] * answer.spreads[term]


def test_changes_of_classes_use_their_columns_spread(answer):
    renamed = LinearAnalysis("t", "y", answer.estimates, {"a": 2.0}, (), {})
    assert renamed._spread("red: a") == 2.0
    assert renamed._spread("red: b") is None


def test_path_changes_are_scaled_column_by_column(answer):
    expected = answer.path.coefficients * [answer.spreads[name] for name in answer.path.names]
    np.testing.assert_array_equal(answer.path_changes(), expected)
