"""State is kept or refused: what goes on from where, and what may not change on the way."""

import pickle

import numpy as np
import pytest
from sklearn.datasets import load_diabetes, load_iris
from torch import nn

from thalweg.base.errors import SettingError
from thalweg.estimators import LinearRegressor, NetClassifier, NetRegressor, load_estimator, save_estimator
from thalweg.net.batchnorm import BatchNorm
from thalweg.net.dense import Dense
from thalweg.net.spec import Network
from thalweg.select.learning.observations import InputError
from thalweg.train.module import ModuleNetwork

X, Y = load_diabetes(return_X_y=True)
NET = {"hidden": (16,), "seeds": 2, "learning_rate": 0.01, "workers": 1}


def module():
    return nn.Sequential(nn.Linear(10, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 1))


def test_partial_fit_goes_on_from_fit_and_from_a_file(tmp_path):
    model = NetRegressor(**NET, epochs=60).fit(X, Y)
    fitted, epochs = model.score(X, Y), model.n_iter_
    read = load_estimator(save_estimator(model, tmp_path / "fitted.safetensors"))
    assert model.partial_fit(X, Y).score(X, Y) > fitted - 0.05
    assert model.n_iter_ == epochs + 1
    assert np.array_equal(read.partial_fit(X, Y).predict(X), model.predict(X))
    again = load_estimator(save_estimator(model, tmp_path / "stream.safetensors"))
    assert np.array_equal(again.partial_fit(X, Y).predict(X), model.partial_fit(X, Y).predict(X))


@pytest.mark.parametrize("network", [None, Network((Dense(8), BatchNorm())), ModuleNetwork(module)])
@pytest.mark.parametrize("optimizer", ["adam", "momentum"])
def test_a_pass_after_fit_is_its_next_epoch(network, optimizer, tmp_path):
    settings = {"hidden": (8,), "network": network, "optimizer": optimizer, "seeds": 2, "workers": 1, "patience": None}
    whole = NetRegressor(**settings, epochs=4).fit(X, Y)
    fitted = NetRegressor(**settings, epochs=3, out=tmp_path).fit(X, Y)
    again = NetRegressor(**settings, epochs=3, out=tmp_path).fit(X, Y)  # read from its run folder
    for model in (fitted, again):
        np.testing.assert_array_equal(model.partial_fit(X, Y).predict(X), whole.predict(X))


def test_after_early_stopping_the_best_weights_go_on_with_the_optimizer():
    model = NetRegressor(**NET, epochs=60).fit(X, Y)
    kept = model.population_.final.networks[0].fit
    assert kept.best_epoch < kept.epochs
    assert np.isin(kept.parameters, kept.state).all()
    assert len(kept.state) == 4 * len(kept.parameters) + 1  # gradients, two memories of Adam, steps
    assert NetRegressor(**NET, folds=3, epochs=2).fit(X, Y).population_.final.networks[0].fit.state is None


def test_bootstrap_samples_go_on_too():
    model = NetRegressor(**NET, bootstrap=4, epochs=20).fit(X, Y)
    assert len(model.partial_fit(X[:50], Y[:50]).population_.bootstrap) == 4


@pytest.mark.parametrize(("name", "value"), [("hidden", (5,)), ("seeds", 3), ("loss", "huber"), ("standardise", False)])
def test_a_changed_setting_is_refused_by_name(name, value):
    for model in (NetRegressor(**NET).partial_fit(X, Y), NetRegressor(**NET, epochs=1).fit(X, Y)):
        with pytest.raises(SettingError, match=f"partial_fit goes on with {name}="):
            model.set_params(**{name: value}).partial_fit(X, Y)


def test_the_learning_rate_may_change_on_the_way():
    NetRegressor(**NET).partial_fit(X, Y).set_params(learning_rate=0.1).partial_fit(X, Y)


def test_other_classes_are_refused():
    model = NetClassifier(seeds=1).partial_fit([[3, 2]], [0], classes=[0, 1]).partial_fit([[3, 2]], [1], classes=[1, 0])
    with pytest.raises(InputError, match=r"classes must stay \[0, 1\]"):
        model.partial_fit([[3, 2]], [0], classes=[1, 2])


def test_partial_fit_is_hidden_with_folds():
    assert not hasattr(NetRegressor(folds=3), "partial_fit")
    assert hasattr(NetRegressor(bootstrap=3), "partial_fit")


@pytest.mark.parametrize("first", [1, 2, 50])
def test_the_first_call_does_not_set_the_scale_for_ever(first):
    rng = np.random.default_rng(0)
    x = rng.normal(5000.0, 1000.0, (300, 4))
    y = (x - 5000.0) @ [1.0, 2.0, 3.0, 4.0] / 1000.0 + 100.0
    model = NetRegressor(hidden=(16,), seeds=1, learning_rate=0.01, batch=32).partial_fit(x[:first], y[:first])
    for place in range(first, 300, 5):
        model.partial_fit(x[place : place + 5], y[place : place + 5])
    assert model.score(x, y) > 0.5  # −0.3 when the first row alone set the scale


