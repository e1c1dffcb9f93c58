import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from thalweg.linear import fit_components, fit_least_squares, fit_ridge_path

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(300, 8)) @ RANDOM.normal(size=(8, 8))
Y = X[:, 0] - X[:, 3] + RANDOM.normal(size=300)
LABELS = np.arange(300) % 5
SPLITS = [(np.flatnonzero(k != LABELS), np.flatnonzero(k == LABELS)) for k in range(5)]


@pytest.mark.parametrize("standardise", [False, True])
def test_ridge_is_scikit_learns_grid_search(standardise):
    grid = np.logspace(-2, 4, 7)
    fit = fit_ridge_path(X, Y, penalties=grid, folds=LABELS, standardise=standardise)
    steps = [StandardScaler(), Ridge()] if standardise else [Ridge()]
    peer = GridSearchCV(
        make_pipeline(*steps), {"ridge__alpha": grid[::-1]}, cv=SPLITS, scoring="neg_mean_squared_error"
    ).fit(X, Y)
    np.testing.assert_allclose(fit.mean_error, -peer.cv_results_["mean_test_score"], rtol=1e-10)
    assert fit.settings[fit.best] == peer.best_params_["ridge__alpha"]
    np.testing.assert_allclose(fit.predict(X), peer.predict(X), rtol=1e-8, atol=1e-8)


def test_components_are_scikit_learns_pipeline():
    fit = fit_components(X, Y, folds=LABELS)
    model = make_pipeline(StandardScaler(), PCA(svd_solver="full"), LinearRegression(tol=1e-15))
    grid = {"pca__n_components": list(range(1, 9))}
    peer = GridSearchCV(model, grid, cv=SPLITS, scoring="neg_mean_squared_error").fit(X, Y)
    np.testing.assert_allclose(fit.mean_error[1:], -peer.cv_results_["mean_test_score"], rtol=1e-9)
    np.testing.assert_allclose(
        fit.variances, PCA().fit(StandardScaler().fit_transform(X)).explained_variance_ * 299 / 300
    )


def test_all_components_and_no_penalty_are_least_squares():
    exact = fit_least_squares(X, Y).coefficients
    np.testing.assert_allclose(fit_components(X, Y, folds=5).coefficients[-1], exact, rtol=1e-8)
    ridge = fit_ridge_path(X, Y, penalties=[0.0, 1.0], folds=5)
    np.testing.assert_allclose(ridge.coefficients[-1], exact, rtol=1e-8)
    np.testing.assert_allclose(ridge.degrees[-1], 8)


def test_weights_repeat_rows():
    weights = RANDOM.integers(1, 4, 300)
    for fit in (fit_ridge_path, fit_components):
        weighed = fit(X, Y, weights=weights, folds=LABELS)
        repeated = fit(np.repeat(X, weights, axis=0), np.repeat(Y, weights), folds=np.repeat(LABELS, weights))
        np.testing.assert_allclose(weighed.errors[-1], repeated.errors[-1], rtol=1e-8)


def test_collinear_columns_and_fewer_rows_than_columns():
    wide = np.column_stack([X, X[:, :3], np.ones(300)])
    fit = fit_components(wide, Y, folds=LABELS)
    assert len(fit.settings) == 9
    short = fit_ridge_path(RANDOM.normal(size=(12, 30)), Y[:12], folds=3)
    assert np.isfinite(short.coefficients).all()
