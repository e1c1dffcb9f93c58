"""A plan as a page."""

from collections.abc import Sequence
from typing import Any

from thalweg.planning.forecast import Forecast
from thalweg.planning.plan_curves import intensity, population_curve, reached_rates, roof_of
from thalweg.planning.slides import claimed_days
from thalweg.planning.table_forecast import TableForecast
from thalweg.report.drawing.blocks import Blocks
from thalweg.report.drawing.document import Page, Prose, Section
from thalweg.report.drawing.figure import Figure
from thalweg.report.planning.figures import audit_figure, days_figure, frontier_figure, population_figure, roof_figure


def plan_page(kind: str, rows: Sequence[Any], blocks: Blocks) -> Page:
    """Return the page of a plan.

    Parameters
    ----------
    kind, rows
        As of :class:`thalweg.answers.plan.WorkPlan`.
    blocks
        What it says in short.

    Examples
    --------
    >>> plan_page("forecasts", (), Blocks(("Nothing is planned.",))).verdict
    'Nothing is planned.'
    """
    figures = plan_figures(kind, rows)
    drawn = (Section("h-figures", "Pictures", figures),) if figures else ()
    notes = tuple(Prose(note, "method") for note in blocks.notes)
    return Page(
        title="Plan",
        heading="What it would take",
        facts="",
        label="Plan",
        verdict=blocks.sentences[0],
        sections=(
            Section("h-plan", "Numbers", blocks.tables),
            *drawn,
            Section("h-notes", "What it rests on", notes),
        ),
        warnings=blocks.warnings,
    )


def plan_figures(kind: str, rows: Sequence[Any]) -> tuple[Figure, ...]:
    """Return the figures of a plan.

    Examples
    --------
    >>> [figure.name for figure in plan_figures("deck", ())]
    ['days']
    """
    if kind == "deck":
        return (days_figure(*claimed_days()),)
    if kind == "audit":
        return (audit_figure(rows[0]),)
    if kind not in {"table", "forecasts"}:
        return ()
    devices = rows[1:] if kind == "table" else rows
    frontier = frontier_figure(devices)
    found = [] if frontier is None else [frontier]
    if kind == "table" and devices:
        found += _of_population(rows[0], devices)
    return tuple(found)


def _of_population(here: TableForecast, devices: Sequence[Forecast]) -> list[Figure]:
    work, kinds = here.work, {row.fleet.device.name: row for row in devices}
    curves = [population_curve(work, row.fleet.device, row.precision) for row in kinds.values()]
    roofs = [roof_of(row.fleet.device, row.precision) for row in kinds.values()]
    reached = [*reached_rates(work, list(kinds.values())), ("this machine", here.rate)]
    return [roof_figure(roofs, intensity(work), reached), population_figure(curves, here.step_microseconds)]
