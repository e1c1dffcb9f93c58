"""Fits of estimators planned: the very members that would be trained, whatever makes them several."""

import numpy as np
import pytest
from torch import nn

import thalweg as tw
from thalweg.base.errors import SettingError
from thalweg.estimators import NetClassifier, NetRegressor
from thalweg.estimators.ensemble.expected_population import populations_of

X = np.random.default_rng(0).normal(size=(120, 3))
Y = X[:, 0] - X[:, 1] ** 2


@pytest.mark.parametrize(
    ("settings", "networks"),
    [({"seeds": 3}, 3), ({"seeds": 2, "folds": 3}, 2 + 6), ({"seeds": 1, "bootstrap": 4}, 1 + 4)],
)
def test_all_networks_of_a_fit_are_counted(settings, networks):
    model = NetRegressor(hidden=(4,), epochs=10, **settings)
    plan = tw.plan(model, X, Y, workers=1)
    assert plan.rows[0].networks == networks
    assert not hasattr(model, "population_"), "planning fits nothing"
    assert plan.rows[0].seconds.middle > 0


def test_members_are_those_that_fit_trains():
    model = NetRegressor(hidden=(4,), epochs=3, seeds=2, patience=None).fit(X, Y)
    ((_, members),) = populations_of(model, X, Y)
    assert [member.epochs for member in members] == [3, 3]
    assert model.parameter_count_ == members[0].network.count(*_widths(model))


def _widths(model):
    ((table, _),) = populations_of(model, X, Y)
    return table.inputs, table.classes


def test_folds_that_see_fewer_values_are_added_up():
    few = X.round(0)
    few[0, 0] = 9.0
    plan = tw.plan(NetRegressor(hidden=(4,), epochs=5, seeds=1, folds=3), few, Y, workers=1, on="t4")
    assert plan.rows[0].networks == 4
    assert plan.rows[1].fleet.name == "T4"


def test_classes_and_words_for_a_missing_outcome():
    assert tw.plan(NetClassifier(hidden=(4,), epochs=5, seeds=2), X, Y > 0, workers=1).rows[0].networks == 2
    with pytest.raises(SettingError, match="no y"):
        tw.plan(NetRegressor(), X)


def test_a_module_of_ones_own_is_sent_to_where_its_steps_are_timed():
    with pytest.raises(SettingError, match=r"tw\.plan\.module"):
        tw.plan(NetRegressor(network=nn.Linear(3, 1)), X, Y)
