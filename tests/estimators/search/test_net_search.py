"""Search as one population: the same numbers as GridSearchCV, resumable, halving, suggestions."""

import numpy as np
import pytest
from scipy.stats import loguniform
from sklearn import config_context
from sklearn.base import clone
from sklearn.datasets import load_diabetes, load_iris
from sklearn.exceptions import UnsetMetadataPassedError
from sklearn.model_selection import GridSearchCV, GroupKFold, KFold, cross_val_score
from sklearn.utils.estimator_checks import parametrize_with_checks

from thalweg.base.errors import SettingError, TrainingError
from thalweg.estimators import NetClassifier, NetRegressor, NetSearch, nested_scores
from thalweg.estimators.search.routing import route, search_splits
from thalweg.estimators.search.standings import Standings, stages

NET = NetRegressor(hidden=(8,), seeds=2, epochs=20, patience=None)
GRID = {"hidden": [(8,), (16,)], "learning_rate": [1e-3, 1e-2]}


@pytest.fixture(scope="module")
def diabetes():
    x, y = load_diabetes(return_X_y=True)
    return x[:200], y[:200]


def test_scores_equal_those_of_grid_search(diabetes):
    ours, theirs = NetSearch(NET, GRID, cv=3).fit(*diabetes), GridSearchCV(NET, GRID, cv=3).fit(*diabetes)
    assert set(theirs.cv_results_) == set(ours.cv_results_)
    for name in ("split0_test_score", "mean_test_score", "std_test_score", "rank_test_score"):
        np.testing.assert_array_equal(ours.cv_results_[name], theirs.cv_results_[name])
    assert ours.best_params_ == theirs.best_params_
    np.testing.assert_array_equal(ours.predict(diabetes[0]), theirs.predict(diabetes[0]))


def test_scores_of_calibrated_classifiers_equal_those_of_grid_search():
    x, y = load_iris(return_X_y=True)
    once = np.sort(np.unique(x, axis=0, return_index=True)[1])  # copies are one observation to us, and rows to theirs
    x, y = x[once], y[once]
    net = NetClassifier(hidden=(8,), seeds=1, epochs=20, folds=3, calibrate=True)
    grid = {"learning_rate": [1e-3, 1e-2]}
    ours = NetSearch(net, grid, cv=3, scoring="neg_log_loss").fit(x, y)
    theirs = GridSearchCV(net, grid, cv=3, scoring="neg_log_loss").fit(x, y)
    np.testing.assert_array_equal(ours.cv_results_["mean_test_score"], theirs.cv_results_["mean_test_score"])
    assert ours.predict_proba(x).shape == (149, 3)


def test_halving_ends_with_the_numbers_of_full_training(diabetes):
    half = NetSearch(NET, GRID, cv=3, strategy="halving", factor=2).fit(*diabetes)
    full = NetSearch(NET, GRID, cv=3).fit(*diabetes)
    last = half.cv_results_["n_resources"] == 20
    assert last.sum() == 1
    assert half.best_index_ == int(np.flatnonzero(last)[0])
    np.testing.assert_array_equal(half.cv_results_["mean_test_score"][last], full.cv_results_["mean_test_score"][last])


def test_halving_judges_by_the_numbers_of_short_training(diabetes):
    half = NetSearch(NET, GRID, cv=3, strategy="halving", factor=2, refit=False).fit(*diabetes).cv_results_
    short = NetSearch(clone(NET).set_params(epochs=5), GRID, cv=3, refit=False).fit(*diabetes).cv_results_
    first = half["n_resources"] == 5
    assert first.sum() == 2
    np.testing.assert_array_equal(half["mean_test_score"][first], short["mean_test_score"][first])
    assert (half["mean_score_time"] > 0).all()
    assert half["mean_fit_time"][~first].min() > half["mean_fit_time"][first].max()


