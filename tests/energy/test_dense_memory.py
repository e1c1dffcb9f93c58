"""Dense memories: recall is attention, energies fall, and many patterns fit."""

import numpy as np
import pytest
from scipy.special import softmax

from thalweg.base.errors import DataError, SettingError
from thalweg.energy import DenseMemory


def test_one_step_is_attention():
    rng = np.random.default_rng(0)
    keys, queries = rng.normal(size=(9, 5)), rng.normal(size=(4, 5))
    found = DenseMemory(0.7).store(keys).recall(queries, steps=1)
    assert found.states == pytest.approx(softmax(0.7 * queries @ keys.T, axis=1) @ keys, rel=1e-12)


def test_energies_fall_and_far_more_patterns_than_units_are_told_apart():
    rng = np.random.default_rng(1)
    patterns = 2.0 * rng.integers(0, 2, (2000, 64)) - 1.0
    probes = patterns[:50].copy()
    probes[:, :6] *= -1
    found = DenseMemory(1.0).store(patterns).recall(probes, steps=3)
    assert (np.sign(found.states) == patterns[:50]).all()
    assert np.diff(found.energies, axis=0).max() <= 1e-9
    blurred = DenseMemory(0.01).store(patterns).recall(probes, steps=3)
    assert blurred.attention.max() < 0.01  # rests between patterns


def test_nonsense_is_refused_in_words():
    with pytest.raises(SettingError, match="beta"):
        DenseMemory(0.0)
    with pytest.raises(DataError, match="shape"):
        DenseMemory().store([1.0, 2.0])
    with pytest.raises(DataError, match="must be finite"):
        DenseMemory(1e300).store([[1.0, 2.0]]).recall([[1e300, 1.0]])
    with pytest.raises(DataError, match="probes"):
        DenseMemory().store([[1.0, 2.0]]).recall([[1.0]])
