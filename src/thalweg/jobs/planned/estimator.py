"""An estimator's fit, planned by training a few of its own networks."""

from dataclasses import replace
from typing import Any

from thalweg.base.errors import SettingError
from thalweg.jobs.planned.devices import Devices
from thalweg.planning.forecast import Forecast
from thalweg.planning.likely_range import range_between
from thalweg.planning.population_forecast import forecast_population, population_work
from thalweg.planning.table_forecast import TableForecast, forecast_table


def is_estimator(source: object) -> bool:
    """Say whether something is an estimator of networks.

    Examples
    --------
    >>> is_estimator("example:iris")
    False
    """
    return hasattr(source, "_learned") and hasattr(source, "get_params")


def plan_estimator(
    model: Any, X: Any, y: Any, workers: int | None, devices: Devices
) -> tuple[TableForecast, *tuple[Forecast, ...]]:
    """Return the forecast of an estimator's fit here, then of its networks on each of some devices.

    Parameters
    ----------
    model, X, y, workers
        As :class:`thalweg.jobs.plan.Planning` takes them.
    devices
        Where else.

    Raises
    ------
    SettingError
        If there are no outcomes, or the settings make no sense.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from thalweg.estimators import NetClassifier
    >>> (here,) = plan_estimator(NetClassifier(hidden=(4,), seeds=2), *load_iris(return_X_y=True), 1, Devices([]))
    >>> here.networks, here.seeds
    (2, 1)
    """
    from thalweg.estimators.ensemble.expected_population import populations_of  # noqa: PLC0415 - loads torch

    if y is None:
        raise SettingError("An estimator learns from X and y, and there is no y.", "Ask tw.plan(estimator, X, y).")
    if getattr(model, "network", None) is not None:
        raise SettingError(
            "Steps of a torch module of your own have no program that could be planned.",
            "Ask tw.plan.module(module, sample, steps=...), where some are timed.",
        )
    fleets, populations = devices.fleets, populations_of(model, X, y)
    found = [forecast_table(table, members, workers or model.workers) for table, members in populations]
    pairs = zip(populations, found, strict=True)
    work = tuple(kind for (table, members), part in pairs for kind in population_work(table, members, part.stopping))
    here = replace(_together(found), work=work)
    mix, how = devices.electricity, dict[str, Any](precision=devices.precision, today=devices.today)
    return here, *(forecast_population(work, fleet, mix, **how) for fleet in fleets)


def _together(parts: list[TableForecast]) -> TableForecast:
    """Add up populations that are trained one after the other."""
    if len(parts) == 1:
        return parts[0]
    ends = [[part.seconds.low, part.seconds.middle, part.seconds.high] for part in parts]
    steps = sum(part.steps for part in parts)
    return replace(
        parts[0],
        networks=sum(part.networks for part in parts),
        kinds=sum(part.kinds for part in parts),
        parameters=sum(part.parameters for part in parts),
        steps=steps,
        flops=sum(part.flops for part in parts),
        every_epoch=sum(part.every_epoch for part in parts),
        seconds=range_between(*map(sum, zip(*ends, strict=True))),
        stopping=sum(part.stopping * part.steps for part in parts) / steps,
        step_microseconds=sum(part.step_microseconds * part.steps for part in parts) / steps,
        busy=any(part.busy for part in parts),
    )
