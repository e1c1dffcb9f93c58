"""Forecasts beside what happened, as run folders record them."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

from thalweg.planning.machine.training_forecast import TrainingForecast

MIDDLE: Final = "predicted seconds of the networks"
LOW, HIGH = f"{MIDDLE}, lower tenth", f"{MIDDLE}, upper tenth"
ALONE: Final = f"{MIDDLE}, by calibration alone"
ACTUAL: Final = "actual seconds of the networks"


def recorded(forecast: TrainingForecast) -> dict[str, float]:
    """Return a forecast as a run records it.

    Examples
    --------
    >>> from thalweg.planning.likely_range import even_range
    >>> recorded(TrainingForecast(even_range(60.0, 0.36), 55.0, 50.0))[MIDDLE]
    60.0
    """
    found = forecast.seconds
    values = {LOW: found.low, MIDDLE: found.middle, HIGH: found.high, ALONE: forecast.by_calibration}
    return {name: round(value, 2) for name, value in values.items()}


@dataclass(frozen=True, slots=True)
class AuditedRun:
    """One run's forecast, and what its networks took.

    Parameters
    ----------
    name
        Of the run.
    low, middle, high
        Forecast seconds: lower tenth, median, upper tenth.
    alone
        By the machine's constants alone.
    actual
        Seconds.

    Examples
    --------
    >>> run = AuditedRun("first", 40.0, 60.0, 90.0, 55.0, 66.0)
    >>> run.ratio, run.inside
    (1.1, True)
    """

    name: str
    low: float
    middle: float
    high: float
    alone: float
    actual: float

    @property
    def ratio(self) -> float:
        """Actual over forecast."""
        return self.actual / self.middle

    @property
    def logarithm(self) -> float:
        """Of actual seconds over what the constants alone forecast."""
        return math.log(self.actual / self.alone)

    @property
    def inside(self) -> bool:
        """Whether what happened is in the 80 % range."""
        return self.low <= self.actual <= self.high


def audited(name: str, cost: Mapping[str, float]) -> AuditedRun | None:
    """Return the forecast a run recorded; None if it recorded none, or nothing was trained.

    Examples
    --------
    >>> audited("first", {"actual seconds of the networks": 3.0}) is None
    True
    """
    values = [cost.get(part) for part in (LOW, MIDDLE, HIGH, ALONE, ACTUAL)]
    numbers = [float(value) for value in values if value is not None and value > 0]
    return AuditedRun(name, *numbers) if len(numbers) == len(values) else None


@dataclass(frozen=True, slots=True)
class Audit:
    """Forecasts of some runs beside what happened.

    Parameters
    ----------
    runs
        At least one.
    silent
        Names of runs without a forecast.

    Examples
    --------
    >>> audit = Audit((AuditedRun("first", 40.0, 60.0, 90.0, 55.0, 66.0), AuditedRun("next", 4.0, 6.0, 9.0, 5.0, 12.0)))
    >>> audit.median, audit.coverage
    (1.55, 0.5)
    """

    runs: Sequence[AuditedRun]
    silent: Sequence[str] = ()

    @property
    def median(self) -> float:
        """Median of actual over forecast."""
        return median(run.ratio for run in self.runs)

    @property
    def coverage(self) -> float:
        """Share of runs inside their 80 % range."""
        return sum(run.inside for run in self.runs) / len(self.runs)
