"""Figures of plans: cost against time, roofs of devices, networks side by side, and a range of days."""

from collections.abc import Sequence

from thalweg.planning.forecast import Forecast
from thalweg.planning.machine.audit import Audit
from thalweg.planning.plan_curves import PopulationCurve, Roof
from thalweg.report.drawing.figure import Axis, Figure
from thalweg.report.drawing.layers import Bars, Layer, Line, Points
from thalweg.report.drawing.table import Column, Table

_STYLES = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh")


def frontier_figure(rows: Sequence[Forecast]) -> Figure | None:
    """Draw cost against time, a point per row with its 80 % ranges; None if fewer than two rows have a price.

    Examples
    --------
    >>> frontier_figure(()) is None
    True
    """
    priced = [(row, money) for row in rows if (money := row.dollars) is not None]
    if len(priced) < 2:
        return None
    layers: list[Layer] = []
    for number, (row, money) in enumerate(priced):
        style, hours = _STYLES[number % len(_STYLES)], row.seconds.times(1 / 3600)
        layers.append(Bars("", (hours.low,), (hours.high,), (money.middle,), style))
        layers.append(Points(row.fleet.name, (hours.middle,), (money.middle,), style))
    cheap, fast = min(priced, key=lambda pair: pair[1].middle)[0], min(rows, key=lambda row: row.seconds.middle)
    finding = f"{cheap.fleet.name} costs least, {fast.fleet.name} takes least time. Bars are 80 % ranges of the time."
    table = Table(
        "cost-time",
        "Cost and time.",
        tuple(map(Column, ("devices", "hours", "10 %", "90 %", "US$", "limited by"))),
        tuple((row.fleet.name, *_hours(row), money.middle, row.limit) for row, money in priced),
    )
    time, cost = Axis("hours, logarithmic scale", log=True), Axis("US$, logarithmic scale", log=True)
    return Figure("cost-time", finding, time, cost, tuple(layers), table)


def _hours(row: Forecast) -> tuple[float, float, float]:
    return row.seconds.middle / 3600, row.seconds.low / 3600, row.seconds.high / 3600


def roof_figure(roofs: Sequence[Roof], at: float, reached: Sequence[tuple[str, float]]) -> Figure:
    """Draw what devices can reach at best by operations per byte, and what is foreseen at a work's own.

    Parameters
    ----------
    roofs
        Of the devices.
    at
        Operations per byte of the work.
    reached
        By name, operations per second that are foreseen.

    Examples
    --------
    >>> roof_figure([Roof("T4", (0.1, 1000.0), (1e9, 1e12))], 2.0, [("T4", 1e10)]).name
    'roofline'
    """
    layers: list[Layer] = []
    for roof, style in zip(roofs, _STYLES, strict=False):
        layers.append(Line(roof.device, roof.intensities, roof.rates, style))
    for (name, rate), style in zip(reached, _STYLES, strict=False):
        layers.append(Points(f"{name}, foreseen", (at,), (rate,), style))
    lines = [(roof.device, *pair) for roof in roofs for pair in zip(roof.intensities, roof.rates, strict=True)]
    table = Table(
        "roofline",
        "Rates.",
        tuple(map(Column, ("device", "operations per byte", "operations per second"))),
        (*lines, *((f"{name}, foreseen", at, rate) for name, rate in reached)),
    )
    finding = (
        f"These networks do {at:.2g} operations per byte, whatever their number; left of a roof's bend memory limits "
        "them, and a device that computes faster does not help."
    )
    across, up = Axis("operations per byte, logarithmic scale", log=True), Axis("operations per second", log=True)
    return Figure("roofline", finding, across, up, tuple(layers), table)


