"""Plans as tables and sentences."""

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from thalweg.data.notes import counted
from thalweg.planning.catalogue.devices import PRECISIONS, Device
from thalweg.planning.catalogue.prices import Price
from thalweg.planning.forecast import BASES, Forecast
from thalweg.planning.machine.audit import Audit
from thalweg.planning.machine.kept import KnownMachine
from thalweg.planning.slides import DeckLine
from thalweg.planning.table_forecast import TableForecast
from thalweg.report.drawing.blocks import Blocks
from thalweg.report.drawing.table import Cell, Column, Table
from thalweg.report.planning.units import dollars, spans

_FITS = {"copied": "yes", "sharded": "shared", "no": "no", "": None}


def forecast_blocks(rows: Sequence[Forecast]) -> Blocks:
    """Tell what work would take on each of some fleets.

    Examples
    --------
    >>> forecast_blocks(()).sentences
    ('Nothing is planned.',)
    """
    if not rows:
        return Blocks(("Nothing is planned.",))
    work = rows[0].work
    best = min(rows, key=lambda row: row.seconds.middle)
    sentence = f"{work.name}: {work.flops:.3g} operations take {spans(best.seconds)} on {best.fleet.name}."
    columns = (
        Column("devices"),
        Column("time, 80 % range"),
        Column("fits"),
        Column("limited by", spare=2),
        Column("share of peak", 2, spare=2),
        Column("device-hours", 0, spare=1),
        Column("cost, US$"),
        Column("price", spare=4),
        Column("kWh", 0, spare=3),
        Column("kg CO2", 0, spare=3),
        Column("basis"),
    )
    table = Table("plan", "What it would take.", columns, tuple(map(_row, rows)))
    letters = sorted({row.basis for row in rows})
    bases = "; ".join(f"{letter}: {BASES[letter]}" for letter in letters)
    mix = rows[0].electricity
    energy = f"Energy at the devices' full power; carbon by electricity of {mix.region} ({mix.year})."
    notes = [*dict.fromkeys(note for row in rows for note in row.notes if not note.startswith("Not possible"))]
    warnings = [note for row in rows for note in row.notes if note.startswith("Not possible")]
    return Blocks((sentence,), (table,), (f"Basis {bases}.", energy, *notes), tuple(dict.fromkeys(warnings)))


def _row(row: Forecast) -> tuple[Cell, ...]:
    money = row.dollars
    return (
        row.fleet.name,
        spans(row.seconds),
        _FITS[row.fits],
        row.limit or None,
        None if math.isnan(row.share) else row.share,
        row.device_hours.middle,
        None if money is None else dollars(money),
        None if row.price is None else row.price.words(),
        row.kwh,
        row.kg,
        row.basis,
    )


def table_blocks(rows: tuple[TableForecast, *tuple[Forecast, ...]]) -> Blocks:
    """Tell what a comparison on a table would take on this machine, and its networks on others.

    Examples
    --------
    >>> from thalweg.planning.likely_range import LikelyRange
    >>> found = TableForecast(8, 1, 400, 1000, 10**6, 2, 0.5, LikelyRange(0.25), 0.5, 1000.0, busy=False)
    >>> table_blocks((found,)).tables[0].rows[0]
    ('networks in the search', 8)
    """
    found, *elsewhere = rows
    sentence = (
        f"{counted(found.networks, 'network')} of {counted(found.kinds, 'kind')} and what stands beside them take "
        f"{spans(found.whole)} on {found.workers} of this machine's cores."
    )
    figures: tuple[tuple[str, Cell], ...] = (
        ("networks in the search", found.networks),
        ("trained numbers of all", found.parameters),
        ("steps if none stops early", found.steps),
        ("operations of these steps", f"{found.flops:.3g}"),
        ("share of its epochs that a network runs", found.stopping),
        ("networks", spans(found.seconds)),
        ("seconds of the search if none stops early", found.every_epoch),
        ("linear models and boosting", spans(found.beside)),
        ("microseconds per step, all cores at work", found.step_microseconds),
        ("operations a second", f"{found.rate:.3g}"),
    )
    table = Table("plan", "What the comparison would take here.", (Column("figure"), Column("value")), figures)
    warnings = ("Others are at work on this machine: it will take longer than that.",) if found.busy else ()
    notes = (
        "Basis A: a few of its own networks were trained here, to their end where time allowed.",
        "Not counted: reading the table, and the report.",
    )
    if not elsewhere:
        return Blocks((sentence,), (table,), notes, warnings)
    there = forecast_blocks(elsewhere)
    devices = replace(there.tables[0], name="devices", caption="The networks alone, on other devices.")
    return Blocks((sentence,), (table, devices), (*notes, *there.notes), (*warnings, *there.warnings))


