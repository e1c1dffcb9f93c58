import numpy as np
import pytest

from laws.bench import make_table
from laws.registry import LOSSES, SCHEDULES, STACKS
from thalweg.base.errors import SettingError
from thalweg.loss.penalty import Penalty
from thalweg.optim.adagrad import AdaGrad
from thalweg.optim.adam import Adam
from thalweg.optim.adamax import AdaMax
from thalweg.optim.gradient import GradientDescent
from thalweg.optim.momentum import Momentum
from thalweg.optim.rmsprop import RMSProp
from thalweg.optim.schedule import Cosine, InverseTime, StepDecay, Warmup
from thalweg.train.fit import fit_population
from thalweg.train.population import Member


@pytest.mark.parametrize("kind", [AdaGrad, Adam, AdaMax, GradientDescent, Momentum, RMSProp])
@pytest.mark.parametrize("rate", [0.0, -1.0, float("nan"), float("inf"), "fast"])
def test_learning_rates_are_checked(kind, rate):
    with pytest.raises(SettingError, match="learning_rate"):
        kind(rate)


@pytest.mark.parametrize(
    ("kind", "setting"),
    [
        (Momentum, {"momentum": 1.0}),
        (RMSProp, {"rho": 1.0}),
        (Adam, {"beta1": 1.0}),
        (Adam, {"beta2": 1.0}),
        (AdaMax, {"beta2": -0.1}),
        (AdaGrad, {"epsilon": 0.0}),
        (StepDecay, {"every": 0}),
        (StepDecay, {"gamma": 0.0}),
        (Cosine, {"warmup": 1.0}),
        (Cosine, {"floor": 1.1}),
        (Warmup, {"steps": 0}),
        (InverseTime, {"decay": -1.0}),
        (Penalty, {"lasso": -1.0}),
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


@pytest.mark.parametrize("stack", ["tanh", "embedding", "embedding alone"])
def test_the_lasso_switches_inputs_off_and_passes_over_tables_of_codes(stack):
    loss, classes = LOSSES["squared"]
    table = make_table(loss, classes, 60)
    rows = np.arange(60, dtype=np.int32)
    member = Member(
        STACKS[stack], loss, rows, optimizer=GradientDescent(0.05), penalty=Penalty(lasso=0.5), batch=None, epochs=200
    )
    fitted = fit_population(table, [member], workers=1).named(0)
    first = fitted["0.weight" if stack == "tanh" else "1.weight"]
    weights = first[:-1] if stack == "tanh" else first
    assert (weights == 0).mean() > 0.5
    assert all((value != 0).all() for name, value in fitted.items() if name == "0.3.weight")
