"""An estimate with what is said beside it."""

from dataclasses import dataclass

from scipy.stats import norm


@dataclass(frozen=True, slots=True)
class Estimate:
    """An estimate with standard error, interval and two-sided p-value.

    Parameters
    ----------
    name
        What is estimated, such as ``11 − 01``.
    estimate, error, low, high
        In units of the outcome; the interval at the level asked for.
    p_value
        Two-sided, that it is 0.
    count
        Number of units behind it.

    Examples
    --------
    >>> found = Estimate("11 − 01", estimate=2.0, error=0.5, low=1.02, high=2.98, p_value=6.3e-5, count=400)
    >>> found.low > 0.0
    True
    """

    name: str
    estimate: float
    error: float
    low: float
    high: float
    p_value: float
    count: int


def normal_estimate(name: str, estimate: float, error: float, *, count: int, level: float) -> Estimate:
    """Return an estimate with its normal interval and two-sided p-value; 1 where the error is 0.

    Parameters
    ----------
    name
        Of what is estimated.
    estimate, error
        The estimate and its standard error.
    count
        Units it rests on.
    level
        Of the interval.

    Examples
    --------
    >>> found = normal_estimate("b − a", 1.0, 0.5, count=40, level=0.95)
    >>> round(found.low, 2), round(found.p_value, 4)
    (0.02, 0.0455)
    """
    half = float(norm.ppf(0.5 + level / 2.0)) * float(error)
    p = float(2.0 * norm.sf(abs(estimate) / error)) if error > 0.0 else 1.0
    return Estimate(name, float(estimate), float(error), float(estimate) - half, float(estimate) + half, p, count)
