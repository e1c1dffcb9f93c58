"""A fit in a run folder: what is in it, that it goes on, and that it can be read and reported like any other run."""

import json

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris
from sklearn.model_selection import GridSearchCV, cross_val_score

import thalweg
from thalweg.base.errors import RunFolderError, SettingError
from thalweg.estimators import LinearRegressor, LogisticClassifier, NetClassifier, NetRegressor, load_estimator
from thalweg.train.store import MemberStore

NET = {"hidden": (8,), "epochs": 8, "seeds": 2}


@pytest.mark.parametrize("load", [load_diabetes, load_breast_cancer, load_iris])
def test_a_fit_with_folds_is_a_run(load, tmp_path):
    x, y = load(return_X_y=True)
    kind = NetRegressor if load is load_diabetes else NetClassifier
    model = kind(**NET, folds=3, out=tmp_path).fit(x, y)
    folder = model.run_folder_
    assert folder.parent == tmp_path
    run = thalweg.load(folder)
    assert "network" in run.frame()["model"].tolist()
    assert run.answer.leaderboard.folds == 3
    assert run.report().read_text(encoding="utf-8").count("<svg") > 0
    with pytest.raises(SettingError, match="load_estimator"):
        run.predict("example:iris")
    read = load_estimator(folder / "model.safetensors")
    np.testing.assert_array_equal(read.predict(x), model.predict(x))
    lines = pd.read_parquet(folder / "predictions.parquet")
    lines = lines[lines["model"] == "network ensemble"]
    assert sorted(lines["row"]) == list(range(1, len(y) + 1))
    column = "prediction" if kind is NetRegressor else lines.columns[5]
    expected = model.population_.out_of_fold[model.population_.rows.places, 0]
    np.testing.assert_allclose(lines.sort_values("row")[column], expected, rtol=1e-12)
    assert len(MemberStore(folder / "members" / "all").read()) == 8
    assert (folder / "members.csv").read_text(encoding="utf-8").count("\n") == 9


def test_equal_fits_share_a_folder_and_train_once(tmp_path, monkeypatch):
    x, y = load_diabetes(return_X_y=True)
    first = NetRegressor(**NET, folds=3, out=tmp_path).fit(x, y)
    monkeypatch.setattr("thalweg.train.fit.train_crowd", lambda *_, **__: pytest.fail("trained again"))
    same = NetRegressor(**NET, folds=3, out=tmp_path, workers=1).fit(x, y)
    assert same.run_folder_ == first.run_folder_
    np.testing.assert_array_equal(same.predict(x), first.predict(x))
    with pytest.raises(pytest.fail.Exception, match="trained again"):
        NetRegressor(**NET, folds=3, out=tmp_path, ridge=0.1).fit(x, y)


def test_searches_and_cross_validation_keep_every_fit(tmp_path):
    x, y = load_diabetes(return_X_y=True)
    net = NetRegressor(**NET, out=tmp_path)
    tracked = cross_val_score(net, x, y, cv=3)
    np.testing.assert_array_equal(tracked, cross_val_score(NetRegressor(**NET), x, y, cv=3))
    assert len(list(tmp_path.iterdir())) == 3
    GridSearchCV(net, {"ridge": [0.0, 0.1]}, cv=3).fit(x, y)
    configs = [json.loads((folder / "config.json").read_text(encoding="utf-8")) for folder in tmp_path.iterdir()]
    assert len(configs) == 7
    assert {config["settings"]["ridge"] for config in configs} == {0.0, 0.1}
    with pytest.raises(RunFolderError, match="answer"):
        thalweg.load(next(tmp_path.iterdir()))


def test_several_outcomes_have_networks_but_no_answer(tmp_path):
    rng = np.random.default_rng(0)
    x = rng.standard_normal((40, 2))
    model = NetRegressor(**NET, folds=3, out=tmp_path).fit(x, x)
    assert (model.run_folder_ / "model.safetensors").exists()
    assert not (model.run_folder_ / "answer.json").exists()


@pytest.mark.parametrize(
    ("load", "model", "own"),
    [
        (load_diabetes, LinearRegressor(folds=3, bootstrap=4), "least squares"),
        (load_diabetes, LinearRegressor(folds=3, ridge=0.5), "ridge regression, penalty 0.5"),
        (load_breast_cancer, LogisticClassifier(folds=3, calibrate=True), "logistic regression"),
        (load_iris, LogisticClassifier(folds=3, ridge=2.0), "softmax regression, penalty 2"),
    ],
)
def test_a_linear_fit_with_folds_is_a_run(load, model, own, tmp_path):
    x, y = load(return_X_y=True)
    plain = clone(model).fit(x, y)
    kept = model.set_params(out=tmp_path).fit(x, y)
    np.testing.assert_array_equal(kept.predict(x), plain.predict(x))
    assert not hasattr(plain, "run_folder_")
    run = thalweg.load(kept.run_folder_)
    assert own in run.frame()["model"].tolist()
    assert run.answer.verdict.startswith("Gradient boosting's")
    assert run.report().read_text(encoding="utf-8").count("<svg") > 0
    np.testing.assert_array_equal(load_estimator(kept.run_folder_ / "model.safetensors").predict(x), plain.predict(x))
    lines = pd.read_parquet(kept.run_folder_ / "predictions.parquet")
    lines = lines[lines["model"] == own].sort_values("row")
    expected = plain.population_.out_of_fold[plain.population_.rows.places]
    columns = [name for name in lines.columns if name.startswith(("prediction", "probability"))]
    np.testing.assert_allclose(lines[columns].to_numpy()[:, : expected.shape[1]], expected, rtol=1e-9)


def test_equal_linear_fits_share_a_folder_and_others_do_not(tmp_path):
    x, y = load_diabetes(return_X_y=True)
    first = LinearRegressor(folds=3, out=tmp_path).fit(x, y).run_folder_
    answer = json.loads((first / "answer.json").read_text(encoding="utf-8"))
    assert LinearRegressor(folds=3, out=tmp_path).fit(x, y).run_folder_ == first
    again = json.loads((first / "answer.json").read_text(encoding="utf-8"))
    assert again["leaderboard"] == answer["leaderboard"]
    cross_val_score(LinearRegressor(out=tmp_path), x, y, cv=3)
    assert len(list(tmp_path.iterdir())) == 4
    (tmp_path / "file").write_text("")
    with pytest.raises(RunFolderError, match="cannot be written"):
        LinearRegressor(out=tmp_path / "file").fit(x, y)
