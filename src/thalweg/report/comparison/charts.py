"""The answer's figures: differences, spread by source, learning curves, calibration, residuals."""

import math
from collections.abc import Sequence

from thalweg.report.comparison.tables import difference_table, spread_table
from thalweg.report.drawing.figure import Axis, Figure
from thalweg.report.drawing.layers import Band, Bars, Layer, Line, Points, Ticks
from thalweg.report.drawing.scale import padded
from thalweg.report.drawing.table import Cell, Column, Table, format_cell
from thalweg.select.answer import Answer
from thalweg.select.scoring.curves import Curves
from thalweg.select.scoring.diagnostics import Calibration, Residuals
from thalweg.select.scoring.metrics import METRICS

_SERIES = ("first", "second", "third", "fourth")


def difference_figure(answer: Answer) -> Figure | None:
    """Draw every model's difference from the linear model with its interval; not the baseline's, far off.

    Parameters
    ----------
    answer
        The answer.

    Returns
    -------
    Figure or None
        None if nothing was compared.

    Examples
    --------
    >>> from thalweg.select.answer import About
    >>> from thalweg.select.scoring.leaderboard import Leaderboard
    >>> board = Leaderboard("regression", "rmse", (), "ridge regression", "", "", (), 5, 100)
    >>> difference_figure(Answer(About("t.csv", "y"), "", "", board)) is None
    True
    """
    board = answer.leaderboard
    shown = [
        d
        for d in board.differences
        if d.reference == board.reference and d.model != board.baseline and math.isfinite(d.estimate)
    ]
    if not shown:
        return None
    metric = METRICS[board.task][board.metric]
    places = tuple(map(float, range(len(shown))))
    clear = sum(not d.contains_zero for d in shown)
    side = "right" if metric.higher_is_better else "left"
    counted = "The interval contains" if len(shown) == 1 else f"{len(shown) - clear} of {len(shown)} intervals contain"
    counted = "The interval excludes" if len(shown) == clear == 1 else counted
    finding = (
        f"Difference in {metric.label} from {board.reference} with {100 * shown[0].level:g} % intervals; "
        f"{side} of 0 is better. {counted} 0."
    )
    estimates = tuple(d.estimate for d in shown)
    layers: tuple[Layer, ...] = (
        Line("", (0.0, 0.0), (-0.5, len(shown) - 0.5), "guide"),
        Bars("", tuple(d.low for d in shown), tuple(d.high for d in shown), places, "first"),
        Points("", estimates, places, "first"),
    )
    x = Axis(f"{metric.label} minus that of {board.reference} ({side} of 0: better)")
    names = Axis("", categories=tuple(d.model for d in shown))
    return Figure("differences", finding, x, names, layers, difference_table(answer))


def spread_figure(answer: Answer) -> Figure:
    """Draw the standard deviation of the primary metric between splits and between seeds.

    Examples
    --------
    >>> from thalweg.select.answer import About
    >>> from thalweg.select.scoring.leaderboard import Leaderboard
    >>> board = Leaderboard("regression", "rmse", (), "ridge regression", "", "", (), 5, 100)
    >>> spread_figure(Answer(About("t.csv", "y"), "", "", board)).name
    'spread'
    """
    board = answer.leaderboard
    metric = METRICS[board.task][board.metric]
    spreads = [row.scores[metric.name].spread for row in board.rows]
    places = tuple(map(float, range(len(spreads))))
    layers = (
        Points("another split, same seed", tuple(s.split_sd for s in spreads), places, "first"),
        Points("another seed, same split", tuple(s.seed_sd for s in spreads), places, "second", hollow=True),
    )
    x = Axis(f"standard deviation of {metric.label} of one fit", low=0.0)
    names = Axis("", categories=tuple(row.model for row in board.rows))
    return Figure("spread", spread_finding(answer), x, names, layers, spread_table(answer))


