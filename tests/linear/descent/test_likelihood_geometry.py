import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from thalweg.base.errors import SettingError
from thalweg.linear import likelihood_geometry, logistic_regression, poisson_regression
from thalweg.linear.families import BINOMIAL, POISSON

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(300, 2)) @ [[1.0, 0.5], [0.0, 2.0]] + 4
Z = (X - X.mean(axis=0)) / X.std(axis=0)
ETA = 1.2 * Z[:, 0] - 0.3 * Z[:, 1]
ANSWERS = {BINOMIAL: (ETA + RANDOM.logistic(size=300) > 0).astype(float), POISSON: RANDOM.poisson(np.exp(0.4 * ETA))}


@pytest.mark.parametrize("family", ANSWERS, ids=lambda f: f.name)
def test_curves_pass_the_solutions_and_have_their_level(family):
    y = ANSWERS[family].astype(float)
    picture = likelihood_geometry(family, X, y, lasso_penalty=15.0, ridge_penalty=30.0)
    best = (logistic_regression if family is BINOMIAL else poisson_regression)(Z, y)
    np.testing.assert_allclose(picture.centre, best.estimate[1:], rtol=1e-5)

    def lost(point):
        eta, a = Z @ point, 0.0
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
    y = ANSWERS[BINOMIAL]
    picture = likelihood_geometry(BINOMIAL, X, y, lasso_penalty=15.0, ridge_penalty=30.0)
    ridge = LogisticRegression(C=1 / 30, tol=1e-10).fit(Z, y)
    lasso = LogisticRegression(C=1 / 15, l1_ratio=1.0, solver="saga", tol=1e-10, max_iter=100_000).fit(Z, y)
    np.testing.assert_allclose(picture.ridge, ridge.coef_[0], atol=1e-5)
    np.testing.assert_allclose(picture.lasso, lasso.coef_[0], atol=1e-4)


def test_two_columns_are_needed():
    with pytest.raises(SettingError, match="two independent"):
        likelihood_geometry(BINOMIAL, X[:, [0, 0]], ANSWERS[BINOMIAL], lasso_penalty=1.0, ridge_penalty=1.0)
