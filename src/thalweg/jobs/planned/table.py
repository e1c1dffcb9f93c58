"""A comparison on a table, planned by training a few of its own networks."""

from dataclasses import replace
from typing import Any, Final

from thalweg.base.checks import check_count
from thalweg.base.errors import SettingError
from thalweg.data.problem import pose
from thalweg.jobs.columns import rows_of
from thalweg.jobs.networks import with_networks
from thalweg.jobs.planned.devices import Devices
from thalweg.jobs.sources import with_outcome
from thalweg.planning.beside_networks import seconds_beside
from thalweg.planning.forecast import Forecast
from thalweg.planning.population_forecast import forecast_population, population_work
from thalweg.planning.table_forecast import TableForecast, forecast_table
from thalweg.select.class_weight import with_class_weight
from thalweg.select.crossval import cross_validation
from thalweg.select.settings import make_settings

_ROLES: Final = (
    "query",
    "formula",
    "features",
    "ignore",
    "weights",
    "weights_kind",
    "groups",
    "clusters",
    "time",
    "task",
)


def plan_table(
    source: object, y: object, target: str | None, workers: int | None, devices: Devices, asked: dict[str, Any]
) -> tuple[TableForecast, *tuple[Forecast, ...]]:
    """Return the forecast of a comparison here, then of its networks on each of some devices.

    Parameters
    ----------
    source, y, target, workers, asked
        As :class:`thalweg.jobs.plan.Planning` takes them.
    devices
        Where else.

    Raises
    ------
    DataError, SettingError
        If table or settings make no sense, or no network is asked for.

    Examples
    --------
    >>> few = {"folds": 3, "seeds": 2, "networks": [{"hidden": [8]}], "trees": 0}
    >>> here, there = plan_table("example:wine", None, None, 1, Devices(["t4"], "fp32"), few)
    >>> here.networks, there.fleet.name
    (6, 'T4')
    """
    fleets = devices.fleets
    roles = {name: asked.pop(name) for name in _ROLES if name in asked}
    class_weight = asked.pop("class_weight", None)
    settings = make_settings(with_networks(asked))
    workers = None if workers is None else check_count("workers", workers)
    source, target = with_outcome(source, y, target)
    problem = with_class_weight(pose(source, target=target, **roles), class_weight)
    with rows_of(problem):
        plan = cross_validation(problem, settings)
        members = plan.search_members()
    if not members:
        raise SettingError("There is no network to plan for.", "Give widths, such as hidden=(64,).")
    again = len(plan.views) * settings.seeds
    found = forecast_table(plan.table, members, workers, again=again)
    work = population_work(plan.table, members, found.stopping, again=again)
    here = replace(found, beside=seconds_beside(plan, workers), seeds=settings.seeds, work=work)
    mix, how = devices.electricity, dict[str, Any](precision=devices.precision, today=devices.today)
    return here, *(forecast_population(work, fleet, mix, **how) for fleet in fleets)
