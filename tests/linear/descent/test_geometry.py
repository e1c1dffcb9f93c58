import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from thalweg.base.errors import SettingError
from thalweg.linear import (
    fit_ridge,
    likelihood_geometry,
    logistic_regression,
    poisson_regression,
    shrinkage_geometry,
)
from thalweg.linear.likelihoods.families import FAMILIES

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(80, 2)) @ [[1.0, 0.5], [0.0, 1.0]]
Y = 2 * X[:, 0] + 0.3 * X[:, 1] + RANDOM.normal(size=80)

DRAWN = np.random.default_rng(0)
PAIR = DRAWN.normal(size=(300, 2)) @ [[1.0, 0.5], [0.0, 2.0]] + 4
SCALED = (PAIR - PAIR.mean(axis=0)) / PAIR.std(axis=0)
ETA = 1.2 * SCALED[:, 0] - 0.3 * SCALED[:, 1]
ANSWERS = {
    "logistic": (ETA + DRAWN.logistic(size=300) > 0).astype(float),
    "poisson": DRAWN.poisson(np.exp(0.4 * ETA)),
}


def test_the_solutions_lie_where_ellipse_and_constraint_touch():
    picture = shrinkage_geometry(X, Y, lasso_penalty=60.0, ridge_penalty=30.0)
    Z = (X - X.mean(axis=0)) / X.std(axis=0)

    def rss(beta):
        return np.sum((Y - Y.mean() - Z @ np.asarray(beta).T.reshape(2, -1).squeeze()) ** 2)

    least = rss(picture.centre)
    for level, solution in zip(picture.levels, (picture.lasso, picture.ridge), strict=False):
        assert np.isclose(rss(solution) - least, level)
    for level, ellipse in zip(picture.levels, picture.ellipses, strict=True):
        np.testing.assert_allclose([rss(point) - least for point in ellipse[::20]], level)
    corners = picture.diamond
    edge = [corners[i] * (1 - t) + corners[i + 1] * t for i in range(4) for t in np.linspace(0, 1, 50)]
    assert min(rss(point) for point in edge) >= rss(picture.lasso) - 1e-6
    assert min(rss(point) for point in picture.disc) >= rss(picture.ridge) - 1e-9
    ridge = fit_ridge(X, Y, penalties=30.0)
    np.testing.assert_allclose(picture.ridge, ridge.coefficients * X.std(axis=0), rtol=1e-9)


def test_the_picture_needs_two_columns():
    with pytest.raises(SettingError, match="two independent columns"):
        shrinkage_geometry(np.column_stack([X[:, 0], 2 * X[:, 0]]), Y, lasso_penalty=1.0, ridge_penalty=1.0)


@pytest.mark.parametrize("model", ANSWERS)
def test_curves_pass_the_solutions_and_have_their_level(model):
    family, y = FAMILIES[model], ANSWERS[model].astype(float)
    picture = likelihood_geometry(model, PAIR, y, lasso_penalty=15.0, ridge_penalty=30.0)
    best = (logistic_regression if model == "logistic" else poisson_regression)(SCALED, y)
    np.testing.assert_allclose(picture.centre, best.estimate[1:], rtol=1e-5)

    def lost(point):
        eta, a = SCALED @ point, 0.0
        for _ in range(60):
            a -= np.sum(family.mean(eta + a) - y) / np.sum(family.curvature(eta + a))
        return family.loss(eta + a, y).sum() + best.llf + family.constant(y).sum()

    for ring, level in zip(picture.ellipses, picture.levels, strict=True):
        for point in ring[::25]:
            assert lost(point) == pytest.approx(level, rel=1e-4)
    for row, solution in enumerate((picture.lasso, picture.ridge)):
        assert lost(solution) == pytest.approx(picture.levels[row], rel=1e-6)
        assert np.abs(picture.ellipses[row] - solution).sum(axis=1).min() < 0.2
    assert np.abs(picture.diamond[0]).sum() == pytest.approx(np.abs(picture.lasso).sum())


def test_solutions_are_those_of_scikit_learn():
    y = ANSWERS["logistic"]
    picture = likelihood_geometry("logistic", PAIR, y, lasso_penalty=15.0, ridge_penalty=30.0)
    ridge = LogisticRegression(C=1 / 30, tol=1e-10).fit(SCALED, y)
    lasso = LogisticRegression(C=1 / 15, l1_ratio=1.0, solver="saga", tol=1e-10, max_iter=100_000).fit(SCALED, y)
    np.testing.assert_allclose(picture.ridge, ridge.coef_[0], atol=1e-5)
    np.testing.assert_allclose(picture.lasso, lasso.coef_[0], atol=1e-4)


def test_two_columns_are_needed():
    with pytest.raises(SettingError, match="two independent"):
        likelihood_geometry("logistic", PAIR[:, [0, 0]], ANSWERS["logistic"], lasso_penalty=1.0, ridge_penalty=1.0)
