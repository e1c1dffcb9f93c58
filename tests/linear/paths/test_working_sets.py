import numpy as np
import pytest
from scipy import sparse
from sklearn.linear_model import LassoCV

from thalweg.base.errors import DataError
from thalweg.linear import fit_elastic_net, fit_lasso
from thalweg.linear.paths.working_sets import outgrows_products

RANDOM = np.random.default_rng(0)
X = sparse.random_array((120, 50), density=0.2, rng=RANDOM, format="csr")
Y = X.toarray()[:, :3] @ [3.0, -2.0, 1.0] + 0.3 * RANDOM.normal(size=120)
FOLDS = np.arange(120) % 3


@pytest.mark.parametrize("standardise", [True, False])
@pytest.mark.parametrize("mixing", [1.0, 0.5])
def test_a_sparse_design_has_the_paths_of_the_same_numbers(mixing, standardise):
    settings = {"mixing": mixing, "folds": FOLDS, "penalties": 30, "tolerance": 1e-10, "standardise": standardise}
    thin, full = fit_elastic_net(X, Y, **settings), fit_elastic_net(X.toarray(), Y, **settings)
    np.testing.assert_allclose(thin.coefficients, full.coefficients, atol=1e-6)
    np.testing.assert_allclose(thin.errors, full.errors, rtol=1e-6)
    np.testing.assert_allclose(thin.intercepts, full.intercepts, atol=1e-6)
    assert thin.best == full.best
    assert thin.gaps.max() < 1e-9
    assert thin.error < 1e-2


def test_weights_repeat_rows_and_zeros_leave_them_out():
    weights = np.arange(120) % 4
    often = np.repeat(np.arange(120), weights)
    told = {"penalties": [0.05], "weights_kind": "frequency", "tolerance": 1e-12}
    once = fit_lasso(X, Y, weights=weights, folds=FOLDS, **told)
    repeated = fit_lasso(X.toarray()[often], Y[often], folds=FOLDS[often], penalties=[0.05], tolerance=1e-12)
    np.testing.assert_allclose(once.coefficients, repeated.coefficients, atol=1e-7)


def test_many_dense_columns_are_solved_as_scikit_learn_solves_them():
    wide = RANDOM.normal(size=(80, 1_200))
    y = wide[:, :4].sum(axis=1) + RANDOM.normal(size=80)
    assert outgrows_products(wide)
    found = fit_lasso(wide, y, folds=FOLDS[:80], standardise=False, penalties=20, tolerance=1e-9)
    splits = [(np.flatnonzero(FOLDS[:80] != f), np.flatnonzero(FOLDS[:80] == f)) for f in range(3)]
    theirs = LassoCV(alphas=found.penalties[0], cv=splits, tol=1e-9, max_iter=100_000).fit(wide, y)
    np.testing.assert_allclose(found.mean_error[0], theirs.mse_path_.mean(axis=1), rtol=1e-5)
    np.testing.assert_allclose(found.coefficients[found.best], theirs.coef_, atol=1e-5)


def test_a_number_that_is_missing_is_told():
    broken = X.copy()
    broken.data[3] = np.nan
    with pytest.raises(DataError, match="finite"):
        fit_lasso(broken, Y)
