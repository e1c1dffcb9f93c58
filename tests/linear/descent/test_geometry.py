import numpy as np
import pytest

from thalweg.base.errors import SettingError
from thalweg.linear import fit_ridge, shrinkage_geometry

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(80, 2)) @ [[1.0, 0.5], [0.0, 1.0]]
Y = 2 * X[:, 0] + 0.3 * X[:, 1] + RANDOM.normal(size=80)


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
