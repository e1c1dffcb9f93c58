import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thalweg.report.drawing.scale import Scale, log_steps, padded, tick_labels, ticks

FINITE = st.floats(-1e9, 1e9, allow_nan=False).filter(lambda x: x == 0 or abs(x) > 1e-9)


@given(FINITE, FINITE, st.integers(2, 9), st.booleans())
def test_ticks_lie_inside_are_few_and_have_different_labels(a, b, wanted, log):
    if log:
        a, b = abs(a) + 1e-9, abs(b) + 1e-9
    low, high = padded([a, b], log)
    found = ticks(low, high, wanted, log)
    assert 1 <= len(found) <= 2 * wanted + 2
    slack = 1e-6 * (high - low)
    assert all(low - slack <= value <= high + slack for value in found)
    assert found == sorted(set(found))
    if (high - low) > 1e-5 * max(abs(low), abs(high)):
        assert len(set(tick_labels(found, log))) == len(found)


@given(st.lists(FINITE, min_size=1, max_size=5))
def test_padded_ranges_contain_their_values(values):
    low, high = padded(values, log=False)
    assert low < min(values) <= max(values) < high


@pytest.mark.parametrize("values", [[], [math.nan], [math.inf]])
@pytest.mark.parametrize("log", [False, True])
def test_no_values_still_make_a_range(values, log):
    low, high = padded(values, log)
    assert 0 <= low < high


def test_logarithmic_places():
    scale = Scale(1.0, 100.0, 0.0, 10.0, log=True)
    assert scale.place(10.0) == pytest.approx(5.0)
    assert padded([-1.0, 1.0, 10.0], log=True)[0] > 0


def test_many_decades_are_thinned():
    assert len(ticks(1e-12, 1e12, 6, log=True)) <= 8


def test_steps_are_thinned_on_a_logarithmic_scale():
    steps = log_steps(5000)
    assert (steps[0], steps[-1], steps[:5]) == (1, 4999, [1, 2, 3, 4, 5])
    assert len(steps) < 150
