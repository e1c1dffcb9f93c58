"""Figures drawn as SVG; colours come by CSS, so that light, dark and paper share one drawing."""

import html
import textwrap
from collections.abc import Iterable

from thalweg.report.drawing import palette
from thalweg.report.drawing.figure import Axis, Figure
from thalweg.report.drawing.layers import Layer
from thalweg.report.drawing.marks import Frame, rule, words
from thalweg.report.drawing.scale import Scale, padded, tick_labels, ticks

WIDTH = 560
_PLOT_HEIGHT = 280
_EQUAL_HEIGHTS = (240, 440)
_ROW_HEIGHT = 40
_LETTER = 7.0
_WIDER_DIGIT = 1.4
_LINE = 16
_LABEL_LETTERS = 26
_LEAST_MARGIN = 44.0  # a few wide letters are wider than their number tells


def _range(axis: Axis, values: Iterable[float]) -> tuple[float, float]:
    if axis.categories:
        return -0.5, len(axis.categories) - 0.5
    low, high = padded(list(values), axis.log)
    return (low if axis.low is None else axis.low), (high if axis.high is None else axis.high)


def _wrap(text: str) -> list[str]:
    return textwrap.wrap(text, _LABEL_LETTERS, max_lines=2, placeholder="…") or [""]


def _length(text: str) -> float:
    """Reckon the length of a text; digits are wider than most letters."""
    return _LETTER * len(text) + _WIDER_DIGIT * sum(map(str.isdigit, text))


def _legend(figure: Figure) -> list[list[Layer]]:
    """Break the labelled layers into lines that fit the width."""
    lines: list[list[Layer]] = []
    room = 0.0
    for layer in (layer for layer in figure.layers if layer.label):
        need = 44 + _LETTER * len(layer.label)
        if need > room:
            lines.append([])
            room = WIDTH - 20
        lines[-1].append(layer)
        room -= need
    return lines


def _equal_units(
    x: tuple[float, float], y: tuple[float, float], width: float
) -> tuple[tuple[float, float], tuple[float, float], float]:
    """Return ranges and a height with which a unit is as long along x as along y; a range may grow."""
    least, most = (width / height for height in reversed(_EQUAL_HEIGHTS))
    tall, wide = y[1] - y[0], x[1] - x[0]
    missing = max(least * tall - wide, 0.0) / 2, max(wide / most - tall, 0.0) / 2
    x, y = (x[0] - missing[0], x[1] + missing[0]), (y[0] - missing[1], y[1] + missing[1])
    return x, y, width * (y[1] - y[0]) / (x[1] - x[0])


def _frame(figure: Figure) -> Frame:
    spans = [layer.spans() for layer in figure.layers]
    x_low, x_high = _range(figure.x, [value for span in spans for value in span[0]])
    y_low, y_high = _range(figure.y, [value for span in spans for value in span[1]])
    if figure.y.categories:
        longest = max(_length(line) for name in figure.y.categories for line in _wrap(name))
        left, height = max(14 + longest, _LEAST_MARGIN), float(_ROW_HEIGHT * len(figure.y.categories))
    else:
        labels = tick_labels(ticks(y_low, y_high, log=figure.y.log), figure.y.log)
        left, height = 34 + _LETTER * max(map(len, labels), default=1), _PLOT_HEIGHT
    right = WIDTH - 16
    if figure.equal:
        (x_low, x_high), (y_low, y_high), height = _equal_units((x_low, x_high), (y_low, y_high), right - left)
    top = 12.0 + 22 * len(_legend(figure))
    bottom = top + height
    y = (top, bottom) if figure.y.categories else (bottom, top)
    return Frame(
        Scale(x_low, x_high, left, right, figure.x.log),
        Scale(y_low, y_high, *y, figure.y.log),
        left,
        right,
        top,
        bottom,
        bottom + 48,
    )