def test_an_interrupted_race_goes_on(diabetes, tmp_path, monkeypatch):
    settings = {"cv": 3, "strategy": "halving", "factor": 2, "refit": False}
    whole = NetSearch(NET, GRID, **settings).fit(*diabetes).cv_results_
    keep = Standings.keep
    judged = []

    def interrupted(standings, count):
        judged.append(count)
        if len(judged) == 2:
            raise KeyboardInterrupt
        return keep(standings, count)

    monkeypatch.setattr(Standings, "keep", interrupted)
    with pytest.raises(KeyboardInterrupt):
        NetSearch(NET, GRID, out=tmp_path, **settings).fit(*diabetes)
    again = NetSearch(NET, GRID, out=tmp_path, **settings).fit(*diabetes).cv_results_
    assert judged == [2, 1, 1]
    shards = sorted(tmp_path.rglob("*.safetensors"))
    for shard in shards:  # killed before the dropped ones were on disk
        shard.unlink()
    NetSearch(NET, GRID, out=tmp_path, **settings).fit(*diabetes)
    for name in ("mean_test_score", "iter", "n_resources", "rank_test_score"):
        np.testing.assert_array_equal(again[name], whole[name])


def test_stages_cost_far_less_than_the_grid():
    plan = stages(30, 200, 3.0)
    assert plan[0][0] == 30
    assert plan[-1][1] == 200
    assert sum(k * e for k, e in plan) < 30 * 200 / 5


def test_drawn_and_suggested_candidates(diabetes):
    space = {"learning_rate": loguniform(1e-4, 1e-1)}
    drawn = NetSearch(NET, space, strategy="random", candidates=4, cv=2, refit=False).fit(*diabetes)
    assert len(set(drawn.cv_results_["param_learning_rate"])) == 4
    optuna = pytest.importorskip("optuna")
    floats = {"learning_rate": optuna.distributions.FloatDistribution(1e-4, 1e-1, log=True)}
    again = [
        NetSearch(NET, floats, strategy="optuna", candidates=12, cv=2, refit=False).fit(*diabetes).cv_results_
        for _ in range(2)
    ]
    assert again[0]["params"] == again[1]["params"]
    assert again[0]["mean_test_score"].max() > 0.3


def test_an_interrupted_search_goes_on(diabetes, tmp_path, monkeypatch):
    first = NetSearch(NET, GRID, cv=3, out=tmp_path).fit(*diabetes)
    monkeypatch.setattr("thalweg.train.fit.train_crowd", lambda *_, **__: pytest.fail("trained again"))
    again = NetSearch(NET, GRID, cv=3, out=tmp_path, refit=False).fit(*diabetes)
    np.testing.assert_array_equal(first.cv_results_["mean_test_score"], again.cv_results_["mean_test_score"])


def test_nested_cross_validation_and_weights(diabetes):
    assert np.isfinite(cross_val_score(NetSearch(NET, GRID, cv=2), *diabetes, cv=2)).all()
    weights = np.arange(len(diabetes[1])) % 2
    kept = weights > 0
    splits = [(np.arange(100), np.arange(100, 200)), (np.arange(100, 200), np.arange(100))]
    inner = [(np.arange(50), np.arange(50, 100)), (np.arange(50, 100), np.arange(50))]
    weighted = NetSearch(NET, GRID, cv=splits).fit(*diabetes, sample_weight=weights)
    fewer = NetSearch(NET, GRID, cv=inner).fit(diabetes[0][kept], diabetes[1][kept])
    # The networks are the same bit for bit. They predict 100 rows here and 50 there, and a float32 product rounds a row
    # by its place in a block. A score is 1 less a ratio of about 1, which such roundings move by a float32's 1e-7.
    found, expected = (search.cv_results_["mean_test_score"] for search in (weighted, fewer))
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-7)


def test_nested_scores_are_those_of_cross_val_score(diabetes):
    search = NetSearch(clone(NET).set_params(folds=3), GRID, cv=3)
    nested = nested_scores(search, *diabetes, cv=3)
    np.testing.assert_array_equal(nested.scores, cross_val_score(search, *diabetes, cv=3))
    alone = clone(search).fit(*(part[67:] for part in diabetes))
    assert nested.best_params[0] == alone.best_params_
    assert nested.inner_scores[0] == alone.best_score_
    assert nested.optimism == pytest.approx((nested.inner_scores - nested.scores).mean())
    with pytest.raises(SettingError, match="cross_val_score"):
        nested_scores(NetSearch(NET, GRID, strategy="halving"), *diabetes)


