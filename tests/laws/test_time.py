"""Laws of time in estimators: nothing learns from what came later, and the order of the rows is not that of time."""

import numpy as np
import pandas as pd
import pytest
import sklearn
from sklearn.datasets import load_diabetes
from sklearn.model_selection import GridSearchCV, KFold, TimeSeriesSplit, cross_val_score

import thalweg as tw
from thalweg.base.errors import SettingError
from thalweg.data.dependence.time_folds import read_time, time_folds
from thalweg.estimators import (
    LinearRegressor,
    LogisticClassifier,
    NetClassifier,
    NetRegressor,
    NetSearch,
    load_estimator,
    nested_scores,
    save_estimator,
)
from thalweg.select.learning.lessons import stopping_rows, view_sample
from thalweg.select.learning.views import resample

X, Y = (part[:120] for part in load_diabetes(return_X_y=True))
DAY = pd.Series(pd.date_range("2024-01-01", periods=40).repeat(3)).sample(frac=1.0, random_state=0)
QUICK = {"hidden": (4,), "seeds": 2, "epochs": 3, "workers": 1}
FACES = [
    (LinearRegressor, {}, Y),
    (LogisticClassifier, {}, Y > 140),
    (NetRegressor, QUICK, Y),
    (NetClassifier, QUICK, Y > 140),
]


@pytest.mark.parametrize(("face", "settings", "y"), FACES)
def test_folds_are_those_of_the_comparison(face, settings, y):
    population = face(**settings, folds=4, gap=2).fit(X, y, time=DAY).population_
    places = read_time(DAY.reset_index(drop=True))
    for learned, held, fold in zip(population.learned, population.held_out, time_folds(places, 4, 2), strict=True):
        assert sorted(population.rows.origin[learned]) == fold.learned.tolist()
        assert sorted(population.rows.origin[held]) == fold.held_out.tolist()


def test_rows_watched_for_patience_are_the_latest():
    rows = NetRegressor(**QUICK).fit(X, Y, time=DAY).population_.rows
    for view in resample(rows, folds=3, bootstrap=None, seed=0, gap=1):
        sample = view_sample(rows, view, features=True, outcomes=True)
        learned, watched = stopping_rows(sample, 0.2, seed=0, gap=1)
        assert sample.time[learned].max() + 1 < sample.time[watched].min()
        assert (stopping_rows(sample, 0.2, seed=5, gap=1)[1] == watched).all()


@pytest.mark.parametrize("face", [NetRegressor, LinearRegressor])
def test_frequencies_are_repeated_rows_and_order_is_nothing(face):
    settings = {"folds": 3, "gap": 1, "weights_kind": "frequency"} | (QUICK if face is NetRegressor else {})
    counts = np.arange(120) % 3
    again = np.random.default_rng(0).permutation(np.repeat(np.arange(120), counts))
    weighted = face(**settings).fit(X, Y, sample_weight=counts, time=DAY)
    written = face(**settings).fit(X[again], Y[again], time=DAY.iloc[again])
    np.testing.assert_array_equal(weighted.predict(X), written.predict(X))
    np.testing.assert_array_equal(weighted.population_.out_of_fold, written.population_.out_of_fold)


def test_equal_rows_of_two_times_are_two_observations():
    rows = LinearRegressor().fit(np.zeros((4, 1)), np.zeros(4), time=[1, 1, 2, 3]).population_.rows
    assert rows.places.tolist() == [0, 0, 1, 2]


def test_a_splitter_learns_from_the_rows_it_names():
    population = LinearRegressor(folds=TimeSeriesSplit(4, gap=3)).fit(X, Y).population_
    for learned, held, fold in zip(
        population.learned, population.held_out, TimeSeriesSplit(4, gap=3).split(X), strict=True
    ):
        assert sorted(population.rows.origin[learned]) == fold[0].tolist()
        assert sorted(population.rows.origin[held]) == fold[1].tolist()
    assert np.isnan(population.out_of_fold[population.fold < 0]).all()


