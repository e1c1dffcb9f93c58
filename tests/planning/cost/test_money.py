"""Money, energy, interruptions and sums over devices: published figures."""

import math

import pytest

from thalweg.planning.catalogue.electricity import electricity_of
from thalweg.planning.cost.energy import carbon_kg, energy_kwh
from thalweg.planning.cost.money import best_checkpoint_interval, break_even_hours, interruption_overhead
from thalweg.planning.cost.traffic import all_reduce_seconds


def test_the_best_interval_loses_least():
    best = best_checkpoint_interval(1 / 60, 1 / 24)
    assert best == pytest.approx(0.894, abs=1e-3)
    least = interruption_overhead(1 / 60, best, 1 / 24)
    assert least == pytest.approx(0.0373, abs=1e-4)
    assert all(interruption_overhead(1 / 60, best * factor, 1 / 24) > least for factor in (0.5, 0.9, 1.1, 2))
    costly = best_checkpoint_interval(5 / 60, 1 / 12)
    assert interruption_overhead(5 / 60, costly, 1 / 12) == pytest.approx(0.118, abs=1e-3)


@pytest.mark.parametrize(("rent", "hours"), [(0.69, 2_569), (0.35, 5_660)])
def test_when_buying_pays(rent, hours):
    assert break_even_hours(1599, rent, 450, 0.15) == pytest.approx(hours, rel=1e-3)


def test_buying_never_pays_where_electricity_costs_more_than_rent():
    assert break_even_hours(1599, 0.05, 450, 0.15) is None


@pytest.mark.parametrize(("hours", "tonnes"), [(184_320, 31.22), (368_640, 62.44), (1_720_320, 291.42)])
def test_published_tonnes_are_one_factor_times_energy(hours, tonnes):
    kwh = energy_kwh(hours, 400)
    assert tonnes * 1000 / kwh == pytest.approx(0.4235, abs=2e-4)
    electricity = electricity_of("USA")
    assert carbon_kg(kwh, electricity) == pytest.approx(kwh * 0.3695)


def test_an_all_reduce_is_latency_for_small_arrays_and_bandwidth_for_large_ones():
    assert all_reduce_seconds(1e4, 8, 300e9) == pytest.approx(14 * 5e-6, rel=0.01)
    assert all_reduce_seconds(16e9, 8, 235e9) == pytest.approx(2 * 7 / 8 * 16e9 / 235e9, rel=0.01)
    assert math.isclose(all_reduce_seconds(1e9, 1, 300e9), 0)
