import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from thalweg.base.errors import DataError, SettingError
from thalweg.linear import fit_logistic


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
