"""Errors name rows by their place among the rows that were given, so that a door can say them in its own numbers."""

import numpy as np
import pandas as pd
import pytest

from thalweg import linear
from thalweg.base.errors import DataError

COUNT = 20
RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(COUNT, 2))
ANSWERS = {
    "ols": RANDOM.normal(size=COUNT),
    "logistic": np.arange(COUNT) % 2.0,
    "poisson": np.arange(COUNT) % 4.0,
    "softmax": np.arange(COUNT) % 3.0,
}
FITS = {
    "ols": linear.regress,
    "logistic": linear.logistic_regression,
    "poisson": linear.poisson_regression,
    "softmax": linear.multinomial_regression,
}
ROW = 6
TABLE = [10 * n for n in range(COUNT)]  # where the rows stood in a larger table


def bent(values, wrong):
    """Return values with one that is wrong in row ``ROW``."""
    values = np.array(values, dtype=object if isinstance(wrong, str) else np.float64)
    values[ROW] = wrong
    return values


def refused(call):
    """Return the error, told in the rows of the larger table."""
    with pytest.raises(DataError) as caught:
        call()
    return str(caught.value.at_rows(TABLE))


@pytest.mark.parametrize("model", FITS)
@pytest.mark.parametrize(
    ("role", "wrong"),
    [("y", -1.0), ("y", np.nan), ("y", np.inf), ("y", "many"), ("weights", -2.0), ("weights", np.nan), ("X", np.nan)],
)
def test_a_wrong_value_is_named_with_its_row(model, role, wrong):
    if model == "ols" and wrong == -1.0:
        pytest.skip("least squares explains any number")
    roles = {"y": ANSWERS[model], "weights": np.ones(COUNT), "X": X} | {
        role: bent({"y": ANSWERS[model], "weights": np.ones(COUNT), "X": X}[role], wrong)
    }
    told = refused(lambda: FITS[model](roles["X"], roles["y"], weights=roles["weights"]))
    assert f"row {TABLE[ROW] + 1}" in told


@pytest.mark.parametrize("model", ["logistic", "softmax"])
def test_a_fraction_is_no_class(model):
    assert "got 0.5 in row 61" in refused(lambda: FITS[model](X, bent(ANSWERS[model], 0.5)))


@pytest.mark.parametrize("model", FITS)
@pytest.mark.parametrize("label", [None, float("nan"), pd.NaT])
def test_a_missing_cluster_is_named_with_its_row(model, label):
    clusters = [str(n % 5) for n in range(COUNT)]
    clusters[ROW] = label
    told = refused(lambda: FITS[model](X, ANSWERS[model], covariance="cluster", clusters=clusters))
    assert "cluster, that of row 61 is missing" in told
    assert "row 61" in refused(lambda: linear.bootstrap(X, ANSWERS[model], model=model, clusters=clusters))


@pytest.mark.parametrize(
    "call",
    [
        lambda y: linear.fit_poisson_path(X, y),
        lambda y: linear.poisson_objective(X, y),
        lambda y: linear.select_likelihood("poisson", X, y),
        lambda y: linear.bootstrap(X, y, model="poisson"),
        lambda y: linear.certify_ridge("poisson", X, y, [0, 0], 0, 1.0),
        lambda y: linear.certify_likelihood("poisson", X, y, [0, 0], 0),
        lambda y: linear.likelihood_population("poisson", X, y, np.ones((1, COUNT))),
        lambda y: linear.separated_estimates("poisson", X, y, "x1"),
        lambda y: linear.likelihood_geometry("poisson", X, y, lasso_penalty=1.0, ridge_penalty=1.0),
    ],
)
def test_every_door_of_counts_names_the_row(call):
    assert "got -1 in row 61" in refused(lambda: call(bent(ANSWERS["poisson"], -1.0)))


def test_a_cell_is_named_with_its_column():
    design = pd.DataFrame(X, columns=["age", "price"])
    design.loc[ROW, "price"] = np.nan
    assert "row 61, column 'price' (1 such cells)" in refused(lambda: linear.regress(design, ANSWERS["ols"]))
    assert "row 61, column 2" in refused(lambda: linear.regress(design.to_numpy(), ANSWERS["ols"]))


def test_a_member_and_a_fold_are_named_with_the_row():
    weights = np.ones((3, COUNT))
    weights[2, ROW] = -1.0
    told = refused(lambda: linear.likelihood_population("logistic", X, ANSWERS["logistic"], weights))
    assert "row 61 of member 2" in told
    folds = np.arange(COUNT) % 3.0
    folds[ROW] = np.nan
    assert "fold, that of row 61" in refused(lambda: linear.fit_lasso(X, ANSWERS["ols"], folds=folds))


def test_rows_that_were_split_away_are_counted_again():
    def choose(Z, _):
        return linear.logistic_regression(Z, np.where(np.abs(Z - marked).sum(axis=1) < 1e-12, 2.0, 0.0))

    for marked in X[:4]:
        with pytest.raises(DataError) as caught:
            linear.honest_regress(X, ANSWERS["ols"], choose)
        position = int(np.flatnonzero(np.abs(X - marked).sum(axis=1) < 1e-12)[0])
        told = str(caught.value)
        assert f"got 2 in row {position + 1}." in told or "Both answers" in told
