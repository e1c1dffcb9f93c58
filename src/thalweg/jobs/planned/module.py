"""Any torch module, counted, and timed where it is to run here."""

import math
from collections.abc import Sequence
from dataclasses import replace
from importlib import import_module
from typing import Final

from torch import nn

from thalweg.base.checks import check_number
from thalweg.base.errors import SettingError, setting
from thalweg.base.machine.free_memory import free_bytes
from thalweg.base.machine.processor import processor_name
from thalweg.jobs.planned.devices import Devices
from thalweg.planning.catalogue.devices import Device
from thalweg.planning.catalogue.electricity import Electricity
from thalweg.planning.fleet import Fleet, read_fleet
from thalweg.planning.forecast import Forecast, fits_into
from thalweg.planning.likely_range import even_range
from thalweg.planning.module_timing import module_step_seconds
from thalweg.planning.population_forecast import CrowdWork, forecast_population
from thalweg.planning.work.module_count import ModuleCount, count_module
from thalweg.planning.work.training_work import Work

THIS: Final = "this"
"""What devices are called that are this machine."""
_ADAM: Final = 10
"""Launches of an optimizer's step, where it updates all arrays at once."""
_MEASURED: Final = 0.1  # of the logarithm: steps timed here, and the same steps later


def plan_module(
    module: nn.Module, sample: Sequence[object], steps: float, state: str, devices: Devices
) -> tuple[Forecast, ...]:
    """Return the forecast of a module's training on each of some devices.

    Parameters
    ----------
    module, sample, steps, state
        As :meth:`thalweg.jobs.plan.Planning.module` takes them.
    devices
        Where; :data:`THIS` is this machine.

    Raises
    ------
    SettingError
        If the module cannot be counted, or a device, a precision, a region or a number makes no sense.

    Examples
    --------
    >>> import torch
    >>> found = plan_module(nn.Linear(3, 1), [torch.zeros(8, 3)], 1000, "float32 adam", Devices(["this"]))
    >>> found[0].basis, found[0].work.parameters
    ('A', 4)
    """
    steps = check_number("steps", steps, low=1)
    fleets = [None if text == THIS else read_fleet(text) for text in devices.on]
    count = count_module(module, sample)
    name = f"{count.name} of {count.parameters:,} parameters, {steps:,.0f} steps"
    work = Work(name, "any", max(count.step_flops, 1) * steps, count.parameters, state)
    notes: tuple[str, ...] = ("Counted: matrix products, convolutions, attention. What works number by number is not.",)
    if count.uncounted:
        notes += (f"Not counted, for want of a formula: {', '.join(count.uncounted)}.",)
    found = []
    for fleet in fleets:
        if fleet is None:
            row = _here(work, module_step_seconds(module, sample) * steps, devices.electricity)
        else:
            row = _there(work, count, steps, fleet, devices)
        found.append(replace(row, notes=(*row.notes, *notes)))
    return tuple(found)


def named_module(name: str) -> nn.Module:
    """Return a module of an importable package, or what a function of it builds.

    Parameters
    ----------
    name
        ``package.file:name``.

    Raises
    ------
    SettingError
        If there is no such package or name, or what it names is no torch module.

    Examples
    --------
    >>> named_module("torch.nn:Identity")
    Identity()
    """
    place, _, attribute = name.partition(":")
    if not attribute.isidentifier() or not all(part.isidentifier() for part in place.split(".")):
        raise SettingError(f"{setting('module')} {name!r} names nothing.", "Write package.file:name.")
    try:
        found = getattr(import_module(place), attribute)
        found = found if isinstance(found, nn.Module) else found()
    except (ImportError, AttributeError, TypeError) as error:
        raise SettingError(
            f"{setting('module')} {name!r} cannot be had: {error}.", "Name a module or a function without arguments."
        ) from error
    if not isinstance(found, nn.Module):
        raise SettingError(f"{setting('module')} {name!r} is no torch module.", "Name one, or what builds one.")
    return found


def _here(work: Work, seconds: float, mix: Electricity) -> Forecast:
    peak = work.flops / seconds  # nobody says what this processor could do: what it did
    device = Device(
        processor_name(), (THIS,), "", {"fp32": peak}, float(free_bytes() or 0), 0.0, None, None, None, "", ""
    )
    fleet = Fleet(device)
    notes = ("Steps on this machine: some were timed, on the threads torch takes.",)
    time, fits = even_range(seconds, _MEASURED), fits_into(work, fleet)
    return Forecast(work, fleet, "fp32", time, math.nan, fits, None, mix, "A", notes, limit="")


def _there(work: Work, count: ModuleCount, steps: float, fleet: Fleet, devices: Devices) -> Forecast:
    """Forecast by a rate that was given, else by launches, products and memory of one device."""
    if devices.rate is not None:
        return devices.forecast(work, fleet)
    held = float(work.state_bytes or 0.0)
    one = CrowdWork(1.0, count.launches + _ADAM, count.step_flops, count.bytes, steps, max(held, 1.0))
    row = forecast_population([one], fleet, devices.electricity, precision=devices.precision, today=devices.today)
    alone = () if fleet.count == 1 else ("It is trained on one of them: sharing batches among several is not planned.",)
    return replace(row, work=work, fits=fits_into(work, fleet), notes=(*row.notes[1:], *alone))
