import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from thalweg.base.errors import DataError, SettingError
from thalweg.linear import fit_logistic, fit_multinomial, ridge_classification


@pytest.mark.parametrize("ridge", [1.0, 0.01])
def test_equals_scikit_learn_after_standardisation(ridge):
    data = load_breast_cancer()
    fit = fit_logistic(data.data, data.target, ridge=ridge)
    Z = StandardScaler().fit_transform(data.data)
    peer = LogisticRegression(C=1 / ridge, solver="newton-cholesky", tol=1e-12).fit(Z, data.target)
    np.testing.assert_allclose(fit.coefficients * data.data.std(axis=0), peer.coef_[0], rtol=1e-6)
    np.testing.assert_allclose(fit.predict_probability(data.data), peer.predict_proba(Z)[:, 1], atol=1e-8)
    assert fit.converged
    assert fit.decrement < 1e-8


def test_separated_constant_and_repeated_columns_stay_finite():
    x = np.linspace(-1, 1, 50)
    X = np.column_stack([x, x, np.ones(50)])
    fit = fit_logistic(X, x > 0)
    assert fit.converged
    assert np.isclose(fit.coefficients[0], fit.coefficients[1])
    assert fit.coefficients[2] == 0
    assert (fit.predict(X) == (x > 0)).all()


@pytest.mark.parametrize(("y", "words"), [([0, 2], "0 or 1"), ([1, 1], "Both answers"), ([0, 0.5], "row 2")])
def test_wrong_answers_are_named(y, words):
    with pytest.raises(DataError, match=words):
        fit_logistic([[1.0], [2.0]], y)


def test_no_ridge_is_refused():
    with pytest.raises(SettingError, match="ridge"):
        fit_logistic([[1.0], [2.0]], [0, 1], ridge=0.0)


def test_classes_equal_scikit_learn_after_standardisation():
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
    monkeypatch.setattr(ridge_classification, "NEWTON_WORK", 0)
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


@pytest.mark.parametrize("scaled", [True, False])
def test_more_columns_than_rows_are_solved_among_the_rows(scaled):
    random = np.random.default_rng(3)
    X = random.normal(size=(30, 70)) * np.linspace(0.5, 2, 70)
    Z = X / X.std(axis=0) if scaled else X
    two, three = np.arange(30) % 2, np.arange(30) % 3
    peer = LogisticRegression(solver="newton-cg", tol=1e-12, max_iter=1000).fit(Z, two)
    fit = fit_logistic(X, two, scaled=scaled)
    np.testing.assert_allclose(fit.predict_probability(X), peer.predict_proba(Z)[:, 1], atol=1e-7)
    peer = LogisticRegression(solver="newton-cg", tol=1e-12, max_iter=1000).fit(Z, three)
    found = fit_multinomial(X, three, scaled=scaled)
    np.testing.assert_allclose(found.predict_probability(X), peer.predict_proba(Z), atol=1e-6)
