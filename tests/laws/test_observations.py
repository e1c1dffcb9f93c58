"""Laws of observations in estimators and comparisons: copies stay together, scales of weights are nothing."""

import numpy as np
import pytest
from sklearn.datasets import load_diabetes

import thalweg as tw
from thalweg.estimators import (
    LinearRegressor,
    LogisticClassifier,
    NetClassifier,
    NetRegressor,
    NetSearch,
    marginal_effects,
)
from thalweg.select.learning.lessons import stopping_rows, view_sample
from thalweg.select.learning.observations import canonical_rows
from thalweg.select.learning.views import resample

X, Y = (part[:90] for part in load_diabetes(return_X_y=True))
MIDDLE = float(np.median(Y))
COUNTS = np.arange(90) % 4
QUICK = {"hidden": (8,), "seeds": 2, "epochs": 6, "learning_rate": 0.01, "workers": 1}
DESIGNS = ({"folds": 3}, {"bootstrap": 3}, {})
KINDS = (None, "frequency", "analytic", "probability")


def repeated(counts=COUNTS):
    """The rows written out as often as they count, in another order."""
    return np.random.default_rng(0).permutation(np.repeat(np.arange(90), counts))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.parametrize("face", [NetRegressor, LinearRegressor])
def test_weights_are_repeated_rows_whatever_they_mean(face, design, kind):
    settings = design | {"weights_kind": kind} | (QUICK if face is NetRegressor else {"ridge": None})
    weighted = face(**settings).fit(X, Y, sample_weight=COUNTS)
    written = face(**settings).fit(X[repeated()], Y[repeated()])
    exact = np.testing.assert_array_equal
    if kind in {"analytic", "probability"}:  # divided by their own mean, which rounds

        def exact(a, b):
            np.testing.assert_allclose(a, b, rtol=1e-4)

    exact(weighted.predict(X), written.predict(X))
    if design:
        exact(weighted.predict_interval(X), written.predict_interval(X))


@pytest.mark.parametrize("kind", [None, "analytic", "probability"])
@pytest.mark.parametrize("face", [NetRegressor, LinearRegressor, NetClassifier, LogisticClassifier])
def test_the_scale_of_weights_is_nothing(face, kind):
    weights = np.random.default_rng(1).uniform(0.5, 2.0, 90)
    settings = {"weights_kind": kind or ("analytic" if face is LogisticClassifier else None), "folds": 3}
    settings |= QUICK if face in {NetRegressor, NetClassifier} else {}
    y = Y if face in {NetRegressor, LinearRegressor} else Y > MIDDLE
    one, other = (face(**settings).fit(X, y, sample_weight=weights * scale) for scale in (1.0, 1e6))
    np.testing.assert_array_equal(one.population_.fold, other.population_.fold)
    np.testing.assert_array_equal(one.population_.rows.x, other.population_.rows.x)
    predict = "predict" if face in {NetRegressor, LinearRegressor} else "predict_proba"
    np.testing.assert_allclose(getattr(one, predict)(X), getattr(other, predict)(X), rtol=1e-4)


@pytest.mark.parametrize("weights", [None, COUNTS, COUNTS * 0.7])
@pytest.mark.parametrize("kind", [None, "analytic"])
def test_copies_stay_together(weights, kind):
    x, y = (X, Y) if weights is not None else (X[repeated()], Y[repeated()])
    rows = canonical_rows(x, y[:, None], weights, kind=kind)
    assert len(np.unique(rows.x, axis=0)) == len(rows) == np.count_nonzero(COUNTS)
    for view in resample(rows, folds=4, bootstrap=3, seed=0):
        assert not np.isin(view.held_out, view.rows).any()
        sample = view_sample(rows, view, features=True, outcomes=True)
        learned, watched = stopping_rows(sample, 0.2, seed=1)
        assert not np.isin(learned, watched).any()
    present = rows.places >= 0
    np.testing.assert_array_equal(rows.x[rows.places[present]], x[present])


def test_cells_of_several_outcomes_are_units_and_frequencies_write_them_out():
    x, y = np.array([[0.0], [0.0], [1.0]]), np.array([[0.0], [1.0], [1.0]])
    counts = np.array([3.0, 2.0, 4.0])
    found = canonical_rows(x, y, counts, kind="frequency")
    again = canonical_rows(np.repeat(x, [3, 2, 4], axis=0), np.repeat(y, [3, 2, 4], axis=0), kind="frequency")
    assert sorted(found.weights) == [1.0] * 5 + [4.0]
    for name in ("x", "y", "weights", "count"):
        np.testing.assert_array_equal(getattr(found, name), getattr(again, name))