@pytest.mark.parametrize("folds", [4, TimeSeriesSplit(4)])
def test_what_is_never_held_out_is_not_judged(folds, tmp_path):
    time = {"time": np.arange(120)} if folds == 4 else {}
    model = NetClassifier(**QUICK, folds=folds, calibrate=True, out=tmp_path).fit(X, Y > 140, **time)
    run = tw.load(model.run_folder_)
    assert run.answer.leaderboard.in_time
    assert run.answer.leaderboard.observations == 96
    held = pd.read_parquet(model.run_folder_ / "predictions.parquet")
    assert sorted(held["row"].unique()) == list(range(25, 121))
    again = load_estimator(save_estimator(model, tmp_path / "m.safetensors"))
    assert again.population_.in_time
    np.testing.assert_array_equal(again.predict_proba(X), model.predict_proba(X))


@pytest.mark.parametrize(
    ("settings", "given", "says"),
    [
        ({"folds": KFold(4)}, {"time": DAY}, "not earlier than all it holds out. Set folds to a number"),
        ({"folds": 4, "gap": 1}, {}, "no time is given. Give time to fit"),
        ({"bootstrap": 4}, {"time": DAY}, "samples take rows as drawn in any order"),
        ({}, {"time": DAY, "groups": np.arange(120) % 9}, "Give one of them"),
        ({}, {"time": DAY[:7]}, "one time per row, 120 in all"),
        ({}, {"time": [None, *range(119)]}, "missing in row 1"),
        ({}, {"time": "day"}, r"such as X\['day'\]"),
        ({"folds": 5}, {"time": np.arange(120) % 3}, "at least 6 different times, the table has 3. Set folds to 2"),
    ],
)
def test_what_cannot_be_honoured_is_said(settings, given, says):
    with pytest.raises((ValueError, tw.DataError, SettingError), match=says):
        LinearRegressor(**settings).fit(X, Y, **given)


def test_a_class_that_comes_late_is_said():
    with pytest.raises(ValueError, match="class of row 101 has no row before fold 1 of 3"):
        LogisticClassifier(folds=3).fit(X, np.arange(120) >= 100, time=np.arange(120))


@pytest.mark.parametrize("folds", [4, TimeSeriesSplit(4)])
def test_there_is_no_interval_for_rows_to_come(folds):
    model = LinearRegressor(folds=folds).fit(X, Y, **({"time": DAY} if folds == 4 else {}))
    for method in (None, "split"):
        with pytest.raises(SettingError, match="Folds in order of time"):
            model.predict_interval(X, method=method)
    with pytest.raises(SettingError, match="Folds in order of time"):
        model.predict_distribution(X)


def test_a_search_in_order_of_time_scores_as_scikit_learns():
    net = NetRegressor(**QUICK, gap=1, ramps=0)  # a search counts ramps over all rows, early folds alone find fewer
    space = {"learning_rate": [1e-3, 1e-2]}
    places = read_time(DAY.reset_index(drop=True))
    cut = [(fold.learned, fold.held_out) for fold in time_folds(places, 3, 1)]
    ours = NetSearch(net, space, cv=3).fit(X, Y, time=DAY)
    theirs = GridSearchCV(net, space, cv=cut).fit(X, Y, time=DAY)
    for key in ("split0_test_score", "split2_test_score"):
        np.testing.assert_array_equal(ours.cv_results_[key], theirs.cv_results_[key])
    np.testing.assert_array_equal(ours.predict(X), theirs.predict(X))
    with sklearn.config_context(enable_metadata_routing=True):
        routed = NetSearch(NetRegressor(**QUICK, gap=1, ramps=0).set_fit_request(time=True), space, cv=2)
        np.testing.assert_array_equal(
            nested_scores(routed, X, Y, cv=2, time=DAY).scores,
            cross_val_score(
                routed,
                X,
                Y,
                cv=[(fold.learned, fold.held_out) for fold in time_folds(places, 2, 1)],
                params={"time": DAY},
            ),
        )
    with pytest.raises(ValueError, match="Set cv to a number"):
        NetSearch(net, space, cv=KFold(3)).fit(X, Y, time=DAY)
