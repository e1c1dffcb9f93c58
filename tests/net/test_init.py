import numpy as np
import pytest

from thalweg.base.errors import SettingError
from thalweg.base.seeds import Stream
from thalweg.net.init import FanIn, Given, Glorot, He, Orthogonal, Uniform


@pytest.mark.parametrize(
    ("rule", "bound"),
    [
        (Uniform(0.3), 0.3),
        (FanIn(), 0.25),  # 1 / √16
        (Glorot(), 0.5),  # √(6 / (16 + 8))
        (He(normal=False), (6 / 16) ** 0.5),
    ],
)
def test_uniform_starts_fill_their_range(rule, bound):
    largest = np.abs(rule.draw(Stream(1), 16, 8)).max()
    assert 0.9 * bound < largest < bound  # 128 numbers: all below 0.9 of the bound once in 7e5 draws


@pytest.mark.parametrize(("inputs", "units"), [(6, 3), (3, 6), (4, 4)])
def test_orthogonal_starts_keep_lengths_on_their_shorter_side(inputs, units):
    w = Orthogonal(gain=2.0).draw(Stream(1), inputs, units)
    small = w.T @ w if inputs >= units else w @ w.T
    assert np.allclose(small, 4 * np.eye(min(inputs, units)), atol=1e-12)


def test_a_given_start_is_copied_and_one_row_serves_all():
    values = np.array([[1.0, 2.0]])
    drawn = Given(values).draw(Stream(0), 3, 2)
    drawn[0, 0] = 9.0
    assert values[0, 0] == 1.0
    assert drawn[1:].tolist() == [[1.0, 2.0]] * 2


def test_a_given_start_must_fit():
    with pytest.raises(SettingError, match=r"Expected start values of shape \(3, 2\), got \(2, 2\)"):
        Given(np.zeros((2, 2))).draw(Stream(0), 3, 2)
