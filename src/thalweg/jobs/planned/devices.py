"""Devices that work is planned for, and what is supposed of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from thalweg.planning.catalogue.electricity import Electricity, electricity_of
from thalweg.planning.fleet import Fleet, read_fleet
from thalweg.planning.forecast import Forecast, forecast
from thalweg.planning.work.training_work import Work


@dataclass(frozen=True, slots=True)
class Devices:
    """Which devices, and under which suppositions.

    Parameters
    ----------
    on, precision, rate, region, today
        As :class:`thalweg.jobs.plan.Planning` takes them.

    Examples
    --------
    >>> [fleet.name for fleet in Devices(["2xt4", "l4"]).fleets]
    ['2 x T4', 'L4']
    """

    on: Sequence[str]
    precision: str = "bf16"
    rate: float | None = None
    region: str = "world"
    today: date | None = None

    @property
    def fleets(self) -> list[Fleet]:
        """The devices, in the order they were named."""
        return [read_fleet(text) for text in self.on]

    @property
    def electricity(self) -> Electricity:
        """That of the region."""
        return electricity_of(self.region)

    def forecasts(self, work: Work) -> Iterator[Forecast]:
        """Yield what work would take on each."""
        for fleet in self.fleets:
            yield self.forecast(work, fleet)

    def forecast(self, work: Work, fleet: Fleet) -> Forecast:
        """Return what work would take on one of them."""
        return forecast(work, fleet, self.electricity, precision=self.precision, rate=self.rate, today=self.today)


def devices_of(on: str | Sequence[str], precision: str, rate: float | None, region: str, today: date | None) -> Devices:
    """Return devices as a caller named them: one text or several.

    Examples
    --------
    >>> devices_of("t4", "fp32", None, "world", None).on
    ['t4']
    """
    return Devices([on] if isinstance(on, str) else list(on), precision, rate, region, today)
