import numpy as np
import pytest

from thalweg.base.errors import DataError, SettingError
from thalweg.linear import (
    bootstrap,
    fit_logistic,
    fit_logistic_path,
    least_squares_population,
    likelihood_population,
    logistic_regression,
    poisson_regression,
    regress,
)
from thalweg.linear.crowds.bootstrap import bootstrap_counts

RANDOM = np.random.default_rng(0)
COUNT = 2400
WIDE = RANDOM.normal(size=(COUNT, 50)) * np.logspace(-2, 2, 50) + 5
SIGNAL = WIDE[:, 20] - WIDE[:, 25] / WIDE[:, 25].std() + RANDOM.normal(size=COUNT)
COUNTS = bootstrap_counts(COUNT, 6, 0)


@pytest.mark.parametrize("width", [5, 50])  # exact cross products, and chord steps
def test_least_squares_members_are_the_fits_alone(width):
    members = least_squares_population(WIDE[:, :width], SIGNAL, COUNTS)
    for p, weights in enumerate(COUNTS):
        alone = regress(WIDE[:, :width], SIGNAL, weights=weights)
        assert np.max(np.abs(members.table[p] - alone.estimate) / alone.bse.to_numpy()) < 1e-6
    assert set(members.status) == {"solved"}


@pytest.mark.parametrize(("model", "alone"), [("logistic", logistic_regression), ("poisson", poisson_regression)])
def test_likelihood_members_are_the_fits_alone(model, alone):
    X = WIDE[:, 18:24]
    eta = 0.5 * (SIGNAL - SIGNAL.mean()) / SIGNAL.std()
    y = RANDOM.poisson(np.exp(eta)) if model == "poisson" else eta + RANDOM.logistic(size=COUNT) > 0
    members = likelihood_population(model, X, y, COUNTS)
    for p, weights in enumerate(COUNTS):
        fit = alone(X, y, weights=weights)
        distance = np.abs(members.table[p] - fit.estimate) / fit.bse.to_numpy()
        assert distance.max() < 1e-6  # standard errors


def test_a_crowd_does_not_change_a_member():
    y = SIGNAL.mean() < SIGNAL
    crowd = likelihood_population("logistic", WIDE[:, 18:24], y, COUNTS)
    pair = likelihood_population("logistic", WIDE[:, 18:24], y, COUNTS[2:4])
    np.testing.assert_allclose(crowd.table[2:4], pair.table, rtol=1e-7)


def test_members_unlike_the_crowd_get_their_own_newton():
    x = np.concatenate([np.linspace(-1, 1, 40), np.linspace(-1, 1, 40)])
    noise = np.random.default_rng(1).logistic(size=80)
    y = np.where(np.arange(80) < 40, x > 0, x + noise > 0).astype(float)
    separated, whole = (np.arange(80) < 40).astype(float), np.ones(80)
    members = likelihood_population("logistic", x[:, None], y, [separated, whole])
    assert "separated" in members.status[0]
    assert members.status[1] == "solved"
    np.testing.assert_allclose(members.table[1], logistic_regression(x[:, None], y).estimate, rtol=1e-6)


def test_a_member_that_loses_a_column_is_told():
    dummy = (np.arange(COUNT) < 30).astype(float)
    weights = np.vstack([np.ones(COUNT), 1 - dummy])
    members = least_squares_population(np.column_stack([WIDE[:, :3], dummy]), SIGNAL, weights)
    assert members.status == ("solved", "1 collinear columns set to 0")
    assert members.coefficients[1, 3] == 0


def test_ridge_members_are_the_ridge_fits():
    y = SIGNAL.mean() < SIGNAL
    members = likelihood_population("logistic", WIDE[:, 18:24], y, np.ones((2, COUNT)), ridge=[1.0, 30.0])
    for p, ridge in enumerate([1.0, 30.0]):
        np.testing.assert_allclose(
            members.coefficients[p], fit_logistic(WIDE[:, 18:24], y, ridge=ridge).coefficients, rtol=1e-6
        )


