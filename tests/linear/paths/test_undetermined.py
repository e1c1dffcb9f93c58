import numpy as np
from sklearn.linear_model import Ridge
from sklearn.preprocessing import StandardScaler

from thalweg.linear.paths.undetermined import undetermined_estimates


def test_coefficients_are_those_of_the_ridge_that_predicts_rows_left_out_best():
    X = np.random.default_rng(0).normal(size=(20, 30))
    y = X[:, 0] + 0.3 * np.random.default_rng(1).normal(size=20)
    fit = undetermined_estimates(X, y)
    penalty = float(fit.model.rpartition(" ")[2])
    theirs = Ridge(alpha=penalty).fit(StandardScaler().fit_transform(X), y)
    np.testing.assert_allclose(fit.estimate[1:], theirs.coef_ / X.std(axis=0), rtol=0.02)  # the penalty is rounded
    assert np.isnan(fit.covariance).all()
    assert fit.certificate.verdict == "exact"


def test_rows_of_weight_zero_are_no_rows():
    X, y = np.random.default_rng(0).normal(size=(12, 15)), np.random.default_rng(1).normal(size=12)
    less = undetermined_estimates(X[:10], y[:10])
    zero = undetermined_estimates(X, y, weights=np.append(np.ones(10), [0, 0]))
    np.testing.assert_allclose(zero.estimate, less.estimate, rtol=1e-9)
    assert zero.nobs == 10
