"""Adapters write what the trackers ask for, with stand-ins and, where installed, with the trackers themselves."""

import sys
from contextlib import contextmanager
from types import SimpleNamespace

import numpy as np
import pytest
from sklearn.datasets import load_diabetes

from thalweg.base.errors import MissingExtraError
from thalweg.estimators import NetRegressor, load_estimator, log_to_mlflow, log_to_tensorboard


@pytest.fixture(scope="module")
def model():
    x, y = load_diabetes(return_X_y=True)
    return NetRegressor(hidden=(4,), epochs=4, seeds=2).fit(x, y)


class StandIn:
    """Remembers what it was told."""

    def __init__(self):
        self.metrics, self.params, self.artifacts, self.folders = [], {}, [], []

    @contextmanager
    def start_run(self, run_name):
        self.name = run_name
        yield SimpleNamespace(info=SimpleNamespace(run_id="run 7"))

    def log_params(self, params):
        self.params |= params

    def log_metric(self, key, value, step):
        self.metrics.append((key, value, step))

    def log_artifact(self, path):
        self.artifacts.append(load_estimator(path))

    def log_artifacts(self, folder):
        self.folders.append(folder)


def test_mlflow_gets_settings_losses_and_model(model, monkeypatch):
    tracker = StandIn()
    monkeypatch.setitem(sys.modules, "mlflow", tracker)
    assert log_to_mlflow(model, name="small") == "run 7"
    assert tracker.name == "small"
    assert tracker.params["hidden"] == "(4,)"
    kept = [value for key, value, _ in tracker.metrics if key == "validation_loss"]
    np.testing.assert_allclose(kept, model.validation_curve_)
    assert [step for key, _, step in tracker.metrics if key == "training_loss"] == [1, 2, 3, 4]
    x = load_diabetes(return_X_y=True)[0]
    np.testing.assert_array_equal(tracker.artifacts[0].predict(x), model.predict(x))


def test_mlflow_gets_the_run_folder(tmp_path, monkeypatch):
    tracker = StandIn()
    monkeypatch.setitem(sys.modules, "mlflow", tracker)
    x, y = load_diabetes(return_X_y=True)
    tracked = NetRegressor(hidden=(4,), epochs=2, seeds=1, out=tmp_path).fit(x, y)
    log_to_mlflow(tracked)
    assert tracker.folders == [str(tracked.run_folder_)]


def test_tensorboard_gets_every_network(model, tmp_path, monkeypatch):
    written = []

    class Writer:
        def __init__(self, log_dir):
            self.log_dir = log_dir

        def add_scalar(self, tag, value, step):
            written.append((self.log_dir, tag, value, step))

        def close(self):
            written.append("closed")

    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", SimpleNamespace(SummaryWriter=Writer))
    log_to_tensorboard(model, tmp_path)
    assert written.count("closed") == 2
    assert len(written) == 2 + 2 * 2 * 4


def test_without_a_tracker_the_extra_is_named(model, tmp_path, monkeypatch):
    for module in ("mlflow", "torch.utils.tensorboard"):
        monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingExtraError, match="track"):
        log_to_mlflow(model)
    with pytest.raises(MissingExtraError, match="TensorBoard"):
        log_to_tensorboard(model, tmp_path)


@pytest.mark.filterwarnings("ignore")
def test_mlflow_itself(model, tmp_path, monkeypatch):
    mlflow = pytest.importorskip("mlflow")
    monkeypatch.chdir(tmp_path)
    mlflow.set_tracking_uri(f"sqlite:///{tmp_path}/runs.db" if hasattr(mlflow, "sklearn") else tmp_path.as_uri())
    run = mlflow.get_run(log_to_mlflow(model))
    assert run.data.params["seeds"] == "2"
    assert run.data.metrics["training_loss"] == pytest.approx(model.loss_curve_[-1])


@pytest.mark.filterwarnings("ignore")
def test_tensorboard_itself(model, tmp_path):
    reader = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    log_to_tensorboard(model, tmp_path)
    events = reader.EventAccumulator(str(tmp_path / "network 1"))
    events.Reload()
    losses = [event.value for event in events.Scalars("training_loss")]
    np.testing.assert_allclose(losses, model.population_.final.networks[1].fit.training_loss, rtol=1e-6)
