"""Gradient boosting of a comparison: the same numbers on any number of threads, and blind to held-out rows."""

import warnings

import numpy as np
import pytest

from thalweg.data.problem import pose
from thalweg.select.boosting import boosting_predictions, train_boosting
from thalweg.select.crossval import cross_validation
from thalweg.select.settings import Settings

RNG = np.random.default_rng(3)
TABLE = {"a": RNG.standard_normal(150), "b": RNG.integers(0, 3, 150).astype(str), "day": np.arange(150)}
TABLE["y"] = np.abs(TABLE["a"]) + 0.1 * RNG.standard_normal(150)
FEW = Settings(folds=3, networks=(), trees=12)


def plan_of(table=TABLE, settings=FEW, **roles):
    return cross_validation(pose(table, target="y", **roles), settings)


def numbers(boosted):
    return [array for trees in boosted for array in trees.tensors().values()]


def test_threads_change_no_number_and_every_view_is_told_of():
    told = []
    one, three = train_boosting(plan_of(), 1, told.append), train_boosting(plan_of(), 3)
    for left, right in zip(numbers(one), numbers(three), strict=True):
        np.testing.assert_array_equal(left, right)
    assert [(progress.members_done, progress.members) for progress in told] == [(n, 4) for n in (1, 2, 3, 4)]


def test_trees_of_a_fold_do_not_know_the_rows_it_holds_out():
    plan = plan_of()
    held_out = plan.views[0].view.held_out
    y = TABLE["y"].copy()
    y[held_out] += 100.0 * RNG.standard_normal(len(held_out))
    pairs = zip(numbers(train_boosting(plan)[:1]), numbers(train_boosting(plan_of(TABLE | {"y": y}))[:1]), strict=True)
    for left, right in pairs:
        np.testing.assert_array_equal(left, right)


@pytest.mark.parametrize("roles", [{"time": "day"}, {"groups": "b"}, {"weights": "day"}])
def test_roles_of_columns_are_kept(roles):
    plan = plan_of(**roles)
    [model] = boosting_predictions(plan, train_boosting(plan))
    assert model.values.shape == (1, len(plan.judged), 1)
    assert np.isfinite(model.values).all()


def test_no_trees_are_no_model():
    plan = plan_of(settings=Settings(folds=3, networks=(), trees=0))
    assert boosting_predictions(plan, train_boosting(plan)) == []


def test_threads_leave_the_warning_filters_of_the_process_as_they_were(recwarn):
    wide = {f"x{k}": RNG.standard_normal(40) for k in range(200)} | {"y": RNG.standard_normal(40)}
    before = list(warnings.filters)
    train_boosting(plan_of(wide, Settings(folds=3, networks=(), trees=1)), 4)
    assert list(warnings.filters) == before
    assert not recwarn.list