def spread_finding(answer: Answer) -> str:
    """Say in a sentence whether split or seed moves the network's primary metric more.

    Examples
    --------
    >>> from thalweg.select.answer import About
    >>> from thalweg.select.scoring.leaderboard import Leaderboard
    >>> board = Leaderboard("regression", "rmse", (), "ridge regression", "", "", (), 5, 100)
    >>> spread_finding(Answer(About("t.csv", "y"), "", "", board))
    'Where the spread of RMSE comes from. No model was trained with several seeds.'
    """
    board = answer.leaderboard
    metric = METRICS[board.task][board.metric]
    name = board.network
    spread = board.row(name).scores[metric.name].spread if name else None
    opening = f"Where the spread of {metric.label} comes from."
    if spread is None or spread.dominant == "unknown":
        return f"{opening} No model was trained with several seeds."
    larger, smaller = ("split", "seed") if spread.dominant == "split" else ("seed", "split")
    sizes = {"split": spread.split_sd, "seed": spread.seed_sd}
    other = f"another {smaller} by {sizes[smaller]:.2g}" if sizes[smaller] else f"the {smaller} adds nothing"
    return (
        f"{opening} {name[:1].upper()}{name[1:]}: another {larger} changes it by {sizes[larger]:.2g} "
        f"(standard deviation), {other}."
    )


def curves_figure(curves: Curves, number: int = 1) -> Figure:
    """Draw training and validation loss over a population.

    Parameters
    ----------
    curves
        The thinned learning curves.
    number
        Distinguishes the names of several such figures.

    Returns
    -------
    Figure
        Medians, bands, single members and the epochs at which members stopped.

    Examples
    --------
    >>> import numpy as np
    >>> from thalweg.select.scoring.curves import learning_curves
    >>> losses = np.array([[3.0, 2.0, 1.0]])
    >>> curves_figure(learning_curves("network", losses, losses)).x.label
    'epoch'
    """
    epoch = tuple(map(float, curves.epoch))
    train, validation = curves.train, curves.validation
    layers: list[Layer] = [
        Band("", epoch, train.low, train.high, "train"),
        Band("", epoch, validation.low, validation.high, "validation"),
    ]
    if curves.training[0] > 1:
        layers += [Line("", epoch, member, "validation", thin=True) for member in curves.samples]
    layers += [
        Line("training, median", epoch, train.median, "train"),
        Line("validation, median", epoch, validation.median, "validation"),
    ]
    stops = tuple(float(stop) for stop in curves.stopped if stop <= curves.epoch[-1])
    if stops:
        layers.append(Ticks("a member stopped", stops, "plain"))
    losses = [*train.low, *train.high, *validation.low, *validation.high]
    log = min(losses) > 0 and max(losses) / min(losses) > 20
    columns = (
        "epoch",
        "training, median",
        "10 %",
        "90 %",
        "validation, median",
        "10 %",
        "90 %",
        "members training",
    )
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        zip(
            curves.epoch,
            train.median,
            train.low,
            train.high,
            validation.median,
            validation.low,
            validation.high,
            curves.training,
            strict=True,
        )
    )
    data = Table(f"curves-{number}", f"Loss by epoch, {curves.model}.", tuple(map(Column, columns)), rows)
    return Figure(
        f"curves-{number}",
        _curves_finding(curves),
        Axis("epoch"),
        Axis(f"{curves.loss}{', logarithmic scale' if log else ''}", log=log),
        tuple(layers),
        data,
    )


def _curves_finding(curves: Curves) -> str:
    members, last = curves.training[0], curves.epoch[-1]
    lowest, best = curves.validation.median[curves.best], curves.epoch[curves.best]
    text = (
        f"Loss of {members:,} members of {curves.model}: median and 10 % to 90 % band of those still "
        f"training, up to the epoch half of them reached. The median validation loss is lowest, "
        f"{lowest:.3g}, at epoch {best}"
    )
    return f"{text}, the last one shown." if best == last else f"{text}."


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
