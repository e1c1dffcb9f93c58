import numpy as np
import pytest

from thalweg.base.errors import DataError, SettingError
from thalweg.linear import bootstrap, fit_multinomial, multinomial_population, multinomial_regression
from thalweg.linear.crowds.bootstrap import bootstrap_counts

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(900, 4)) * [1, 100, 0.01, 1] + 2
SCORES = (X - X.mean(axis=0)) / X.std(axis=0) @ RANDOM.normal(size=(4, 3))
CODES = (SCORES + RANDOM.gumbel(size=(900, 3))).argmax(axis=1)
COUNTS = bootstrap_counts(900, 5, 0)


def test_members_are_the_fits_alone():
    members = multinomial_population(X, CODES, COUNTS)
    assert set(members.status) == {"solved"}
    for p, weights in enumerate(COUNTS):
        alone = multinomial_regression(X, CODES, weights=weights)
        assert np.max(np.abs(members.table[p] - alone.estimate) / alone.bse.to_numpy()) < 1e-6
    np.testing.assert_allclose(members.coefficients.sum(axis=2), 0, atol=1e-9)


def test_ridge_members_are_the_ridge_fits():
    members = multinomial_population(X, CODES, np.ones((2, 900)), ridge=[1.0, 50.0])
    for p, ridge in enumerate([1.0, 50.0]):
        alone = fit_multinomial(X, CODES, ridge=ridge)
        np.testing.assert_allclose(members.coefficients[p], alone.coefficients, rtol=1e-5, atol=1e-8)


def test_members_unlike_the_crowd_get_their_own_newton():
    x = np.concatenate([np.linspace(-1, 1, 60), np.linspace(-1, 1, 60)])
    codes = np.where(np.arange(120) < 60, np.digitize(x, [-0.3, 0.3]), RANDOM.integers(0, 3, 120))
    separated = (np.arange(120) < 60).astype(float)
    without = (codes != 1).astype(float)
    members = multinomial_population(x[:, None], codes, [separated, np.ones(120), without])
    assert "separated" in members.status[0]
    assert members.status[1] == "solved"
    assert members.status[2] != "solved"
    whole = multinomial_regression(x[:, None], codes)
    np.testing.assert_allclose(members.table[1], whole.estimate, rtol=1e-6)


def test_a_class_without_rows_is_told_also_with_a_ridge():
    members = multinomial_population(X, CODES, [np.ones(900), (CODES != 2).astype(float)], ridge=1.0)
    assert members.status == ("solved", "class 2 has no rows")
    assert np.isfinite(members.coefficients).all()


def test_bootstrap_names_and_spreads_are_those_of_the_estimates():
    fit = bootstrap(X, CODES, model="softmax", replicates=150, names=list("abcd"))
    alone = multinomial_regression(X, CODES, names=list("abcd"), covariance="HC0")
    assert fit.names == alone.names
    np.testing.assert_allclose(fit.estimate, alone.estimate, rtol=1e-6)
    np.testing.assert_allclose(fit.standard_errors, alone.bse, rtol=0.3)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: multinomial_population(X, CODES, COUNTS, ridge=-1), SettingError, "ridge"),
        (lambda: multinomial_population(X, CODES + 0.5, COUNTS), DataError, "whole numbers"),
        (lambda: multinomial_population(X, CODES, COUNTS[:, :5]), DataError, "shape"),
    ],
)
def test_wrong_input_is_named(call, error, words):
    with pytest.raises(error, match=words):
        call()


def test_a_member_with_one_class_alone_is_told_apart():
    one = (CODES == 0).astype(float)
    members = multinomial_population(X, CODES, [np.ones(len(CODES)), one])
    assert members.status[0] == "solved"
    assert members.status[1] != "solved"
