"""Intervals and distributions: against an independent implementation, by hand, and at the edges."""

import numpy as np
import pytest
from sklearn.datasets import load_diabetes, load_iris
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import KFold

from thalweg.base.errors import SettingError
from thalweg.estimators import LinearRegressor, LogisticClassifier, NetRegressor
from thalweg.estimators.uncertainty.conformal import leave_out_means, plus_interval, split_interval
from thalweg.select.scoring.covering import rank_up


@pytest.fixture(scope="module")
def diabetes():
    return load_diabetes(return_X_y=True)


@pytest.mark.filterwarnings("ignore")
def test_cv_plus_equals_mapie(diabetes):
    regression = pytest.importorskip("mapie.regression")
    x, y = diabetes
    folds = KFold(5, shuffle=True, random_state=1)
    theirs = regression.CrossConformalRegressor(LinearRegression(), confidence_level=0.9, method="plus", cv=folds)
    bounds = theirs.fit_conformalize(x[:300], y[:300]).predict_interval(x[300:])[1][:, :, 0]
    ours = LinearRegressor(folds=folds).fit(x[:300], y[:300]).predict_interval(x[300:], level=0.9, method="cv+")
    np.testing.assert_allclose(ours, bounds, rtol=1e-9)


def test_split_equals_crepes(diabetes):
    crepes = pytest.importorskip("crepes")
    x, y = diabetes
    model = LinearRegressor(folds=KFold(4)).fit(x, y)
    group, held = model.population_.folds[0], model.population_.held_out[0]
    residuals = model.population_.rows.y[held, 0] - group.predict(model.population_.rows.x[held])[0, :, 0]
    centre = group.predict(x[:20])[0, :, 0]
    theirs = crepes.ConformalRegressor().fit(residuals).predict_int(centre, confidence=0.9)
    np.testing.assert_allclose(model.predict_interval(x[:20], level=0.9, method="split"), theirs, rtol=1e-9)


def test_jackknife_after_bootstrap_by_hand(diabetes):
    x, y = diabetes
    model = LinearRegressor(bootstrap=20).fit(x[:60], y[:60])
    population, new = model.population_, x[60:65]
    lower, upper = [], []
    for i in range(60):
        free = population.bags[:, i] == 0
        here = population.bootstrap.predict(population.rows.x[i : i + 1])[free, 0, 0].mean()
        there = population.bootstrap.predict(new)[free, :, 0].mean(axis=0)
        size = abs(population.rows.y[i, 0] - here)
        lower.append(there - size)
        upper.append(there + size)
    expected = np.stack([np.sort(lower, axis=0)[5], np.sort(upper, axis=0)[54]], axis=1)
    np.testing.assert_allclose(model.predict_interval(new, level=0.9), expected)


def test_too_few_rows_give_infinite_bounds():
    assert np.isinf(split_interval(np.zeros(1), np.arange(5.0), 0.9)).all()
    assert np.isinf(plus_interval(np.zeros((5, 1)), np.arange(5.0), 0.9)).all()
    assert rank_up(9, 0.9) == 9


def test_leave_out_means_of_a_row_in_every_sample_is_nan():
    assert np.isnan(leave_out_means(np.ones((2, 3)), np.array([[1], [2]]))).all()


def test_blocks_of_new_rows_do_not_matter(diabetes, monkeypatch):
    x, y = diabetes
    model = LinearRegressor(folds=5).fit(x[:100], y[:100])
    whole = model.predict_interval(x)
    monkeypatch.setattr("thalweg.estimators.uncertainty.predictive.CELLS", 700)
    np.testing.assert_array_equal(model.predict_interval(x), whole)


def test_three_distributions_with_three_names(diabetes):
    x, y = diabetes
    model = NetRegressor(hidden=(8,), epochs=30, seeds=3, folds=4, bootstrap=5).fit(x, y)
    shapes = {s: model.predict_distribution(x[:2], source=s).values.shape for s in ("seeds", "bootstrap", "outcome")}
    assert shapes == {"seeds": (3, 2, 1), "bootstrap": (5, 2, 1), "outcome": (442, 2, 1)}
    outcome, seeds = (model.predict_distribution(x, source=s) for s in ("outcome", "seeds"))
    np.testing.assert_allclose(seeds.mean()[:, 0], model.predict(x))
    inside = (outcome.quantile(0.05)[:, 0] <= y) & (y <= outcome.quantile(0.95)[:, 0])
    assert 0.87 < inside.mean() < 0.97
    assert outcome.sd().mean() > 5 * seeds.sd().mean()


def test_what_a_fit_lacks_is_said(diabetes):
    plain = LinearRegressor().fit(*diabetes)
    with pytest.raises(SettingError, match="folds=10"):
        plain.predict_interval(diabetes[0])
    with pytest.raises(SettingError, match="bootstrap"):
        plain.predict_distribution(diabetes[0], source="bootstrap")
    with pytest.raises(SettingError, match="level"):
        LinearRegressor(folds=3).fit(*diabetes).predict_interval(diabetes[0], level=90)
    classes = LogisticClassifier(bootstrap=3).fit(*load_iris(return_X_y=True))
    with pytest.raises(SettingError, match="source"):
        classes.predict_distribution(load_iris().data, source="outcome")


@pytest.mark.parametrize("loss", ["huber", "gaussian", "poisson", "quantile"])
def test_losses_predict_in_units_of_the_outcome(loss):
    rng = np.random.default_rng(0)
    x = rng.standard_normal((400, 2))
    y = rng.poisson(np.exp(1 + 0.5 * x[:, 0])).astype(float)
    settings = {"hidden": (8,), "epochs": 100, "learning_rate": 0.01, "seeds": 2}
    found = NetRegressor(loss=loss, **settings).fit(x, y).predict(x)
    assert found.shape == (400,)
    assert np.corrcoef(found, np.exp(1 + 0.5 * x[:, 0]))[0, 1] > 0.93
    assert found.mean() == pytest.approx(y.mean(), rel=0.15)
    if loss == "poisson":
        assert (found > 0).all()


def test_quantiles_need_a_quantile_loss(diabetes):
    model = NetRegressor(hidden=(4,), epochs=2, folds=3).fit(*diabetes)
    with pytest.raises(SettingError, match="learned quantiles"):
        model.predict_interval(diabetes[0], method="cqr")
    with pytest.raises(SettingError, match="learned quantiles"):
        LinearRegressor(folds=3).fit(*diabetes).predict_interval(diabetes[0], method="cqr")
