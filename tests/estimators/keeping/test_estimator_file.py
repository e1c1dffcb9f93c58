"""Estimators written to a safetensors file and read again are the same estimators."""

import json

import numpy as np
import pytest
import torch
from safetensors import safe_open
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris, make_multilabel_classification
from sklearn.model_selection import KFold
from torch import nn

from thalweg.base.errors import RunFolderError, SettingError
from thalweg.estimators import (
    LinearRegressor,
    LogisticClassifier,
    NetClassifier,
    NetRegressor,
    NetSearch,
    load_estimator,
    marginal_effects,
    save_estimator,
)
from thalweg.estimators.keeping.plain_settings import settings_from_plain, settings_to_plain
from thalweg.loss.quantile import Quantile
from thalweg.net.dense import Dense
from thalweg.net.spec import Network, mlp
from thalweg.optim.adam import Adam
from thalweg.optim.schedule import Cosine

NET = {"hidden": (8,), "epochs": 8, "seeds": 2}
CASES = {
    "numbers": (
        NetRegressor(**NET, folds=KFold(3), bootstrap=4, optimizer=Adam(0.01), schedule=Cosine()),
        load_diabetes,
    ),
    "quantiles": (NetRegressor(**NET, folds=3, loss=Quantile((0.1, 0.5, 0.9))), load_diabetes),
    "network": (NetRegressor(network=mlp((6, 4), "tanh", dropout=0.1), epochs=3, seeds=1), load_diabetes),
    "two classes": (NetClassifier(**NET, folds=3, calibrate=True), load_breast_cancer),
    "classes": (NetClassifier(**NET, class_weight={0: 1.0, 1: 2.0, 2: 1.5}), load_iris),
    "line": (LinearRegressor(folds=3, bootstrap=5), load_diabetes),
    "logit": (LogisticClassifier(folds=4, calibrate=True), load_iris),
}


@pytest.mark.parametrize("case", CASES)
def test_what_is_read_predicts_what_was_saved(case, tmp_path):
    model, load = CASES[case]
    x, y = load(return_X_y=True, as_frame=True)
    read = load_estimator(save_estimator(model.fit(x, y), tmp_path / "model.safetensors"))
    np.testing.assert_array_equal(read.predict(x), model.predict(x))
    assert type(read) is type(model)
    assert list(read.feature_names_in_) == list(x.columns)
    assert read.get_params()["random_state"] == 0
    if hasattr(model, "predict_proba"):
        np.testing.assert_array_equal(read.predict_proba(x), model.predict_proba(x))
        assert read.classes_.dtype == model.classes_.dtype
    elif model.population_.folds:
        np.testing.assert_array_equal(read.predict_interval(x), model.predict_interval(x))
    if model.population_.bootstrap is not None:
        np.testing.assert_array_equal(marginal_effects(read).bse, marginal_effects(model).bse)


def test_a_file_without_rows_only_predicts(tmp_path):
    x, y = load_diabetes(return_X_y=True)
    model = NetRegressor(**NET, folds=3).fit(x, y)
    path = save_estimator(model, tmp_path / "model.safetensors", intervals=False)
    read = load_estimator(path)
    np.testing.assert_array_equal(read.predict(x), model.predict(x))
    with pytest.raises(SettingError, match="did not see"):
        read.predict_interval(x)
    with safe_open(path, framework="numpy") as file:
        assert not [name for name in file.keys() if name.startswith(("rows", "fold", "out_of"))]  # noqa: SIM118 - no mapping
        assert json.loads(file.metadata()["thalweg"])["estimator"] == "NetRegressor"


def test_label_sets_and_text_classes(tmp_path):
    x, labels = make_multilabel_classification(60, 5, n_classes=3, random_state=0)
    model = NetClassifier(**NET).fit(x, labels)
    read = load_estimator(save_estimator(model, tmp_path / "sets.safetensors"))
    np.testing.assert_array_equal(read.predict(x), model.predict(x))
    words = np.array(["no", "perhaps", "yes"])[np.minimum(labels.sum(axis=1), 2)]
    read = load_estimator(save_estimator(NetClassifier(**NET).fit(x, words), tmp_path / "words.safetensors"))
    assert set(read.predict(x)) <= set(words)


