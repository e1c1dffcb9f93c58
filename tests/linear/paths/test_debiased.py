import numpy as np
import pytest
from sklearn.linear_model import Lasso

from thalweg.base.errors import DataError, SettingError
from thalweg.linear import debiased_lasso, fit_lasso, regress

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(120, 150)) * np.logspace(-1, 1, 150) + 2
Y = 30 * X[:, 4] + RANDOM.normal(size=120)
NAMES = [f"c{j}" for j in range(150)]


def test_the_correction_is_that_of_its_definition():
    fit = debiased_lasso(X, Y, names=NAMES, columns=["c4", "c9"], penalty=0.1)
    Z = (X - X.mean(axis=0)) / X.std(axis=0)
    lasso = Lasso(0.1, tol=1e-10, max_iter=100_000).fit(Z, Y)
    residuals = Y - lasso.predict(Z)
    sigma = np.sqrt(residuals @ residuals / (120 - np.count_nonzero(lasso.coef_) - 1))
    assert fit.noise == pytest.approx(sigma, rel=1e-3)
    for place, j in enumerate([4, 9]):
        others = np.delete(np.arange(150), j)
        scale, tau = 0.25 * np.sqrt(2 * np.log(150) / 120), 1.0
        for _ in range(30):  # the fixed point itself, where the product takes the nearest penalty of a grid
            node = Lasso(scale * tau, tol=1e-8, max_iter=100_000).fit(Z[:, others], Z[:, j])
            z = Z[:, j] - node.predict(Z[:, others])
            tau = np.sqrt(z @ z / 120)
        estimate = (lasso.coef_[j] + z @ residuals / (z @ Z[:, j])) / X[:, j].std()
        error = sigma * np.linalg.norm(z) / abs(z @ Z[:, j]) / X[:, j].std()
        assert abs(fit.estimate[place] - estimate) < 0.3 * error
        assert fit.standard_errors[place] == pytest.approx(error, rel=0.05)


def test_with_few_columns_and_many_rows_it_is_nearly_least_squares():
    design = RANDOM.normal(size=(20_000, 5))
    y = design @ [1.0, 0.0, -0.5, 0.0, 2.0] + RANDOM.normal(size=20_000)
    fit, exact = debiased_lasso(design, y), regress(design, y)
    assert np.abs(fit.estimate - exact.estimate[1:]).max() < 0.2 * exact.bse.max()
    np.testing.assert_allclose(fit.standard_errors, exact.bse[1:], rtol=0.02)
    assert (fit.rest < 3).all()


def test_the_penalty_is_the_cross_validated_one_and_units_do_not_matter():
    fit = debiased_lasso(X, Y, columns=["x5"], folds=5, seed=3)
    largest = fit_lasso(X, Y, folds=5, seed=3, penalties=1).penalties[0, 0]
    path = fit_lasso(X, Y, folds=5, seed=3, penalties=largest * np.geomspace(1, 0.01, 60))
    assert fit.penalty == pytest.approx(path.penalties[path.best])
    scaled = debiased_lasso(X * 1000, Y, columns=["x5"], folds=5, seed=3)
    np.testing.assert_allclose(scaled.estimate * 1000, fit.estimate, rtol=1e-6)
    np.testing.assert_allclose(scaled.standard_errors * 1000, fit.standard_errors, rtol=1e-6)


def test_weights_count_rows():
    weights = RANDOM.integers(1, 3, 120)
    one = debiased_lasso(X, Y, weights=weights, weights_kind="frequency", columns=["x5", "x6"], penalty=0.2)
    two = debiased_lasso(np.repeat(X, weights, axis=0), np.repeat(Y, weights), columns=["x5", "x6"], penalty=0.2)
    np.testing.assert_allclose(one.estimate, two.estimate, rtol=1e-6)
    np.testing.assert_allclose(one.standard_errors, two.standard_errors, rtol=1e-6)


def test_the_frame_is_tidy_and_labelled():
    fit = debiased_lasso(X, Y, names=NAMES, columns=["c4"], penalty=0.2)
    row = fit.frame(alpha=0.1).iloc[0]
    assert row["term"] == "c4"
    assert row["conf_low"] < row["estimate"] < row["conf_high"]
    assert row["p_value"] < 1e-6
    assert fit.warning.startswith("Debiased lasso")
    np.testing.assert_allclose(fit.interval(0.1)[0], [row["conf_low"], row["conf_high"]])


@pytest.mark.parametrize(
    ("settings", "error", "words"),
    [
        ({"columns": ["price"]}, SettingError, "'price'"),
        ({"columns": ["x1"]}, SettingError, "constant"),
        ({"penalty": 0.0}, SettingError, "penalty"),
        ({"penalty": 1e-9}, DataError, "keeps"),
    ],
)
def test_wrong_input_is_named(settings, error, words):
    design = X[:40].copy()
    design[:, 0] = 1.0
    with pytest.raises(error, match=words):
        debiased_lasso(design, Y[:40], **settings)
