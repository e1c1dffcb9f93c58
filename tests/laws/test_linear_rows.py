"""Laws of rows: a weight is a repeated row, and the order of rows is nothing."""

import numpy as np
import pytest

from thalweg.linear import fit_least_squares, fit_logistic, fit_multinomial, fit_ridge

COUNT = 300
RANDOM = np.random.default_rng(5)
X = RANDOM.normal(size=(COUNT, 4))
SIGNAL = X @ [1.0, -1.0, 0.5, 0.0] + RANDOM.normal(size=COUNT)
WEIGHTS = RANDOM.integers(0, 4, COUNT)

FITS = {
    "least squares": (fit_least_squares, SIGNAL, {}),
    "ridge": (fit_ridge, SIGNAL, {"penalties": [0.1, 1.0, 10.0]}),
    "logistic": (fit_logistic, SIGNAL > 0, {}),
    "multinomial": (fit_multinomial, np.digitize(SIGNAL, [-1.0, 1.0]), {}),
}


@pytest.mark.parametrize("name", FITS)
def test_a_weight_is_a_repeated_row(name):
    fit, y, settings = FITS[name]
    weighed = fit(X, y, weights=WEIGHTS, **settings)
    repeated = fit(np.repeat(X, WEIGHTS, axis=0), np.repeat(y, WEIGHTS), **settings)
    np.testing.assert_allclose(weighed.coefficients, repeated.coefficients, rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(weighed.intercept, repeated.intercept, rtol=1e-8)


@pytest.mark.parametrize("name", FITS)
def test_the_order_of_rows_is_nothing(name):
    fit, y, settings = FITS[name]
    order = RANDOM.permutation(COUNT)
    plain, permuted = fit(X, y, **settings), fit(X[order], y[order], **settings)
    np.testing.assert_allclose(plain.coefficients, permuted.coefficients, rtol=1e-8, atol=1e-10)
