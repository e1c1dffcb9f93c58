"""Rows between −1 and 1, and machines back in the units of the rows."""

import numpy as np
import pytest

from thalweg.energy.restricted.column_units import ColumnUnits
from thalweg.energy.restricted.model import RBMParameters, hidden_field, visible_mean


def test_a_machine_back_in_its_units_says_the_same_of_rows():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(20, 3)) * [1.0, 50.0, 0.01] + [3.0, -1000.0, 0.0]
    units = ColumnUnits.of(x)
    z = units.into(x)
    assert np.abs(z).max(axis=0) == pytest.approx([1, 1, 1], rel=1e-12)
    machine = RBMParameters(rng.normal(size=(3, 2)), rng.normal(size=3), rng.normal(size=2), rng.uniform(0.5, 2, 3))
    back = units.back(machine)
    assert hidden_field(back, x) == pytest.approx(hidden_field(machine, z), rel=1e-9)
    h = rng.integers(0, 2, (20, 2)).astype(float)
    assert units.into(visible_mean(back, h)) == pytest.approx(visible_mean(machine, h), rel=1e-9)
    assert back.variance == pytest.approx(machine.variance * units.half**2)


def test_neither_repeats_nor_order_change_the_units():
    x = np.random.default_rng(1).normal(size=(9, 2))
    one, other = ColumnUnits.of(x), ColumnUnits.of(np.repeat(x, 3, axis=0)[::-1])
    assert (one.middle == other.middle).all()
    assert (one.half == other.half).all()
