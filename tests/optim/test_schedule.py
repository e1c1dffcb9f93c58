import numpy as np
import pytest

from laws.registry import SCHEDULES
from thalweg.base.errors import SettingError
from thalweg.optim.schedule import Cosine, InverseTime, StepDecay, Warmup


@pytest.mark.parametrize(
    ("kind", "setting"),
    [
        (StepDecay, {"every": 0}),
        (StepDecay, {"gamma": 0.0}),
        (Cosine, {"warmup": 1.0}),
        (Cosine, {"floor": 1.1}),
        (Warmup, {"steps": 0}),
        (InverseTime, {"decay": -1.0}),
    ],
)
def test_settings_outside_their_range_are_named(kind, setting):
    with pytest.raises(SettingError, match=next(iter(setting))):
        kind(**setting)


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_factors_stay_in_the_unit_interval(schedule):
    factors = np.array([SCHEDULES[schedule].factor(step, step // 5, 5, 12) for step in range(60)])
    assert (factors > 0).all()
    assert (factors <= 1).all()
    assert schedule == "constant" or len(set(factors)) > 2


def test_cosine_rises_then_falls_to_its_floor():
    factors = [Cosine(warmup=0.25, floor=0.1).factor(step, step // 5, 5, 8) for step in range(41)]
    assert np.argmax(factors) == 10
    assert np.diff(factors[:11]).min() > 0
    assert np.diff(factors[10:]).max() < 0
    assert factors[-1] == pytest.approx(0.1)
