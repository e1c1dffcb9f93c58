import itertools

import numpy as np
import pytest
from sklearn.datasets import load_diabetes

from thalweg.base.errors import DataError, SettingError
from thalweg.linear import honest_regress, regress, select

DATA = load_diabetes()
X, Y = DATA.data, DATA.target


def rss_of(columns, X=X, y=Y):
    A = np.column_stack([np.ones(len(y)), X[:, list(columns)]])
    residual = y - A @ np.linalg.lstsq(A, y, rcond=None)[0]
    return float(residual @ residual)


def forward_by_definition(X, y):
    """Algorithm 6.2, word for word."""
    models = [()]
    while len(models[-1]) < X.shape[1]:
        rest = [j for j in range(X.shape[1]) if j not in models[-1]]
        models.append((*models[-1], min(rest, key=lambda j: rss_of((*models[-1], j), X, y))))
    return models


@pytest.mark.parametrize("seed", range(4))
def test_forward_is_algorithm_6_2(seed):
    random = np.random.default_rng(seed)
    Z = random.normal(size=(60, 9)) @ random.normal(size=(9, 9))
    y = Z @ random.normal(size=9) + 3 * random.normal(size=60)
    path = select(Z, y)
    assert list(path.models) == forward_by_definition(Z, y)
    np.testing.assert_allclose(path.rss, [rss_of(m, Z, y) for m in path.models], rtol=1e-10)


def test_backward_drops_what_costs_least():
    path = select(X, Y, search="backward")
    for small, large in itertools.pairwise(path.models):
        costs = {j: rss_of(set(large) - {j}) for j in large}
        assert set(large) - set(small) == {min(costs, key=costs.get)}


def test_best_subset_is_the_best_of_all():
    path = select(X[:, :7], Y, search="best-subset")
    for size in range(8):
        least = min(rss_of(c) for c in itertools.combinations(range(7), size))
        assert np.isclose(path.rss[size], least, rtol=1e-10)


def test_criteria_agree_with_the_fitted_models():
    path = select(X, Y)
    for size in (1, 4, 10):
        fit = regress(X[:, path.models[size]], Y)
        assert np.isclose(path.criteria["adjusted R²"][size], fit.rsquared_adj)
        for name, value in (("AIC", fit.aic), ("BIC", fit.bic)):
            full = regress(X[:, path.models[10]], Y)
            whole = full.aic if name == "AIC" else full.bic
            assert np.isclose(path.criteria[name][size] - path.criteria[name][10], value - whole)
    variance = path.rss[10] / (len(Y) - 11)
    assert np.isclose(path.criteria["Cp"][3], (path.rss[3] + 6 * variance) / len(Y))


@pytest.mark.parametrize("search", ["forward", "backward", "best-subset"])
def test_every_fold_selects_anew(search):
    Z = X[:, :6]
    labels = np.arange(len(Y)) % 4
    path = select(Z, Y, search=search, folds=labels)
    for k in range(4):
        train, test = labels != k, labels == k
        own = select(Z[train], Y[train], search=search)
        for size in (0, 2, 6):
            used = list(own.models[size])
            A = np.column_stack([np.ones(train.sum()), Z[train][:, used]])
            beta = np.linalg.lstsq(A, Y[train], rcond=None)[0]
            error = Y[test] - np.column_stack([np.ones(test.sum()), Z[test][:, used]]) @ beta
            assert np.isclose(path.errors[size, k], np.mean(error**2), rtol=1e-9)
    np.testing.assert_allclose(path.criteria["CV"], path.errors.mean(axis=1))


def test_collinear_columns_end_the_forward_path_and_stop_the_backward_one():
    trap = np.column_stack([X[:, :3], X[:, 0] - X[:, 1], np.ones(len(Y))])
    path = select(trap, Y)
    assert len(path.models) == 4
    assert "Cp" not in path.criteria
    with pytest.raises(DataError, match="collinear"):
        select(trap, Y, search="backward")


def test_more_columns_than_rows():
    random = np.random.default_rng(0)
    Z = random.normal(size=(30, 50))
    path = select(Z, Z[:, 7] * 5 + random.normal(size=30), folds=5)
    assert path.models[1] == (7,)
    assert len(path.models) <= 23


def test_the_warning_and_the_honest_way():
    path = select(X, Y)
    assert "optimistic" in path.warning
    fit = honest_regress(X, Y, lambda X, y: select(X, y).columns("BIC"), names=DATA.feature_names)
    assert fit.nobs == len(Y) // 2
    assert set(fit.params.index) <= {"Intercept", *DATA.feature_names}
    with pytest.raises(DataError, match="No column was chosen"):
        honest_regress(X, Y, lambda X, y: [])  # noqa: ARG005 (the arguments a chooser gets)


def test_honest_regression_weighs_and_a_row_of_weight_zero_is_absent():
    weights = (np.arange(len(Y)) % 3).astype(float)
    kept, seen = weights > 0, []

    def chooser(X, y, w):
        seen.append((X, y, w))
        return [2, 8]

    whole = honest_regress(X, Y, chooser, weights=weights, weights_kind="frequency")
    counted = honest_regress(X[kept], Y[kept], chooser, weights=weights[kept], weights_kind="frequency")
    np.testing.assert_array_equal(whole.params, counted.params)
    np.testing.assert_array_equal(whole.bse, counted.bse)
    assert whole.nobs + seen[0][2].sum() == weights.sum()
    analytic = honest_regress(X, Y, chooser, weights=weights)
    np.testing.assert_allclose(honest_regress(X, Y, chooser, weights=9 * weights).bse, analytic.bse, rtol=1e-10)


@pytest.mark.parametrize(
    ("settings", "error", "words"),
    [
        ({"search": "sideways"}, SettingError, "search"),
        ({"search": "best-subset", "X": np.eye(40)[:, :31]}, SettingError, "up to 30 independent columns"),
    ],
)
def test_wrong_settings_are_named(settings, error, words):
    with pytest.raises(error, match=words):
        select(settings.pop("X", X), Y[:40] if "subset" in words or "independent" in words else Y, **settings)


def test_equal_answers_are_refused():
    with pytest.raises(DataError, match="all equal"):
        select(X, np.full(len(Y), 3.3))


def test_an_uncomputed_criterion_is_refused():
    with pytest.raises(SettingError, match="'CV'"):
        select(X, Y).size("CV")
