import math

import numpy as np
import pytest
from scipy.stats import f_oneway

from thalweg.base.errors import SettingError
from thalweg.select.scoring.spread import Spread, decompose


def test_balanced_decomposition_follows_from_the_f_statistic():
    scores = np.random.default_rng(0).standard_normal((6, 5)) + 2 * np.arange(5)
    found = decompose(scores)
    within = scores.var(0, ddof=1).mean()
    f = f_oneway(*scores.T).statistic
    assert found.seed_sd == pytest.approx(math.sqrt(within))
    assert found.split_sd == pytest.approx(math.sqrt((f - 1) * within / 6))
    assert found.total_sd == pytest.approx(math.hypot(found.split_sd, found.seed_sd))
    assert found.dominant == "split"


@pytest.mark.parametrize("missing", [0, 3])
def test_components_are_unbiased(missing):
    rng = np.random.default_rng(1)
    squares = []
    for _ in range(3000):
        scores = 2.0 * rng.standard_normal((1, 8)) + rng.standard_normal((4, 8))
        scores[:missing, 0] = np.nan
        spread = decompose(scores)
        squares.append((spread.split_sd**2, spread.seed_sd**2))
    split, seed = np.mean(squares, axis=0)
    assert split == pytest.approx(4.0, rel=0.05)
    assert seed == pytest.approx(1.0, rel=0.03)


def test_equal_folds_have_no_split_variance():
    spread = decompose(np.array([[1.0, 1.0, 1.0], [2.0, 2.0, 2.0]]))
    assert spread.split_sd == 0.0
    assert spread.dominant == "seed"


def test_one_seed_leaves_the_seed_part_unknown():
    spread = decompose(np.array([[1.0, 2.0, 3.0]]))
    assert spread.split_sd == pytest.approx(1.0)
    assert math.isnan(spread.seed_sd)
    assert spread.dominant == "unknown"


def test_missing_folds_and_seeds_are_left_out():
    full = np.array([[1.0, 2.0, 4.0], [2.0, 2.5, 3.0]])
    padded = np.vstack([np.column_stack([full, [np.nan, np.nan]]), np.full(4, np.nan)])
    assert decompose(padded) == decompose(full)


@pytest.mark.parametrize("scores", [np.full((2, 3), np.nan), np.array([[1.0], [2.0]])])
def test_fewer_than_two_folds_say_nothing(scores):
    assert all(map(math.isnan, (decompose(scores).split_sd, decompose(scores).total_sd)))


def test_one_axis_is_refused():
    with pytest.raises(SettingError, match="R F"):
        decompose(np.ones(3))


def test_unknown_without_numbers():
    assert Spread(math.nan, math.nan, math.nan).dominant == "unknown"