def test_groups_reach_the_splitter(diabetes):
    x, y = diabetes
    groups = np.arange(len(y)) // 20
    search = NetSearch(NET, {"ridge": [0.0]}, cv=GroupKFold(4), refit=False)
    given = [(train, test) for train, test in GroupKFold(4).split(x, y, groups)]
    by_hand = clone(search).set_params(cv=given).fit(x, y).cv_results_["mean_test_score"]
    np.testing.assert_array_equal(search.fit(x, y, groups=groups).cv_results_["mean_test_score"], by_hand)
    assert nested_scores(search.set_params(refit=True), x, y, cv=GroupKFold(3), groups=groups).scores.shape == (3,)
    with pytest.raises(SettingError, match="does not know"):
        search.fit(x, y, colour=groups)


@pytest.mark.parametrize("face", [NetRegressor, NetClassifier])
def test_a_number_of_folds_never_cuts_groups(face, diabetes):
    x, y = diabetes[0][:120], diabetes[1][:120]
    y = y if face is NetRegressor else y > np.median(y)
    groups = np.repeat([f"person {k}" for k in range(30)], 4)
    search = NetSearch(face(hidden=(4,), seeds=1, epochs=3, workers=1), {"ridge": [0.0, 0.1]}, cv=3)
    routed = route(search, None, {"groups": groups})
    for fold, (train, held) in zip(*search_splits(search, x, y, routed), strict=True):
        assert not set(groups[train]) & set(groups[held])
        assert len(np.unique(fold.rows.groups)) == len(set(groups[train]))
    assert search.fit(x, y, groups=groups).best_estimator_.population_.rows.groups.max() == 29
    assert nested_scores(search, x, y, cv=2, groups=groups).scores.shape == (2,)


def test_metadata_go_where_they_were_requested(diabetes):
    x, y = diabetes
    weights, groups = np.linspace(0.5, 2.0, len(y)), np.arange(len(y)) // 20
    with config_context(enable_metadata_routing=True):
        for fit, score in ((True, True), (True, False), (False, True)):
            net = clone(NET).set_fit_request(sample_weight=fit, groups=fit).set_score_request(sample_weight=score)
            ours = NetSearch(net, {"ridge": [0.0, 0.1]}, cv=GroupKFold(3), refit=False)
            theirs = GridSearchCV(net, {"ridge": [0.0, 0.1]}, cv=GroupKFold(3), refit=False)
            found = [s.fit(x, y, sample_weight=weights, groups=groups).cv_results_ for s in (ours, theirs)]
            np.testing.assert_array_equal(found[0]["mean_test_score"], found[1]["mean_test_score"])
        whole = NetSearch(net, {"ridge": [0.0]}, cv=GroupKFold(2))
        params = {"sample_weight": weights, "groups": groups}
        assert np.isfinite(cross_val_score(whole, x, y, cv=GroupKFold(3), params=params)).all()
        with pytest.raises(UnsetMetadataPassedError, match="sample_weight"):
            NetSearch(clone(NET), {"ridge": [0.0]}, cv=2).fit(x, y, sample_weight=weights)


def test_diverged_candidates_lose_and_are_named(diabetes):
    net = NetRegressor(hidden=(8,), seeds=1, epochs=5, optimizer="sgd")
    with pytest.warns(RuntimeWarning, match="diverged"):
        search = NetSearch(net, {"learning_rate": [1e-2, 1e9]}, cv=KFold(2)).fit(*diabetes)
    assert search.best_params_ == {"learning_rate": 1e-2}
    with pytest.raises(TrainingError, match="No candidate"), pytest.warns(RuntimeWarning, match="diverged"):
        NetSearch(net, {"learning_rate": [1e9]}, cv=2).fit(*diabetes)


def test_settings_that_make_no_sense(diabetes):
    with pytest.raises(SettingError, match="candidates"):
        NetSearch(NET, GRID, strategy="random").fit(*diabetes)
    with pytest.raises(SettingError, match="strategy"):
        NetSearch(NET, GRID, strategy="guess").fit(*diabetes)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.DataConversionWarning")
@pytest.mark.filterwarnings("ignore:The least populated class")  # the checks round features, and classes with them
@parametrize_with_checks(
    [
        NetSearch(NetRegressor(hidden=(32,), seeds=1, epochs=100), {"learning_rate": [1e-2]}, cv=2),
        NetSearch(NetClassifier(hidden=(32,), seeds=1, epochs=100), {"learning_rate": [1e-2]}, cv=2),
    ]
)
def test_scikit_learn_check(estimator, check):
    check(estimator)
