"""Forecasts of fits: kept machines, recorded forecasts, runs looked back on."""

import json
import math

import pytest

import thalweg as tw
from thalweg.base.errors import RunFolderError, SettingError
from thalweg.jobs.in_time.comparison import Means
from thalweg.jobs.planned.machine import machine_words
from thalweg.planning.machine.audit import ACTUAL, ALONE, HIGH, LOW, MIDDLE
from thalweg.planning.machine.calibration import MachineCalibration
from thalweg.planning.machine.kept import keep_machine, known_machine, machine_file, newly_known
from thalweg.planning.machine.step_costs import StepCosts
from thalweg.train.progress import Progress

SMALL = {"folds": 2, "seeds": 1, "epochs": 3, "networks": [{"hidden": [4]}], "trees": 0}


@pytest.fixture
def calibrated(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    keep_machine(newly_known(MachineCalibration(StepCosts(epoch=0.01), 0.1, busy=False, seconds=2.0)))


@pytest.fixture
def unknown(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.mark.usefixtures("calibrated")
def test_a_fit_records_its_forecast_and_the_audit_learns_from_it(tmp_path):
    folder = tmp_path / "run"
    cost = tw.fit("example:iris", out=folder, **SMALL).answer.about.cost
    assert cost[LOW] < cost[MIDDLE] == cost[ALONE] < cost[HIGH]
    assert tw.load(folder).answer.about.repeat["machine"] == machine_words()
    plan = tw.plan.audit(folder)
    assert plan.rows[0].runs[0].actual == cost[ACTUAL]
    assert "One run took" in plan.sentence
    assert known_machine().ratios == {str(folder): pytest.approx(math.log(cost[ACTUAL] / cost[ALONE]))}
    tw.plan.audit(folder, folder)
    assert len(known_machine().ratios) == 1
    assert [picture.name for picture in plan.figures] == ["audit"]


@pytest.mark.usefixtures("calibrated")
def test_runs_of_other_machines_are_compared_and_teach_nothing(tmp_path):
    folder = tmp_path / "run"
    tw.fit("example:iris", out=folder, **SMALL)
    text = (folder / "answer.json").read_text()
    words = json.dumps(machine_words())[1:-1]
    assert words in text
    monkey = text.replace(words, "Z80, 1 core")
    (folder / "answer.json").write_text(monkey)
    with pytest.raises(RunFolderError):  # a folder somebody wrote in is refused, whatever was written
        tw.plan.audit(folder)


@pytest.mark.usefixtures("unknown")
def test_without_a_calibration_short_fits_forecast_nothing_and_write_nothing(tmp_path):
    folder = tmp_path / "run"
    cost = tw.fit("example:iris", out=folder, **SMALL).answer.about.cost
    assert list(cost) == [ACTUAL, "actual seconds in all"]
    assert not machine_file().parent.exists()
    with pytest.raises(SettingError, match="thalweg calibrate"):
        tw.plan.audit(folder)


@pytest.mark.usefixtures("calibrated")
def test_a_damaged_calibration_is_no_reason_not_to_fit():
    machine_file().write_text("{")
    assert MIDDLE not in tw.fit("example:iris", **SMALL).answer.about.cost


def test_who_watches_the_search_is_told_what_was_forecast():
    told = []
    means = Means(watch=lambda stage, progress: told.append((stage, progress.expected))).expecting(7.0)
    for stage in ("search", "chosen"):
        means.watch(stage, Progress(0, 10, 0, 100, 0.1))
    assert told == [("search", 7.0), ("chosen", None)]
