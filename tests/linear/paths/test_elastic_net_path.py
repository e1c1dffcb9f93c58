import numpy as np
import pytest
import torch
from sklearn.datasets import load_diabetes
from sklearn.linear_model import ElasticNet, ElasticNetCV, Lasso, LassoCV
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from thalweg.base.errors import DataError, SettingError
from thalweg.linear import (
    CoordinateDescent,
    Fista,
    fit_elastic_net,
    fit_lasso,
    fit_least_squares,
    lasso_stability,
    regress,
    rss_penalties,
)
from thalweg.linear.paths.elastic_net_path import choose

DATA = load_diabetes()
X, Y = DATA.data * np.logspace(0, 2, 10), DATA.target
LABELS = np.random.default_rng(0).integers(0, 5, len(Y))
SPLITS = [(np.flatnonzero(k != LABELS), np.flatnonzero(k == LABELS)) for k in range(5)]


def test_without_standardising_it_is_scikit_learns_lasso_cv():
    fit = fit_lasso(X, Y, folds=LABELS, standardise=False)
    peer = LassoCV(alphas=100, cv=SPLITS).fit(X, Y)
    np.testing.assert_allclose(fit.penalties[0], peer.alphas_, rtol=1e-12)
    np.testing.assert_allclose(fit.errors[0], peer.mse_path_, rtol=1e-10)
    assert np.isclose(fit.penalties[fit.best], peer.alpha_, rtol=1e-12)
    sharp = fit_lasso(X, Y, folds=LABELS, standardise=False, penalties=[peer.alpha_], tolerance=1e-14)
    peer = Lasso(peer.alpha_, tol=1e-14, max_iter=100_000).fit(X, Y)
    np.testing.assert_allclose(sharp.coefficients[0, 0], peer.coef_, rtol=1e-6)
    np.testing.assert_allclose(sharp.predict(X), peer.predict(X), rtol=1e-8)


def test_without_standardising_it_is_scikit_learns_elastic_net_cv():
    ratios = [0.2, 0.5, 0.9]
    fit = fit_elastic_net(X, Y, mixing=ratios, folds=LABELS, standardise=False, penalties=30)
    peer = ElasticNetCV(l1_ratio=ratios, alphas=30, cv=SPLITS).fit(X, Y)
    np.testing.assert_allclose(fit.errors, peer.mse_path_, rtol=1e-10)
    assert np.isclose(fit.mixing[fit.best[0]], peer.l1_ratio_)
    assert np.isclose(fit.penalties[fit.best], peer.alpha_, rtol=1e-12)


def test_standardising_anew_in_every_fold_is_a_scikit_learn_pipeline():
    alphas = [0.1, 1.0, 5.0]
    fit = fit_elastic_net(X, Y, mixing=0.5, penalties=alphas, folds=LABELS, tolerance=1e-10)
    model = make_pipeline(StandardScaler(), ElasticNet(l1_ratio=0.5, tol=1e-10, max_iter=100_000))
    grid = {"elasticnet__alpha": alphas}
    peer = GridSearchCV(model, grid, cv=SPLITS, scoring="neg_mean_squared_error").fit(X, Y)
    np.testing.assert_allclose(fit.mean_error[0, ::-1], -peer.cv_results_["mean_test_score"], rtol=1e-6)


def test_weights_repeat_rows():
    weights = np.random.default_rng(1).integers(1, 3, len(Y))
    settings = {"penalties": 10, "tolerance": 1e-10}
    weighed = fit_lasso(X, Y, weights=weights, folds=LABELS, **settings)
    repeated = fit_lasso(
        np.repeat(X, weights, axis=0), np.repeat(Y, weights), folds=np.repeat(LABELS, weights), **settings
    )
    np.testing.assert_allclose(weighed.errors, repeated.errors, rtol=1e-8)
    np.testing.assert_allclose(weighed.coefficients, repeated.coefficients, rtol=1e-6, atol=1e-9)


def test_both_solvers_meet_below_their_gaps():
    settings = {"mixing": [0.5, 1.0], "penalties": 20, "folds": LABELS, "tolerance": 1e-9}
    one = fit_elastic_net(X, Y, **settings)
    two = fit_elastic_net(X, Y, solver=Fista(), **settings)
    assert max(one.gaps.max(), two.gaps.max(), one.fold_gap, two.fold_gap) <= 1e-9
    np.testing.assert_allclose(one.errors, two.errors, rtol=1e-3)


def test_threads_change_nothing():
    one = fit_lasso(X, Y, folds=LABELS)
    four = fit_lasso(X, Y, folds=LABELS, solver=CoordinateDescent(threads=4))
    np.testing.assert_array_equal(one.coefficients, four.coefficients)
    np.testing.assert_array_equal(one.errors, four.errors)


