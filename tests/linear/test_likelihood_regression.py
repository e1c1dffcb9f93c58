import numpy as np
import pytest
import statsmodels.api as sm

from thalweg.base.errors import DataError, SettingError
from thalweg.linear import certify_likelihood, logistic_regression, multinomial_regression, poisson_regression

RANDOM = np.random.default_rng(4)
COUNT = 400
X = RANDOM.normal(size=(COUNT, 3)) * [1, 1e-4, 1e4]
ETA = 0.3 + X[:, 0] * 0.5
BINARY = (ETA + RANDOM.logistic(size=COUNT) > 0).astype(int)
COUNTS = RANDOM.poisson(np.exp(ETA))
CLUSTERS = np.arange(COUNT) // 10
MODELS = {
    "logistic": (logistic_regression, BINARY, sm.Logit),
    "Poisson": (poisson_regression, COUNTS, sm.Poisson),
}


@pytest.mark.parametrize("kind", ["classical", "HC0", "cluster"])
@pytest.mark.parametrize("name", MODELS)
def test_equals_statsmodels(name, kind):
    estimate, y, peer_of = MODELS[name]
    clusters = CLUSTERS if kind == "cluster" else None
    fit = estimate(X, y, covariance=kind, clusters=clusters)
    settings = {"cov_type": kind} if kind != "classical" else {}
    if kind == "cluster":
        settings["cov_kwds"] = {"groups": CLUSTERS}
    scale = np.array([1, 1, 1e-4, 1e4])  # the peer's Newton needs columns of like size
    peer = peer_of(y, sm.add_constant(X / scale[1:])).fit(disp=0, tol=1e-14, maxiter=100, **settings)
    np.testing.assert_allclose(fit.estimate, peer.params / scale, rtol=1e-7)
    stata = np.sqrt((COUNT - 4) / (COUNT - 1)) if kind == "cluster" else 1.0  # the peer has least squares' factor
    np.testing.assert_allclose(fit.bse, peer.bse / scale * stata, rtol=1e-8)
    if kind != "cluster":
        np.testing.assert_allclose(fit.pvalues, peer.pvalues, rtol=1e-6)
    np.testing.assert_allclose([fit.llf, fit.llnull, fit.aic], [peer.llf, peer.llnull, peer.aic], rtol=1e-9)
    np.testing.assert_allclose(fit.prsquared, peer.prsquared, rtol=1e-8)
    assert fit.certificate.verdict == "exact"


@pytest.mark.parametrize("name", MODELS)
def test_weights_repeat_rows(name):
    estimate, y, _ = MODELS[name]
    weights = RANDOM.integers(0, 3, COUNT)
    weighed = estimate(X, y, weights=weights, covariance="HC1", weights_kind="frequency")
    repeated = estimate(np.repeat(X, weights, axis=0), np.repeat(y, weights), covariance="HC1")
    np.testing.assert_allclose(weighed.estimate, repeated.estimate, rtol=1e-8)
    np.testing.assert_allclose(weighed.covariance, repeated.covariance, rtol=1e-7)


def test_softmax_of_two_classes_is_logistic():
    two = multinomial_regression(X, BINARY, covariance="HC1", classes=["no", "yes"])
    one = logistic_regression(X, BINARY, covariance="HC1")
    assert two.names[1] == "yes: x1"
    np.testing.assert_allclose(two.estimate, one.estimate, rtol=1e-8)
    np.testing.assert_allclose(two.covariance, one.covariance, rtol=1e-7)


LINE = np.linspace(-1, 1, 40)
MARK = (np.arange(COUNT) % 50 == 0).astype(float)


@pytest.mark.parametrize(
    ("estimate", "X", "y", "words"),
    [
        (logistic_regression, LINE[:, None], LINE > 0, "x1 separates the answers completely"),
        (
            logistic_regression,
            np.column_stack([X[:, 0], MARK]),
            np.where(MARK, 1, BINARY),
            "x2 separates .* in part",
        ),
        (
            poisson_regression,
            np.column_stack([X[:, 0], MARK]),
            np.where(MARK, 0, COUNTS),
            "x2 separates .* in part",
        ),
        (multinomial_regression, LINE[:, None], np.digitize(LINE, [-0.5, 0.5]), "x1 separates .* completely"),
    ],
)
def test_separation_is_detected_and_said(estimate, X, y, words):
    with pytest.raises(DataError, match=words):
        estimate(X, y)


def test_a_strong_effect_is_not_mistaken_for_separation():
    x = RANDOM.normal(size=4000)
    y = x * 8 + RANDOM.logistic(size=4000) > 0
    fit = logistic_regression(x[:, None], y)
    assert np.abs(fit.estimate[1] * x).max() > 12
    assert fit.certificate.separation == "none"


def test_a_separated_report_is_never_converged():
    certificate = certify_likelihood("logistic", LINE[:, None], (LINE > 0).astype(int), [40.0], 0.0)
    assert certificate.verdict == "not converged"
    assert "no finite maximum" in certificate.sentence()


def test_a_reported_poisson_solution_is_judged():
    fit = poisson_regression(X, COUNTS)
    moved = fit.estimate + 0.05 * fit.bse.to_numpy() * [0, 1, 0, 0]
    certificate = certify_likelihood("poisson", X, COUNTS, moved[1:], moved[0])
    assert certificate.worst_name == "x1"
    assert np.isclose(certificate.worst, 0.05, rtol=0.05)


def test_collinear_columns_are_left_out():
    fit = logistic_regression(np.column_stack([X, X[:, 0] * 3]), BINARY)
    assert fit.certificate.dropped == ("x4",)
    np.testing.assert_allclose(fit.estimate, logistic_regression(X, BINARY).estimate, rtol=1e-9)


@pytest.mark.parametrize(
    ("estimate", "y", "settings", "error", "words"),
    [
        (poisson_regression, -COUNTS, {}, DataError, "must not be negative"),
        (poisson_regression, COUNTS * 0, {}, DataError, "All counts are 0"),
        (logistic_regression, COUNTS, {}, DataError, "0 or 1"),
        (logistic_regression, BINARY, {"covariance": "HC3"}, SettingError, "least squares only"),
        (multinomial_regression, BINARY * 2, {}, DataError, "Class 1 has no rows"),
    ],
)
def test_wrong_input_is_named(estimate, y, settings, error, words):
    with pytest.raises(error, match=words):
        estimate(X, y, **settings)
