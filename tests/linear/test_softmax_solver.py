import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from thalweg.base.errors import DataError
from thalweg.linear import fit_logistic, fit_multinomial
from thalweg.linear import softmax_solver as multinomial


def test_equals_scikit_learn_after_standardisation():
    data = load_iris()
    fit = fit_multinomial(data.data, data.target)
    Z = StandardScaler().fit_transform(data.data)
    peer = LogisticRegression(tol=1e-12, max_iter=10_000).fit(Z, data.target)
    np.testing.assert_allclose(fit.coefficients * data.data.std(axis=0)[:, None], peer.coef_.T, atol=1e-5)
    assert (fit.predict(data.data) == peer.predict(Z)).all()
    np.testing.assert_allclose(fit.coefficients.sum(axis=1), 0, atol=1e-9)


def test_both_methods_find_the_same_minimum(monkeypatch):
    data = load_iris()
    newton = fit_multinomial(data.data, data.target)
    monkeypatch.setattr(multinomial, "NEWTON_WORK", 0)
    quasi = fit_multinomial(data.data, data.target)
    assert (newton.method, quasi.method) == ("Newton", "L-BFGS")
    assert newton.converged
    assert quasi.converged
    np.testing.assert_allclose(quasi.coefficients, newton.coefficients, atol=1e-5)


def test_two_classes_with_twice_the_ridge_are_logistic():
    random = np.random.default_rng(0)
    X = random.normal(size=(300, 4))
    y = X[:, 0] + random.logistic(size=300) > 0
    both = fit_multinomial(X, y, ridge=1.0)
    one = fit_logistic(X, y, ridge=0.5)
    np.testing.assert_allclose(both.coefficients[:, 1] - both.coefficients[:, 0], one.coefficients, rtol=1e-8)
    np.testing.assert_allclose(both.predict_probability(X)[:, 1], one.predict_probability(X), rtol=1e-8)


def test_a_class_without_rows_has_probability_zero():
    random = np.random.default_rng(0)
    X = random.normal(size=(60, 2))
    fit = fit_multinomial(X, np.arange(60) % 2 * 2, classes=4)
    probability = fit.predict_probability(X)
    assert probability.shape == (60, 4)
    assert not probability[:, [1, 3]].any()
    np.testing.assert_allclose(probability.sum(axis=1), 1)


@pytest.mark.parametrize(("codes", "words"), [([0, -1], "row 2"), ([0, 0.5], "whole"), ([0, 0], "two classes")])
def test_wrong_codes_are_named(codes, words):
    with pytest.raises(DataError, match=words):
        fit_multinomial([[1.0], [2.0]], codes)