def _axes(figure: Figure, frame: Frame) -> str:
    parts = [rule(frame.left, frame.bottom, frame.right, frame.bottom, "axis")]
    wanted = max(2, int((frame.right - frame.left) / 90))
    x_ticks = [] if figure.x.categories else ticks(frame.x.low, frame.x.high, wanted, figure.x.log)
    for value, label in zip(x_ticks, tick_labels(x_ticks, figure.x.log), strict=True):
        x = frame.x.place(value)
        parts += [
            rule(x, frame.top, x, frame.bottom, "grid"),
            words(x, frame.bottom + 18, label, kind="tick"),
        ]
    for i, name in enumerate(figure.x.categories):
        parts.append(words(frame.x.place(i), frame.bottom + 18, name, kind="tick"))
    parts.append(words((frame.left + frame.right) / 2, frame.bottom + 40, figure.x.label))
    if figure.y.categories:
        for i, name in enumerate(figure.y.categories):
            lines = _wrap(name)
            start = frame.y.place(i) + 5 - _LINE * (len(lines) - 1) / 2
            parts += [words(frame.left - 10, start + k * _LINE, line, anchor="end") for k, line in enumerate(lines)]
        return "".join(parts)
    parts.append(rule(frame.left, frame.top, frame.left, frame.bottom, "axis"))
    y_ticks = ticks(frame.y.low, frame.y.high, log=figure.y.log)
    for value, label in zip(y_ticks, tick_labels(y_ticks, figure.y.log), strict=True):
        y = frame.y.place(value)
        parts += [
            rule(frame.left, y, frame.right, y, "grid"),
            words(frame.left - 8, y + 4.5, label, kind="tick", anchor="end"),
        ]
    middle = (frame.top + frame.bottom) / 2
    parts.append(words(14, middle, figure.y.label, extra=f' transform="rotate(-90 14 {middle:.1f})"'))
    return "".join(parts)


def _keys(figure: Figure) -> str:
    parts = []
    for i, line in enumerate(_legend(figure)):
        x, y = 10.0, 12.0 + 22 * i
        for layer in line:
            parts += [layer.key(x, y), words(x + 32, y + 4.5, layer.label, anchor="start")]
            x += 44 + _LETTER * len(layer.label)
    return "".join(parts)


def draw(figure: Figure, standalone: bool = False) -> str:
    """Draw a figure.

    Parameters
    ----------
    figure
        What to draw.
    standalone
        Whether to put the colours inside, for a file of its own; a page has them in its style sheet.

    Returns
    -------
    str
        An ``<svg>`` element with role "img" and the finding as its label.

    Examples
    --------
    >>> from thalweg.report.drawing.layers import Points
    >>> from thalweg.report.drawing.table import Column, Table
    >>> data = Table("t", "Data", (Column("x"),), ((1.0,),))
    >>> figure = Figure("f", "A point.", Axis("x"), Axis("y"), (Points("", (1.0,), (2.0,), "plain"),), data)
    >>> draw(figure).startswith('<svg viewBox="0 0 560')
    True
    """
    frame = _frame(figure)
    inside = "".join(layer.draw(frame) for layer in figure.layers)
    left, top = frame.left - 7, frame.top - 7
    box = f'x="{left:.1f}" y="{top:.1f}" width="{frame.right + 7 - left:.1f}" height="{frame.bottom - top:.1f}"'
    clip = f'<defs><clipPath id="clip-{figure.name}"><rect {box}/></clipPath></defs>'
    root = ' xmlns="http://www.w3.org/2000/svg"' if standalone else ""
    colours = palette.css("svg") + SVG_CSS + "svg{background:var(--paper)}"
    style = f"<style>{colours}</style>" if standalone else ""
    label = html.escape(figure.finding)
    return (
        f'<svg viewBox="0 0 {WIDTH} {frame.height:.0f}"{root} class="chart" role="img" aria-label="{label}">'
        f"{style}{clip}{_keys(figure)}{_axes(figure, frame)}"
        f'<g clip-path="url(#clip-{figure.name})">{inside}</g></svg>'
    )


SVG_CSS = (
    ".chart text,svg text{font:13px system-ui,'Helvetica Neue',Arial,'DejaVu Sans',sans-serif}"
    ".chart text,svg text{fill:var(--ink)}"
    ".chart .tick,svg .tick{fill:var(--muted)}.chart .axis,svg .axis{stroke:var(--axis)}"
    ".chart .grid,svg .grid{stroke:var(--rule);stroke-width:.7}"
)
"""Style rules of every drawing."""
