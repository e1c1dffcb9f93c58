"""Figures of shrinkage: error and coefficients along penalties, ridge and lasso for two columns."""

from typing import Final

from thalweg.base.arrays import FloatArray
from thalweg.linear.analysis import LinearAnalysis
from thalweg.linear.paths.penalty_path import PenaltyPath
from thalweg.report.drawing.figure import Axis, Figure, brief
from thalweg.report.drawing.layers import Band, Layer, Line, Points
from thalweg.report.drawing.scale import padded
from thalweg.report.drawing.table import Cell, Column, Table

_SERIES: Final = ("first", "second", "third", "fourth")
_MOST_LETTERS: Final = 24
_MOST_LINES: Final = 40


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


def path_figure(answer: LinearAnalysis, path: PenaltyPath) -> Figure:
    """Draw the coefficients along a path, times the standard deviation of their column; the largest four are named."""
    scaled = answer.path_changes().tolist()
    settings = tuple(map(float, path.settings))
    order = sorted(range(len(path.names)), key=lambda j: -abs(scaled[path.best][j]))[:_MOST_LINES]
    ends = padded([row[j] for row in scaled for j in order], log=False)
    curves = {j: tuple(row[j] for row in scaled) for j in order}
    lines: list[Layer] = [Line("", settings, curves[j], "guide", thin=True) for j in order[len(_SERIES) :]]
    lines += [
        Line(brief(path.names[j], _MOST_LETTERS), settings, curves[j], style)
        for j, style in zip(order, _SERIES, strict=False)
    ]
    finding = (
        f"Coefficients of {path.model} on all rows, times the standard deviation of their column. Named are the "
        f"{min(len(order), len(_SERIES))} largest at the smallest cross-validated error."
    )
    heads = (Column(path.setting), *(Column(path.names[j]) for j in order))
    rows = tuple((setting, *(row[j] for j in order)) for setting, row in zip(settings, scaled, strict=True))
    data = Table("path-coefficients", "Coefficients times standard deviation, by penalty.", heads, rows)
    y = Axis("coefficient × standard deviation", low=ends[0], high=ends[1])
    return Figure("path-coefficients", finding, _setting_axis(path), y, (*lines, *_marks(path, *ends)), data)


def geometry_figure(answer: LinearAnalysis) -> Figure | None:
    """Draw the level curves of squares or likelihood with the disc of the ridge and the diamond of the lasso."""
    shape, axes = answer.geometry, answer.axes
    if shape is None or axes is None:
        return None

    def closed(label: str, points: FloatArray, style: str, *, thin: bool = False) -> Line:
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
    labels = [Axis(f"coefficient of {brief(name, _MOST_LETTERS)}") for name in axes]
    return Figure("geometry", finding, labels[0], labels[1], layers, data, equal=True)
