"""Marginal effects with clusters: whole clusters are drawn, and who drew rows says so."""

import numpy as np
import pandas as pd
import pytest

from thalweg.base.errors import SettingError
from thalweg.estimators import (
    LinearRegressor,
    LogisticClassifier,
    NetRegressor,
    load_estimator,
    marginal_effects,
    save_estimator,
)

RANDOM = np.random.default_rng(1)
CLUSTERS = np.repeat(np.arange(40), 10)
X = np.column_stack([np.repeat(RANDOM.normal(size=40), 10), RANDOM.normal(size=400)])
Y = X.sum(axis=1) + np.repeat(RANDOM.normal(size=40), 10) + 0.5 * RANDOM.normal(size=400)
SHUFFLED = RANDOM.permutation(400)  # so that nothing of the dependence shows in the order


def fitted(face=LinearRegressor, rows=SHUFFLED, groups=None, y=Y, **settings):
    return face(bootstrap=100, **settings).fit(X[rows], y[rows], groups=groups)


def test_errors_agree_with_clustered_ones():
    sm = pytest.importorskip("statsmodels.api")
    clusters = CLUSTERS[SHUFFLED]
    ols = sm.OLS(Y[SHUFFLED], sm.add_constant(X[SHUFFLED]))
    expected = ols.fit(cov_type="cluster", cov_kwds={"groups": clusters}).bse[1:]
    effects = marginal_effects(fitted(), clusters=clusters)
    np.testing.assert_allclose(effects.bse, expected, rtol=0.4)  # clustered ones of 40 clusters are small by a tenth
    assert effects.clusters == 40
    assert (effects.degrees <= 39).all()
    assert marginal_effects(fitted()).bse.iloc[0] < 0.5 * effects.bse.iloc[0]


def test_clusters_of_the_fit_are_used_as_they_are():
    clusters = CLUSTERS[SHUFFLED]
    by_fit = marginal_effects(fitted(groups=clusters))
    asked = marginal_effects(fitted(groups=clusters), clusters=[f"c{k:02}" for k in clusters])
    later = marginal_effects(fitted(), clusters=clusters)
    pd.testing.assert_series_equal(by_fit.bse, asked.bse)
    pd.testing.assert_series_equal(by_fit.bse, later.bse)


@pytest.mark.parametrize("kind", ["frequency", "analytic", "probability"])
def test_weight_zero_is_no_cluster_and_no_degree(kind):
    clusters = CLUSTERS[SHUFFLED]
    weights = np.where(clusters < 12, 1 + clusters % 2, 0)
    there = np.flatnonzero(weights)
    model = LinearRegressor(bootstrap=50, weights_kind=kind)
    one = marginal_effects(model.fit(X[SHUFFLED], Y[SHUFFLED], sample_weight=weights), clusters=clusters)
    X_there, Y_there = X[SHUFFLED][there], Y[SHUFFLED][there]
    other = marginal_effects(model.fit(X_there, Y_there, sample_weight=weights[there]), clusters=clusters[there])
    assert one.clusters == other.clusters == 12
    np.testing.assert_allclose(one.bse, other.bse, rtol=1e-9)
    assert (one.degrees <= 11).all()
    assert "Only 12 clusters" in one.summary()


def test_networks_train_their_samples_anew(tmp_path):
    quick = {"hidden": (4,), "seeds": 2, "epochs": 5, "workers": 1, "patience": 3}
    rows = SHUFFLED[:120]
    model = NetRegressor(bootstrap=6, **quick).fit(X[rows], Y[rows])
    again = load_estimator(save_estimator(model, tmp_path / "m.safetensors"))
    effects = [marginal_effects(one, clusters=CLUSTERS[rows]) for one in (model, again)]
    pd.testing.assert_series_equal(effects[0].bse, effects[1].bse)
    pd.testing.assert_series_equal(effects[0].params, marginal_effects(model).params)
    with pytest.raises(SettingError, match="partial_fit"):
        marginal_effects(model.partial_fit(X[rows], Y[rows]), clusters=CLUSTERS[rows])


def test_what_errors_take_as_independent_is_printed():
    clusters = CLUSTERS[SHUFFLED]
    plain, clustered = marginal_effects(fitted()), marginal_effects(fitted(), clusters=clusters)
    assert "taken as independent" in plain.summary()
    assert "40 whole clusters" in clustered.summary()
    assert plain.__maketables_stat__("se_type") == "rows as independent"
    assert clustered.__maketables_stat__("se_type") == "by 40 clusters"
    assert "se_type" in plain.__maketables_default_stat_keys__
    classes = marginal_effects(fitted(LogisticClassifier, y=Y > 0), clusters=clusters)
    assert classes.clusters == 40


def test_clusters_that_cannot_be_honoured_are_refused():
    halves = np.arange(400) % 2
    with pytest.raises(SettingError, match="lie in several clusters"):
        marginal_effects(fitted(groups=CLUSTERS[SHUFFLED]), clusters=halves)
    coarse = marginal_effects(fitted(groups=CLUSTERS[SHUFFLED]), clusters=CLUSTERS[SHUFFLED] // 4)
    assert coarse.clusters == 10
    with pytest.raises(ValueError, match="clusters must hold one label per row, 400 in all"):
        marginal_effects(fitted(), clusters=halves[:7])
    twice = LinearRegressor(bootstrap=5).fit(np.tile(X[:20], (2, 1)), np.tile(Y[:20], 2))
    with pytest.raises(ValueError, match="Rows 1 and 21 are equal"):
        marginal_effects(twice, clusters=np.repeat([0, 1], 20))
