"""Figures of a linear answer: coefficients with intervals, paths over penalties, ridge and lasso for two columns."""

from typing import Final

import numpy as np

from thalweg.linear.answer import LinearAnswer
from thalweg.linear.models import model_named
from thalweg.linear.paths.penalty_path import PenaltyPath
from thalweg.report.drawing.figure import Axis, Figure
from thalweg.report.drawing.layers import Band, Bars, Layer, Line, Points
from thalweg.report.drawing.scale import padded
from thalweg.report.drawing.table import Cell, Column, Table

_SERIES: Final = ("first", "second", "third", "fourth")
_MOST_BARS: Final = 30
_MOST_LETTERS: Final = 24
_MOST_LINES: Final = 40


def coefficient_figure(answer: LinearAnswer) -> Figure | None:
    """Draw what one standard deviation of each column does, with its interval; None without columns.

    Examples
    --------
    >>> from thalweg.linear import regress
    >>> fit = regress([[1.0], [2.0], [3.0], [4.0]], [1.1, 1.9, 3.2, 3.8], names=["price"])
    >>> coefficient_figure(LinearAnswer("t", "y", fit, {"price": 1.1}, (), {})).y.categories
    ('price',)
    """
    fit = answer.estimates
    if not answer.has_maximum:
        return None
    frame = answer.frame()
    shown = []
    for term, estimate, low, high in frame[["term", "estimate", "conf_low", "conf_high"]].itertuples(index=False):
        spread = _spread(answer, term)
        if spread is not None:
            shown.append((term, estimate * spread, low * spread, high * spread))
    if not shown:
        return None
    strongest = sorted(shown, key=lambda row: -abs(row[1]) / (row[3] - row[2]))[:_MOST_BARS]
    kept = [row for row in shown if row in strongest]
    places = tuple(map(float, range(len(kept))))
    clear = sum(low > 0 or high < 0 for _, _, low, high in kept)
    unit = model_named(fit.model).scale or fit.answer
    finding = (
        f"Coefficients with {100 * answer.level:g} % intervals, each times the standard deviation (sd) of its column, "
        f"so that lengths compare. {clear} of {len(kept)} intervals exclude 0."
    )
    if len(kept) < len(shown):
        finding += f" Shown are the {len(kept)} of {len(shown)} that are largest beside their standard error."
    layers: tuple[Layer, ...] = (
        Line("", (0.0, 0.0), (-0.5, len(kept) - 0.5), "guide"),
        Bars("", tuple(row[2] for row in kept), tuple(row[3] for row in kept), places, "first"),
        Points("", tuple(row[1] for row in kept), places, "first"),
    )
    heads = tuple(map(Column, ("column", "change", "low", "high")))
    data = Table("coefficient-intervals", "Change by one standard deviation.", heads, tuple(shown))
    x = Axis(f"change of {_brief(unit)} by one sd of the column")
    names = Axis("", categories=tuple(row[0] for row in kept))
    return Figure("coefficient-intervals", finding, x, names, layers, data)


def _spread(answer: LinearAnswer, term: str) -> float | None:
    """Return the standard deviation of a coefficient's column, also where its class stands before it."""
    return answer.spreads.get(term, answer.spreads.get(term.partition(": ")[2]))


def _brief(name: str) -> str:
    """Return a name that fits beside others."""
    return name if len(name) <= _MOST_LETTERS else f"{name[: _MOST_LETTERS - 1]}…"


def _marks(path: PenaltyPath, low: float, high: float) -> list[Layer]:
    """Draw upright lines at both choices."""
    unit = path.setting if path.logarithmic else "M"
    places = ((path.best, "min", "plain"), (path.one_se, "1se", "guide"))
    return [
        Line(f"{unit} {name} = {path.settings[place]:.4g}", (float(path.settings[place]),) * 2, (low, high), style)
        for place, name, style in places
    ]


def _setting_axis(path: PenaltyPath) -> Axis:
    if path.logarithmic:
        return Axis(f"penalty {path.setting}, logarithmic scale", log=True)
    return Axis("number M of principal components")


