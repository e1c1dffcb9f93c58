"""Initialisers keep their promises."""

import numpy as np
import pytest

from laws.registry import STARTS
from thalweg.base.errors import SettingError
from thalweg.base.seeds import stream
from thalweg.net.init import Given, Orthogonal

FAN_IN, FAN_OUT, DRAWS = 60, 90, 20


@pytest.mark.parametrize("start", STARTS)
def test_variance_is_the_promised_one(start):
    rule, variance = STARTS[start]
    weights = np.stack([rule.draw(stream(s, "init"), FAN_IN, FAN_OUT) for s in range(DRAWS)])
    assert weights.shape == (DRAWS, FAN_IN, FAN_OUT)
    standard_error = variance * np.sqrt(2 / weights.size)
    assert weights.var() == pytest.approx(variance, abs=5 * standard_error + 1e-15)
    assert weights.mean() == pytest.approx(0, abs=5 * np.sqrt(variance / weights.size) + 1e-15)


@pytest.mark.parametrize("start", STARTS)
def test_one_stream_gives_one_start(start):
    rule, _ = STARTS[start]
    a, b, other = (rule.draw(stream(s, "init"), 5, 7) for s in (1, 1, 2))
    assert np.array_equal(a, b)
    assert start == "zeros" or not np.array_equal(a, other)


@pytest.mark.parametrize(("fan_in", "fan_out"), [(5, 3), (3, 5), (4, 4), (1, 6)])
def test_orthogonal_starts_are_orthogonal(fan_in, fan_out):
    w = Orthogonal(gain=1.5).draw(stream(0, "init"), fan_in, fan_out)
    gram = w.T @ w if fan_in >= fan_out else w @ w.T
    assert np.abs(gram - 1.5**2 * np.eye(min(fan_in, fan_out))).max() < 1e-12


def test_given_starts_are_what_was_given():
    values = np.arange(6.0).reshape(2, 3)
    assert np.array_equal(Given(values).draw(stream(0, "init"), 2, 3), values)
    assert np.array_equal(Given(values[:1]).draw(stream(0, "init"), 2, 3)[:1], values[:1])
    with pytest.raises(SettingError, match=r"shape \(3, 2\)"):
        Given(values).draw(stream(0, "init"), 3, 2)
