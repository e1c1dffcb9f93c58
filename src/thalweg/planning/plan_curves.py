"""What figures of plans show: a device's roof, and the time of a step as more networks train side by side."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from thalweg.planning.catalogue.devices import Device
from thalweg.planning.catalogue.utilisations import utilisation_of
from thalweg.planning.forecast import Forecast
from thalweg.planning.population_forecast import USABLE, CrowdWork, bandwidth_reached

_COUNTS: Final = tuple(int(base * 10**power) for power in range(5) for base in (1, 2, 5))


@dataclass(frozen=True, slots=True)
class Roof:
    r"""The rate a device can reach at best, :math:`\min(P, I W)`, by operations per byte :math:`I`.

    Parameters
    ----------
    device
        Its name.
    intensities
        Operations per byte, ascending.
    rates
        Operations per second.

    Examples
    --------
    >>> from thalweg.planning.catalogue.devices import find_device
    >>> roof = roof_of(find_device("t4"), "fp32")
    >>> roof.rates[0] < roof.rates[-1]
    True

    References
    ----------
    Williams, Waterman, Patterson (2009): Roofline: an insightful visual performance model for multicore architectures.
    """

    device: str
    intensities: tuple[float, ...]
    rates: tuple[float, ...]


def roof_of(device: Device, precision: str) -> Roof:
    """Return the roof of a device, by the figures of its maker.

    Examples
    --------
    >>> from thalweg.planning.catalogue.devices import find_device
    >>> roof_of(find_device("t4"), "fp32").device
    'T4'
    """
    peak = device.peak(precision)
    ridge = peak / device.bandwidth
    intensities = tuple(sorted({0.1, 1.0, 10.0, ridge, 100.0, 1000.0}))
    return Roof(device.name, intensities, tuple(min(peak, at * device.bandwidth) for at in intensities))


def intensity(work: Sequence[CrowdWork]) -> float:
    """Return the operations per byte of a population; more networks side by side do not change it.

    Examples
    --------
    >>> intensity([CrowdWork(100.0, 20, 4e6, 2e6, 1000.0, 2e5)])
    2.0
    """
    flops = sum(kind.networks * kind.steps * kind.flops for kind in work)
    return flops / sum(kind.networks * kind.steps * kind.bytes for kind in work)


@dataclass(frozen=True, slots=True)
class PopulationCurve:
    """The time of a step of one network, as more train side by side on one device.

    Parameters
    ----------
    device
        Its name.
    networks
        How many, as far as its memory holds them.
    microseconds
        Of a step, divided by them.

    Examples
    --------
    >>> PopulationCurve("T4", (1, 2), (80.0, 40.0)).networks
    (1, 2)
    """

    device: str
    networks: tuple[int, ...]
    microseconds: tuple[float, ...]


def population_curve(work: Sequence[CrowdWork], device: Device, precision: str) -> PopulationCurve:
    """Return the time of a mean step: what launching takes is shared, what computing takes is not.

    Examples
    --------
    >>> from thalweg.planning.catalogue.devices import find_device
    >>> curve = population_curve([CrowdWork(100.0, 20, 4e6, 3e5, 1000.0, 2e5)], find_device("t4"), "fp32")
    >>> curve.microseconds[0] > 10 * curve.microseconds[-1]
    True
    """
    rate = device.peak(precision) * utilisation_of("any", device.name, precision).share.middle
    steps = sum(kind.networks * kind.steps for kind in work)
    held = max(kind.held for kind in work)
    counts = [count for count in _COUNTS if count * held <= device.memory * USABLE] or [1]
    times = []
    for count in counts:
        total = 0.0
        for kind in work:
            launches, products, moved = kind.seconds(count, rate, bandwidth_reached(device))
            total += kind.networks * kind.steps * (launches + max(products, moved))
        times.append(total / steps / count * 1e6)
    return PopulationCurve(device.name, tuple(counts), tuple(times))


def reached_rates(work: Sequence[CrowdWork], rows: Sequence[Forecast]) -> list[tuple[str, float]]:
    """Return by device the operations per second of one that are foreseen for a population.

    Examples
    --------
    >>> reached_rates([], [])
    []
    """
    flops = sum(kind.networks * kind.steps * kind.flops for kind in work)
    return [(row.fleet.device.name, flops / row.seconds.middle / row.fleet.count) for row in rows]
