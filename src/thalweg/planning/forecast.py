"""What work would take on devices: time with its range, money, energy, and what the figures rest on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from thalweg.base.checks import check_number
from thalweg.planning.catalogue.electricity import Electricity
from thalweg.planning.catalogue.prices import STALE_DAYS, Price, price_of
from thalweg.planning.catalogue.utilisations import utilisation_of
from thalweg.planning.cost.energy import carbon_kg, energy_kwh
from thalweg.planning.fleet import Fleet
from thalweg.planning.likely_range import LikelyRange, even_range
from thalweg.planning.work.training_work import Work

BASES: Final = {
    "A": "measured on this machine with these shapes",
    "B": "measured on this machine with other shapes",
    "C": "measured on another machine",
    "D": "the rate was given, or published for this network on this device",
    "E": "utilisations published for other networks",
}
"""What a forecast rests on, the firmest first."""
_GIVEN_SPREAD: Final = 0.12  # of the logarithm: runs with the same network, device and recipe
_USABLE: Final = 0.9  # share of a device's memory; the rest goes to kernels and gaps between arrays


@dataclass(frozen=True, slots=True)
class Forecast:
    """One row of a plan: work on some devices.

    Parameters
    ----------
    work
        What is computed.
    fleet
        On what.
    precision
        Of the products.
    seconds
        Time, median with its 80 % range.
    share
        Of the peak that this time supposes.
    fits
        Whether the state fits into each device: whole ("copied"), shared among all ("sharded") or not ("no"); ""
        if the parameters are not known.
    price
        The row that dollars come from; None if the catalogue has none of the kind.
    electricity
        The electricity.
    basis
        A key of :data:`BASES`.
    notes
        What a reader must know.

    Examples
    --------
    >>> from thalweg.planning.catalogue.electricity import electricity_of
    >>> from thalweg.planning.fleet import read_fleet
    >>> from thalweg.planning.work.training_work import token_work
    >>> work, fleet = token_work(175e9, 300e9), read_fleet("1024xa100-40")
    >>> row = forecast(work, fleet, electricity_of(), precision="tf32", rate=80e12)
    >>> round(row.seconds.middle / 86400, 4), row.fits, row.basis
    (44.5048, 'sharded', 'D')
    """

    work: Work
    fleet: Fleet
    precision: str
    seconds: LikelyRange
    share: float
    fits: str
    price: Price | None
    electricity: Electricity
    basis: str
    notes: tuple[str, ...] = ()
    limit: str = "compute"

    @property
    def device_hours(self) -> LikelyRange:
        """Hours times devices."""
        return self.seconds.times(self.fleet.count / 3600)

    @property
    def dollars(self) -> LikelyRange | None:
        """What they cost; None without a price."""
        return None if self.price is None else self.device_hours.times(self.price.dollars)

    @property
    def kwh(self) -> float | None:
        """Electricity at the device's full power; None if its maker names none."""
        watts = self.fleet.device.watts
        return None if watts is None else energy_kwh(self.device_hours.middle, watts)

    @property
    def kg(self) -> float | None:
        """Kilograms of carbon dioxide equivalents."""
        return None if self.kwh is None else carbon_kg(self.kwh, self.electricity)


def forecast(
    work: Work,
    fleet: Fleet,
    electricity: Electricity,
    *,
    precision: str = "bf16",
    rate: float | None = None,
    today: date | None = None,
) -> Forecast:
    r"""Return what work would take: :math:`F / (G P u)`, operations over devices, peak and utilisation.

    Parameters
    ----------
    work, fleet, electricity
        What, on what, with which electricity.
    precision
        One the device computes in.
    rate
        Operations per second that a device reaches; None takes published utilisations, with their range.
    today
        Prices are dated against it; None takes today.

    Returns
    -------
    Forecast
        With notes where the rate is above the peak, the state does not fit, or the price is old.

    Raises
    ------
    SettingError
        If the device does not compute in the precision, or the rate is not above 0.

    References
    ----------
    Narayanan et al. (2021): Efficient large-scale language model training on GPU clusters, section 5.1, for time as
    operations over rate.
    """
    peak = fleet.device.peak(precision)
    rests: tuple[str, ...]
    if rate is None:
        known = utilisation_of(work.family, fleet.device.name, precision)
        reached, basis = known.share.times(peak), "E" if known.general else "D"
        rests = (f"Utilisation {known.share.middle:.0%} of {known.rows} published runs: {known.source}.",)
    else:
        check_number("rate", rate, low=0, open_low=True)
        reached, basis = even_range(rate, _GIVEN_SPREAD), "D"
        rests = ()
    seconds = reached.times(fleet.count).inverse().times(work.flops)
    price = price_of(fleet.device.name, fleet.price, fleet.vendor)
    fits = fits_into(work, fleet)
    notes = (
        *_remarks(work, fleet, reached.middle / peak, fits),
        *price_notes(price, fleet, today or date.today()),
        *rests,
    )
    return Forecast(work, fleet, precision, seconds, reached.middle / peak, fits, price, electricity, basis, notes)


def fits_into(work: Work, fleet: Fleet) -> str:
    """Say whether the state of training fits into each device: "copied", "sharded" or "no"; "" if it is not known.

    Examples
    --------
    >>> from thalweg.planning.fleet import read_fleet
    >>> from thalweg.planning.work.training_work import token_work
    >>> fits_into(token_work(1e9, 1e9), read_fleet("t4")), fits_into(token_work(1e9, 1e9), read_fleet("2xt4"))
    ('no', 'sharded')
    """
    if work.state_bytes is None:
        return ""
    room = fleet.device.memory * _USABLE
    if work.state_bytes <= room:
        return "copied"
    return "sharded" if work.state_bytes / fleet.count <= room else "no"


def _remarks(work: Work, fleet: Fleet, share: float, fits: str) -> Sequence[str]:
    found = []
    if share > 1:
        found.append(f"Not possible: this rate is {share:.2f} times the peak of {fleet.device.name}.")
    if fits in {"sharded", "no"} and work.state_bytes is not None:
        least = -(-work.state_bytes // fleet.device.memory)
        found.append(
            f"Weights, gradients and optimizer take {work.state_bytes / 1e9:,.0f} GB, more than one "
            f"{fleet.device.name} holds: at least {least:,.0f} must share them; on {fleet.count:,} it is "
            f"{work.state_bytes / fleet.count / 1e9:,.2f} GB each, before activations."
        )
    return found


def price_notes(price: Price | None, fleet: Fleet, today: date) -> Sequence[str]:
    """Say that a price is missing or old; nothing if there is no more to say.

    Examples
    --------
    >>> from thalweg.planning.fleet import read_fleet
    >>> price_notes(None, read_fleet("t4:spot"), date(2026, 1, 1))
    ['No spot price of T4 is in the catalogue.']
    """
    if price is None:
        whose = f" from {fleet.vendor}" if fleet.vendor else ""
        return [f"No {fleet.price} price of {fleet.device.name}{whose} is in the catalogue."]
    if price.age(today) > STALE_DAYS:
        return [f"The price is {price.age(today):,} days old ({price.words()}): ask for today's."]
    return []


def rate_needed(work: Work, fleet: Fleet, seconds: float) -> float:
    """Return the operations per second that each device would have to reach to be done in time.

    Examples
    --------
    >>> from thalweg.planning.fleet import read_fleet
    >>> from thalweg.planning.work.training_work import token_work
    >>> round(rate_needed(token_work(175e9, 300e9), read_fleet("1024xa100-40"), 51 * 86400) / 1e12, 1)
    69.8
    """
    return work.flops / fleet.count / seconds
