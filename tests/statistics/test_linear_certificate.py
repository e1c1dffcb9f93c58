"""The certificate against the truth: predicted optimisation error and real distance, in standard errors."""

import numpy as np
import pytest

from thalweg.linear import (
    certify_least_squares,
    certify_likelihood,
    fit_elastic_net,
    logistic_regression,
    regress,
)

CASES = [
    (model, spread, correlation, steps)
    for model in ("least squares", "logistic")
    for spread in (0.0, 1.0, 2.0)
    for correlation in (0.9, 0.99)
    for steps in (20, 200)
]


def unfinished(model, X, y, steps):
    """Gradient descent, step 1 / L, stopped early: what a careless optimiser reports."""
    A = np.column_stack([np.ones(len(X)), X])
    bound = np.linalg.norm(A, 2) ** 2 * (0.25 if model == "logistic" else 1.0)
    theta = np.zeros(A.shape[1])
    for _ in range(steps):
        fitted = A @ theta
        if model == "logistic":
            fitted = 1 / (1 + np.exp(-fitted))
        theta += A.T @ (y - fitted) / bound
    return theta


@pytest.mark.parametrize(("model", "spread", "correlation", "steps"), CASES)
def test_predicted_error_is_within_a_factor_of_two_of_the_truth(model, spread, correlation, steps):
    random = np.random.default_rng(int(100 * correlation + 10 * spread))
    common = random.normal(size=(2000, 1))
    X = np.sqrt(1 - correlation) * random.normal(size=(2000, 6)) + np.sqrt(correlation) * common
    eta = X @ random.normal(size=6) * 0.4
    X = X * np.logspace(-spread / 2, spread / 2, 6)
    if model == "logistic":
        y = (eta + random.logistic(size=2000) > 0).astype(float)
        best, certify = logistic_regression(X, y), certify_likelihood
    else:
        y = eta + random.normal(size=2000)
        best, certify = regress(X, y), None
    theta = unfinished(model, X, y, steps)
    if certify is None:
        certificate = certify_least_squares(X, y, theta[1:], theta[0])
    else:
        certificate = certify_likelihood("logistic", X, y, theta[1:], theta[0])
    truth = np.max(np.abs(theta - best.estimate) / best.bse.to_numpy())
    assert truth > 1e-8  # far above rounding, or there is nothing to predict
    assert truth / 2 <= certificate.worst <= 2 * truth
    assert certificate.worst <= certificate.decrement * (1 + 1e-9)


@pytest.mark.parametrize("correlation", [0.5, 0.9, 0.99])
@pytest.mark.parametrize("tolerance", [1e-2, 1e-3, 1e-4])
def test_estimated_error_of_an_elastic_net_is_within_a_factor_of_two_of_the_truth(correlation, tolerance):
    random = np.random.default_rng(1)
    X = np.sqrt(1 - correlation) * random.normal(size=(1000, 30))
    X += np.sqrt(correlation) * random.normal(size=(1000, 1))
    y = X[:, :5].sum(axis=1) + 2 * random.normal(size=1000)
    settings = {"mixing": [0.5, 1.0], "penalties": [0.05], "folds": 5}
    rough = fit_elastic_net(X, y, tolerance=tolerance, **settings)
    sharp = fit_elastic_net(X, y, tolerance=1e-15, **settings)
    moved = (X - X.mean(axis=0)) @ (rough.coefficients - sharp.coefficients)[rough.best]
    truth = np.sqrt(moved @ moved / rough.mean_error[rough.best])
    assert truth > 1e-3
    assert truth / 2 <= rough.error <= 2 * truth
    assert truth <= rough.decrement[rough.best]
