"""What intervals and tests promise, counted over simulated tables."""

import numpy as np
import pytest

from thalweg.base.errors import DataError
from thalweg.linear import bootstrap, debiased_lasso, honest_regress, logistic_regression, regress, select

TABLES = 400


def covered(fit, truth):
    ends = fit.conf_int().to_numpy()
    return (ends[:, 0] <= truth) & (truth <= ends[:, 1])


@pytest.mark.parametrize(("covariance", "low", "high"), [("HC3", 0.92, 0.98), ("classical", 0.5, 0.9)])
def test_robust_intervals_cover_where_classical_ones_do_not(covariance, low, high):
    random = np.random.default_rng(0)
    hits = []
    for _ in range(TABLES):
        x = random.normal(size=(80, 1))
        y = 1 + x[:, 0] + random.normal(size=80) * x[:, 0] ** 2
        hits.append(covered(regress(x, y, covariance=covariance), np.array([1.0, 1.0]))[1])
    assert low < np.mean(hits) < high


def test_clustered_intervals_cover():
    random = np.random.default_rng(1)
    clusters = np.repeat(np.arange(40), 5)
    hits = []
    for _ in range(TABLES):
        x = random.normal(size=40)[clusters]
        y = x + random.normal(size=40)[clusters] + random.normal(size=200)
        fit = regress(x[:, None], y, covariance="cluster", clusters=clusters)
        hits.append(covered(fit, np.array([0.0, 1.0]))[1])
    assert 0.9 < np.mean(hits) < 0.98


def test_logistic_intervals_cover():
    random = np.random.default_rng(2)
    hits = []
    for _ in range(TABLES):
        X = random.normal(size=(200, 2))
        y = 0.5 + X @ [1.0, 0.0] + random.logistic(size=200) > 0
        hits.append(covered(logistic_regression(X, y), np.array([0.5, 1.0, 0.0])))
    assert (np.abs(np.mean(hits, axis=0) - 0.95) < 0.04).all()


def test_bootstrap_intervals_cover():
    random = np.random.default_rng(3)
    hits = []
    for table in range(200):
        x = random.normal(size=(100, 1))
        y = x[:, 0] + random.normal(size=100) * (0.5 + np.abs(x[:, 0]))
        low, high = bootstrap(x, y, replicates=200, seed=table).interval()[1]
        hits.append(low <= 1 <= high)
    assert 0.88 < np.mean(hits) < 0.98


def test_selection_fools_the_usual_p_value_and_not_the_honest_one():
    random = np.random.default_rng(4)
    naive, honest = [], []
    for table in range(TABLES):
        X, y = random.normal(size=(100, 20)), random.normal(size=100)
        best = select(X, y, most=1).models[1]
        naive.append(regress(X[:, best], y).pvalues.iloc[1] < 0.05)
        fit = honest_regress(X, y, lambda X, y: select(X, y, most=1).models[1], seed=table, covariance="classical")
        honest.append(fit.pvalues.iloc[1] < 0.05)
    assert np.mean(naive) > 0.4  # 1 - 0.95²⁰ = 0.64 of pure noise looks significant
    assert abs(np.mean(honest) - 0.05) < 0.035


def test_nothing_chosen_is_said():
    random = np.random.default_rng(5)
    with pytest.raises(DataError, match="No column was chosen"):
        honest_regress(random.normal(size=(40, 2)), random.normal(size=40), lambda X, y: select(X, y).models[0])


def test_debiased_lasso_intervals_cover_with_more_columns_than_rows():
    random = np.random.default_rng(6)
    truth = np.zeros(120)
    truth[[2, 3, 70]] = 1.0, 0.5, -1.0
    judged = [2, 3, 70, 4, 20, 100]
    hits, shrunken = [], []
    for _ in range(60):
        X = random.normal(size=(80, 120))
        X[:, 1:] += 0.5 * X[:, :-1]
        fit = debiased_lasso(X, X @ truth + random.normal(size=80), columns=[f"x{j + 1}" for j in judged], folds=5)
        ends = fit.interval()
        hits.append((ends[:, 0] <= truth[judged]) & (truth[judged] <= ends[:, 1]))
        shrunken.append(np.sign(truth[judged[:3]]) * (fit.lasso - truth[judged])[:3])
    assert 0.9 < np.mean(hits) < 0.985  # 360 intervals that depend on each other a little: about 0.95 ± 0.025
    assert np.mean(shrunken) < -0.1  # what there was to correct
