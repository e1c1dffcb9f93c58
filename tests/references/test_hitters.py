"""Published numbers on the Hitters data (James et al., An Introduction to Statistical Learning, lab of chapter 6).

The rows are not ours to ship: they come with the ISLP package (BSD licence), whose own needs are many. Where it is
installed (``pip install --no-deps ISLP``) its file is read without importing it; elsewhere these tests are left out.
"""

from importlib.metadata import PackageNotFoundError, files

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import KFold

from thalweg.linear import fit_components, fit_lasso, fit_ridge_path, regress, select


@pytest.fixture(scope="module")
def hitters():
    try:
        found = [path for path in files("ISLP") or [] if path.name == "Hitters.csv"]
    except PackageNotFoundError:
        pytest.skip("the ISLP package is not installed")
    rows = pd.read_csv(found[0].locate()).dropna()
    assert len(rows) == 263
    X = pd.get_dummies(rows.drop(columns="Salary"), drop_first=True, dtype=float)
    X.columns = [name.replace("_", "") if name.startswith(("League", "Division", "New")) else name for name in X]
    return X, rows["Salary"].to_numpy()


@pytest.fixture(scope="module")
def scaled(hitters):
    X, y = hitters
    folds = np.empty(len(y), dtype=int)
    for k, (_, out) in enumerate(KFold(5, shuffle=True, random_state=0).split(y)):
        folds[out] = k
    return ((X - X.mean()) / X.std(ddof=0)).to_numpy(), y, folds


FORWARD = [
    *("CRBI", "Hits", "PutOuts", "DivisionW", "AtBat", "Walks", "CWalks", "CRuns", "CAtBat", "Assists"),
    *("LeagueN", "Runs", "Errors", "HmRun", "CHits", "RBI", "NewLeagueN", "Years", "CHmRun"),
]


def test_forward_selection_and_its_criteria(hitters):
    X, y = hitters
    path = select(X, y)
    assert [X.columns[j] for j in path.models[19]] == FORWARD
    np.testing.assert_allclose(path.rss[[0, 1, 19]], [53319112.78864535, 36179679.25504, 24200699.55166], rtol=1e-9)
    assert (path.size("Cp"), path.size("BIC"), path.size("adjusted R²")) == (10, 6, 11)
    assert {X.columns[j] for j in path.columns("Cp")} == set(FORWARD[:10])


def test_the_model_of_seven_columns(hitters):
    X, y = hitters
    fit = regress(X[FORWARD[:7]], y).params
    published = {
        "Intercept": 109.7873062,
        "AtBat": -1.9588851,
        "Hits": 7.4498772,
        "Walks": 4.9131401,
        "CRBI": 0.8537622,
        "CWalks": -0.3053070,
        "DivisionW": -127.1223928,
        "PutOuts": 0.2533404,
    }
    for name, value in published.items():
        assert fit[name] == pytest.approx(value, abs=5.1e-8), name


def test_ridge_norms(scaled):
    X, y, folds = scaled
    path = fit_ridge_path(X, y, penalties=np.array([25.535, 0.243748]) * len(y), folds=folds, standardise=False)
    np.testing.assert_allclose(np.linalg.norm(path.coefficients, axis=1), [24.1706172, 160.4237102], rtol=1e-4)


def test_cross_validated_lasso(scaled):
    X, y, folds = scaled
    fit = fit_lasso(X, y, folds=folds, standardise=False)
    assert fit.mean_error[fit.best] == pytest.approx(114690.73, abs=0.01)
    assert fit.penalties[fit.best] == pytest.approx(3.1472370, rel=1e-7)


def test_principal_components(scaled):
    X, y, folds = scaled
    path = fit_components(X, y, folds=folds, standardise=False)
    np.testing.assert_allclose((path.variances / path.variances.sum())[:2], [0.3831424, 0.21841076], rtol=1e-6)
    directions = np.linalg.svd(X, full_matrices=False)[2][:2]
    np.testing.assert_allclose(np.abs(directions @ path.coefficients[2]), [106.36859204, 21.60350456], rtol=1e-7)
