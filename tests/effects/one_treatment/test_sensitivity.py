"""Sensitivity to a confounder nobody observed, against DoubleML on the same folds and predictions."""

import numpy as np
import pytest

from thalweg.effects.experiment.experiment import Experiment
from thalweg.effects.one_treatment.estimands import level_scores
from thalweg.effects.one_treatment.sensitivity import confounding, strongest_covariate

DOUBLEML = {  # doubleml 0.11.4, DoubleMLIRM with these predictions: sensitivity_analysis(cf_y=.04, cf_d=.03, rho=1)
    "estimate": 0.47503368412281005,
    "error": 0.062435167894552,
    "bounds": (0.4321475164564882, 0.5179198517891319),
    "errors": (0.062473246902827115, 0.062420866832234384),
    "interval": (0.3097022025296686, 0.6402625026640821),  # level .975: its ends are those of one-sided intervals
    "value": 0.3210233670158458,
    "value at .95": 0.24921798700087905,  # rva at level .975, for the same reason
}


@pytest.fixture(scope="module")
def told():
    """Units, out-of-fold regressions of every level and of the treatment: all from arithmetic, no draw."""
    k = np.arange(400)
    x = np.column_stack([np.sin(1.7 * k), np.cos(0.9 * k + 1), np.sin(0.31 * k)])
    chance = 1 / (1 + np.exp(-0.8 * x[:, 0] - 0.4 * x[:, 2]))
    t = ((k * 0.6180339887) % 1.0 < chance).astype(int)
    y = 0.5 * t + x @ np.array([0.7, 0.3, 0.5]) + 0.8 * np.sin(12.3 * k) + 0.3 * t * x[:, 1]
    design = np.column_stack([np.ones(400), x])
    means, e = np.empty((400, 2)), np.empty(400)
    for fold in range(4):
        here = k % 4 == fold
        for level in (0, 1):
            rows = ~here & (t == level)
            means[here, level] = design[here] @ np.linalg.lstsq(design[rows], y[rows], rcond=None)[0]
        e[here] = np.clip(design[here] @ np.linalg.lstsq(design[~here], t[~here], rcond=None)[0], 0.05, 0.95)
    trial = Experiment(x, y, np.array([[0], [1]]), t, np.bincount(t) / 400)
    chances = np.column_stack([1 - e, e])
    scores = level_scores(trial, means, chances)
    return confounding(trial, means, chances, scores[:, 1] - scores[:, 0])


def test_estimates_bounds_and_values_are_those_of_doubleml(told):
    dof = pytest.approx(np.sqrt(400 / 399), rel=1e-9)  # the one degree of freedom that we count and DoubleML does not
    assert told.estimate == pytest.approx(DOUBLEML["estimate"], rel=1e-12)
    assert told.shifted(0.0, 0.0, 1.0)[1] / DOUBLEML["error"] == dof
    for sign, bound, error in zip((-1.0, 1.0), DOUBLEML["bounds"], DOUBLEML["errors"], strict=True):
        assert told.shifted(0.04, 0.03, sign)[0] == pytest.approx(bound, rel=1e-12)
        # DoubleML divides the score by its derivative, -1, but not that of the bias: its two errors change places
        assert told.shifted(0.04, 0.03, -sign)[1] / error == dof
    assert told.bounds(0.04, 0.03, level=0.95)[2:] == pytest.approx(DOUBLEML["interval"], rel=1e-3)
    value, doubting = told.robustness(level=0.95)
    assert value == pytest.approx(DOUBLEML["value"], abs=2e-4)  # DoubleML searches to four digits
    assert doubting == pytest.approx(DOUBLEML["value at .95"], abs=1e-3)  # and its errors change places


def test_a_value_is_where_the_bound_meets_zero(told):
    value, doubting = told.robustness(level=0.95)
    assert told.bounds(value, value, level=0.95)[0] == pytest.approx(0.0, abs=1e-9)
    assert told.bounds(doubting, doubting, level=0.95)[2] == pytest.approx(0.0, abs=1e-9)


def test_levels_of_a_category_are_one_covariate(told):
    name, of_outcome, of_treatment = strongest_covariate(told.trial, ("age", "age", "size"))
    assert name == "age"
    alone = strongest_covariate(told.trial, ("a", "b", "size"))
    assert of_outcome > alone[1] if alone[0] != "size" else of_outcome > 0.0
    assert 0.0 < of_treatment < 1.0
