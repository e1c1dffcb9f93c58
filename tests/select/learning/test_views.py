"""Canonical rows, views of the rows, and scales."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.model_selection import PredefinedSplit, ShuffleSplit

from thalweg.base.errors import SettingError
from thalweg.base.machine import free_memory
from thalweg.select.learning.lessons import learn_scaling
from thalweg.select.learning.observations import InputError, canonical_rows, check_weights, row_hash
from thalweg.select.learning.views import BOOTSTRAP, FOLD, refuse_oversized_views, resample


@given(st.lists(st.integers(0, 3), min_size=2, max_size=20).filter(any), st.randoms(use_true_random=False))
def test_weights_order_and_repeats_are_one_thing(weights, random):
    x = np.random.default_rng(0).standard_normal((len(weights), 2))
    y = x[:, :1] > 0
    places = [i for i, w in enumerate(weights) for _ in range(w)]
    random.shuffle(places)
    weighted = canonical_rows(x, y * 1.0, np.array(weights, dtype=float))
    repeated = canonical_rows(x[places], y[places] * 1.0)
    np.testing.assert_array_equal(weighted.x, repeated.x)
    np.testing.assert_array_equal(weighted.y, repeated.y)
    if repeated.weights is None:
        assert weighted.weights is None
    else:
        np.testing.assert_array_equal(weighted.weights, repeated.weights)
    assert len(weighted) == np.count_nonzero(weights)


def test_weights_that_are_no_counts_stay_relative():
    x = np.arange(4.0)[:, None]
    half = canonical_rows(x, x, np.array([0.5, 0.0, 1.0, 2.0]))
    assert sorted(half.weights) == [0.5, 1.0, 2.0]
    assert len(canonical_rows(x, x, np.full(4, 1000.0))) == 4


def test_bad_weights_are_named():
    x = np.ones((2, 1))
    for weights, words in (([-1, 1], "row 1 is negative"), ([0, 0], "zero for every row")):
        with pytest.raises(InputError, match=words):
            canonical_rows(x, x, np.array(weights, dtype=float))
    for weights in ([1.0], [1.0, np.nan], [[1.0, 2.0]]):
        with pytest.raises(InputError, match="one finite number per row"):
            check_weights(weights, 2)


def test_hashes_of_small_whole_numbers_differ():
    grid = np.stack(np.meshgrid(np.arange(300.0), np.arange(300.0)), axis=-1).reshape(-1, 2)
    assert len(np.unique(row_hash(grid))) == 90_000


def rows_of(count):
    x = np.random.default_rng(1).standard_normal((count, 2))
    return canonical_rows(x, x[:, :1])


def test_folds_hold_every_row_out_once_with_equal_shares_of_classes():
    rows = rows_of(53)
    strata = (np.arange(53) < 20).astype(int)
    views = [v for v in resample(rows, folds=5, bootstrap=None, seed=3, strata=strata) if v.part == FOLD]
    assert sorted(np.concatenate([v.held_out for v in views])) == list(range(53))
    assert {int(strata[v.held_out].sum()) for v in views} == {4}
    assert all(not set(v.rows) & set(v.held_out) for v in views)


def test_bootstrap_samples_are_rows_with_repeats_and_two_classes():
    rows = rows_of(30)
    strata = np.eye(30, dtype=int)[0]
    views = [v for v in resample(rows, folds=None, bootstrap=50, seed=0, strata=strata) if v.part == BOOTSTRAP]
    assert all(len(v.rows) == 30 and 0 in v.rows for v in views)
    assert np.mean([len(v.held_out) / 30 for v in views]) == pytest.approx(np.exp(-1), abs=0.05)


def test_seeds_of_all_members_differ():
    views = resample(rows_of(20), folds=5, bootstrap=20, seed=0)
    seeds = [view.seed(base, k) for view in views for base in range(3) for k in range(10)]
    assert len(set(seeds)) == len(seeds)


def test_folds_that_make_no_sense():
    rows = rows_of(10)
    with pytest.raises(InputError, match="11 folds"):
        resample(rows, folds=11, bootstrap=None, seed=0)
    with pytest.raises(SettingError, match="bootstrap"):
        resample(rows, folds=None, bootstrap=1, seed=0)
    with pytest.raises(InputError, match="more than once"):
        resample(rows, folds=ShuffleSplit(9, random_state=0), bootstrap=None, seed=0)
    with pytest.raises(InputError, match="no rows to learn from"):
        resample(rows, folds=PredefinedSplit(np.zeros(10)), bootstrap=None, seed=0)


def test_scales_ignore_constants_and_heed_weights():
    x = np.array([[1.0, 7e9], [3.0, 7e9]])
    scaling = learn_scaling(x, x, np.array([3.0, 1.0]), features=True, outcomes=False)
    assert scaling.centre_x.tolist() == [1.5, 7e9]
    assert scaling.scale_x.tolist() == [np.sqrt(0.75), np.inf]
    np.testing.assert_array_equal(scaling.outcomes(x), x)


def test_samples_that_do_not_fit_are_refused_before_they_are_cut(monkeypatch):
    x = np.arange(3000.0)[:, None]
    views = resample(canonical_rows(x, x), folds=3, bootstrap=2, seed=0)
    distinct = 3000 + 3 * 2000 + sum(np.unique(view.rows).size for view in views[4:])
    monkeypatch.setattr(free_memory, "free_bytes", lambda: distinct * 2 * 26 - 1)
    with pytest.raises(SettingError, match=rf"6 samples of {distinct:,} rows of 2 columns in all take .* fewer folds"):
        refuse_oversized_views(views, 2)
    monkeypatch.setattr(free_memory, "free_bytes", lambda: distinct * 2 * 26)
    refuse_oversized_views(views, 2)
