"""Forecasts of populations: what is counted is exact, what is timed is of the right size."""

import numpy as np
import pytest

from thalweg.loss.squared import Squared
from thalweg.net.spec import mlp
from thalweg.planning import table_forecast
from thalweg.planning.likely_range import even_range
from thalweg.planning.table_forecast import forecast_table
from thalweg.planning.work.dense_work import dense_step_flops
from thalweg.train.fit import fit_population
from thalweg.train.population import Member, training_table

X = np.linspace(-1, 1, 256)[:, None]
TABLE = training_table(X, X**2)


def population(seeds=6, **settings):
    hidden = [(8,), (16, 16)]
    rows, held = np.arange(192), np.arange(192, 256)
    return [
        Member(mlp(widths), Squared(), rows, validation=held, seed=s, batch=32, **settings)
        for widths in hidden
        for s in range(seeds)
    ]


def test_what_is_counted_is_exact():
    found = forecast_table(TABLE, population(epochs=40), workers=1)
    assert (found.networks, found.kinds) == (12, 2)
    assert found.steps == 12 * 6 * 40
    assert found.parameters == 6 * (25 + 321)
    products = sum(6 * 6 * 40 * dense_step_flops(widths, 32) for widths in ([1, 8, 1], [1, 16, 16, 1]))
    assert products < found.flops < 3 * products  # with activations and the optimizer


def test_patience_widens_the_range():
    long = 10**5  # epochs beside which what a member takes to begin is nothing
    sure = forecast_table(TABLE, population(epochs=long), workers=1).seconds
    unsure = forecast_table(TABLE, population(epochs=long, patience=long), workers=1).seconds
    assert unsure.high / unsure.low > 1.5 * sure.high / sure.low


def test_networks_that_are_seen_to_stop_are_forecast_to_stop():
    long = 10**6
    whole = forecast_table(TABLE, population(epochs=long), workers=1)
    found = forecast_table(TABLE, population(epochs=long, patience=5), workers=1)
    assert whole.stopping == 1.0
    assert found.stopping < 0.01
    assert found.seconds.high < 0.05 * whole.seconds.low
    assert found.every_epoch > 0.2 * whole.every_epoch, "what all epochs would take is another question"


def test_shares_of_epochs_and_networks_trained_again_are_added_up(monkeypatch):
    pilot = table_forecast._Pilot(step=1e-3, start=0.1, share=even_range(0.5, 0.1), best=0.25, busy=False)
    monkeypatch.setattr(table_forecast, "_pilot", lambda *_: pilot)
    steps = 12 * 6 * 40
    once, twice = (forecast_table(TABLE, population(epochs=40), workers=1, again=again) for again in (0, 12))
    assert once.seconds.middle == pytest.approx(1.2 + 0.5e-3 * steps)
    assert twice.seconds.middle == pytest.approx(2 * 1.2 + 0.75e-3 * steps)
    assert once.stopping == pytest.approx(0.5)
    assert once.every_epoch == pytest.approx(1.2 + 1e-3 * steps)


def test_cores_share_the_work():
    for workers in (1, 2, 50):
        found = forecast_table(TABLE, population(epochs=40), workers=workers)
        assert found.workers == min(workers, found.networks)
        assert found.every_epoch >= found.step_microseconds * found.steps / 1e6  # and what members take to begin


def test_planning_changes_no_number():
    members = population(epochs=3)
    before = fit_population(TABLE, members, workers=1).members
    forecast_table(TABLE, members, workers=1)
    after = fit_population(TABLE, members, workers=1).members
    assert all(np.array_equal(a.parameters, b.parameters) for a, b in zip(before, after, strict=True))


@pytest.mark.parametrize("members", [population(seeds=1, epochs=1), population(seeds=1, epochs=10**6)])
def test_very_short_and_very_long_work_is_planned_at_once(members):
    assert forecast_table(TABLE, members, workers=1).seconds.middle > 0
