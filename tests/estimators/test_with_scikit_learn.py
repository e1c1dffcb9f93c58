"""The estimators inside scikit-learn's own tools."""

import os
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from sklearn import config_context
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.datasets import load_diabetes, load_iris, make_multilabel_classification
from sklearn.ensemble import StackingRegressor
from sklearn.inspection import permutation_importance
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV, KFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import thalweg
from thalweg.base.errors import TrainingError
from thalweg.estimators import LinearRegressor, LogisticClassifier, NetClassifier, NetRegressor

NET = {"hidden": (16,), "seeds": 2, "epochs": 40, "learning_rate": 0.01}


@pytest.fixture(scope="module")
def diabetes():
    return load_diabetes(return_X_y=True, as_frame=True)


@pytest.fixture(scope="module")
def iris():
    return load_iris(return_X_y=True)


def test_pipeline_and_grid_search_with_workers(diabetes):
    pipeline = make_pipeline(StandardScaler(), NetRegressor(**NET))
    search = GridSearchCV(pipeline, {"netregressor__ridge": [0.0, 0.01]}, cv=3, n_jobs=2).fit(*diabetes)
    assert search.best_score_ > 0.35


def test_cross_val_score_equals_the_same_fits_in_one_process(iris):
    one = cross_val_score(NetClassifier(**NET), *iris, cv=3)
    np.testing.assert_array_equal(one, cross_val_score(NetClassifier(**NET), *iris, cv=3, n_jobs=2))
    assert one.mean() > 0.9


def test_calibration_stacking_and_permutation_importance(diabetes, iris):
    assert CalibratedClassifierCV(NetClassifier(**NET), cv=3).fit(*iris).score(*iris) > 0.9
    stack = StackingRegressor([("net", NetRegressor(**NET)), ("line", LinearRegressor())], Ridge()).fit(*diabetes)
    assert stack.score(*diabetes) > 0.4
    model = NetRegressor(**NET).fit(*diabetes)
    found = permutation_importance(model, *diabetes, n_repeats=3, random_state=0).importances_mean
    assert diabetes[0].columns[found.argmax()] in {"s5", "bmi"}


def test_feature_names_clone_and_pickle(diabetes):
    model = clone(NetRegressor(**NET)).fit(*diabetes)
    assert list(model.feature_names_in_) == list(diabetes[0].columns)
    again = pickle.loads(pickle.dumps(model))  # noqa: S301 - our own bytes
    np.testing.assert_array_equal(again.predict(diabetes[0]), model.predict(diabetes[0]))


def test_row_order_and_repeats_never_matter(diabetes):
    x, y = (part.to_numpy()[:90] for part in diabetes)
    settings = NET | {"batch": 16, "dropout": 0.1, "epochs": 5, "folds": 3}
    weights = np.arange(90) % 3
    weighted = NetRegressor(**settings).fit(x, y, sample_weight=weights)
    repeated = np.random.default_rng(0).permutation(np.repeat(np.arange(90), weights))
    other = NetRegressor(**settings).fit(x[repeated], y[repeated])
    np.testing.assert_array_equal(weighted.predict(x), other.predict(x))
    np.testing.assert_array_equal(weighted.predict_interval(x), other.predict_interval(x))


def test_relative_weights_move_the_fit(diabetes):
    x, y = diabetes
    heavy = np.where(y > 150, 3.5, 0.1)
    assert NetRegressor(**NET).fit(x, y, sample_weight=heavy).predict(x).mean() > 1.1 * y.mean()


def test_metadata_routing_carries_weights(diabetes):
    x, y = diabetes
    with config_context(enable_metadata_routing=True):
        model = NetRegressor(**NET).set_fit_request(sample_weight=True).set_score_request(sample_weight=True)
        scores = cross_val_score(model, x, y, cv=3, params={"sample_weight": np.linspace(0.5, 2, len(y))})
    assert np.isfinite(scores).all()


def test_own_validation_rows_stop_training_and_draw_a_curve(diabetes):
    x, y = diabetes
    model = NetRegressor(**NET | {"epochs": 300, "patience": 5}).fit(x[:300], y[:300], X_val=x[300:], y_val=y[300:])
    assert model.n_iter_ < 300
    assert len(model.validation_curve_) == model.n_iter_
    assert model.validation_curve_.min() < model.validation_curve_[0]


def test_validation_rows_that_do_not_fit(diabetes, iris):
    x, y = diabetes
    with pytest.raises(ValueError, match="got one of them"):
        NetRegressor(**NET).fit(x, y, X_val=x)
    with pytest.raises(ValueError, match="442 rows and y_val 3"):
        NetRegressor(**NET).fit(x, y, X_val=x, y_val=y[:3])
    with pytest.raises(ValueError, match="unknown class"):
        NetClassifier(**NET).fit(*iris, X_val=iris[0], y_val=iris[1] + 1)


def test_partial_fit_equals_fit_epoch_by_epoch(diabetes):
    x, y = diabetes
    whole = NetRegressor(**NET | {"epochs": 3, "patience": None}, ramps=0).fit(x, y)
    steps = NetRegressor(**NET)
    for _ in range(3):
        steps.partial_fit(x, y)
        steps = pickle.loads(pickle.dumps(steps))  # noqa: S301 - our own bytes
    np.testing.assert_allclose(steps.predict(x), whole.predict(x), rtol=1e-6)
    assert steps.n_iter_ == 3


