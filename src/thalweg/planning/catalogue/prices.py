"""Prices of devices: every one with its kind, its region and its date, since kinds differ by more than a factor 2."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Final

from thalweg.base.errors import SettingError, setting
from thalweg.planning.catalogue.entries import catalogue_entries

KINDS: Final = ("on-demand", "1 year", "3 years", "capacity block", "spot", "marketplace", "purchase")
STALE_DAYS: Final = 180


@dataclass(frozen=True, slots=True)
class Price:
    """What an hour of one device costs, or the device itself.

    Parameters
    ----------
    device
        Name in the catalogue.
    vendor, region
        Who lets it, and where.
    kind
        One of :data:`KINDS`: paid by the hour, with a commitment, in prepaid blocks, interruptible, between strangers,
        or bought.
    dollars
        Per device and hour; for a purchase per device.
    dated
        When it was so.
    source
        Where it was read.

    Examples
    --------
    >>> price_of("H100-SXM5-80", "on-demand").vendor
    'Lambda'
    """

    device: str
    vendor: str
    region: str
    kind: str
    dollars: float
    dated: date
    source: str

    def age(self, today: date) -> int:
        """Return its age in days."""
        return (today - self.dated).days

    def words(self) -> str:
        """Return what it is: vendor, kind, region and date."""
        where = "" if self.region == "any" else f", {self.region}"
        return f"{self.vendor} {self.kind}{where}, {self.dated:%Y-%m-%d}"


@cache
def prices() -> tuple[Price, ...]:
    """Return every price of the catalogue.

    Examples
    --------
    >>> {price.kind for price in prices()} <= set(KINDS)
    True
    """
    return tuple(
        Price(
            row["device"],
            row["vendor"],
            row["region"],
            row["kind"],
            float(row["usd_per_device_hour"]),
            date.fromisoformat(row["dated"]),
            row["source"],
        )
        for row in catalogue_entries("prices")
    )


def price_of(device: str, kind: str = "on-demand", vendor: str = "") -> Price | None:
    """Return the lowest price of a kind for a device; None if the catalogue has none.

    Parameters
    ----------
    device
        Name in the catalogue.
    kind
        One of :data:`KINDS`.
    vendor
        Of one vendor alone; "" takes any.

    Raises
    ------
    SettingError
        If there is no such kind.

    Examples
    --------
    >>> price_of("H100-SXM5-80", "capacity block").dollars
    4.916
    >>> price_of("MI300X") is None
    True
    """
    if kind not in KINDS:
        raise SettingError(f"{setting('price')} {kind!r} is no kind of price.", f"Choose from {', '.join(KINDS)}.")
    found = [p for p in prices() if p.device == device and p.kind == kind and vendor in {"", p.vendor}]
    return min(found, key=lambda price: price.dollars, default=None)
