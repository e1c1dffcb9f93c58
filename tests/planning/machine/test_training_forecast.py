"""Constants and amounts of work: what is fitted is found again, and runs correct what is forecast."""

import math

import numpy as np
import pytest

from thalweg.base.errors import RunFolderError
from thalweg.loss.squared import Squared
from thalweg.net.spec import mlp
from thalweg.planning.machine.calibration import MachineCalibration, calibrate
from thalweg.planning.machine.kept import KnownMachine, keep_machine, known_machine, machine_file, newly_known
from thalweg.planning.machine.step_costs import PARTS, StepCosts, amounts_of_work
from thalweg.planning.machine.training_forecast import forecast_training
from thalweg.train.population import Member, training_table

X = np.linspace(-1, 1, 256)[:, None]
TABLE = training_table(X, X**2)


def population(count=4, patience=None, epochs=10, hidden=(8,)):
    rows = np.arange(256, dtype=np.int32)
    return [
        Member(
            mlp(hidden),
            Squared(),
            rows[:192],
            validation=rows[192:],
            seed=s,
            batch=32,
            epochs=epochs,
            patience=patience,
        )
        for s in range(count)
    ]


def machine(**costs):
    return KnownMachine({}, MachineCalibration(StepCosts(**costs), 0.1, busy=False, seconds=2.0), 0.0)


def test_every_constant_is_multiplied_with_what_it_counts():
    members = population()
    amounts = dict(zip(PARTS, amounts_of_work(TABLE, members, 1), strict=True))
    assert (amounts["call"], amounts["member"], amounts["epoch"]) == (1, 4, 40)
    assert amounts["row"] == 4 * 10 * 192
    assert amounts["start"] == 4 * (8 + 8 + 8 + 1)
    assert amounts["wide"] + amounts["narrow"] > 4 * 10 * 6 * 6 * 32 * 8  # six steps an epoch, and validation
    for part in PARTS:
        found = forecast_training(machine(**{part: 1.0}), TABLE, members, 1).by_calibration
        assert found == pytest.approx(amounts[part])


def test_a_short_side_makes_a_product_narrow():
    wide = dict(zip(PARTS, amounts_of_work(TABLE, population(hidden=(64, 64)), 1), strict=True))
    thin = dict(zip(PARTS, amounts_of_work(TABLE, population(hidden=(8,)), 1), strict=True))
    assert wide["wide"] > 10 * wide["narrow"]
    assert thin["wide"] == 0 < thin["narrow"]


def test_cores_early_stopping_and_networks_trained_again_count():
    known = machine(epoch=1.0)
    one = forecast_training(known, TABLE, population(), 1)
    assert forecast_training(known, TABLE, population(), 2).by_calibration == pytest.approx(one.by_calibration / 2)
    assert forecast_training(known, TABLE, population(patience=3), 1).by_calibration < 0.6 * one.by_calibration
    twice = forecast_training(known, TABLE, population(), 1, again=4)
    assert twice.by_calibration == pytest.approx(2 * one.by_calibration)
    assert twice.search == pytest.approx(one.by_calibration)


def test_runs_move_the_middle_and_the_range():
    known = machine(epoch=1.0)
    slow = known.with_ratios({f"run {n}": math.log(2.0) for n in range(90)})
    before, after = (forecast_training(k, TABLE, population(), 1).seconds for k in (known, slow))
    assert after.middle == pytest.approx(2.0**0.9 * before.middle)
    assert after.high / after.low < before.high / before.low
    assert slow.with_ratios({"run 3": math.log(2.0)}).bias == slow.bias, "a run known already is not counted twice"


def test_a_calibration_is_of_the_right_size():
    found = calibrate(seconds=0.5)
    assert found.seconds < 10
    assert 0 < found.costs.seconds(amounts_of_work(TABLE, population(), 1)) < 10
    assert all(getattr(found.costs, part) >= 0 for part in PARTS)


def test_what_is_known_is_kept_and_damage_is_told(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert known_machine() is None
    known = newly_known(machine(wide=1e-11).calibration).with_ratios({"run": 0.25})
    assert keep_machine(known) == machine_file()
    assert known_machine() == known
    machine_file().write_text('{"calibration": 3}')
    with pytest.raises(RunFolderError, match="thalweg calibrate"):
        known_machine()


def test_a_closed_cache_is_told(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    with pytest.raises(RunFolderError, match="XDG_CACHE_HOME"):
        keep_machine(machine())
