"""Figures of predictions on held-out rows: calibration and residuals."""

from collections.abc import Sequence

from thalweg.report.drawing.figure import Axis, Figure
from thalweg.report.drawing.layers import Bars, Layer, Line, Points
from thalweg.report.drawing.scale import padded
from thalweg.report.drawing.table import Cell, Column, Table, format_cell
from thalweg.select.scoring.diagnostics import Calibration, Residuals

_SERIES = ("first", "second", "third", "fourth")


def calibration_figure(calibrations: Sequence[Calibration]) -> Figure:
    """Draw observed frequency against predicted probability.

    Examples
    --------
    >>> calibration_figure([Calibration("network", "yes", (0.1,), (0.2,), (50,))]).name
    'calibration'
    """
    event = calibrations[0].event
    layers: list[Layer] = [Line("perfect calibration", (0.0, 1.0), (0.0, 1.0), "guide")]
    for style, one in zip(_SERIES, calibrations, strict=False):
        layers += [
            Line("", one.predicted, one.observed, style),
            Points(one.model, one.predicted, one.observed, style),
        ]
    rows = tuple(
        (one.model, *cells)
        for one in calibrations
        for cells in zip(one.predicted, one.observed, one.count, strict=True)
    )
    columns = (
        Column("Model"),
        Column("mean predicted probability", 3),
        Column("observed frequency", 3),
        Column("rows"),
    )
    gaps = " and ".join(f"{one.distance:.2f} for {one.model}" for one in calibrations)
    finding = (
        f"Calibration in bins of about equally many held-out rows. Mean distance between predicted "
        f"probability and observed frequency: {gaps}."
    )
    named = event if event.startswith("the ") else f"“{event}”"
    return Figure(
        "calibration",
        finding,
        Axis(f"predicted probability of {named}", low=-0.02, high=1.02),
        Axis("observed frequency", low=-0.02, high=1.02),
        tuple(layers),
        Table("calibration", "Calibration by bin.", columns, rows),
    )


def residuals_figure(residuals: Residuals, outcome: str, number: int = 1) -> Figure:
    """Draw actual against predicted outcomes.

    Examples
    --------
    >>> one = Residuals("ridge regression", (1.0,), (1.1,), (0.5,), (1.9,), (40,), ())
    >>> residuals_figure(one, "income").x.label
    'predicted income'
    """
    single = tuple(predicted for predicted, _ in residuals.sample)
    ends = padded([*residuals.predicted, *single], log=False)
    layers = (
        Points(
            "single rows",
            single,
            tuple(actual for _, actual in residuals.sample),
            "guide",
            faint=True,
        ),
        Line("predicted = actual", ends, ends, "guide"),
        Bars(
            "10 % to 90 % of the actual values in a bin",
            residuals.low,
            residuals.high,
            residuals.predicted,
            "first",
            upright=True,
        ),
        Points("mean of a bin", residuals.predicted, residuals.actual, "first"),
    )
    worst = residuals.farthest
    predicted, actual = format_cell(residuals.predicted[worst]), format_cell(residuals.actual[worst])
    finding = (
        f"Actual against predicted {outcome}, {residuals.model}, held-out rows in bins of about equal size. "
        f"The bin farthest from the line predicts {predicted} where the mean is {actual}."
    )
    columns = ("mean predicted", "mean actual", "10 % of actual", "90 % of actual", "rows")
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        zip(residuals.predicted, residuals.actual, residuals.low, residuals.high, residuals.count, strict=True)
    )
    data = Table(f"residuals-{number}", f"Bins of {residuals.model}.", tuple(map(Column, columns)), rows)
    return Figure(
        f"residuals-{number}",
        finding,
        Axis(f"predicted {outcome}", low=ends[0], high=ends[1]),
        Axis(f"actual {outcome}"),
        layers,
        data,
    )