def population_figure(curves: Sequence[PopulationCurve], here: float) -> Figure:
    """Draw the time of a step by the number of networks side by side, and what it is on this machine.

    Parameters
    ----------
    curves
        Of the devices.
    here
        Microseconds of a step on this machine, all cores at work.

    Examples
    --------
    >>> population_figure([PopulationCurve("T4", (1, 10), (80.0, 9.0))], 30.0).name
    'population'
    """
    most = max(curve.networks[-1] for curve in curves)
    layers: list[Layer] = [Line("this machine, measured", (1.0, float(most)), (here, here), "plain")]
    rows = [("this machine", 1, here)]
    for curve, style in zip(curves, _STYLES, strict=False):
        counts = tuple(map(float, curve.networks))
        layers.append(Line(curve.device, counts, curve.microseconds, style))
        rows += [(curve.device, *pair) for pair in zip(curve.networks, curve.microseconds, strict=True)]
    heads = ("device", "networks side by side", "microseconds of a step and network")
    table = Table("population", "Time of a step.", tuple(map(Column, heads)), tuple(rows))
    finding = (
        "On a GPU launching operations takes most of a small network's step, and many networks share it; on processors "
        "steps are native, and a network needs no neighbours."
    )
    across, up = Axis(heads[1], log=True), Axis("microseconds a step and network", log=True)
    return Figure("population", finding, across, up, tuple(layers), table)


def days_figure(prior: Forecast, claims: Sequence[tuple[str, float]]) -> Figure:
    """Draw the 80 % range of a time in days, and what was claimed about it.

    Parameters
    ----------
    prior
        Of the same work by published utilisations.
    claims
        In words, and in days.

    Examples
    --------
    >>> from thalweg.planning.catalogue.electricity import electricity_of
    >>> from thalweg.planning.fleet import read_fleet
    >>> from thalweg.planning.forecast import forecast
    >>> from thalweg.planning.work.training_work import token_work
    >>> row = forecast(token_work(175e9, 300e9), read_fleet("1024xa100-40"), electricity_of(), precision="tf32")
    >>> days_figure(row, [("the slide", 51.0)]).data.rows[-1]
    ('the slide', 51.0)
    """
    low, middle, high = (end / 86_400 for end in (prior.seconds.low, prior.seconds.middle, prior.seconds.high))
    names = ("by published utilisations", *(name for name, _ in claims))
    places = tuple(range(len(names)))
    layers: tuple[Layer, ...] = (
        Bars("80 % range", (low,), (high,), (0.0,), "first"),
        Points("days", (middle, *(days for _, days in claims)), tuple(map(float, places)), "first"),
    )
    rows = tuple(zip(names, (middle, *(days for _, days in claims)), strict=True))
    table = Table("days", "Days.", (Column("whose"), Column("days", 1)), rows)
    finding = f"By utilisations of published runs it takes {middle:.0f} days, 80 % between {low:.0f} and {high:.0f}."
    return Figure("days", finding, Axis("days", low=0.0), Axis("", categories=names), layers, table)


def audit_figure(audit: Audit) -> Figure:
    """Draw what runs took against what was forecast.

    Examples
    --------
    >>> from thalweg.planning.machine.audit import AuditedRun
    >>> audit_figure(Audit((AuditedRun("first", 40.0, 60.0, 90.0, 55.0, 66.0),))).name
    'audit'
    """
    runs = audit.runs
    low, middle, high, took = zip(*((run.low, run.middle, run.high, run.actual) for run in runs), strict=True)
    ends = (min(*low, *took), max(*high, *took))
    layers: tuple[Layer, ...] = (
        Line("as forecast", ends, ends, "plain"),
        Bars("80 % range", low, high, took, "first"),
        Points("runs", middle, took, "first"),
    )
    heads = tuple(map(Column, ("run", "10 %", "forecast, s", "90 %", "took, s")))
    table = Table("audit", "Runs.", heads, tuple((run.name, run.low, run.middle, run.high, run.actual) for run in runs))
    finding = f"{audit.coverage:.0%} of {len(runs)} runs took a time inside their 80 % range."
    across, up = Axis("forecast seconds, logarithmic scale", log=True), Axis("actual seconds", log=True)
    return Figure("audit", finding, across, up, layers, table)
