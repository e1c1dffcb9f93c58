"""Times, money and energy of published training runs, and what a reader is told."""

from datetime import date

import pytest

from thalweg.base.errors import SettingError
from thalweg.planning.catalogue.electricity import electricity_of
from thalweg.planning.fleet import read_fleet
from thalweg.planning.forecast import forecast, rate_needed
from thalweg.planning.likely_range import LikelyRange, even_range, range_between
from thalweg.planning.work.convolution import residual_network
from thalweg.planning.work.training_work import Work, picture_work, token_work

DAY = 86_400
GPT3 = token_work(175e9, 300e9)


def planned(work, on, **settings):
    return forecast(work, read_fleet(on), electricity_of("USA"), **settings)


def test_the_lecture_s_large_network_takes_44_5_days():
    row = planned(GPT3, "1024xa100-40@aws", precision="tf32", rate=80e12)
    assert row.seconds.middle / DAY == pytest.approx(44.5048, abs=1e-4)
    assert row.share == pytest.approx(0.513, abs=1e-3)
    assert row.device_hours.middle == pytest.approx(1_093_750, rel=1e-5)
    assert row.dollars.middle == pytest.approx(4.48e6, rel=2e-3)
    assert row.kwh == pytest.approx(437_500, rel=1e-5)


def test_in_prepaid_blocks_it_costs_less_than_half():
    row = planned(GPT3, "1024xa100-40@aws:capacity block", precision="tf32", rate=80e12)
    assert row.dollars.middle == pytest.approx(2.02e6, rel=2e-3)


def test_published_utilisations_give_a_range_that_contains_the_lecture_s():
    row = planned(GPT3, "1024xa100-40", precision="tf32")
    days = [value / DAY for value in (row.seconds.low, row.seconds.middle, row.seconds.high)]
    assert days == pytest.approx([40.4, 59.9, 100.5], abs=0.4)  # printed to a tenth from rounded shares
    assert row.basis == "E"


@pytest.mark.parametrize(("days", "teraflops"), [(51, 69.8), (100, 35.6), (90, 39.6)])
def test_which_rate_a_time_supposes(days, teraflops):
    assert rate_needed(GPT3, read_fleet("1024xa100-40"), days * DAY) / 1e12 == pytest.approx(teraflops, abs=0.06)


@pytest.mark.parametrize(("devices", "teraflops", "days"), [(1024, 140, 33.9), (384, 153, 82.7), (1536, 141, 22.4)])
def test_megatron_s_table(devices, teraflops, days):
    work = token_work(175e9, 300e9, recomputed=True)
    row = planned(work, f"{devices}xa100-80", rate=teraflops * 1e12)
    assert row.seconds.middle / DAY == pytest.approx(days, rel=0.03)


def test_pictures_by_layers():
    row = planned(picture_work(residual_network(50), 1_281_167, 90), "8xa100", precision="tf32")
    assert row.seconds.middle / 3600 == pytest.approx(4.42, rel=0.06)  # from 7,248 pictures a second
    fast = rate_needed(picture_work(residual_network(50), 1_281_167, 90), read_fleet("8xa100"), 1800)
    assert fast / 1e12 == pytest.approx(194.6, rel=2e-3)


def test_a_rate_above_the_peak_is_called_impossible():
    row = planned(GPT3, "8xa100", precision="tf32", rate=195e12)
    assert any(note.startswith("Not possible") for note in row.notes)
    assert not any(note.startswith("Not possible") for note in planned(GPT3, "8xa100", precision="tf32").notes)


@pytest.mark.parametrize(("on", "fits"), [("a100", "no"), ("1024xa100", "sharded"), ("8xmi300x", "no")])
def test_what_does_not_fit_is_said_with_how_many_would(on, fits):
    row = planned(GPT3, on)
    assert row.fits == fits
    assert any("2,800 GB" in note for note in row.notes)


def test_a_small_network_fits_and_nothing_is_said_of_it():
    row = planned(token_work(1e8, 1e9), "a100")
    assert row.fits == "copied"
    assert not any("GB" in note for note in row.notes)
    assert planned(Work("work", "any", 1e18), "a100").fits == ""


def test_old_prices_are_called_old_and_missing_ones_missing():
    old = planned(GPT3, "8xh100-sxm", today=date(2026, 11, 27))
    new = planned(GPT3, "8xh100-sxm", today=date(2025, 3, 1))
    assert any("days old" in note for note in old.notes)
    assert not any("days old" in note for note in new.notes)
    none = planned(GPT3, "8xmi300x")
    assert none.dollars is None
    assert "No on-demand price of MI300X is in the catalogue." in none.notes


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("8xl40", "'l40' is not in the catalogue. Did you mean 'L40S'"),
        ("0xh100", "names no devices"),
        ("h100:list", "'list' is no kind of price"),
        ("h100@ovh", "no prices of 'ovh'"),
        ("", "names no devices"),
    ],
)
def test_devices_that_cannot_be_read_are_refused_in_words(text, words):
    with pytest.raises(SettingError, match=words):
        read_fleet(text)


def test_bands_multiply_and_turn_round():
    band = range_between(2.0, 3.0, 9.0)
    assert (band.low, band.high) == (pytest.approx(2.0), pytest.approx(9.0))
    turned = band.inverse().times(6.0)
    assert (turned.low, turned.middle, turned.high) == (pytest.approx(6 / 9), 2.0, pytest.approx(3.0))
    assert even_range(5.0, 0.0) == LikelyRange(5.0)


def test_quantities_that_err_by_themselves_add_up_to_one_that_errs_less():
    one = even_range(10.0, 0.3)
    both = one.plus(one)
    assert both.middle == pytest.approx(20.0)
    assert both.high - both.middle == pytest.approx(2**0.5 * (one.high - one.middle))
    assert both.high / both.low < one.high / one.low
    assert one.plus(even_range(0.0, 0.0)) == LikelyRange(one.middle, pytest.approx(one.below), pytest.approx(one.above))
