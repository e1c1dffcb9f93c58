"""Which devices work is planned for: ``8xh100-sxm@aws:spot`` is eight of them, from whom, at a kind of price."""

import re
from dataclasses import dataclass
from typing import Final

from thalweg.base.errors import SettingError, setting
from thalweg.base.wording import closest
from thalweg.planning.catalogue.devices import Device, find_device
from thalweg.planning.catalogue.prices import KINDS, prices

_FORM: Final = re.compile(
    r"(?:(?P<count>\d+)\s*[x×]\s*)?(?P<device>[^:@]+?)\s*(?:@\s*(?P<vendor>[^:]+?)\s*)?(?::\s*(?P<kind>.+))?"
)


@dataclass(frozen=True, slots=True)
class Fleet:
    """Some devices of one kind, and how they are paid.

    Parameters
    ----------
    device
        Of the catalogue.
    count
        How many.
    price
        Kind of price, one of :data:`thalweg.planning.catalogue.prices.KINDS` but "purchase".
    vendor
        Who lets them; "" takes whoever is cheapest.

    Examples
    --------
    >>> fleet = read_fleet("8xh100-sxm:capacity block")
    >>> fleet.count, fleet.device.name, fleet.price
    (8, 'H100-SXM5-80', 'capacity block')
    """

    device: Device
    count: int = 1
    price: str = "on-demand"
    vendor: str = ""

    @property
    def name(self) -> str:
        """How many of which."""
        return self.device.name if self.count == 1 else f"{self.count:,} x {self.device.name}"


def read_fleet(text: str) -> Fleet:
    """Read ``[COUNTx]DEVICE[@VENDOR][:PRICE]``.

    Raises
    ------
    SettingError
        If it is written otherwise, or the device or the kind of price is not known.

    Examples
    --------
    >>> read_fleet("rtx4090").name
    'RTX-4090'
    """
    found = _FORM.fullmatch(text.strip())
    if found is None or found["count"] == "0":
        raise SettingError(f"{setting('on')} {text!r} names no devices.", "Write h100-sxm, or 8xh100-sxm:spot.")
    kinds = [kind for kind in KINDS if kind != "purchase"]
    kind = (found["kind"] or "on-demand").strip().replace("_", " ")
    if kind not in kinds:
        raise SettingError(
            f"{setting('on')} {text!r}: {kind!r} is no kind of price.", f"Choose from {', '.join(kinds)}."
        )
    vendors = {vendor.lower(): vendor for vendor in sorted({price.vendor for price in prices()})}
    asked = (found["vendor"] or "").lower()
    if asked and asked not in vendors:
        known = closest(asked, vendors.values(), "vendors")
        raise SettingError(f"{setting('on')} {text!r}: the catalogue has no prices of {found['vendor']!r}.", known)
    return Fleet(find_device(found["device"]), int(found["count"] or 1), kind, vendors[asked] if asked else "")
