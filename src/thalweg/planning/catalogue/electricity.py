"""How much carbon dioxide a kilowatt-hour of electricity brings, by country."""

from dataclasses import dataclass

from thalweg.base.errors import SettingError, setting
from thalweg.base.wording import closest
from thalweg.planning.catalogue.entries import catalogue_entries


@dataclass(frozen=True, slots=True)
class Electricity:
    """Electricity of a country in a year.

    Parameters
    ----------
    region
        Three letters of ISO 3166, or "world".
    grams
        Of carbon dioxide equivalents per kilowatt-hour.
    year
        Of the figure.
    source
        Where it was read.

    Examples
    --------
    >>> electricity_of("FRA").grams < electricity_of("world").grams
    True
    """

    region: str
    grams: float
    year: int
    source: str


def electricity_of(region: str = "world") -> Electricity:
    """Return the electricity of a region.

    Raises
    ------
    SettingError
        If the catalogue has no such region.

    Examples
    --------
    >>> electricity_of("usa").grams
    369.5
    """
    found = {row["region"].lower(): row for row in catalogue_entries("electricity")}
    if region.lower() not in found:
        known = [row["region"] for row in catalogue_entries("electricity")]
        raise SettingError(
            f"{setting('region')} {region!r} is not in the catalogue.", closest(region, known, "regions")
        )
    row = found[region.lower()]
    return Electricity(row["region"], float(row["grams_per_kwh"]), int(row["year"]), row["source"])