def test_values_of_settings_survive():
    network = Network((Dense(4), *mlp((3,)).layers))
    for value in (None, 1.5, (64, 32), network, Adam(0.1, beta1=0.5), Quantile((0.1, 0.9)), {0: 1.0, "a": 2}):
        assert settings_from_plain(json.loads(json.dumps(settings_to_plain(value)))) == value
    with pytest.raises(SettingError, match="without pickle"):
        settings_to_plain(object())
    for kind in ("os.system", "thalweg.base.checks.check_count", "thalweg.base.errors.DataError"):
        with pytest.raises(RunFolderError, match="no value"):
            settings_from_plain({"kind": kind})


def test_what_is_no_estimator_is_refused(tmp_path):
    x, y = load_diabetes(return_X_y=True)
    search = NetSearch(NetRegressor(**NET), {"ridge": [0.0]}, cv=2, refit=False).fit(x, y)
    with pytest.raises(SettingError, match="kept no best estimator"):
        save_estimator(search, tmp_path / "search")
    with pytest.raises(SettingError, match="is no estimator of this package"):
        save_estimator(object(), tmp_path / "object")
    (tmp_path / "text").write_text("hello", encoding="utf-8")
    for name in ("text", "absent"):
        with pytest.raises(RunFolderError, match=r"damaged or was not written by thalweg|is missing"):
            load_estimator(tmp_path / name)


def three_wide(inputs, outputs):
    return nn.Sequential(nn.Linear(inputs, 3), nn.BatchNorm1d(3), nn.Tanh(), nn.Linear(3, outputs))


def four_wide(inputs, outputs):
    return nn.Sequential(nn.Linear(inputs, 4), nn.BatchNorm1d(4), nn.Tanh(), nn.Linear(4, outputs))


def focal(q, y):
    return (y - torch.sigmoid(q)).abs() ** 2 * nn.functional.binary_cross_entropy_with_logits(q, y, reduction="none")


@pytest.mark.filterwarnings("ignore:The operation")
def test_code_of_ones_own_is_given_again(tmp_path):
    X, y = (part[:120] for part in load_breast_cancer(return_X_y=True))
    model = NetClassifier(network=three_wide, loss=focal, seeds=2, epochs=3, folds=2, workers=1).fit(X, y)
    path = save_estimator(model, tmp_path / "m.safetensors")
    read = load_estimator(path, network=three_wide, loss=focal)
    np.testing.assert_array_equal(read.predict_proba(X), model.predict_proba(X))
    np.testing.assert_array_equal(read.population_.out_of_fold, model.population_.out_of_fold)
    for given, says in (
        ({}, r"a loss of your own, focal, .* load_estimator\(path, loss=focal\)"),
        ({"loss": focal}, r"a network of your own, three_wide, .* load_estimator\(path, network=three_wide\)"),
        ({"network": four_wide, "loss": focal}, "The network given has 145 parameters, that of the file 109"),
        ({"network": three_wide, "loss": focal, "hidden": 3}, "hidden cannot be given: the file holds it"),
    ):
        with pytest.raises(SettingError, match=says):
            load_estimator(path, **given)


@pytest.mark.parametrize("loss", ["huber", Quantile((0.1, 0.9)), 3])
def test_a_loss_of_numbers_is_none_of_classes(loss):
    X, y = load_iris(return_X_y=True)
    with pytest.raises(SettingError, match="loss"):
        NetClassifier(loss=loss, epochs=2, seeds=1).fit(X, y)


@pytest.mark.filterwarnings("ignore:The operation")
def test_a_loss_of_ones_own_learns_classes():
    X, y = load_iris(return_X_y=True)

    def smoothed(q, labels):
        return nn.functional.cross_entropy(q, labels, label_smoothing=0.1, reduction="none")

    model = NetClassifier(loss=smoothed, epochs=60, seeds=1, learning_rate=0.01, workers=1).fit(X, y)
    assert model.score(X, y) > 0.9
