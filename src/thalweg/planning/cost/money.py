"""Renting, being interrupted, and buying."""

import math


def interruption_overhead(checkpoint: float, interval: float, rate: float, restart: float = 0.0) -> float:
    r"""Return the share of time that is lost to saving and to interruptions, :math:`c/d + \lambda (d/2 + r)`.

    Parameters
    ----------
    checkpoint
        :math:`c`, hours to save.
    interval
        :math:`d`, hours between savings.
    rate
        :math:`\lambda`, interruptions per hour; the formula holds for :math:`\lambda d \ll 1`.
    restart
        :math:`r`, hours to start again.

    References
    ----------
    Young (1974): A first order approximation to the optimum checkpoint interval.

    Examples
    --------
    >>> best = best_checkpoint_interval(1 / 60, 1 / 24)
    >>> round(best, 2), round(interruption_overhead(1 / 60, best, 1 / 24), 3)
    (0.89, 0.037)
    """
    return checkpoint / interval + rate * (interval / 2 + restart)


def best_checkpoint_interval(checkpoint: float, rate: float) -> float:
    r"""Return the hours between savings that lose least, :math:`\sqrt{2 c / \lambda}`.

    Examples
    --------
    >>> best_checkpoint_interval(0.5, 0.01)
    10.0
    """
    return math.sqrt(2 * checkpoint / rate)


def break_even_hours(purchase: float, rent: float, watts: float, dollars_per_kwh: float) -> float | None:
    """Return the hours of use after which buying is cheaper than renting; None if it never is.

    Parameters
    ----------
    purchase
        Dollars for the device.
    rent
        Dollars per hour.
    watts
        It draws.
    dollars_per_kwh
        Of electricity.

    Examples
    --------
    >>> round(break_even_hours(1599, 0.69, 450, 0.15))
    2569
    """
    saved = rent - watts / 1000 * dollars_per_kwh
    return purchase / saved if saved > 0 else None