@pytest.mark.cuda
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_fista_on_a_cuda_device():
    settings = {"penalties": 20, "folds": LABELS, "tolerance": 1e-9}
    here = fit_lasso(X, Y, solver=Fista(), **settings)
    there = fit_lasso(X, Y, solver=Fista("cuda"), **settings)
    np.testing.assert_allclose(there.errors, here.errors, rtol=1e-4)


def test_orthonormal_columns_are_soft_thresholded():
    Q = np.linalg.qr(np.random.default_rng(2).normal(size=(60, 4)))[0]
    Q = np.linalg.qr(Q - Q.mean(axis=0))[0]
    y = Q @ [5.0, -3.0, 1.0, 0.1]
    alpha = 2.0 / 60
    fit = fit_lasso(Q, y, penalties=[alpha], standardise=False, folds=3, tolerance=1e-14)
    np.testing.assert_allclose(fit.coefficients[0, 0], [3.0, -1.0, 0.0, 0.0], atol=1e-9)
    np.testing.assert_allclose(rss_penalties(alpha, 1.0, 60), [4.0, 0.0])  # λ/2 = 2 is the threshold


def test_the_ends_of_the_path():
    fit = fit_lasso(X, Y, folds=5)
    assert fit.nonzero[0, 0] == 0
    end = fit_lasso(X, Y, penalties=[1e-9], folds=5, tolerance=1e-12)
    np.testing.assert_allclose(end.coefficients[0, 0], fit_least_squares(X, Y).coefficients, rtol=1e-3)


def test_the_simpler_model_within_one_standard_error():
    fit = fit_lasso(X, Y, folds=10, repeats=2)
    assert fit.errors.shape == (1, 100, 20)
    q, one = fit.one_se
    _, best = fit.best
    assert one <= best
    limit = fit.mean_error[q, best] + fit.standard_error[q, best]
    assert fit.mean_error[q, one] <= limit < fit.mean_error[q, one - 1]
    assert not np.array_equal(fit.predict(X), fit.predict(X, rule="one_se"))
    assert choose(np.array([[[2.0, 2.0], [1.0, 1.0]]])) == ((0, 1), (0, 1))


@pytest.mark.parametrize("tolerance", [1e-3, 1e-5, 1e-8])
def test_the_optimisation_error_is_bounded_in_standard_errors(tolerance):
    settings = {"mixing": [0.5, 1.0], "folds": 5, "penalties": [0.5, 5.0]}
    rough = fit_elastic_net(X, Y, tolerance=tolerance, **settings)
    sharp = fit_elastic_net(X, Y, tolerance=1e-15, **settings)
    errors = regress(X, Y).bse.to_numpy()[1:]
    truth = np.max(np.abs(rough.coefficients - sharp.coefficients) / errors, axis=2)
    assert (truth <= 1.05 * rough.decrement + 1e-6).all()
    if (np.sign(rough.coefficients[rough.best]) == np.sign(sharp.coefficients[rough.best])).all():
        assert truth[rough.best] <= 1.05 * rough.error + 1e-6
    assert "standard errors" in rough.sentence()


def test_a_constant_column_and_collinear_columns_stay_finite():
    wide = np.column_stack([X, np.ones(len(Y)), X[:, 0] * 2])
    fit = fit_lasso(wide, Y, folds=5, penalties=10)
    assert np.isfinite(fit.coefficients).all()
    assert not fit.coefficients[:, :, 10].any()


def test_stability_of_a_strong_and_an_idle_column():
    random = np.random.default_rng(3)
    Z = random.normal(size=(200, 3))
    y = Z[:, 0] + random.normal(size=200)
    found = lasso_stability(Z, y, 0.1, replicates=100)
    assert found.kept[0] == 1
    assert found.kept[1:].max() < 0.9
    low, high = found.interval()[0]
    assert low < found.estimate[0] < high < 1.2
    assert "not confidence intervals" in found.warning


@pytest.mark.parametrize(
    ("settings", "error", "words"),
    [
        ({"mixing": 0.0}, SettingError, "mixing"),
        ({"solver": CoordinateDescent(threads=0)}, SettingError, "threads"),
        ({"folds": 1}, SettingError, "folds"),
        ({"folds": [0, 1]}, DataError, "Fold labels"),
        ({"folds": np.zeros(len(Y))}, DataError, "two folds"),
        ({"tolerance": 0.0}, SettingError, "tolerance"),
    ],
)
def test_wrong_settings_are_named(settings, error, words):
    with pytest.raises(error, match=words):
        fit_elastic_net(X, Y, **settings)