@pytest.mark.parametrize("kind", [None, "frequency"])
def test_copies_are_units_where_folds_would_else_lack_rows(kind):
    x, y = np.repeat([[0.0], [1.0]], [30, 20], axis=0), np.repeat([0.0, 1.0], [30, 20])
    given = (np.array([[0.0], [1.0]]), np.array([0.0, 1.0]), [30, 20]) if kind else (x, y, None)
    for model in (LinearRegressor(folds=5, weights_kind=kind), LogisticClassifier(folds=5, weights_kind=kind)):
        found = model.fit(*given)
        assert len(found.population_.rows) == 50
        np.testing.assert_array_equal(np.bincount(found.population_.fold), 10)


def test_one_of_two_classes_with_a_single_different_row_is_in_every_fold():
    x, y = np.append(np.arange(20.0), np.full(5, 30.0))[:, None], np.repeat([0, 1], [20, 5])
    assert LogisticClassifier(folds=5, calibrate=True).fit(x, y).predict([[30.0]]) == 1
    with pytest.raises(ValueError, match="All rows of one of two classes are held out in fold"):
        LogisticClassifier(folds=5).fit(x[:21], y[:21])


def test_equal_weights_are_none_in_marginal_effects_and_frequencies_count():
    settings = {"bootstrap": 5}
    plain = marginal_effects(LinearRegressor(**settings).fit(X, Y))
    for weight in (4.0, 4.5):
        found = marginal_effects(LinearRegressor(**settings).fit(X, Y, sample_weight=np.full(90, weight)))
        np.testing.assert_allclose(found.bse, plain.bse, rtol=1e-9)
        assert found.nobs == 90
    model = LinearRegressor(weights_kind="frequency", **settings).fit(X, Y, sample_weight=np.full(90, 4))
    assert marginal_effects(model).nobs == 360


def test_class_weight_is_never_a_count():
    y = Y > MIDDLE
    model = NetClassifier(class_weight={False: 1, True: 3}, weights_kind="frequency", **QUICK)
    found = model.fit(X, y).population_.rows
    assert (len(found), found.count) == (90, 90)
    assert sorted(set(found.weights)) == [1.0, 3.0]


def comparison(weights, kind, scale=1.0):
    table = {f"x{k}": X[:, k] for k in range(3)} | {"y": Y, "w": weights * scale}
    settings = {"folds": 3, "seeds": 1, "epochs": 3, "hidden": "4", "workers": 1}
    return tw.fit(table, target="y", weights="w", weights_kind=kind, **settings).frame().set_index("model")


@pytest.mark.parametrize("kind", ["analytic", "probability"])
def test_a_comparison_knows_ratios_alone_and_no_row_of_weight_zero(kind):
    weights = np.random.default_rng(2).uniform(0.5, 2.0, 90)
    weights[::9] = 0.0
    one, other = (comparison(weights, kind, scale) for scale in (1.0, 1024.0))
    assert one.equals(other)
    kept = weights > 0
    table = {f"x{k}": X[kept, k] for k in range(3)} | {"y": Y[kept], "w": weights[kept]}
    settings = {"folds": 3, "seeds": 1, "epochs": 3, "hidden": "4", "workers": 1}
    absent = tw.fit(table, target="y", weights="w", weights_kind=kind, **settings).frame().set_index("model")
    assert one.equals(absent)


def test_a_search_deals_observations():
    net, space = NetRegressor(**QUICK, weights_kind="frequency"), {"ridge": [0.0, 0.1]}
    in_order, kept = np.repeat(np.arange(90), COUNTS), COUNTS > 0
    weighted = NetSearch(net, space, cv=3).fit(X, Y, sample_weight=COUNTS)
    written = NetSearch(net, space, cv=3).fit(X[in_order], Y[in_order])
    absent = NetSearch(net, space, cv=3).fit(X[kept], Y[kept], sample_weight=COUNTS[kept])
    for fold in range(3):
        key = f"split{fold}_test_score"
        np.testing.assert_allclose(weighted.cv_results_[key], written.cv_results_[key], rtol=1e-12)
        np.testing.assert_array_equal(weighted.cv_results_[key], absent.cv_results_[key])
