"""Electricity and carbon dioxide of work."""

from thalweg.planning.catalogue.electricity import Electricity


def energy_kwh(device_hours: float, watts: float, *, drawn: float = 1.0, overhead: float = 1.0) -> float:
    """Return kilowatt-hours.

    Parameters
    ----------
    device_hours
        Hours times devices.
    watts
        Of a device at most.
    drawn
        Share of these that it draws.
    overhead
        Of the building: cooling and losses, as a factor.

    Examples
    --------
    >>> energy_kwh(1_093_750, 400)
    437500.0
    """
    return device_hours * watts * drawn * overhead / 1000


def carbon_kg(kwh: float, electricity: Electricity) -> float:
    """Return kilograms of carbon dioxide equivalents.

    Examples
    --------
    >>> from thalweg.planning.catalogue.electricity import electricity_of
    >>> carbon_kg(1000, electricity_of("USA"))
    369.5
    """
    return kwh * electricity.grams / 1000
