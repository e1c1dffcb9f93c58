"""Members made of samples, recipes and rows."""

from dataclasses import replace

import numpy as np
import pytest

from thalweg.base.errors import DataError
from thalweg.loss.penalty import Penalty
from thalweg.loss.squared import Squared
from thalweg.net.spec import mlp
from thalweg.optim.adam import Adam
from thalweg.optim.schedule import Constant
from thalweg.select.learning.lessons import Lesson, population_of, stopping_rows, view_sample
from thalweg.select.learning.observations import canonical_rows
from thalweg.select.learning.recipe import Recipe
from thalweg.select.learning.views import View

RECIPE = Recipe(mlp((3,)), Squared(), Adam(), Constant(), Penalty(), batch=4, epochs=2, patience=5)


def sample_of(rows, weights=None):
    x = np.random.default_rng(0).normal(size=(8, 2))
    observations = canonical_rows(x, x[:, :1], weights)
    return observations, view_sample(observations, View("all", 0, rows, rows[:0]), features=True, outcomes=False)


def test_samples_lie_one_after_the_other_in_the_table():
    _, first = sample_of(np.array([1, 3, 5]))
    _, second = sample_of(np.array([0, 2, 2, 4]))
    lessons = [Lesson(s, RECIPE, 7, s.rows) for s in (first, second, first)]
    table, members = population_of(lessons)
    assert table.count == 6
    assert [member.rows.tolist() for member in members] == [[0, 1, 2], [3, 4, 4, 5], [0, 1, 2]]
    scaled = second.scaling.features(second.x)
    np.testing.assert_array_equal(table.rows[3:6, :2].numpy(), scaled.astype(np.float32))


def test_weights_and_watched_rows_follow_their_rows():
    weights = np.linspace(0.5, 2.25, 8)
    observations, sample = sample_of(np.arange(8), weights)
    rows, watched = stopping_rows(sample, 0.25, seed=3)
    _, (member,) = population_of([Lesson(sample, RECIPE, 3, rows, watched)])
    assert sorted([*member.rows, *member.validation]) == list(range(8))
    np.testing.assert_array_equal(member.weights, observations.weights[rows])
    np.testing.assert_array_equal(member.validation_weights, observations.weights[watched])
    assert member.patience == 5


def test_without_rows_to_watch_there_is_no_patience():
    _, sample = sample_of(np.arange(8))
    _, (member,) = population_of([Lesson(sample, RECIPE, 3, *stopping_rows(sample, 0.0, seed=3))])
    assert member.validation is None
    assert member.patience is None


def test_copies_of_a_row_stay_on_one_side():
    _, sample = sample_of(np.array([0, 0, 0, 1, 1, 2, 3, 3]))
    for seed in range(20):
        learned, watched = stopping_rows(sample, 0.5, seed)
        assert not set(learned) & set(watched)
        assert len(learned) + len(watched) == 8


def test_a_number_that_is_not_finite_is_told_by_its_row_in_the_users_table():
    _, sample = sample_of(np.array([1, 3, 5]))
    large = sample.x.copy()
    large[1] = 1e300
    broken = replace(sample, x=large, origin=np.array([10, 20, 30]))
    with pytest.raises(DataError, match="Row 21,"):
        population_of([Lesson(broken, RECIPE, 0, broken.rows)])
