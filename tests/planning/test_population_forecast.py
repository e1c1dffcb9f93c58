"""Populations on devices nobody measured: spread over them, side by side on each, by what limits them."""

import pytest

from thalweg.planning.catalogue.devices import find_device
from thalweg.planning.catalogue.electricity import electricity_of
from thalweg.planning.fleet import read_fleet
from thalweg.planning.plan_curves import intensity, population_curve, reached_rates, roof_of
from thalweg.planning.population_forecast import LAUNCH, CrowdWork, forecast_population

SMALL = CrowdWork(networks=64.0, launches=40, flops=1e4, bytes=1e4, steps=1000.0, held=1e5)
LARGE = CrowdWork(networks=64.0, launches=40, flops=1e11, bytes=1e7, steps=1000.0, held=1e8)


def planned(work, on):
    return forecast_population([work], read_fleet(on), electricity_of())


def test_small_networks_wait_for_launches_however_fast_the_device_and_however_many():
    one, fast, many = (planned(SMALL, on) for on in ("t4", "h100-sxm", "64xt4"))
    assert {row.limit for row in (one, fast, many)} == {"launches"}
    assert one.seconds.middle == pytest.approx(1000 * 40 * LAUNCH, rel=0.02)  # and 64 networks' bytes
    assert many.seconds.middle == pytest.approx(one.seconds.middle, rel=0.02)


def test_large_networks_are_spread_and_limited_by_products():
    one, many = planned(LARGE, "t4"), planned(LARGE, "8xt4")
    assert (one.limit, many.limit) == ("compute", "compute")
    assert one.seconds.middle / many.seconds.middle == pytest.approx(8, rel=0.01)
    assert 0 < one.share < 1


def test_what_does_not_fit_side_by_side_takes_rounds():
    held = find_device("t4").memory / 3
    some = CrowdWork(7.0, 40, 1e4, 1e4, 1000.0, held)
    assert planned(some, "t4").seconds.middle == pytest.approx(4 * 1000 * 40 * LAUNCH, rel=0.01)  # two at a time
    assert planned(CrowdWork(7.0, 40, 1e4, 1e4, 1000.0, 4 * held), "t4").fits == "no"


def test_figures_are_made_of_the_same_numbers():
    device = find_device("t4")
    roof = roof_of(device, "fp32")
    assert max(roof.rates) == device.peak("fp32")
    assert roof.rates[0] == pytest.approx(roof.intensities[0] * device.bandwidth)
    assert intensity([SMALL]) == 1.0
    curve = population_curve([SMALL], device, "fp32")
    assert curve.microseconds[0] == pytest.approx(40 * LAUNCH * 1e6, rel=0.05)
    assert list(curve.microseconds) == sorted(curve.microseconds, reverse=True)
    ((name, rate),) = reached_rates([LARGE], [planned(LARGE, "t4")])
    assert (name, rate < device.peak("fp32")) == ("T4", True)
