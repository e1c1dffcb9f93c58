"""Marginal effects: against derivatives that are known, and in other packages' tables."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t as student
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris

from thalweg.base.errors import SettingError
from thalweg.estimators import (
    LinearRegressor,
    LogisticClassifier,
    NetClassifier,
    NetRegressor,
    marginal_effects,
    score_interval,
    seed_curve,
)


@pytest.fixture(scope="module")
def least_squares():
    x, y = load_diabetes(return_X_y=True, as_frame=True)
    return x, y, marginal_effects(LinearRegressor(bootstrap=300).fit(x.drop(columns="sex"), y))


def test_effects_of_least_squares_are_its_coefficients(least_squares):
    x, y, effects = least_squares
    model = LinearRegressor().fit(x.drop(columns="sex"), y)
    np.testing.assert_allclose(effects.params, model.coef_, rtol=1e-8)


def test_bootstrap_errors_agree_with_robust_ones(least_squares):
    sm = pytest.importorskip("statsmodels.api")
    x, y, effects = least_squares
    robust = sm.OLS(y, sm.add_constant(x.drop(columns="sex"))).fit(cov_type="HC1").bse[1:]
    np.testing.assert_allclose(effects.bse, robust, rtol=0.25)


def test_names_of_statsmodels(least_squares):
    effects = least_squares[2]
    reach = student.ppf(0.95, effects.degrees) * effects.bse
    np.testing.assert_allclose(effects.conf_int(0.1)[1], effects.params + reach)
    assert ((effects.degrees > 20) & (effects.degrees < 299)).all()
    np.testing.assert_allclose(np.sqrt(np.diag(effects.cov_params())), effects.bse)
    np.testing.assert_allclose(effects.pvalues, 2 * student.sf(abs(effects.tvalues), effects.degrees))
    assert "bmi" in effects.summary()
    assert effects.nobs == 442


def test_probability_of_a_class_in_closed_form():
    x, y = load_breast_cancer(return_X_y=True, as_frame=True)
    x = x.iloc[:, :3]
    model = LogisticClassifier(bootstrap=5).fit(x, y)
    p = model.predict_proba(x)[:, 1]
    expected = (p * (1 - p)).mean() * model.coef_[0]
    np.testing.assert_allclose(marginal_effects(model).params, expected, rtol=1e-4)
    np.testing.assert_allclose(marginal_effects(model, outcome=0).params, -expected, rtol=1e-4)


def test_two_values_are_compared_and_constants_have_no_effect():
    rng = np.random.default_rng(0)
    x = pd.DataFrame({"treated": rng.integers(0, 2, 200) * 2.0, "constant": 1.0, "z": rng.standard_normal(200)})
    y = 3.0 * (x["treated"] > 0) + x["z"]
    effects = marginal_effects(LinearRegressor(bootstrap=20).fit(x, y))
    np.testing.assert_allclose(effects.params, [3.0, 0.0, 1.0], atol=1e-9)


def test_networks_find_the_slope_and_report_seed_spread():
    rng = np.random.default_rng(0)
    x = rng.standard_normal((300, 2))
    y = x[:, 0] + 0.5 * x[:, 0] ** 2 + 0.1 * rng.standard_normal(300)
    net = NetRegressor(hidden=(16,), activation="tanh", learning_rate=0.01, epochs=150, seeds=3, bootstrap=10)
    effects = marginal_effects(net.fit(x, y))
    expected = [1 + x[:, 0].mean(), 0.0]
    np.testing.assert_allclose(effects.params, expected, atol=0.1)
    assert (effects.seed_sd < 0.1).all()


def test_weights_weigh_the_average():
    rng = np.random.default_rng(0)
    x = rng.standard_normal((200, 1))
    y = (x[:, 0] + 0.3 * rng.standard_normal(200) > 0).astype(int)
    weights = np.where(x[:, 0] > 0, 3.7, 0.2)
    model = LogisticClassifier(bootstrap=5).fit(x, y, sample_weight=weights)
    p = model.predict_proba(x)[:, 1]
    expected = np.average(p * (1 - p), weights=weights) * model.coef_[0]
    np.testing.assert_allclose(marginal_effects(model).params, expected, rtol=1e-4)


def test_a_table_of_maketables_prints_it():
    maketables = pytest.importorskip("maketables")
    x, y = load_diabetes(return_X_y=True, as_frame=True)
    effects = marginal_effects(LinearRegressor(bootstrap=50).fit(x, y))
    table = maketables.ETable([effects]).make(type="tex")
    assert "bmi" in table
    assert f"{effects.params['bmi']:.3f}" in table.replace(",", "")


def test_unclear_questions_are_refused():
    x, y = load_iris(return_X_y=True)
    with pytest.raises(SettingError, match="bootstrap=50"):
        marginal_effects(LogisticClassifier().fit(x, y))
    model = LogisticClassifier(bootstrap=2).fit(x, y)
    with pytest.raises(SettingError, match="3 classes"):
        marginal_effects(model)
    with pytest.raises(SettingError, match="no class"):
        marginal_effects(model, outcome=7)
    both = LinearRegressor(bootstrap=2).fit(x[:, :2], x[:, 2:])
    with pytest.raises(SettingError, match="2 outcomes"):
        marginal_effects(both)
    assert marginal_effects(both, outcome=1).params.shape == (2,)


def test_seed_curve_falls_with_the_root_of_the_members():
    x, y = load_diabetes(return_X_y=True)
    model = NetRegressor(hidden=(8,), epochs=20, seeds=8).fit(x[:300], y[:300])
    values = model.predict_distribution(x[300:], source="seeds").values
    curve = seed_curve(values, y[300:], lambda y, p: -np.mean((y - p) ** 2))
    assert curve.score_mean[-1] >= curve.score_mean[0]
    singles = [-np.mean((y[300:] - value[:, 0]) ** 2) for value in values]
    np.testing.assert_allclose(curve.score_mean[0], np.mean(singles))
    assert curve.enough(curve.prediction_sd[0] / 3) == 9
    with pytest.raises(SettingError, match="two or more"):
        seed_curve(values[:1])


def test_score_interval_of_out_of_fold_predictions():
    from sklearn.metrics import r2_score

    x, y = load_diabetes(return_X_y=True)
    population = LinearRegressor(folds=10).fit(x, y).population_
    found = score_interval(r2_score, population.rows.y[:, 0], population.out_of_fold[:, 0], samples=300)
    assert 0.4 < found.low < found.value < found.high < 0.6
    with pytest.raises(ValueError, match="as many"):
        score_interval(r2_score, y, y[1:])


def test_probabilities_of_networks_have_effects():
    x, y = load_breast_cancer(return_X_y=True)
    effects = marginal_effects(NetClassifier(hidden=(8,), epochs=20, seeds=2, bootstrap=5).fit(x[:, :3], y))
    assert (effects.params < 0).sum() >= 2
