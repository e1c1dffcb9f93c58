import numpy as np
import pytest
from sklearn.linear_model import Ridge, RidgeCV
from sklearn.preprocessing import StandardScaler

from thalweg.base.errors import SettingError
from thalweg.linear import certify_ridge, fit_least_squares, fit_ridge, ridge


def draw(count=60, width=20, seed=0):
    random = np.random.default_rng(seed)
    X = random.normal(size=(count, width)) * np.logspace(-3, 3, width)
    return X, X[:, 0] * 1e3 + random.normal(size=count)


def test_leave_one_out_equals_scikit_learn_at_every_penalty():
    X, y = draw()
    fit = fit_ridge(X, y)
    peer = RidgeCV(alphas=fit.penalties, store_cv_results=True).fit(StandardScaler().fit_transform(X), y)
    np.testing.assert_allclose(fit.leave_one_out, peer.cv_results_.mean(axis=0), rtol=1e-9)
    assert fit.penalty == peer.alpha_
    np.testing.assert_allclose(fit.coefficients * X.std(axis=0), peer.coef_, atol=1e-12)


def test_one_penalty_is_scikit_learn_ridge_on_standardised_columns():
    X, y = draw()
    fit = fit_ridge(X, np.column_stack([y, -2 * y]), penalties=7.0)
    peer = Ridge(alpha=7.0).fit(StandardScaler().fit_transform(X), y)
    np.testing.assert_allclose(fit.coefficients[:, 1], -2 * peer.coef_ / X.std(axis=0), rtol=1e-10)
    np.testing.assert_allclose(fit.predict(X)[:, 0], peer.predict(StandardScaler().fit_transform(X)), rtol=1e-10)


@pytest.mark.parametrize("collinear", [False, True])
def test_tall_tables_take_the_squared_way_to_the_same_answer(collinear, monkeypatch):
    X, y = draw(count=500)
    X = np.column_stack([X, X[:, 0] - X[:, 1]]) if collinear else X
    fast = fit_ridge(X, y)
    monkeypatch.setattr(ridge, "_SQUARABLE", np.inf)
    slow = fit_ridge(X, y)
    np.testing.assert_allclose(fast.leave_one_out, slow.leave_one_out, rtol=1e-9)
    np.testing.assert_allclose(fast.coefficients, slow.coefficients, rtol=1e-6, atol=1e-12)
    assert fast.penalty == slow.penalty


def test_no_penalty_is_least_squares():
    X, y = draw()
    fit = fit_ridge(X, y, penalties=[0.0])
    np.testing.assert_allclose(fit.coefficients, fit_least_squares(X, y).coefficients, rtol=1e-8)


def test_wide_tables_never_choose_to_interpolate():
    X, y = draw(count=20, width=50)
    fit = fit_ridge(X, y, penalties=[0.0, 10.0])
    assert fit.penalty == 10.0


def test_constant_and_repeated_columns_are_harmless():
    X, y = draw()
    wide = np.column_stack([X, X[:, 0], np.ones(len(X))])
    fit = fit_ridge(wide, y, penalties=[3.0])
    assert fit.coefficients[-1] == 0
    assert np.isclose(fit.coefficients[0], fit.coefficients[-2])


def test_negative_penalties_are_refused():
    with pytest.raises(SettingError, match="at least 0"):
        fit_ridge([[1.0], [2.0]], [1, 2], penalties=[-1.0])


def test_columns_as_they_are_give_the_ridge_of_scikit_learn():
    X, y = draw(width=8)
    grid = np.logspace(-3, 5, 50)
    fit, other = fit_ridge(X, y, penalties=grid, scaled=False), RidgeCV(grid).fit(X, y)
    assert fit.penalty == other.alpha_
    np.testing.assert_allclose(fit.coefficients, other.coef_, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("scaled", [True, False])
def test_more_columns_than_rows_are_solved_among_the_rows(scaled):
    random = np.random.default_rng(1)
    X, y = random.normal(size=(20, 50)) * np.linspace(0.5, 2, 50), random.normal(size=20)
    deviation = X.std(axis=0) if scaled else np.ones(50)
    Z = (X - X.mean(axis=0)) / deviation
    direct = np.linalg.solve(Z.T @ Z + 3 * np.eye(50), Z.T @ (y - y.mean())) / deviation
    np.testing.assert_allclose(fit_ridge(X, y, penalties=3.0, scaled=scaled).coefficients, direct, rtol=1e-9)
    told = certify_ridge("ols", X, y, direct, y.mean() - X.mean(axis=0) @ direct, 3.0, scaled=scaled)
    assert told.verdict == "exact"
    assert told.rank == 20


def test_a_weighted_row_is_left_out_whole_unless_it_is_said_to_be_several():
    X, y = draw()
    weights = np.arange(len(X)) % 4 + 1.0
    again = np.repeat(np.arange(len(X)), weights.astype(int))
    counted = fit_ridge(X, y, weights=weights, weights_kind="frequency")
    np.testing.assert_allclose(counted.leave_one_out, fit_ridge(X[again], y[again]).leave_one_out, rtol=1e-9)
    np.testing.assert_array_equal(
        fit_ridge(X, y, weights=weights).leave_one_out,
        fit_ridge(X, y, weights=weights, weights_kind="analytic").leave_one_out,
    )
    assert (fit_ridge(X, y, weights=weights).leave_one_out != counted.leave_one_out).any()
