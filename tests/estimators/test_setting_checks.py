import time

import numpy as np
import pytest
from sklearn.model_selection import GridSearchCV, KFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import thalweg as tw
from thalweg.base.errors import SettingError
from thalweg.estimators import LinearRegressor, LogisticClassifier, NetClassifier, NetRegressor, NetSearch
from thalweg.estimators.setting_checks import check_settings
from thalweg.select.learning.observations import InputError

X = np.linspace(-1.0, 1.0, 24)[:, None]
Y = X[:, 0]
NONSENSE = [
    *[("hidden", value) for value in ("64", (8.9,), True, 8.0, None, (True,), 0)],
    *[("epochs", value) for value in (2.9, "10", None, True, 0)],
    *[("batch", value) for value in ("auto", 0, 1.5)],
    *[("seeds", value) for value in ("x", 0, None, [1, 1], [True], [-1], 2.0)],
    *[("folds", value) for value in ("5", 1, True, 2.5)],
    *[("bootstrap", value) for value in (1, "many", True)],
    *[("optimizer", value) for value in (None, "adan", dict)],
    *[("loss", value) for value in (None, "l1", list, 3)],
    *[("schedule", value) for value in ("cos", 3)],
    *[("standardise", value) for value in ("no", 1, None)],
    *[("learning_rate", value) for value in ("x", 0.0, True, None, np.nan)],
    *[("dropout", value) for value in (None, 1.0, "0.5")],
    *[("activation", value) for value in (None, "swish", ["relu"])],
    *[("validation", value) for value in (1.0, "x", -0.1)],
    *[("workers", value) for value in (0, 1.5, "all")],
    *[("random_state", value) for value in (True, "a", -1, 1.5)],
    *[("out", value) for value in (3, "")],
    *[("ridge", value) for value in (-1.0, "x")],
]


@pytest.mark.parametrize(("name", "value"), NONSENSE)
def test_nonsense_is_refused_in_words_and_by_name(name, value):
    with pytest.raises(SettingError, match=rf"{name} (must|needs)") as caught:
        NetRegressor(**{name: value}).fit(X, Y)
    assert "np." not in str(caught.value)


@pytest.mark.parametrize("value", [1, "x", 2.5])
def test_linear_faces_check_theirs(value):
    for model, y in ((LinearRegressor(folds=value), Y), (LogisticClassifier(folds=value), Y > 0)):
        with pytest.raises(SettingError, match="folds must be"):
            model.fit(X, y)
    with pytest.raises(SettingError, match="class_weight must be"):
        LogisticClassifier(class_weight="even").fit(X, Y > 0)


def test_numbers_of_numpy_give_the_same_fit():
    mine = {"hidden": 8, "epochs": 2, "seeds": 2, "folds": 2, "bootstrap": 2, "batch": 8, "learning_rate": 0.5}
    theirs = {name: np.array(value)[()] for name, value in mine.items()}
    assert {type(value).__module__ for value in theirs.values()} == {"numpy"}
    a, b = (NetRegressor(**settings, workers=1).fit(X, Y).predict(X) for settings in (mine, theirs))
    assert np.array_equal(a, b)
    assert check_settings({"hidden": np.array([8, 4]), "standardise": np.True_}) == {
        "hidden": (8, 4),
        "standardise": True,
    }


def test_searches_take_arrays_of_values():
    net = NetRegressor(epochs=1, seeds=1, workers=1)
    space = {"hidden": np.array([4, 8]), "activation": np.array(["relu", "tanh"])}
    for search in (GridSearchCV(net, space, cv=2, error_score="raise"), NetSearch(net, space, cv=2, workers=1)):
        assert search.fit(X, Y).best_params_["hidden"] in {4, 8}


def test_splitters_seeds_and_random_states_are_let_through():
    model = NetRegressor(seeds=[3, 5], folds=KFold(2), epochs=1, workers=1, random_state=np.random.RandomState(0))
    assert len(model.fit(X, Y).population_.final) == 2


def test_calibrate_without_folds_is_refused_before_anything_is_trained():
    NetClassifier(epochs=1, seeds=1, workers=1).fit(X, Y > 0)  # torch is loaded now
    began = time.perf_counter()
    with pytest.raises(SettingError, match="calibrate=True needs out-of-fold"):
        NetClassifier(calibrate=True, epochs=5000, patience=None, hidden=(512, 512)).fit(X, Y > 0)
    assert time.perf_counter() - began < 0.5  # a fit would take minutes


def test_what_cannot_be_searched_is_told_before_anything_is_trained():
    pipeline = make_pipeline(StandardScaler(), NetRegressor())
    with pytest.raises(SettingError, match="estimator must be a NetRegressor or a NetClassifier, got Pipeline"):
        NetSearch(pipeline, {"netregressor__ridge": [0.0, 1.0]}).fit(X, Y)
    for name, value in (("scoring", ["r2", "neg_mean_absolute_error"]), ("workers", 0), ("factor", 1), ("refit", "r2")):
        with pytest.raises(SettingError, match=f"{name} must"):
            NetSearch(NetRegressor(), {"ridge": [0.0, 1.0]}, **{name: value}).fit(X, Y)
    with pytest.raises(SettingError, match="hidden must be"):
        NetSearch(NetRegressor(), {"hidden": [8, "64"]}, cv=2).fit(X, Y)


def test_validation_rows_have_the_shape_of_the_rows_learned_from():
    with pytest.raises(InputError, match="y_val has 2 columns and y 1"):
        NetRegressor(epochs=1).fit(X, Y, X_val=X, y_val=np.ones((len(X), 2)))


def test_a_row_in_every_sample_has_no_interval():
    model = NetRegressor(bootstrap=3, epochs=1, seeds=1, workers=1).fit([[1.0]], [1.0])
    with pytest.raises(SettingError, match="Every bootstrap sample holds every row"):
        model.predict_interval([[1.0]])


def test_jobs_take_numbers_of_numpy():
    table = {"y": [0, 1, 2, 3, 0, 2, 2, 3] * 10, "a": [0, 1, 0, 1] * 20, "b": [0, 0, 1, 1] * 20, "x": range(80)}
    one, two, some = np.int64(1), np.int64(2), np.float32(0.5)
    quick = {"epochs": one, "folds": two, "workers": one, "seed": two, "level": some, "hidden": np.array([4, 4])}
    tw.fit(table, target="y", seeds=one, patience=one, validation=some, **quick)
    tw.fit_effects(table, target="y", treatments=["a", "b"], link="linear", repeats=one, **quick)
    tw.fit_linear(table, target="y", folds=two, seed=one, level=some)


def test_effects_ask_for_a_function_to_watch():
    table = {"y": [0, 1, 2, 3] * 4, "a": [0, 1, 0, 1] * 4, "b": [0, 0, 1, 1] * 4}
    with pytest.raises(SettingError, match="watch must be a function"):
        tw.DeDL(link="linear").fit(table, target="y", treatments=["a", "b"], watch="x")
