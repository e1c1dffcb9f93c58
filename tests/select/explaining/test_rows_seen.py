"""Intervals know the luck of the rows learned from, which models of overlapping folds hardly show."""

import numpy as np
import pytest
from scipy.stats import binom

from thalweg.select.explaining.rows_seen import RowsSeen
from thalweg.select.scoring.predictions import HeldOutRows

FOLD = np.arange(100) % 5
ROWS = RowsSeen(HeldOutRows("regression", np.zeros(100), FOLD, "ridge regression"), np.arange(100), 0.95, np.arange(9))


def learned_means(values):
    """Return what a model that is a mean says of every row, and what it says by fold."""
    by_fold = np.array([values[number != FOLD].mean() for number in range(5)])
    return by_fold[FOLD], by_fold


def test_what_is_learned_without_each_part_tells_the_error_of_what_is_learned():
    rng, covered, widths = np.random.default_rng(4), 0, []
    for _ in range(400):
        rows, by_fold = learned_means(rng.standard_normal(100))
        change = ROWS.change(rows, np.full(1, np.nan), by_fold)
        covered += change.low <= 0.0 <= change.high
        widths.append(change.high - change.low)
    assert binom.ppf(0.005, 400, 0.95) <= covered <= binom.ppf(0.999, 400, 0.95)
    assert np.mean(widths) == pytest.approx(2 * 2.78 * 0.1 * 0.94, rel=0.15)  # t of 4 degrees, √(1/100), mean of √χ²/4


def test_where_nothing_is_learned_rows_are_the_luck():
    rows = np.random.default_rng(1).standard_normal(100)
    change = ROWS.change(rows, np.array([1.0, 2.0, np.nan]), np.full(5, 0.3))
    half = 1.96 * rows.std(ddof=1) / 10
    assert (change.high - change.value, change.seed_sd) == (pytest.approx(half, rel=1e-3), pytest.approx(0.5**0.5))


def test_a_fold_without_a_model_is_left_out_and_one_alone_has_no_interval():
    rows, by_fold = learned_means(np.arange(100.0) % 7)
    by_fold[1], rows[FOLD == 1] = np.nan, np.nan
    assert np.isfinite(ROWS.change(rows, np.full(1, np.nan), by_fold).low)
    assert np.isnan(ROWS.change(rows, np.full(1, np.nan), np.array([1.0, np.nan, np.nan, np.nan, np.nan])).low)
