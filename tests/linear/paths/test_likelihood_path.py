import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression, PoissonRegressor

from thalweg.base.errors import DataError
from thalweg.linear import fit_logistic_path, fit_multinomial_path, fit_poisson_path

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(400, 4)) * [1, 10, 0.1, 1] + 3
Z = (X - X.mean(axis=0)) / X.std(axis=0)
ETA = 0.6 * Z[:, 0] - 0.4 * Z[:, 1]
ANSWERS = {
    fit_logistic_path: (ETA + RANDOM.logistic(size=400) > 0).astype(float),
    fit_poisson_path: RANDOM.poisson(np.exp(0.3 + ETA)).astype(float),
    fit_multinomial_path: (np.outer(ETA, [0, 1, -1]) + RANDOM.gumbel(size=(400, 3))).argmax(axis=1).astype(float),
}
FOLDS = np.arange(400) % 4
RIDGES = [0.5, 20.0, 800.0]


@pytest.mark.parametrize("fit", ANSWERS)
def test_weights_count_rows(fit):
    y, weights = ANSWERS[fit], RANDOM.integers(0, 4, 400)
    rows = np.repeat(np.arange(400), weights)
    weighted = fit(X, y, weights=weights, weights_kind="frequency", ridges=RIDGES, folds=FOLDS)
    repeated = fit(X[rows], y[rows], ridges=RIDGES, folds=FOLDS[rows])
    np.testing.assert_allclose(weighted.coefficients, repeated.coefficients, rtol=1e-5, atol=1e-7)
    np.testing.assert_allclose(weighted.errors, repeated.errors, rtol=1e-6)
    assert set(weighted.status) == {"solved"}


@pytest.mark.parametrize("fit", [fit_poisson_path, fit_multinomial_path])
def test_paths_are_those_of_scikit_learn(fit):
    y = ANSWERS[fit]
    path = fit(Z, y, ridges=RIDGES, folds=FOLDS)
    for position, ridge in enumerate(path.ridges):
        if fit is fit_poisson_path:
            peer = PoissonRegressor(alpha=ridge / 400, solver="newton-cholesky", tol=1e-12).fit(Z, y)
        else:
            peer = LogisticRegression(C=1 / ridge, solver="newton-cholesky", tol=1e-12).fit(Z, y)
        np.testing.assert_allclose(path.coefficients[position], peer.coef_.T, atol=1e-6)


@pytest.mark.parametrize("fit", ANSWERS)
def test_a_training_set_that_lacks_answers_is_refused(fit):
    with pytest.raises(DataError, match="Without fold 0"):
        fit(X[:6], [0, 0, 1, 1, 2, 2] if fit is fit_multinomial_path else [0, 0, 0, 0, 1, 1], folds=[1, 1, 1, 1, 0, 0])


def test_a_fold_without_weight_is_no_fold():
    path = fit_poisson_path(X, ANSWERS[fit_poisson_path], weights=(FOLDS != 2).astype(float), folds=FOLDS)
    assert path.errors.shape[1] == len(np.unique(FOLDS)) - 1
