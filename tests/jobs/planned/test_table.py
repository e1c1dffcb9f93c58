"""A table planned here and on devices: inverse questions, pictures, and settings refused."""

import pytest

import thalweg as tw
from thalweg.base.errors import SettingError

SMALL = {"folds": 3, "seeds": 2, "epochs": 20, "networks": [{"hidden": [8]}], "trees": 10}


@pytest.fixture(scope="module")
def plan():
    return tw.plan("example:iris", on=["t4", "8xh100-sxm@aws"], workers=1, **SMALL)


def test_the_first_row_is_here_and_the_others_are_devices(plan):
    here, small, large = plan.rows
    assert (here.networks, here.seeds, small.fleet.name, large.fleet.count) == (6, 2, "T4", 8)
    assert here.whole.middle > here.seconds.middle > 0
    assert here.whole.low < here.whole.middle < here.whole.high
    assert 0 < here.stopping <= 1
    assert {small.basis, large.basis} == {"E"}


def test_seeds_grow_with_the_time_allowed_and_too_little_is_refused(plan):
    assert plan.largest("seeds", "1h") > plan.largest("seeds", "10m") >= 2
    with pytest.raises(SettingError, match="too short for one seed"):
        plan.largest("seeds", 1e-6)
    with pytest.raises(SettingError, match="seeds"):
        plan.largest("folds", "1h")


def test_devices_of_a_table_can_be_chosen_among(plan):
    assert plan.cheapest("1h").fleet.name == "T4"
    assert plan.fastest(100).fleet.count == 8


def test_pictures_show_costs_roofs_and_networks_side_by_side(plan, tmp_path):
    assert [picture.name for picture in plan.figures] == ["cost-time", "roofline", "population"]
    page = plan.report(tmp_path / "plan.html").read_text()
    assert page.count("<figure") == 3
    assert "this machine, measured" in page


def test_a_device_that_is_not_known_is_refused_before_anything_is_trained():
    with pytest.raises(SettingError, match="catalogue"):
        tw.plan("example:iris", on="rtx9999", **SMALL)
