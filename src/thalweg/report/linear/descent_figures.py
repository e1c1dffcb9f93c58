"""Figures of descents: the measured curve beside its bounds, and the methods in standard errors."""

from typing import Final

from thalweg.linear.analysis import LinearAnalysis
from thalweg.linear.certificate import NEGLIGIBLE
from thalweg.linear.descent.descend import Descent
from thalweg.linear.models import DESCENTS
from thalweg.report.drawing.figure import Axis, Figure
from thalweg.report.drawing.layers import Layer, Line
from thalweg.report.drawing.scale import log_steps, padded
from thalweg.report.drawing.table import Cell, Column, Table

_SERIES: Final = ("first", "second", "third", "fourth")
_BOUNDS: Final = {
    "1/(2tk)": ("bound ‖x₀ − x*‖²/(2tk)", "third"),
    "tight linear": ("tight linear rate", "fourth"),
    "printed (6.1)": ("as often printed, without t: wrong", "second"),
}
_FLOOR: Final = 1e-12


def bounds_figure(run: Descent) -> Figure:
    """Draw the measured gap of gradient descent beside what theory promises.

    Examples
    --------
    >>> from thalweg.linear import descend, least_squares_objective
    >>> cost = least_squares_objective([[0.0], [1.0], [2.0], [4.0]], [0.0, 1.1, 1.9, 3.2])
    >>> bounds_figure(descend(cost, steps=20)).x.log
    True
    """
    steps = log_steps(len(run.gaps))
    floor = _FLOOR * float(run.gaps[0])
    drawn = {"measured f − f*": (run.gaps, "first")}
    drawn |= {_BOUNDS[name][0]: (run.bounds[name], _BOUNDS[name][1]) for name in _BOUNDS if name in run.bounds}
    x = tuple(map(float, steps))
    lines = tuple(
        Line(label, x, tuple(_shown(float(values[k]), floor) for k in steps), style)
        for label, (values, style) in drawn.items()
    )
    heads = ("step", *drawn)
    rows: tuple[tuple[Cell, ...], ...] = tuple((k, *(float(v[k]) for v, _ in drawn.values())) for k in steps)
    data = Table("descent-bounds", "Gap and bounds by step.", tuple(map(Column, heads)), rows)
    low, high = padded([v for line in lines for v in line.y if v > 0], log=True)
    return Figure(
        "descent-bounds",
        _bounds_finding(run),
        Axis("step k, logarithmic scale", log=True),
        Axis("f − f*, logarithmic scale", log=True, low=low, high=high),
        lines,
        data,
    )


def _shown(value: float, floor: float) -> float:
    """Leave a gap where rounding is all that is left."""
    return value if value > floor else float("nan")


def _bounds_finding(run: Descent) -> str:
    longest = " = 1/M" if run.margin is not None and abs(run.margin - 1) < 1e-9 else ""
    text = f"Gradient descent with step t{longest} = {run.step:.4g} and what theory promises."
    if "printed (6.1)" not in run.bounds:
        return text
    first = run.violation("printed (6.1)")
    broken = "is not broken here, though nothing promises it" if first is None else f"is broken at step {first}"
    kept = "is kept throughout" if run.violation("1/(2tk)") is None else "is broken, so something is wrong"
    return f"{text} The bound with t {kept}; the one often printed, ‖x₀ − x*‖²/(2k), lacks t and {broken}."


def errors_figure(answer: LinearAnalysis) -> Figure | None:
    """Draw the optimisation error of every method in standard errors, step by step; None if there is none."""
    runs = {DESCENTS[key]: run for key, run in answer.descents.items() if run.errors is not None}
    if not runs:
        return None
    longest = max(len(run.values) for run in runs.values())
    layers: list[Layer] = [Line(f"{NEGLIGIBLE:g} standard errors", (1.0, float(longest)), (NEGLIGIBLE,) * 2, "guide")]
    rows: list[tuple[Cell, ...]] = []
    for style, (name, run) in zip(_SERIES, runs.items(), strict=False):
        assert run.errors is not None
        steps = log_steps(len(run.values))
        values = [float(run.errors[k]) for k in steps]
        layers.append(Line(name, tuple(map(float, steps)), tuple(_shown(v, _FLOOR**0.5) for v in values), style))
        rows += [(name, k, value) for k, value in zip(steps, values, strict=True)]
    told = [f"{name} after {run.enough():,}" for name, run in runs.items() if run.enough() is not None]
    never = [name for name, run in runs.items() if run.enough() is None]
    finding = "Optimisation error in standard errors of the estimates. "
    finding += f"Below 0.01 for good: {', '.join(told)} steps. " if told else ""
    finding += f"Not reached by {', '.join(never)}." if never else ""
    heads = tuple(map(Column, ("method", "step", "error")))
    return Figure(
        "descent-errors",
        finding.strip(),
        Axis("step k, logarithmic scale", log=True),
        Axis("error in standard errors", log=True),
        tuple(layers),
        Table("descent-errors", "Error by method and step.", heads, tuple(rows)),
    )
