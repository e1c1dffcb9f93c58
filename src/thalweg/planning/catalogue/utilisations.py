"""Which share of a peak large networks have reached in published runs, for hardware that cannot be measured."""

from dataclasses import dataclass

from thalweg.planning.catalogue.entries import catalogue_entries
from thalweg.planning.likely_range import LikelyRange, range_between


@dataclass(frozen=True, slots=True)
class Utilisation:
    """A range of published shares of the peak.

    Parameters
    ----------
    share
        Median with its 80 % range.
    rows
        How many runs it was drawn from.
    source
        Where they stand.
    general
        Whether it is that of any network on any device.

    Examples
    --------
    >>> utilisation_of("transformer", "A100-SXM4-80", "bf16").share.middle
    0.54
    """

    share: LikelyRange
    rows: int
    source: str
    general: bool


def utilisation_of(family: str, device: str, precision: str) -> Utilisation:
    """Return the shares published for a family of networks on a device; else those of any network.

    It says nothing about small networks, whose share was measured between 0.0004 and 0.8 on one core.

    Parameters
    ----------
    family
        "transformer" or "convolution".
    device
        Name in the catalogue.
    precision
        As in :data:`thalweg.planning.catalogue.devices.PRECISIONS`.

    Examples
    --------
    >>> utilisation_of("transformer", "RTX-4090", "bf16").general
    True
    """
    wanted = {"family": family, "device": device, "precision": precision}
    rows = catalogue_entries("utilisations")
    exact = [row for row in rows if all(row[key] == value for key, value in wanted.items())]
    row = exact[0] if exact else next(row for row in rows if row["family"] == "any")
    share = range_between(*(float(row[end]) for end in ("low", "middle", "high")))
    return Utilisation(share, int(row["rows"]), row["source"], not exact)
