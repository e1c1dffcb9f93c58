"""The catalogue's figures agree with each other, and a device is found by its whole name alone."""

from datetime import date

import pytest

from thalweg.base.errors import SettingError
from thalweg.planning.catalogue.devices import devices, find_device
from thalweg.planning.catalogue.electricity import electricity_of
from thalweg.planning.catalogue.entries import catalogue_entries
from thalweg.planning.catalogue.prices import KINDS, price_of, prices
from thalweg.planning.catalogue.utilisations import utilisation_of

COUNTED = [device for device in devices() if device.product_peak is not None]
ROUNDED = 0.015  # makers round clocks and peaks


@pytest.mark.parametrize("device", COUNTED, ids=lambda device: device.name)
def test_the_peak_is_units_times_multiply_adds_times_clock(device):
    assert device.peaks["bf16"] == pytest.approx(device.product_peak, rel=ROUNDED)


@pytest.mark.parametrize("device", devices(), ids=lambda device: device.name)
def test_narrower_numbers_are_never_slower(device):
    peaks = list(device.peaks.values())
    assert peaks == sorted(peaks)
    assert 200e9 <= device.bandwidth <= 25_000e9


@pytest.mark.parametrize("name", ["A100-SXM4-40", "A100-SXM4-80", "H100-SXM5-80", "H200-SXM-141", "B200-SXM-180", "L4"])
def test_peaks_double_with_each_halving_on_cards_for_servers(name):
    peaks = find_device(name).peaks
    assert peaks["bf16"] == pytest.approx(2 * peaks["tf32"], rel=ROUNDED)
    if "fp8" in peaks:
        assert peaks["fp8"] == pytest.approx(2 * peaks["bf16"], rel=ROUNDED)


@pytest.mark.parametrize(
    ("told", "name"),
    [
        ("NVIDIA GeForce RTX 4090", "RTX-4090"),
        ("NVIDIA L40S", "L40S"),
        ("NVIDIA L4", "L4"),
        ("NVIDIA H100 80GB HBM3", "H100-SXM5-80"),
        ("Tesla T4", "T4"),
    ],
)
def test_names_that_drivers_tell(told, name):
    assert find_device(told).name == name


@pytest.mark.parametrize("name", ["NVIDIA L40", "RTX A4000", "NVIDIA A10", "GeForce", "", "gpu"])
def test_an_unknown_device_has_no_stand_in(name):
    with pytest.raises(SettingError, match="not in the catalogue"):
        find_device(name)


def test_a_name_means_one_device():
    names = [called.lower() for device in devices() for called in (device.name, *device.aliases)]
    assert len(set(names)) == len(names)


def test_a_precision_that_a_device_lacks_is_refused():
    with pytest.raises(SettingError, match=r"does not compute in precision 'fp8'.*Choose from fp32, tf32, bf16"):
        find_device("a100").peak("fp8")


@pytest.mark.parametrize("price", prices(), ids=lambda price: f"{price.device}-{price.vendor}-{price.kind}")
def test_prices_have_a_device_a_known_kind_and_a_date_that_has_been(price):
    assert price.kind in KINDS
    assert find_device(price.device).name == price.device
    assert price.age(date(2026, 12, 31)) >= 0
    assert price.source


def test_the_longer_the_commitment_the_lower_the_price():
    order = ("3 years", "1 year", "on-demand")
    for device, vendor in {(price.device, price.vendor) for price in prices()}:
        found = [price_of(device, kind, vendor) for kind in order]
        dollars = [price.dollars for price in found if price is not None]
        assert dollars == sorted(dollars)
        spot, hourly = price_of(device, "spot", vendor), price_of(device, "on-demand", vendor)
        assert spot is None or hourly is None or spot.dollars <= hourly.dollars


def test_no_kind_of_price_is_taken_for_another():
    assert price_of("MI300X") is None
    with pytest.raises(SettingError, match="'list' is no kind of price"):
        price_of("H100-SXM5-80", "list")


@pytest.mark.parametrize("name", ["devices", "prices", "electricity", "utilisations"])
def test_every_row_says_where_it_was_read(name):
    rows = catalogue_entries(name)
    assert rows
    assert all(row["source"] for row in rows)
    assert all(None not in row and None not in row.values() for row in rows)  # as many cells as headings


def test_utilisations_are_those_of_the_device_or_said_to_be_general():
    assert not utilisation_of("transformer", "A100-SXM4-80", "bf16").general
    assert utilisation_of("transformer", "A100-SXM4-80", "fp32").general
    for row in catalogue_entries("utilisations"):
        assert 0 < float(row["low"]) < float(row["middle"]) < float(row["high"]) < 1


def test_a_region_that_is_not_known_is_refused():
    with pytest.raises(SettingError, match="region 'atlantis'"):
        electricity_of("atlantis")