def machine_blocks(rows: tuple[KnownMachine, Path]) -> Blocks:
    """Tell what this machine does.

    Examples
    --------
    >>> from thalweg.planning.machine.calibration import MachineCalibration
    >>> from thalweg.planning.machine.step_costs import StepCosts
    >>> known = KnownMachine({"cores": "2"}, MachineCalibration(StepCosts(), 0.1, False, 1.9), 0.0)
    >>> machine_blocks((known, Path("machine.json"))).tables[0].rows[0]
    ('cores', '2')
    """
    known, place = rows
    found = known.calibration
    sentence = (
        f"Calibrated in {found.seconds:.1f} seconds: the small networks that were trained took what these figures say, "
        f"give or take {found.error:.0%}."
    )
    per_second = {"wide": "products with long sides", "narrow": "products with a short side", "moved": "other work"}
    constants = found.costs
    figures: list[tuple[Cell, ...]] = [(name, value) for name, value in known.facts.items()]
    figures += [
        ("milliseconds around a population", constants.call * 1e3),
        ("milliseconds to begin and end a network", constants.member * 1e3),
        ("microseconds to begin an operation", constants.operation * 1e6),
    ]
    for part, name in per_second.items():
        cost, unit = getattr(constants, part), "GB/s" if part == "moved" else "GFLOP/s"
        figures.append((f"{name}, {unit}", 1e-9 / cost if cost else None))
    columns = (Column("figure"), Column("value"))
    warnings = ("Others were at work on this machine: calibrate again when it is quiet.",) if found.busy else ()
    notes = (
        f"Kept in {place}. Fits say beforehand what their networks will take, and record it beside what they took.",
    )
    return Blocks((sentence,), (Table("machine", "This machine.", columns, tuple(figures)),), notes, warnings)


def audit_blocks(rows: tuple[Audit]) -> Blocks:
    """Tell what runs took beside what was forecast.

    Examples
    --------
    >>> from thalweg.planning.machine.audit import AuditedRun
    >>> audit_blocks((Audit((AuditedRun("first", 40.0, 60.0, 90.0, 55.0, 66.0),)),)).sentences[0]
    'One run took 1.10 times its forecast; it is inside its 80 % range.'
    """
    (audit,) = rows
    count = len(audit.runs)
    if count == 1:
        inside = "inside" if audit.runs[0].inside else "outside"
        sentence = f"One run took {audit.median:.2f} times its forecast; it is {inside} its 80 % range."
    else:
        sentence = (
            f"{count:,} runs took {audit.median:.2f} times their forecasts in the median; {audit.coverage:.0%} are "
            "inside their 80 % ranges."
        )
    columns = (
        Column("run"),
        Column("forecast, s"),
        Column("10 %", spare=2),
        Column("90 %", spare=2),
        Column("took, s"),
        Column("times", 2),
        Column("inside"),
    )
    lines = tuple(
        (run.name, run.middle, run.low, run.high, run.actual, run.ratio, "yes" if run.inside else "no")
        for run in audit.runs
    )
    notes = [f"Without a forecast: {', '.join(audit.silent)}."] if audit.silent else []
    notes.append("Later forecasts of this machine take the runs that it made into account.")
    return Blocks((sentence,), (Table("audit", "Forecasts and what happened.", columns, lines),), tuple(notes))


def deck_blocks(lines: Sequence[DeckLine]) -> Blocks:
    """Tell what slides on costs say beside their recomputation.

    Examples
    --------
    >>> deck_blocks((DeckLine(38, "51 days", "44.5 days", "Arithmetic."),)).tables[0].rows
    (('38', '51 days', '44.5 days', 'Arithmetic.'),)
    """
    columns = (Column("slide"), Column("it says"), Column("recomputed"), Column("why"))
    rows = tuple((str(line.slide), line.claim, line.found, line.reason) for line in lines)
    sentence = f"{len(lines)} claims on costs, recomputed from formulas and dated prices."
    return Blocks((sentence,), (Table("deck", "Slides 36 to 38.", columns, rows),))


def device_blocks(devices: Sequence[Device]) -> Blocks:
    """List devices with the figures of their makers.

    Examples
    --------
    >>> from thalweg.planning.catalogue.devices import find_device
    >>> device_blocks((find_device("t4"),)).tables[0].rows[0][0]
    'T4'
    """
    peaks = [Column(f"{kind}, TFLOP/s", 1, spare=1 if kind == "fp32" else 0) for kind in PRECISIONS]
    columns = (
        Column("device"),
        Column("since", spare=2),
        *peaks,
        Column("GB", 0),
        Column("GB/s", 0),
        Column("W", 0, spare=3),
        Column("link, GB/s", 0, spare=4),
        Column("source", spare=5),
    )
    rows = tuple(
        (
            device.name,
            device.launched,
            *(device.peaks[kind] / 1e12 if kind in device.peaks else None for kind in PRECISIONS),
            device.memory / 1e9,
            device.bandwidth / 1e9,
            device.watts,
            None if device.link is None else device.link / 1e9,
            f"{device.source}, {device.dated}",
        )
        for device in devices
    )
    notes = ("Peaks are dense, without structured sparsity; link is one direction.",)
    return Blocks((f"{len(devices)} devices.",), (Table("devices", "Devices.", columns, rows),), notes)


def price_blocks(prices: Sequence[Price], today: date) -> Blocks:
    """List prices, with their age in days.

    Examples
    --------
    >>> price_blocks((), date(2026, 1, 1)).sentences
    ('0 prices.',)
    """
    columns = (
        Column("device"),
        Column("vendor"),
        Column("region", spare=2),
        Column("kind"),
        Column("US$", 2),
        Column("of"),
        Column("age, days"),
        Column("source", spare=1),
    )
    rows = tuple(
        (p.device, p.vendor, p.region, p.kind, p.dollars, f"{p.dated:%Y-%m-%d}", p.age(today), p.source) for p in prices
    )
    notes = (
        "US$ per device and hour; for a purchase per device. A price without its kind, region and date says little.",
    )
    return Blocks((f"{len(prices)} prices.",), (Table("prices", "Prices.", columns, rows),), notes)
