"""Intervals for rows of new groups cover as they say where groups are few, unequal and alike inside."""

import numpy as np
import pytest

from thalweg.estimators import LinearRegressor

TABLES, NEW, LEVEL = 80, 60, 0.9


def grouped(rng, groups, *, largest=12):
    """Rows of groups with an effect and a mean of features of their own; larger groups have larger effects."""
    sizes = rng.integers(1, largest, groups)
    code = np.repeat(np.arange(groups), sizes)
    x = rng.normal(size=groups)[code] + 0.5 * rng.normal(size=len(code))
    effect = (rng.normal(size=groups) * (1.0 + sizes / largest))[code]
    return x[:, None], x + effect + 0.5 * rng.normal(size=len(code)), code


def one_row_each(rng, groups):
    """One row of each of some new groups."""
    x, y, code = grouped(rng, groups)
    rows = [rng.choice(np.flatnonzero(code == g)) for g in range(groups)]
    return x[rows], y[rows]


@pytest.mark.parametrize(("groups", "design"), [(20, {"folds": 5}), (40, {"folds": 10}), (30, {"bootstrap": 20})])
def test_a_row_of_a_new_group(groups, design):
    inside = []
    for seed in range(TABLES):
        rng = np.random.default_rng(seed)
        x, y, code = grouped(rng, groups)
        new, outcome = one_row_each(rng, NEW)
        low, high = LinearRegressor(**design).fit(x, y, groups=code).predict_interval(new, level=LEVEL).T
        inside.append(((low <= outcome) & (outcome <= high)).mean())
    assert 0.89 <= np.mean(inside) <= 0.95  # rows for groups gave 0.83 to 0.87