def test_partial_fit_draws_bootstrap_samples_online(diabetes):
    x, y = (part.to_numpy() for part in diabetes)
    model = NetRegressor(**NET, bootstrap=12)
    for _ in range(20):
        for part in (slice(0, 221), slice(221, 442)):
            model.partial_fit(x[part], y[part])
    population = model.population_
    assert population.bags.shape == (12, 221)
    assert abs(population.bags.mean() - 1.0) < 0.1
    again = NetRegressor(**NET, bootstrap=12).partial_fit(x[221:], y[221:]).population_.bags
    np.testing.assert_array_equal(population.bags, again)
    assert np.corrcoef(population.bootstrap.predict(x).mean(axis=0)[:, 0], model.predict(x))[0, 1] > 0.95
    inside = model.predict_interval(x[:221])
    assert 0.8 < ((inside[:, 0] < y[:221]) & (y[:221] < inside[:, 1])).mean() <= 1
    np.testing.assert_array_equal(
        model.predict(x),
        pickle.loads(pickle.dumps(model)).predict(x),  # noqa: S301 - our own bytes
    )


def test_a_row_that_is_in_no_sample_of_a_part_moves_nothing():
    x, y = np.arange(8.0)[:, None], np.arange(8.0)
    model = NetRegressor(**NET, bootstrap=8).partial_fit(x, y)
    before = model.population_.bootstrap.predict(x)
    model.partial_fit(x[:1], y[:1])
    still = (model.population_.bootstrap.predict(x) == before).all(axis=(1, 2))
    np.testing.assert_array_equal(still, model.population_.bags[:, 0] == 0)
    assert 0 < still.sum() < 8


def test_partial_fit_of_classes_that_come_later(iris):
    x, y = iris
    model = NetClassifier(**NET)
    for _ in range(30):
        model.partial_fit(x[::2], y[::2], classes=[0, 1, 2])
    assert model.score(x, y) > 0.9
    assert not hasattr(NetClassifier(folds=3), "partial_fit")


def test_several_outcomes_and_label_sets():
    rng = np.random.default_rng(0)
    x = rng.standard_normal((150, 3))
    y = np.column_stack([x[:, 0], x[:, 1] - x[:, 2]])
    model = NetRegressor(**NET | {"folds": 3}).fit(x, y)
    assert model.score(x, y) > 0.9
    assert model.predict_interval(x[:4]).shape == (4, 2, 2)
    x, labels = make_multilabel_classification(200, 8, n_classes=3, random_state=0)
    sets = NetClassifier(**NET).fit(x, labels)
    assert sets.predict_proba(x).shape == (200, 3)
    assert (sets.predict(x) == labels).mean() > 0.75


def test_class_weight_raises_the_rare_class(iris):
    x, y = iris
    kept = np.r_[0:60, 60:66, 100:110]
    common = NetClassifier(**NET).fit(x[kept, :2], y[kept])
    fair = NetClassifier(**NET, class_weight="balanced").fit(x[kept, :2], y[kept])
    assert fair.predict_proba(x[:, :2])[:, 2].mean() > common.predict_proba(x[:, :2])[:, 2].mean()


def test_temperature_cools_overfitted_networks(iris):
    x, y = iris
    rng = np.random.default_rng(0)
    noisy = np.where(rng.random(150) < 0.3, rng.integers(0, 3, 150), y)
    model = NetClassifier(**NET | {"epochs": 300, "patience": None}, folds=5, calibrate=True).fit(x, noisy)
    assert model.temperature_ > 1.5
    linear = LogisticClassifier(folds=5, calibrate=True).fit(x, noisy)
    assert 0.3 < linear.temperature_ < 3


def test_splitters_give_the_folds(diabetes):
    x, y = diabetes
    model = LinearRegressor(folds=KFold(4)).fit(x, y)
    assert sorted(len(rows) for rows in model.population_.held_out) == [110, 110, 111, 111]


def test_linear_models_equal_scikit_learns(iris):
    from sklearn.linear_model import LogisticRegression

    x, y = iris
    scaled = StandardScaler().fit_transform(x)
    ours = LogisticClassifier().fit(x, y).predict_proba(x)
    theirs = LogisticRegression(C=1, tol=1e-10, max_iter=10_000).fit(scaled, y).predict_proba(scaled)
    np.testing.assert_allclose(ours, theirs, atol=1e-6)


def test_diverged_networks_are_named(diabetes):
    with pytest.raises(TrainingError, match="diverged"):
        NetRegressor(**NET | {"optimizer": "sgd", "learning_rate": 1e6}).fit(*diabetes)


def test_importing_is_free_of_torch_until_fit():
    code = (
        "import sys; from thalweg.estimators import LinearRegressor, NetRegressor, NetSearch, marginal_effects;"
        "NetSearch(NetRegressor(), {}); assert 'torch' not in sys.modules;"
        "LinearRegressor().fit([[0.], [1.], [2.]], [0., 1., 2.]); assert 'torch' not in sys.modules"
    )
    source = str(Path(thalweg.__file__).parents[1])
    subprocess.run([sys.executable, "-c", code], check=True, env=os.environ | {"PYTHONPATH": source})
