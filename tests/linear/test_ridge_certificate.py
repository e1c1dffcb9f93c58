import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression, Ridge

from thalweg.base.errors import DataError, SettingError
from thalweg.linear import certify_ridge, fit_logistic, fit_multinomial, fit_ridge

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(500, 5)) @ RANDOM.normal(size=(5, 5)) * [1, 10, 0.1, 1, 1]
Z = (X - X.mean(axis=0)) / X.std(axis=0)
NUMBERS = Z[:, 0] - Z[:, 1] + RANDOM.normal(size=500)
BINARY = (NUMBERS > 0.3).astype(float)
CODES = np.digitize(NUMBERS + RANDOM.normal(size=500), [-0.5, 0.8])
FITS = {
    "ols": lambda: fit_ridge(X, NUMBERS, penalties=[3.0]),
    "logistic": lambda: fit_logistic(X, BINARY, ridge=3.0),
    "softmax": lambda: fit_multinomial(X, CODES, ridge=3.0),
}
ANSWERS = {"ols": NUMBERS, "logistic": BINARY, "softmax": CODES}


@pytest.mark.parametrize("model", FITS)
def test_our_own_fits_are_exact(model):
    fit = FITS[model]()
    certificate = certify_ridge(model, X, ANSWERS[model], fit.coefficients, fit.intercept, 3.0, names=list("abcde"))
    assert certificate.verdict == "exact"
    assert (certificate.rank, certificate.columns, certificate.separation) == (6, 6, "none")
    assert certificate.condition > 1


@pytest.mark.parametrize("model", FITS)
@pytest.mark.parametrize("shift", [1e-4, 3e-2])
def test_the_distance_from_the_optimum_is_told_in_standard_errors(model, shift):
    fit = FITS[model]()
    moved = fit.coefficients.copy()
    moved[2] += shift * np.linspace(1, -1, moved[2].size) if moved.ndim == 2 else shift
    told = certify_ridge(model, X, ANSWERS[model], moved, fit.intercept, 3.0, names=list("abcde"))
    peer = certify_ridge(model, X, ANSWERS[model], fit.coefficients, fit.intercept, 3.0)
    assert peer.decrement < 1e-6 < told.decrement
    assert "c" in told.worst_name
    assert told.worst <= told.decrement * (1 + 1e-9)
    twice = certify_ridge(model, X, ANSWERS[model], 2 * moved - fit.coefficients, fit.intercept, 3.0)
    assert twice.decrement == pytest.approx(2 * told.decrement, rel=0.05)


def test_a_ridge_of_squares_moved_by_one_standard_error_says_one():
    fit = FITS["ols"]()
    A = np.column_stack([np.ones(500), Z])
    hessian = A.T @ A + np.diag([0, 3, 3, 3, 3, 3])
    residuals = NUMBERS - fit.predict(X)
    error = np.sqrt(residuals @ residuals / 494 * np.linalg.inv(hessian)[3, 3])
    moved = fit.coefficients.copy()
    moved[2] += error / X[:, 2].std()
    assert certify_ridge("ols", X, NUMBERS, moved, fit.intercept, 3.0).worst == pytest.approx(1, rel=0.01)


def test_scikit_learn_is_judged_too():
    ridge = Ridge(alpha=3.0).fit(Z, NUMBERS)
    assert certify_ridge("ols", Z, NUMBERS, ridge.coef_, ridge.intercept_, 3.0).verdict == "exact"
    rough = LogisticRegression(C=1 / 3, tol=1e-2).fit(Z, CODES)
    sharp = LogisticRegression(C=1 / 3, tol=1e-12, max_iter=1000).fit(Z, CODES)
    judged = [certify_ridge("softmax", Z, CODES, fit.coef_.T, fit.intercept_, 3.0).decrement for fit in (rough, sharp)]
    assert judged[0] > 100 * judged[1]


def test_without_the_hessian_the_decrement_is_the_same(monkeypatch):
    rough = LogisticRegression(C=1 / 3, tol=1e-2).fit(Z, CODES)
    whole = certify_ridge("softmax", Z, CODES, rough.coef_.T, rough.intercept_, 3.0)
    monkeypatch.setattr("thalweg.linear.ridge_certificate.NEWTON_WORK", 0)
    free = certify_ridge("softmax", Z, CODES, rough.coef_.T, rough.intercept_, 3.0)
    assert free.decrement == pytest.approx(whole.decrement, rel=1e-3)
    assert free.decrement > 1e-3


def test_separation_is_named_and_does_not_spoil_a_ridge():
    x = np.linspace(-1, 1, 60)[:, None]
    fit = fit_logistic(x, x[:, 0] > 0)
    told = certify_ridge("logistic", x, x[:, 0] > 0, fit.coefficients, fit.intercept, 1.0)
    assert told.verdict == "exact"
    assert "separate" in told.separation
    assert "ridge alone" in told.sentence()
    codes = np.digitize(x[:, 0], [-0.3, 0.3])
    classes = fit_multinomial(x, codes)
    assert "x1 separates" in certify_ridge("softmax", x, codes, classes.coefficients, classes.intercept, 1).separation


def test_collinear_and_constant_columns_lower_the_rank():
    design = np.column_stack([X, X[:, 0] + X[:, 1], np.ones(500)])
    fit = fit_ridge(design, NUMBERS, penalties=[3.0])
    told = certify_ridge("ols", design, NUMBERS, fit.coefficients, fit.intercept, 3.0)
    assert (told.rank, told.columns, told.verdict) == (6, 8, "exact")


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"ridge": -1.0}, SettingError, "ridge"),
        ({"model": "probit"}, SettingError, "model"),
        ({"coefficients": np.ones(4)}, DataError, "5 columns"),
        ({"coefficients": np.full(5, np.nan)}, DataError, "not finite"),
    ],
)
def test_wrong_input_is_named(change, error, words):
    given = {"model": "logistic", "X": X, "y": BINARY, "coefficients": np.ones(5), "intercept": 0.0, "ridge": 1.0}
    with pytest.raises(error, match=words):
        certify_ridge(**(given | change))


@pytest.mark.parametrize("model", ["ols", "logistic", "softmax"])
def test_certificates_of_more_columns_than_rows_are_those_of_all_columns(model, monkeypatch):
    random = np.random.default_rng(2)
    X = random.normal(size=(12, 15))
    y = {"ols": random.normal(size=12), "logistic": np.arange(12) % 2, "softmax": np.arange(12) % 3}[model]
    shape = (15, 3) if model == "softmax" else (15,)
    reported = 0.1 * random.normal(size=shape)
    constant = np.zeros(3) if model == "softmax" else 0.0
    few = certify_ridge(model, X, y, reported, constant, 2.0, scaled=False)
    monkeypatch.setattr("thalweg.linear.ridge_certificate.is_wide", lambda _: False)
    all_columns = certify_ridge(model, X, y, reported, constant, 2.0, scaled=False)
    assert few.decrement == pytest.approx(all_columns.decrement, rel=1e-8)
    assert few.worst == pytest.approx(all_columns.worst, rel=1e-8)
    assert few.worst_name == all_columns.worst_name
    assert few.rank == all_columns.rank