def test_bootstrap_agrees_with_robust_standard_errors():
    X = WIDE[:, 18:22]
    fit = bootstrap(X, SIGNAL, replicates=400, names=list("abcd"))
    robust = regress(X, SIGNAL, covariance="HC0")
    np.testing.assert_allclose(fit.estimate, robust.estimate, rtol=1e-8)
    np.testing.assert_allclose(fit.standard_errors, robust.bse, rtol=0.15)
    assert list(fit.frame()["term"]) == ["Intercept", *"abcd"]
    assert (fit.interval()[:, 0] < fit.estimate).all()
    assert (fit.estimate < fit.interval()[:, 1]).all()


def test_a_replicate_does_not_depend_on_how_many_there_are():
    np.testing.assert_array_equal(bootstrap_counts(50, 3, 7), bootstrap_counts(50, 9, 7)[:3])


def test_whole_clusters_are_drawn():
    clusters = np.repeat(np.arange(30), 4)
    counts = bootstrap_counts(120, 5, 0, clusters=clusters)
    assert (counts.reshape(5, 30, 4) == counts.reshape(5, 30, 4)[:, :, :1]).all()
    X, y = WIDE[:120, :2], SIGNAL[:120]
    fit = bootstrap(X, y, clusters=clusters, replicates=50)
    assert fit.replicates.shape == (50, 3)


@pytest.mark.parametrize("model", ["logistic", "poisson"])
def test_bootstrap_of_likelihoods(model):
    y = (SIGNAL.mean() < SIGNAL).astype(float)
    fit = bootstrap(WIDE[:, 18:22], y, model=model, replicates=100)
    alone = logistic_regression if model == "logistic" else poisson_regression
    np.testing.assert_allclose(fit.standard_errors, alone(WIDE[:, 18:22], y, covariance="HC0").bse, rtol=0.3)
    assert not fit.failed


def test_separated_rows_cannot_be_resampled():
    x = np.linspace(-1, 1, 60)
    with pytest.raises(DataError, match="cannot be resampled"):
        bootstrap(x[:, None], x > 0, model="logistic", replicates=20)


def test_logistic_paths_choose_by_held_out_loss():
    y = (SIGNAL + 4 * RANDOM.logistic(size=COUNT) > SIGNAL.mean()).astype(float)
    labels = np.arange(COUNT) % 4
    X = (WIDE - WIDE.mean(axis=0)) / WIDE.std(axis=0)
    path = fit_logistic_path(X, y, ridges=[1.0, 100.0, 3000.0], folds=labels)
    assert set(path.status) == {"solved"}
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import log_loss

    for position, ridge in enumerate(path.ridges):
        for k in range(4):
            model = LogisticRegression(C=1 / ridge, solver="newton-cholesky", tol=1e-10)
            model.fit(X[labels != k], y[labels != k])
            loss = log_loss(y[labels == k], model.predict_proba(X[labels == k]))
            assert np.isclose(path.errors[position, k], loss, rtol=1e-7)
    assert path.best == int(path.errors.mean(axis=1).argmin())


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: least_squares_population([[1.0], [2.0]], [1, 2], [[1.0]]), DataError, "shape"),
        (lambda: least_squares_population([[1.0], [2.0]], [1, 2], [[0.0, 0.0]]), DataError, "All weights of member"),
        (
            lambda: likelihood_population("logistic", [[1.0], [2.0]], [0, 1], [[1, 1]], ridge=-1.0),
            SettingError,
            "ridge",
        ),
        (lambda: fit_logistic_path([[1.0], [2.0], [3.0]], [0, 1, 1], ridges=[0.0]), SettingError, "positive"),
        (lambda: fit_logistic_path([[1.0], [2.0], [3.0]], [0, 1, 1], folds=3), DataError, "only one class"),
    ],
)
def test_wrong_input_is_named(call, error, words):
    with pytest.raises(error, match=words):
        call()


@pytest.mark.parametrize("model", ["logistic", "poisson"])
def test_an_outlier_is_no_separation(model):
    random = np.random.default_rng(0)
    x = np.append(random.normal(size=299), 60.0)  # fitted values beyond what answers can tell, yet a maximum exists
    y = (x + random.logistic(size=300) > 0).astype(float)
    y = y if model == "logistic" else random.poisson(np.exp(np.minimum(0.6 * x, 36.0)))
    members = likelihood_population(model, x[:, None], y, np.ones((1, 300)))
    alone = logistic_regression if model == "logistic" else poisson_regression
    assert members.status == ("solved",)
    np.testing.assert_allclose(members.table[0], alone(x[:, None], y).estimate, rtol=1e-6)
