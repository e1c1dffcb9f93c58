"""Windows of the mask pool behave like independent draws."""

import numpy as np
import pytest
import torch

from thalweg.loss.squared import Squared
from thalweg.net.spec import mlp
from thalweg.train.population import Member
from thalweg.train.steps.masks import mask_pool
from thalweg.train.steps.order import mask_starts

B, H, STEPS = 64, 32, 2000


def masks(rate, seed, layers=1):
    """Kept units of a member's first steps [L T B·H]."""
    pool = mask_pool([rate], torch.float32)
    member = Member(mlp((H,), dropout=rate), Squared(), np.arange(B), seed=seed)
    starts = mask_starts(pool, [(rate, B * H)] * layers, member, epoch=0, steps=STEPS)
    return (pool.windows(B * H)[torch.from_numpy(starts).long().T] > 0).numpy()


@pytest.mark.parametrize("rate", [0.1, 0.5])
def test_keep_frequency_and_its_spread(rate):
    kept = masks(rate, seed=0)[0]
    by_unit, by_step = kept.mean(0), kept.mean(1)
    assert kept.mean() == pytest.approx(1 - rate, abs=0.005)
    assert by_step.std() == pytest.approx(np.sqrt(rate * (1 - rate) / (B * H)), rel=0.1)
    assert by_unit.std() == pytest.approx(np.sqrt(rate * (1 - rate) / STEPS), rel=0.1)


@pytest.mark.parametrize("rate", [0.1, 0.5])
def test_units_steps_layers_and_members_are_uncorrelated(rate):
    kept = masks(rate, seed=0, layers=2).astype(float)
    other = masks(rate, seed=1).astype(float)[0]
    first = kept[0] - kept[0].mean()
    variance = rate * (1 - rate)

    def spread(a, b):
        """Correlations of matching rows: mean and standard deviation against those of independent draws."""
        correlations = (a * (b - b.mean())).mean(1) / variance
        n = a.shape[1]
        return correlations.mean() * np.sqrt(n * len(a)), correlations.std() * np.sqrt(n)

    units = first.T  # [B·H T]
    for name, (a, b) in {
        "steps": (first[:-1], kept[0][1:]),
        "layers": (first, kept[1]),
        "members": (first, other),
        "units": (units[:-1], kept[0].T[1:]),
        "distant units": (units[:-32], kept[0].T[32:]),
    }.items():
        mean, sd = spread(a, b)
        assert abs(mean) < 4, name
        assert sd == pytest.approx(1, rel=0.1), name
