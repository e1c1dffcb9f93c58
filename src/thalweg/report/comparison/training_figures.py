"""Figures of training: learning curves of a population."""

from thalweg.report.drawing.figure import Axis, Figure
from thalweg.report.drawing.layers import Band, Layer, Line, Ticks
from thalweg.report.drawing.table import Cell, Column, Table
from thalweg.select.scoring.curves import Curves


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
