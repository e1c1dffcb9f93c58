"""What networks of an estimator see, and that everything it hands on sees as many ramps."""

import numpy as np
import pytest

from thalweg.base.errors import SettingError
from thalweg.data.reading.ramps import same_ramps
from thalweg.estimators import NetRegressor, NetSearch
from thalweg.estimators.ensemble.networks import ramps_of
from thalweg.net.spec import mlp
from thalweg.select.learning.observations import canonical_rows
from thalweg.select.learning.recipe import wanted_ramps

RNG = np.random.default_rng(6)
X = np.column_stack([RNG.standard_normal(90), RNG.integers(0, 5, 90), RNG.integers(0, 2, 90)])
Y = np.abs(X[:, 0])
NET = {"hidden": (4,), "epochs": 3, "seeds": 1, "patience": None, "workers": 1}


def inputs(model):
    return [network.scaling.width for network in model.population_.final.networks]


@pytest.mark.parametrize(
    ("settings", "count"),
    [({}, 8), ({"ramps": 3}, 3), ({"ramps": 0}, 0), ({"network": mlp((4,))}, 0), ({"standardise": False}, 0)],
)
def test_ramps_are_for_networks_and_scales_of_our_own(settings, count):
    assert wanted_ramps(NetRegressor(**settings).get_params()) == count


def test_numbers_of_all_parts_decide():
    parts = [canonical_rows(X[:45], Y[:45, None]), canonical_rows(X[45:], Y[45:, None])]
    assert ramps_of(parts, 8).counts.tolist() == [8, 4, 0]
    model = NetRegressor(**NET).fit(X, Y)
    assert inputs(model) == [3 + 12]
    assert same_ramps(model.population_.final.networks[0].scaling.ramps, 3).counts.tolist() == [8, 4, 0]


def test_folds_and_samples_have_as_many_ramps_as_all_rows():
    model = NetRegressor(**NET, folds=3, bootstrap=3).fit(X, Y)
    parts = [*model.population_.folds, *model.population_.bootstrap.groups]
    assert {network.scaling.width for group in parts for network in group.networks} == {15}


def test_a_network_that_goes_on_keeps_its_ramps():
    model = NetRegressor(**NET, warm_start=True).fit(X, Y)
    edges = model.population_.final.networks[0].scaling.ramps.low
    np.testing.assert_array_equal(model.fit(X[:60], Y[:60]).population_.final.networks[0].scaling.ramps.low, edges)
    model.partial_fit(X, Y)
    np.testing.assert_array_equal(model.population_.final.networks[0].scaling.ramps.low, edges)
    assert model.parameter_count_ == 4 * 16 + 5


def test_a_search_may_vary_the_number_and_scores_each_as_if_alone():
    together = NetSearch(NetRegressor(**NET), {"ramps": [0, 8]}, cv=2).fit(X, Y)
    alone = [NetSearch(NetRegressor(**NET, ramps=most), {"ramps": [most]}, cv=2).fit(X, Y) for most in (0, 8)]
    scores = [one.cv_results_["mean_test_score"][0] for one in alone]
    np.testing.assert_array_equal(together.cv_results_["mean_test_score"], scores)


def test_a_race_asks_for_candidates_with_equally_many():
    with pytest.raises(SettingError, match="Candidates differ in ramps"):
        NetSearch(NetRegressor(**NET), {"ramps": [0, 8]}, cv=2, strategy="halving").fit(X, Y)