def error_figure(path: PenaltyPath) -> Figure:
    """Draw the cross-validated error along a path with one standard error on each side, and both choices."""
    settings = tuple(map(float, path.settings))
    lows, highs = path.mean_error - path.standard_error, path.mean_error + path.standard_error
    ends = padded([*map(float, lows), *map(float, highs)], log=False)
    layers: list[Layer] = [
        Band("one standard error", settings, tuple(map(float, lows)), tuple(map(float, highs)), "first"),
        Line("mean over folds", settings, tuple(map(float, path.mean_error)), "first"),
        *_marks(path, *ends),
    ]
    best, simple = path.best, path.one_se
    at_best, at_simple = (f"{path.setting} = {path.settings[place]:.4g}" for place in (best, simple))
    if path.logarithmic and best in {0, len(path.settings) - 1}:
        at_best += ", the " + ("smallest tried," if best else "largest tried,")
    finding = (
        f"Cross-validated {path.error} of {path.model}. It is smallest, {path.mean_error[best]:.4g}, at {at_best} with "
        f"{path.nonzero[best]} of {len(path.names)} coefficients not zero; the simplest model within one standard "
        f"error has {path.nonzero[simple]} at {at_simple}."
    )
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (float(a), float(b), float(c), int(d), float(e))
        for a, b, c, d, e in zip(
            path.settings, path.mean_error, path.standard_error, path.nonzero, path.degrees, strict=True
        )
    )
    heads = tuple(map(Column, (path.setting, path.error, "standard error", "nonzero", "degrees of freedom")))
    data = Table("path-error", "Cross-validated error by penalty.", heads, rows)
    return Figure(
        "path-error", finding, _setting_axis(path), Axis(path.error, low=ends[0], high=ends[1]), tuple(layers), data
    )


def path_figure(answer: LinearAnswer, path: PenaltyPath) -> Figure:
    """Draw the coefficients along a path, times the standard deviation of their column; the largest four are named."""
    spread = np.array([_spread(answer, name) for name in path.names], dtype=np.float64)
    scaled = path.coefficients * spread
    settings = tuple(map(float, path.settings))
    order = np.argsort(-np.abs(scaled[path.best]), kind="stable")[:_MOST_LINES]
    ends = padded([float(scaled[:, order].min()), float(scaled[:, order].max())], log=False)
    lines: list[Layer] = [
        Line("", settings, tuple(map(float, scaled[:, j])), "guide", thin=True) for j in order[len(_SERIES) :]
    ]
    lines += [
        Line(_brief(path.names[j]), settings, tuple(map(float, scaled[:, j])), style)
        for j, style in zip(order, _SERIES, strict=False)
    ]
    finding = (
        f"Coefficients of {path.model} on all rows, times the standard deviation of their column. Named are the "
        f"{min(len(order), len(_SERIES))} largest at the smallest cross-validated error."
    )
    heads = (Column(path.setting), *(Column(path.names[j]) for j in order))
    rows = tuple(
        (float(setting), *(float(row[j]) for j in order)) for setting, row in zip(path.settings, scaled, strict=True)
    )
    data = Table("path-coefficients", "Coefficients times standard deviation, by penalty.", heads, rows)
    y = Axis("coefficient × standard deviation", low=ends[0], high=ends[1])
    return Figure("path-coefficients", finding, _setting_axis(path), y, (*lines, *_marks(path, *ends)), data)


def geometry_figure(answer: LinearAnswer) -> Figure | None:
    """Draw the level curves of squares or likelihood with the disc of the ridge and the diamond of the lasso."""
    shape, axes = answer.geometry, answer.axes
    if shape is None or axes is None:
        return None

    def closed(label: str, points: np.ndarray, style: str, *, thin: bool = False) -> Line:
        return Line(label, tuple(map(float, points[:, 0])), tuple(map(float, points[:, 1])), style, thin=thin)

    squares = answer.estimates.rsquared is not None
    level, free = ("residual sum of squares", "least squares") if squares else ("likelihood", "maximum likelihood")
    rings = [closed("" if i else f"equal {level}", ring, "guide", thin=i > 1) for i, ring in enumerate(shape.ellipses)]
    dots = ((free, shape.centre, "plain"), ("ridge", shape.ridge, "first"), ("lasso", shape.lasso, "second"))
    layers: tuple[Layer, ...] = (
        *rings,
        closed("ridge: β₁² + β₂² ≤ s²", shape.disc, "first"),
        closed("lasso: |β₁| + |β₂| ≤ s", shape.diamond, "second"),
        *(Points(name, (float(at[0]),), (float(at[1]),), style) for name, at, style in dots),
    )
    zero = [axes[j] for j in range(2) if shape.lasso[j] == 0]
    corner = (
        f"touches a corner, so that {zero[0]} is out" if len(zero) == 1 else "touches an edge, so that both stay in"
    )
    strength = "λ = n" if squares else "half the curvature without columns"
    finding = (
        f"{answer.outcome} on {axes[0]} and {axes[1]} alone, standardised. The level curve around {free} first meets "
        f"the disc at the ridge ({strength}) and the diamond at the lasso (half the penalty that leaves nothing). "
        f"The lasso {corner}."
    )
    heads = tuple(map(Column, ("solution", axes[0], axes[1])))
    data = Table("geometry", "Both coefficients.", heads, tuple((n, float(a[0]), float(a[1])) for n, a, _ in dots))
    labels = [Axis(f"coefficient of {_brief(name)}") for name in axes]
    return Figure("geometry", finding, labels[0], labels[1], layers, data, equal=True)
