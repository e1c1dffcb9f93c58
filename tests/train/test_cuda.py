"""The same population on a GPU: the same numbers within rounding, whoever trains beside a member."""

import numpy as np
import pytest
import torch

from thalweg.base.errors import SettingError
from thalweg.loss.logistic import Logistic
from thalweg.loss.penalty import Penalty
from thalweg.loss.squared import Squared
from thalweg.net.spec import mlp
from thalweg.optim.adam import Adam
from thalweg.train.fit import fit_population
from thalweg.train.population import Member, training_table

needs_cuda = pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device here")


def population(loss, *, epochs=6, weighted=False, dropout=None):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(700, 9))
    y = (x[:, 0] > 0).astype(float) if isinstance(loss, Logistic) else np.sin(x[:, 0])
    members = [
        Member(
            mlp((33, 16), "tanh", dropout=dropout),
            loss,
            np.arange(600, dtype=np.int32),
            weights=rng.random(600) if weighted else None,
            validation=np.arange(600, 700 - k),
            seed=k,
            optimizer=Adam([1e-3, 3e-3][k % 2]),
            penalty=Penalty(ridge=1e-4 * k),
            batch=32,
            epochs=epochs + k % 3,
            patience=4,
        )
        for k in range(20)
    ]
    return training_table(x, y, torch.float64), members


def test_a_device_that_is_not_there_is_named():
    table, members = population(Squared())
    with pytest.raises(SettingError, match="no device 'cuda:97' here"):
        fit_population(table, members, device="cuda:97")


@pytest.mark.cuda
@needs_cuda
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("dropout", [None, 0.2])
@pytest.mark.parametrize("loss", [Squared(), Logistic()])
def test_cuda_agrees_with_the_cpu(loss, weighted, dropout):
    table, members = population(loss, weighted=weighted, dropout=dropout)
    here = fit_population(table, members, workers=1).members
    there = fit_population(table, members, device="cuda").members
    for a, b in zip(here, there, strict=True):
        assert a.status == b.status
        np.testing.assert_allclose(b.training_loss, a.training_loss, rtol=1e-7)
        np.testing.assert_allclose(b.parameters, a.parameters, rtol=1e-6, atol=1e-8)


@pytest.mark.cuda
@needs_cuda
def test_cuda_repeats_itself():
    table, members = population(Squared(), dropout=0.3)
    one, two = (fit_population(table, members, device="cuda").members for _ in range(2))
    assert all(a.same_numbers(b) for a, b in zip(one, two, strict=True))
