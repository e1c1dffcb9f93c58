"""scikit-learn's progress bar watches a population; nothing starts more processes than there is room for."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from joblib import Parallel, delayed
from sklearn.datasets import load_diabetes
from sklearn.model_selection import GridSearchCV

from thalweg.estimators import NetClassifier, NetRegressor
from thalweg.estimators.ensemble.parallel import inside_a_worker

callback = pytest.importorskip("sklearn.callback")


class Epochs:
    """Counts epochs."""

    def __init__(self):
        self.begun = self.ended = self.over = 0

    def setup(self, estimator, context):
        pass

    def teardown(self, estimator, context):  # noqa: ARG002 - the names of scikit-learn's protocol
        self.over += 1

    def on_fit_task_begin(self, estimator, context):  # noqa: ARG002 - the names of scikit-learn's protocol
        self.begun += context.task_name == "epoch"

    def on_fit_task_end(self, estimator, context):  # noqa: ARG002 - the names of scikit-learn's protocol
        self.ended += context.task_name == "epoch"


@pytest.mark.parametrize("kind", [NetRegressor, NetClassifier])
def test_every_epoch_is_told(kind):
    x, y = load_diabetes(return_X_y=True)
    watcher = Epochs()
    model = kind(hidden=(4,), epochs=7, seeds=3).set_callbacks(watcher)
    model.fit(x, y > 100 if kind is NetClassifier else y)
    assert (watcher.begun, watcher.ended, watcher.over) == (7, 7, 1)


def test_callbacks_end_when_a_fit_fails():
    watcher = Epochs()
    with pytest.raises(Exception, match="diverged"):
        NetRegressor(optimizer="sgd", learning_rate=1e30).set_callbacks(watcher).fit(np.eye(4), np.arange(4))
    assert watcher.over == 1


def test_the_rich_progress_bar(capsys):
    x, y = load_diabetes(return_X_y=True)
    NetRegressor(hidden=(4,), epochs=5, seeds=2).set_callbacks(callback.ProgressBar()).fit(x, y)
    assert "NetRegressor" in capsys.readouterr().out


def test_a_grid_search_passes_its_progress_bar_on(capsys):
    x, y = load_diabetes(return_X_y=True)
    net = NetRegressor(hidden=(4,), epochs=2, seeds=1)
    GridSearchCV(net, {"ridge": [0.0, 0.1]}, cv=2).set_callbacks(callback.ProgressBar()).fit(x, y)
    assert "GridSearchCV" in capsys.readouterr().out


@pytest.mark.parametrize("backend", ["loky", "threading", "multiprocessing"])
def test_workers_of_joblib_know_that_they_are(backend):
    assert not inside_a_worker()
    assert Parallel(n_jobs=2, backend=backend)(delayed(inside_a_worker)() for _ in range(2)) == [True, True]


def test_threads_know_that_they_are():
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(inside_a_worker).result()
