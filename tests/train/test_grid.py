import numpy as np
import pytest
import torch

from thalweg.loss.squared import Squared
from thalweg.net.spec import mlp
from thalweg.optim.gradient import GradientDescent
from thalweg.train.fit import fit_population
from thalweg.train.grid import bootstrap_rows, bootstrap_weights, combinations
from thalweg.train.population import Member, training_table


def test_a_mapping_sets_fields_together():
    base = Member(mlp((4,)), Squared(), np.arange(10))
    folds = [{"rows": np.arange(5), "validation": np.arange(5, 10)}, {"rows": np.arange(5, 10), "validation": None}]
    members = combinations(base, fold=folds, seed=range(3))
    assert [m.seed for m in members] == [0, 1, 2, 0, 1, 2]
    assert [m.label["fold"] for m in members] == [0, 0, 0, 1, 1, 1]
    assert members[3].rows.tolist() == [5, 6, 7, 8, 9]


def test_counts_and_resampling_are_the_same_bootstrap():
    rows = np.arange(40, dtype=np.int32)
    counts = np.bincount(bootstrap_rows(rows, 7), minlength=40)
    np.testing.assert_array_equal(bootstrap_weights(40, 7), counts)


@pytest.mark.parametrize("seed", range(3))
def test_full_batch_training_cannot_tell_weights_from_repeats(seed):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(40, 3))
    table = training_table(x, np.sin(x[:, :1]), torch.float64)
    rows = np.arange(40, dtype=np.int32)
    same = {"optimizer": GradientDescent(0.1), "batch": None, "epochs": 30}
    weighted = Member(mlp((5,), "tanh"), Squared(), rows, weights=bootstrap_weights(40, seed), **same)
    repeated = Member(mlp((5,), "tanh"), Squared(), bootstrap_rows(rows, seed), **same)
    one, two = fit_population(table, [weighted, repeated], workers=1).members
    np.testing.assert_allclose(one.parameters, two.parameters, rtol=1e-10)


def test_exponential_weights_lose_no_row():
    weights = bootstrap_weights(5000, 1, "exponential")
    assert weights.min() > 0
    assert weights.mean() == pytest.approx(1.0)
    assert weights.std() == pytest.approx(1.0, abs=0.05)
