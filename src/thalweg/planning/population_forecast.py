"""A population of small networks on devices that cannot be measured: one network on one device, many side by side."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from thalweg.planning.catalogue.devices import Device
from thalweg.planning.catalogue.electricity import Electricity
from thalweg.planning.catalogue.prices import price_of
from thalweg.planning.catalogue.utilisations import utilisation_of
from thalweg.planning.fleet import Fleet
from thalweg.planning.forecast import Forecast, price_notes
from thalweg.planning.likely_range import LikelyRange
from thalweg.planning.work.training_work import Work
from thalweg.train.backend import backend_of
from thalweg.train.population import Member, TrainingTable, crowds_of
from thalweg.train.slots import slot_bytes

LAUNCH: Final = 4e-6
"""Seconds to launch one operation for all networks side by side: 3 to 10 µs one by one, less from a recorded graph."""
USABLE: Final = 0.9
"""Share of a device's memory that networks may fill."""
_BANDWIDTH: Final = 0.8  # share of a device's bandwidth that streams reach
_SPREAD: Final = 0.5  # of the logarithm: nothing was measured, neither the device nor its host


@dataclass(frozen=True, slots=True)
class CrowdWork:
    """Networks of one kind.

    Parameters
    ----------
    networks
        How many.
    launches, flops, bytes
        Of a step of one network.
    steps
        That each is supposed to run.
    held
        Bytes of one network while it trains.

    Examples
    --------
    >>> CrowdWork(100, 20, 4e6, 3e5, 1000.0, 2e5).networks
    100
    """

    networks: float
    launches: int
    flops: float
    bytes: float
    steps: float
    held: float

    def seconds(self, side_by_side: int, rate: float, bandwidth: float) -> tuple[float, float, float]:
        """Return the seconds of a step of so many networks: for launches, products and memory."""
        return self.launches * LAUNCH, side_by_side * self.flops / rate, side_by_side * self.bytes / bandwidth


def bandwidth_reached(device: Device) -> float:
    """Return the bytes per second that streams reach.

    Examples
    --------
    >>> from thalweg.planning.catalogue.devices import find_device
    >>> bandwidth_reached(find_device("t4")) / 1e9
    256.0
    """
    return device.bandwidth * _BANDWIDTH


def population_work(
    table: TrainingTable, members: Sequence[Member], stopping: float, *, again: int = 0
) -> tuple[CrowdWork, ...]:
    """Return the work of a population by kind of network, from the very programs that would run.

    Parameters
    ----------
    table, members
        The population.
    stopping
        Share of its epochs that a member runs.
    again
        Networks that are trained once more.

    Examples
    --------
    >>> import numpy as np
    >>> from thalweg.loss.squared import Squared
    >>> from thalweg.net.spec import mlp
    >>> from thalweg.train.population import training_table
    >>> x = np.linspace(-1, 1, 64)[:, None]
    >>> members = [Member(mlp((8,)), Squared(), np.arange(64), seed=s, epochs=50, batch=32) for s in range(4)]
    >>> [(work.networks, work.steps) for work in population_work(training_table(x, x**2), members, 0.5)]
    [(4.0, 50.0)]
    """
    found = []
    more = 1.0 + again / len(members)
    for crowd, numbers in crowds_of(members, table).items():
        if not backend_of(crowd.network).lockstep:
            continue
        program = backend_of(crowd.network).program(crowd, members[numbers[0]], table)
        steps = sum(members[n].steps * members[n].epochs for n in numbers) / len(numbers)
        held = float(slot_bytes(crowd, table.rows.dtype))
        count = len(numbers) * more
        found.append(CrowdWork(count, len(program.ops), program.flops, program.bytes, steps * stopping, held))
    return tuple(found)


def forecast_population(
    work: Sequence[CrowdWork],
    fleet: Fleet,
    electricity: Electricity,
    *,
    precision: str = "fp32",
    today: date | None = None,
) -> Forecast:
    r"""Return what a population would take on devices: :math:`\sum_k r_k s_k (n_k t + \max(S F_k / (P u), S B_k / W))`.

    Networks are spread over the devices, none is split: for small networks a sum over devices takes longer than a
    step. On a device as many train side by side as its memory holds, :math:`S`; an operation is launched once for all
    of them, in :math:`t`. Kind :math:`k` takes :math:`r_k` rounds of :math:`s_k` steps with :math:`n_k` operations.

    Parameters
    ----------
    work
        By kind of network.
    fleet, electricity, precision, today
        As in :func:`thalweg.planning.forecast.forecast`.

    Returns
    -------
    Forecast
        On basis E: nothing was measured there.

    Raises
    ------
    SettingError
        If the device does not compute in the precision.

    Examples
    --------
    >>> from thalweg.planning.catalogue.electricity import electricity_of
    >>> from thalweg.planning.fleet import read_fleet
    >>> work = [CrowdWork(100.0, 20, 4e6, 3e5, 1000.0, 2e5)]
    >>> one = forecast_population(work, read_fleet("t4"), electricity_of())
    >>> four = forecast_population(work, read_fleet("4xt4"), electricity_of())
    >>> one.limit, 1.0 < one.seconds.middle / four.seconds.middle <= 4.0
    ('compute', True)
    """
    device = fleet.device
    known = utilisation_of("any", device.name, precision)
    rate, bandwidth = device.peak(precision) * known.share.middle, bandwidth_reached(device)
    parts = {"launches": 0.0, "compute": 0.0, "memory": 0.0}
    total, flops, held = 0.0, 0.0, 0.0
    for kind in work:
        each = math.ceil(kind.networks / fleet.count)
        together = max(1, min(each, int(device.memory * USABLE / kind.held)))
        launches, products, moved = kind.seconds(together, rate, bandwidth)
        steps = math.ceil(each / together) * kind.steps
        total += steps * (launches + max(products, moved))
        for name, value in zip(parts, (launches, products, moved), strict=True):
            parts[name] += steps * value
        flops += kind.networks * kind.steps * kind.flops
        held = max(held, kind.held * together)
    price = price_of(device.name, fleet.price, fleet.vendor)
    notes = (
        "Networks are spread over the devices, none is split, and train side by side on each.",
        f"Nothing was measured there: {LAUNCH * 1e6:g} µs a launch, {known.share.middle:.0%} of the peak are supposed.",
        *price_notes(price, fleet, today or date.today()),
    )
    fits = "copied" if held <= device.memory * USABLE else "no"
    name = f"{sum(kind.networks for kind in work):,.0f} networks"
    return Forecast(
        work=Work(name, "any", flops),
        fleet=fleet,
        precision=precision,
        seconds=LikelyRange(total, _SPREAD, _SPREAD),
        share=flops / total / device.peak(precision) / fleet.count,
        fits=fits,
        price=price,
        electricity=electricity,
        basis="E",
        notes=notes,
        limit=max(parts, key=lambda part: parts[part]),
    )
