"""An estimator's executor: used, kept by a clone, left behind by a pickle."""

import pickle
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from sklearn.base import clone

from thalweg.base.errors import SettingError
from thalweg.estimators import NetRegressor, NetSearch
from thalweg.estimators.search.nested import nested_scores


class Counting(ThreadPoolExecutor):
    """Counts what it is given."""

    given = 0

    def submit(self, *arguments):
        self.given += 1
        return super().submit(*arguments)


def test_an_estimator_is_trained_by_its_executor_to_the_same_numbers_and_so_is_its_clone():
    x = np.random.default_rng(0).normal(size=(60, 3))
    y = x[:, 0] + x[:, 1] ** 2
    quick = {"hidden": (4,), "seeds": 2, "epochs": 3}
    expected = NetRegressor(**quick, workers=1).fit(x, y).predict(x)
    with Counting(1) as executor:
        model = clone(NetRegressor(**quick, executor=executor)).fit(x, y)
        assert executor.given > 0
        assert (model.predict(x) == expected).all()
        again = pickle.loads(pickle.dumps(model))  # noqa: S301 - written here
        assert again.executor is None
        assert model.executor is executor
        assert (again.predict(x) == expected).all()
    with pytest.raises(SettingError, match="executor must be"):
        NetRegressor(executor="local:2").fit(x, y)


@pytest.mark.parametrize("strategy", ["grid", "halving"])
def test_a_search_is_trained_by_its_estimators_executor_to_the_same_numbers(strategy):
    x = np.random.default_rng(0).normal(size=(60, 3))
    y, space = x[:, 0] + x[:, 1] ** 2, {"learning_rate": [1e-3, 1e-2, 0.1]}
    net = NetRegressor(hidden=(4,), seeds=1, epochs=4)
    expected = NetSearch(net, space, strategy=strategy, cv=2, workers=1).fit(x, y)
    with Counting(2) as executor:
        net.set_params(executor=executor)
        found = NetSearch(net, space, strategy=strategy, cv=2, refit=False).fit(x, y)
        assert executor.given > 0
        if strategy == "grid":
            assert len(nested_scores(NetSearch(net, space, cv=2), x, y, cv=2).scores) == 2
    scores = (search.cv_results_["mean_test_score"] for search in (found, expected))
    assert np.array_equal(*scores)
