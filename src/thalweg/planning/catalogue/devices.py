"""Accelerators: what they could compute at best, hold and move, and how to find one by its name."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from thalweg.base.errors import SettingError, setting
from thalweg.base.wording import closest
from thalweg.planning.catalogue.entries import catalogue_entries

PRECISIONS: Final = ("fp32", "tf32", "bf16", "fp8")


@dataclass(frozen=True, slots=True)
class Device:
    """An accelerator, by the figures of its maker; peaks are dense, without structured sparsity.

    Parameters
    ----------
    name
        Unambiguous: family, form and memory.
    aliases
        What drivers and people call it.
    launched
        Year and month.
    peaks
        Operations per second by precision, of those it has.
    memory
        Bytes.
    bandwidth
        Bytes per second to its memory.
    watts
        Power at most.
    link
        Bytes per second to a neighbour, one direction.
    product_peak
        Operations per second as units × multiply-adds × 2 × clock; None where the maker names no units.
    source, dated
        Where the figures were read, and when.

    Examples
    --------
    >>> device = find_device("NVIDIA L40S")
    >>> device.name, round(device.peaks["bf16"] / 1e12), round(device.memory / 1e9)
    ('L40S', 362, 48)
    """

    name: str
    aliases: tuple[str, ...]
    launched: str
    peaks: Mapping[str, float]
    memory: float
    bandwidth: float
    watts: float | None
    link: float | None
    product_peak: float | None
    source: str
    dated: str

    def peak(self, precision: str) -> float:
        """Return the operations per second at a precision.

        Raises
        ------
        SettingError
            If the device does not compute in it.
        """
        if precision not in self.peaks:
            raise SettingError(
                f"{self.name} does not compute in {setting('precision')} {precision!r}.",
                f"Choose from {', '.join(self.peaks)}.",
            )
        return self.peaks[precision]


@cache
def devices() -> tuple[Device, ...]:
    """Return every device of the catalogue, in the order of their launch.

    Examples
    --------
    >>> devices()[0].name
    'V100-SXM2-16'
    """
    found = [_device(row) for row in catalogue_entries("devices")]
    return tuple(sorted(found, key=lambda device: device.launched))


def find_device(name: str) -> Device:
    """Return a device by its whole name or a whole alias; capitals do not matter.

    Parts of a name are never matched: an L40S is no L4. What is not known is refused; there is no stand-in.

    Parameters
    ----------
    name
        As in :func:`devices`, or as a driver tells it.

    Raises
    ------
    SettingError
        If the catalogue has no such device.

    Examples
    --------
    >>> find_device("a100").name
    'A100-SXM4-80'
    >>> find_device("NVIDIA L40")
    Traceback (most recent call last):
    thalweg.base.errors.SettingError: device 'NVIDIA L40' is not in the catalogue. Did you mean 'L40S' or 'L4'?
    """
    known = {called.lower(): device for device in devices() for called in (device.name, *device.aliases)}
    if name.lower() not in known:
        remedy = closest(name.removeprefix("NVIDIA "), [device.name for device in devices()], "devices")
        raise SettingError(f"{setting('device')} {name!r} is not in the catalogue.", remedy)
    return known[name.lower()]


def _device(row: Mapping[str, str]) -> Device:
    peaks = {kind: float(row[f"{kind}_tflops"]) * 1e12 for kind in PRECISIONS if row[f"{kind}_tflops"]}
    units = row["units"]
    products = float(units) * float(row["fma_per_unit"]) * 2 * float(row["clock_ghz"]) * 1e9 if units else None
    return Device(
        name=row["name"],
        aliases=tuple(row["aliases"].split("|")),
        launched=row["launched"],
        peaks=peaks,
        memory=float(row["memory_gb"]) * 1e9,
        bandwidth=float(row["bandwidth_gbs"]) * 1e9,
        watts=float(row["watts"]) if row["watts"] else None,
        link=float(row["link_gbs"]) * 1e9 if row["link_gbs"] else None,
        product_peak=products,
        source=row["source"],
        dated=row["dated"],
    )
