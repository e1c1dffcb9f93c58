"""Intervals of marginal effects cover with weights of each kind and with clusters.

The longer study, with networks and few unequal clusters, is studies/marginal_effects_coverage.py.
"""

import numpy as np
import pytest
from scipy.stats import binom

from thalweg.base.weighing import WEIGHTS_KINDS
from thalweg.estimators import LinearRegressor, marginal_effects

TABLES, LEVEL = 30, 0.9
LEAST = binom.ppf(1e-3, TABLES, LEVEL - 0.03)  # pairs of few clusters, or of unequal weights, cover a little less


def weighted(rng, kind, rows=100):
    if kind == "frequency":
        x, e = rng.integers(0, 3, rows) - 1.0, rng.integers(0, 4, rows) - 1.5
        pairs, counts = np.unique(np.column_stack([x, x + e]), axis=0, return_counts=True)
        return pairs[:, :1], pairs[:, 1], counts
    x = rng.normal(size=(rows, 1))
    if kind == "analytic":
        sizes = rng.integers(1, 30, rows)
        return x, x[:, 0] + rng.normal(size=rows) / np.sqrt(sizes), sizes
    y = x[:, 0] + rng.normal(size=rows)
    chance = 1.0 / (1.0 + np.exp(-y))
    seen = rng.random(rows) < chance
    return x[seen], y[seen], 1.0 / chance[seen]


@pytest.mark.parametrize("kind", WEIGHTS_KINDS)
def test_an_effect_with_weights(kind):
    covered = 0
    for seed in range(TABLES):
        x, y, weights = weighted(np.random.default_rng(seed), kind)
        model = LinearRegressor(bootstrap=25, weights_kind=kind, random_state=seed).fit(x, y, sample_weight=weights)
        low, high = marginal_effects(model).conf_int(1 - LEVEL).iloc[0]
        covered += low <= 1.0 <= high
    assert covered >= LEAST


def test_an_effect_of_what_clusters_share():
    covered = np.zeros(2)
    for seed in range(TABLES):
        rng = np.random.default_rng(seed)
        code = np.repeat(np.arange(24), 5)
        x = rng.normal(size=24)[code]
        y = x + rng.normal(size=24)[code] + 0.3 * rng.normal(size=120)
        order = rng.permutation(120)
        model = LinearRegressor(bootstrap=25, random_state=seed).fit(x[order, None], y[order])
        for which, clusters in enumerate((code[order], None)):
            low, high = marginal_effects(model, clusters=clusters).conf_int(1 - LEVEL).iloc[0]
            covered[which] += low <= 1.0 <= high
    assert covered[0] >= LEAST
    assert covered[1] < 0.7 * TABLES  # as independent rows
