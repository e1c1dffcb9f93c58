"""What other links would say."""

import numpy as np
import pytest
from scipy.special import expit

from thalweg.effects.experiment.experiment import all_combinations
from thalweg.effects.inference.link_spread import link_spread
from thalweg.effects.links.link import LINKS

TARGETS = all_combinations(3)
CELLS = np.array([(0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 1, 0)])
THETA = np.array([-0.6, 0.8, -0.9, 0.6])
TRUTHS = {
    "sigmoid": lambda u: 10 * expit(u),
    "cloglog": lambda u: 10 * -np.expm1(-np.exp(u)),
    "loglog": lambda u: 10 * np.exp(-np.exp(-u)),
    "sigmoid above 3": lambda u: 3 + 10 * expit(u),
}


def means(truth, cells):
    return TRUTHS[truth](np.column_stack([np.ones(len(cells)), cells]) @ THETA)


@pytest.mark.parametrize("truth", TRUTHS)
def test_the_spread_reaches_the_truth_from_the_link_that_was_used(truth):
    seen, every = means(truth, CELLS), means(truth, TARGETS)
    found = link_spread(CELLS, seen, 0.03**2 * np.eye(5), TARGETS, TARGETS[0], LINKS["sigmoid2"])
    alone = link_spread(CELLS, means("sigmoid", CELLS), 0.03**2 * np.eye(5), TARGETS, TARGETS[0], LINKS["sigmoid2"])
    assert "complementary log-log" in alone.names
    effects = every - every[0]
    for target in range(8):
        own = effects[target] - found.differences[found.names.index(truth_name(truth))][target]
        assert abs(effects[target] - own) <= found.doubt(target) + 1e-9
        observed = (TARGETS[target] == CELLS).all(axis=1).any()
        assert observed == (found.doubt(target) == 0.0)


def truth_name(truth):
    names = {
        "cloglog": "complementary log-log",
        "loglog": "log-log",
        "sigmoid above 3": "sigmoid above 0.9 of the least mean",
    }
    return names.get(truth, truth)


def test_more_cells_rule_links_out():
    cells = np.vstack([CELLS, [(1, 1, 1), (1, 0, 1), (0, 1, 1)]])
    few = link_spread(CELLS, means("sigmoid", CELLS), 0.03**2 * np.eye(5), TARGETS, TARGETS[0], LINKS["sigmoid2"])
    seen = means("sigmoid", cells[:7])
    many = link_spread(cells[:7], seen, 0.03**2 * np.eye(7), TARGETS, TARGETS[0], LINKS["sigmoid2"])
    assert set(many.names) < set(few.names) | {"sigmoid with a floor"}
    assert "linear" not in many.names
    assert many.doubt(3) < few.doubt(3)


def test_differences_between_two_targets_cancel():
    found = link_spread(CELLS, means("sigmoid", CELLS), 0.03**2 * np.eye(5), TARGETS, TARGETS[0], LINKS["sigmoid2"])
    assert found.doubt(5, 5) == 0.0
    assert found.doubt(5, 0) == found.doubt(5)
