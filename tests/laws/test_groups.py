"""Laws of groups in estimators: nothing cuts one, and whole groups are what is drawn, held out and counted."""

import numpy as np
import pytest
import sklearn
from sklearn.datasets import load_diabetes
from sklearn.model_selection import GridSearchCV, GroupKFold, KFold, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from thalweg.base.errors import SettingError
from thalweg.estimators import (
    LinearRegressor,
    LogisticClassifier,
    NetClassifier,
    NetRegressor,
    load_estimator,
    save_estimator,
)
from thalweg.select.learning.lessons import stopping_rows, view_sample
from thalweg.select.learning.views import resample

X, Y = (part[:120] for part in load_diabetes(return_X_y=True))
GROUPS = np.repeat([f"person {k:02}" for k in range(30)], np.arange(30) % 9 + 1)[:120]
QUICK = {"hidden": (4,), "seeds": 2, "epochs": 3, "workers": 1}
FACES = [
    (LinearRegressor, {}, Y),
    (LogisticClassifier, {}, Y > 140),
    (NetRegressor, QUICK, Y),
    (NetClassifier, QUICK, Y > 140),
]


def whole(groups, rows):
    """Whether some rows are all rows of their groups."""
    return np.isin(groups, groups[rows]).sum() == len(np.unique(rows))


@pytest.mark.parametrize(("face", "settings", "y"), FACES)
@pytest.mark.parametrize("folds", [4, GroupKFold(4)])
def test_folds_and_samples_are_of_whole_groups(face, settings, y, folds):
    population = face(**settings, folds=folds, bootstrap=5).fit(X, y, groups=GROUPS).population_
    codes = population.rows.groups
    assert len(np.unique(codes)) == len(set(GROUPS))
    assert all(whole(codes, held) for held in population.held_out)
    for counts in population.bags:
        assert len(np.unique(np.column_stack([codes, counts]), axis=0)) == codes.max() + 1
        members = np.unique(codes, return_index=True)[1]
        assert counts[members].sum() == codes.max() + 1


def test_rows_watched_for_patience_are_of_whole_groups():
    rows = NetRegressor(**QUICK).fit(X, Y, groups=GROUPS).population_.rows
    for view in resample(rows, folds=3, bootstrap=3, seed=0):
        sample = view_sample(rows, view, features=True, outcomes=True)
        for seed in range(3):
            learned, watched = stopping_rows(sample, 0.2, seed)
            assert len(watched)
            assert not set(sample.groups[learned]) & set(sample.groups[watched])


@pytest.mark.parametrize("design", [{"folds": 3}, {"bootstrap": 3}])
@pytest.mark.parametrize("face", [NetRegressor, LinearRegressor])
def test_frequencies_are_repeated_rows_and_order_is_nothing(face, design):
    settings = design | {"weights_kind": "frequency"} | (QUICK if face is NetRegressor else {})
    counts = np.arange(120) % 3
    again = np.random.default_rng(0).permutation(np.repeat(np.arange(120), counts))
    weighted = face(**settings).fit(X, Y, sample_weight=counts, groups=GROUPS)
    written = face(**settings).fit(X[again], Y[again], groups=GROUPS[again])
    np.testing.assert_array_equal(weighted.predict(X), written.predict(X))
    np.testing.assert_array_equal(weighted.predict_interval(X), written.predict_interval(X))


def test_equal_rows_of_two_groups_are_two_observations():
    x, y, groups = np.zeros((4, 1)), np.zeros(4), [1, 1, 2, 3]
    rows = LinearRegressor(folds=2).fit(x, y, groups=groups).population_.rows
    assert rows.places.tolist() == [0, 0, 1, 2]
    assert rows.weights.tolist() == [2, 1, 1]


@pytest.mark.parametrize(
    ("settings", "groups", "says"),
    [
        ({"folds": 5}, np.arange(120) % 3, "5 folds need at least 5 groups, got 3. Set folds to 3"),
        ({"folds": KFold(4)}, GROUPS, "cuts groups"),
        ({}, np.zeros(120), "holds one label"),
        ({}, GROUPS[:7], "one label per row, 120 in all"),
        ({}, [None, *GROUPS[1:]], "missing in row 1"),
        ({}, "person", r"such as X\['person'\]"),
        ({"folds": 2, "patience": 5}, np.arange(120) % 2, "one group, which cannot be cut for patience"),
    ],
)
def test_what_cannot_be_honoured_is_said(settings, groups, says):
    face = NetRegressor(**QUICK, **settings) if "patience" in settings else LinearRegressor(**settings)
    with pytest.raises(ValueError, match=says):
        face.fit(X, Y, groups=groups)


def test_a_stream_cannot_go_on_from_samples_of_groups():
    model = NetRegressor(**QUICK, bootstrap=3).fit(X, Y, groups=GROUPS)
    with pytest.raises(SettingError, match="whole groups"):
        model.partial_fit(X, Y)
    assert NetRegressor(**QUICK).fit(X, Y, groups=GROUPS).partial_fit(X, Y).predict(X).shape == (120,)


def test_a_file_keeps_the_groups(tmp_path):
    model = LinearRegressor(folds=4).fit(X, Y, groups=GROUPS)
    again = load_estimator(save_estimator(model, tmp_path / "m.safetensors"))
    np.testing.assert_array_equal(again.predict_interval(X), model.predict_interval(X))
    assert (again.predict_interval(X) != LinearRegressor(folds=4).fit(X, Y).predict_interval(X)).any()


def test_scikit_learn_hands_groups_on():
    net = NetRegressor(**QUICK, folds=3)
    pipe = make_pipeline(StandardScaler(), net).fit(X, Y, netregressor__groups=GROUPS)
    assert pipe[-1].population_.rows.groups is not None
    with sklearn.config_context(enable_metadata_routing=True):
        asked = make_pipeline(StandardScaler(), NetRegressor(**QUICK, folds=3).set_fit_request(groups=True))
        found = cross_validate(
            asked, X, Y, cv=GroupKFold(3), params={"groups": GROUPS}, return_estimator=True, error_score="raise"
        )
        assert all(model[-1].population_.rows.groups is not None for model in found["estimator"])
        grid = GridSearchCV(asked, {"netregressor__ridge": [0.0, 0.1]}, cv=GroupKFold(3)).fit(X, Y, groups=GROUPS)
        assert grid.best_estimator_[-1].population_.rows.groups is not None