def test_a_stream_with_out_is_kept(tmp_path):
    model = NetRegressor(**NET, out=tmp_path).partial_fit(X, Y).partial_fit(X, Y)
    read = load_estimator(model.run_folder_ / "model.safetensors")
    assert np.array_equal(read.predict(X), model.predict(X))
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("network", [ModuleNetwork(module), Network((Dense(8), BatchNorm()))])
def test_batch_norm_meets_one_row(network):
    quick = NetRegressor(network=network, seeds=1, epochs=2, batch=64, patience=None, workers=1)
    for rows in (65, 1):  # a last batch of one, one row alone
        assert np.isfinite(quick.fit(X[:rows], Y[:rows]).predict(X)).all()
    for _ in range(2):
        quick.partial_fit(X[:1], Y[:1])
    assert np.isfinite(quick.predict(X)).all()


def test_modules_stream_as_they_fit():
    settings = {"network": ModuleNetwork(module), "seeds": 1, "workers": 1, "optimizer": "adam"}
    whole = NetRegressor(**settings, epochs=3, patience=None).fit(X, Y)
    steps = NetRegressor(**settings)
    for _ in range(3):
        steps.partial_fit(X, Y)
    np.testing.assert_allclose(steps.predict(X), whole.predict(X), rtol=1e-5)


def test_a_warm_start_begins_where_the_last_fit_ended():
    cold = NetRegressor(**NET, epochs=5, patience=None, warm_start=True)
    first = cold.fit(X, Y).loss_curve_
    second = cold.fit(X, Y).loss_curve_
    assert second[0] < first[-1] * 1.05
    with pytest.raises(SettingError, match="warm_start=True goes on from networks of another shape"):
        cold.set_params(hidden=(4,)).fit(X, Y)
    with pytest.raises(SettingError, match="warm_start=True cannot go with folds"):
        NetRegressor(folds=3, warm_start=True).fit(X, Y)


def test_warm_starts_in_a_folder_are_runs_of_their_own(tmp_path):
    model = NetRegressor(**NET, epochs=2, patience=None, warm_start=True, out=tmp_path)
    folders = {model.fit(X, Y).run_folder_ for _ in range(3)}
    assert len(folders) == 3


def test_tol_ends_a_fit_earlier():
    net = NET | {"epochs": 60, "patience": 5}
    assert NetRegressor(**net, tol=0.05).fit(X, Y).n_iter_ < NetRegressor(**net).fit(X, Y).n_iter_


def test_verbose_tells_parameters_and_losses(capsys):
    model = NetRegressor(**NET, epochs=2, ramps=0, verbose=True).fit(X, Y)
    told = capsys.readouterr().err
    assert model.parameter_count_ == 16 * 11 + 17
    assert "2 networks of 193 parameters each, at most 2 epochs" in told
    assert "after 2 epochs: loss" in told
    NetRegressor(**NET, epochs=2).fit(X, Y)
    assert capsys.readouterr().err == ""


def test_smoothed_labels_keep_probabilities_from_the_edges():
    x, y = load_iris(return_X_y=True)
    for labels in (y, y == 2):
        plain, smooth = (
            NetClassifier(seeds=1, epochs=100, learning_rate=0.02, label_smoothing=s, workers=1).fit(x, labels)
            for s in (0.0, 0.3)
        )
        assert smooth.predict_proba(x).max() < plain.predict_proba(x).max() - 0.02
        assert smooth.score(x, labels) > 0.9
        assert np.allclose(np.exp(smooth.predict_log_proba(x)), smooth.predict_proba(x))


@pytest.mark.parametrize("loss", ["absolute", "huber", "quantile", "gaussian"])
def test_losses_go_by_name(loss):
    assert NetRegressor(**NET, epochs=60, loss=loss).fit(X, Y).score(X, Y) > 0.3


def test_adamw_is_adam_with_decay():
    quick = NET | {"epochs": 3}
    mine = NetRegressor(**quick, optimizer="adamw").fit(X, Y).predict(X)
    assert np.array_equal(mine, NetRegressor(**quick, optimizer="adam", decay=0.01).fit(X, Y).predict(X))
    assert not np.array_equal(mine, NetRegressor(**quick).fit(X, Y).predict(X))


def test_schedules_go_by_name():
    for schedule in ("cosine", "step", "warmup", "inverse_time", "constant"):
        NetRegressor(**NET, epochs=2, schedule=schedule).fit(X, Y)


def test_pickles_hold_no_row_unless_folds_or_samples_need_them():
    x = np.arange(3e5).reshape(-1, 10)
    sizes = [
        len(pickle.dumps(LinearRegressor(folds=f, bootstrap=b).fit(x, x[:, 0]))) for f, b in ((None, None), (2, None))
    ]
    assert sizes[0] < 20_000
    assert sizes[1] > x.nbytes
    model = NetRegressor(**NET, epochs=2).fit(X, Y)
    read = pickle.loads(pickle.dumps(model))  # noqa: S301 - our own bytes
    assert len(read.population_.rows) == 0
    assert np.array_equal(read.predict(X), model.predict(X))
    assert np.array_equal(read.partial_fit(X, Y).predict(X), model.partial_fit(X, Y).predict(X))
