"""Figures drawn as SVG; colours come by CSS, so that light, dark and paper share one drawing."""

import html
import re
import textwrap
from collections.abc import Iterable
from typing import Final

from thalweg.report.drawing import palette
from thalweg.report.drawing.figure import Axis, Figure, brief
from thalweg.report.drawing.layers import Layer
from thalweg.report.drawing.line_names import LineNames, line_names
from thalweg.report.drawing.marks import Frame, rule, words
from thalweg.report.drawing.scale import Scale, padded, tick_labels, ticks

WIDTH: Final = 560  # units of a drawing, unless a journal wants another width
LETTERS: Final = 13  # height of its letters, in the same units
MILLIMETRES: Final = 142.24  # of the usual width on paper
_PLOT_HEIGHT = 280
_EQUAL_HEIGHTS = (240, 440)
_ROW_HEIGHT = 40
_DOT_ROW_HEIGHT = 24
_LETTER = 7.0
_WIDER_DIGIT = 1.4
_WIDE = "mwMW@%"
_WIDER_LETTER = 5.0
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


def _label_lines(label: str, room: float) -> list[str]:
    """Break the name of an axis into lines that fit."""
    return textwrap.wrap(label, max(int(room / _LETTER), 1), max_lines=2, placeholder="…") or [""]


def _length(text: str) -> float:
    """Reckon the length of a text; digits are wider than most letters, and some letters are much wider."""
    wide = sum(text.count(letter) for letter in _WIDE)
    return _LETTER * len(text) + _WIDER_DIGIT * sum(map(str.isdigit, text)) + _WIDER_LETTER * wide


def _fitting(label: str, width: float) -> str:
    """Return a label of the legend, cut where it would leave the drawing."""
    return brief(label, int((width - 64) / _LETTER))


def _legend(figure: Figure, names: LineNames, width: float) -> list[list[Layer]]:
    """Break the labelled layers that are not named at their ends into lines that fit the width."""
    lines: list[list[Layer]] = []
    room = 0.0
    for layer in (layer for layer in figure.layers if layer.label and layer not in names.layers):
        need = 44 + _length(_fitting(layer.label, width))
        if need > room:
            lines.append([])
            room = width - 20
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


def _names(figure: Figure, width: float) -> LineNames:
    """Return which layers are named at their ends."""
    if figure.x.categories or figure.y.categories or figure.equal:
        return LineNames((), 0.0)
    span = _range(figure.x, [value for layer in figure.layers for value in layer.spans()[0]])
    return line_names(figure.layers, (*span, figure.x.log), width, _PLOT_HEIGHT)


def layout_of(figure: Figure, width: float = WIDTH) -> Frame:
    """Return where a figure's values lie in a drawing of a width."""
    spans = [layer.spans() for layer in figure.layers]
    x_low, x_high = _range(figure.x, [value for span in spans for value in span[0]])
    y_low, y_high = _range(figure.y, [value for span in spans for value in span[1]])
    matrix = figure.y.matrix
    if matrix:
        left, height = max(20 + matrix.width, _LEAST_MARGIN), float(_DOT_ROW_HEIGHT * len(matrix.rows))
    elif figure.y.categories:
        longest = max(_length(line) for name in figure.y.categories for line in _wrap(name))
        left, height = max(22 + longest, _LEAST_MARGIN), float(_ROW_HEIGHT * len(figure.y.categories))
    else:
        labels = tick_labels(ticks(y_low, y_high, log=figure.y.log), figure.y.log)
        left, height = 34 + _LETTER * max(map(len, labels), default=1), _PLOT_HEIGHT
    names = _names(figure, width)
    right = width - 16 - names.room
    if figure.equal:
        (x_low, x_high), (y_low, y_high), height = _equal_units((x_low, x_high), (y_low, y_high), right - left)
    top = 12.0 + 22 * len(_legend(figure, names, width)) + (matrix.height if matrix else 0.0)
    bottom = top + height
    y = (top, bottom) if figure.y.categories else (bottom, top)
    return Frame(
        Scale(x_low, x_high, left, right, figure.x.log),
        Scale(y_low, y_high, *y, figure.y.log),
        left,
        right,
        top,
        bottom,
        bottom + 48 + _LINE * (len(_label_lines(figure.x.label, width - 16)) - 1),
    )


def _axes(figure: Figure, frame: Frame, width: float) -> str:
    parts = [rule(frame.left, frame.bottom, frame.right, frame.bottom, "axis")]
    wanted = max(2, int((frame.right - frame.left) / 90))
    x_ticks = [] if figure.x.categories else ticks(frame.x.low, frame.x.high, wanted, figure.x.log)
    for value, label in zip(x_ticks, tick_labels(x_ticks, figure.x.log), strict=True):
        x = frame.x.place(value)
        parts += [
            rule(x, frame.top, x, frame.bottom, "grid"),
            words(x, frame.bottom + 18, label, kind="tick"),
        ]
    each = (frame.right - frame.left) / max(len(figure.x.categories), 1)
    for i, name in enumerate(figure.x.categories):
        parts.append(words(frame.x.place(i), frame.bottom + 18, brief(name, max(int(each / _LETTER), 2)), kind="tick"))
    for k, line in enumerate(_label_lines(figure.x.label, width - 16)):
        half = _length(line) / 2
        middle = min(max((frame.left + frame.right) / 2, 8 + half), max(width - 8 - half, width / 2))
        parts.append(words(middle, frame.bottom + 40 + k * _LINE, line))
    if figure.y.matrix:
        return "".join(parts) + figure.y.matrix.draw(frame)
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
    label = brief(figure.y.label, int((frame.height - 8) / _LETTER))
    half = _length(label) / 2
    middle = min(max((frame.top + frame.bottom) / 2, 4 + half), max(frame.height - 4 - half, frame.height / 2))
    parts.append(words(14, middle, label, extra=f' transform="rotate(-90 14 {middle:.1f})"'))
    return "".join(parts)


def _keys(figure: Figure, width: float) -> str:
    parts = []
    for i, line in enumerate(_legend(figure, _names(figure, width), width)):
        x, y = 10.0, 12.0 + 22 * i
        for layer in line:
            label = _fitting(layer.label, width)
            parts += [layer.key(x, y), words(x + 32, y + 4.5, label, anchor="start")]
            x += 44 + _length(label)
    return "".join(parts)


def draw(figure: Figure, *, standalone: bool = False, width: int = WIDTH, millimetres: float = MILLIMETRES) -> str:
    """Draw a figure.

    Parameters
    ----------
    figure
        What to draw.
    standalone
        Whether for a file of its own: in the colours of paper, written where they are used, so that every program
        that knows SVG shows the same. A page has them in its style sheet, light and dark.
    width
        Of the drawing, in units of which a letter is 13 high.
    millimetres
        Width on paper of what stands alone.

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
    frame = layout_of(figure, width)
    inside = "".join(layer.draw(frame) for layer in figure.layers)
    left, top = frame.left - 7, frame.top - 7
    box = f'x="{left:.1f}" y="{top:.1f}" width="{frame.right + 7 - left:.1f}" height="{frame.bottom - top:.1f}"'
    clip = f'<defs><clipPath id="clip-{figure.name}"><rect {box}/></clipPath></defs>'
    label = html.escape(figure.finding)
    root = f'<svg viewBox="0 0 {width} {frame.height:.0f}" class="chart" role="img" aria-label="{label}">'
    drawn = (
        f"{_keys(figure, width)}{_axes(figure, frame, width)}{_names(figure, width).draw(frame)}"
        f'<g clip-path="url(#clip-{figure.name})">{inside}</g></svg>'
    )
    if not standalone:
        return f"{root}{clip}{drawn}"
    unit = millimetres / width / 25.4 * 96  # pixels, 96 an inch: some programs know no millimetres
    size = f'width="{width * unit:.2f}" height="{round(frame.height) * unit:.2f}"'
    paper = f'<rect width="{width}" height="{frame.height:.0f}" fill="{palette.LIGHT["paper"]}"/>'
    named = root.replace("<svg ", f'<svg xmlns="http://www.w3.org/2000/svg" {size} {_FONT} ', 1)
    return named.replace(' class="chart"', "") + clip + paper + _literal(drawn)


def sign_of(layer: Layer) -> str:
    """Return what a layer looks like in the legend, as SVG in the colours of paper.

    Examples
    --------
    >>> from thalweg.report.drawing.layers import Ticks
    >>> sign_of(Ticks("a member stopped", (1.0,), "train"))
    '<path d="M13.0 5.0v-10" style="stroke:#0072b2" stroke-width="1.4"/>'
    """
    return _literal(layer.key(0.0, 0.0))


def _literal(drawn: str) -> str:
    """Return a drawing with the colours of paper in place of names of colours and of classes."""
    for name, paint in _CLASSES.items():
        drawn = drawn.replace(f'class="{name}"', paint)
    drawn = drawn.replace("<text ", f'<text fill="{palette.LIGHT["ink"]}" ')
    drawn = re.sub(r'<text fill="[^"]*" ([^>]*) class="tick"', rf'<text fill="{palette.LIGHT["muted"]}" \1', drawn)
    return re.sub(r'style="[^"]*"', lambda said: re.sub(r"var\(--(\w+)\)", _paper_colour, said[0]), drawn)


def _paper_colour(name: re.Match[str]) -> str:
    return palette.LIGHT[name[1]]


_FONT: Final = f'font-family="Arial, Helvetica, \'DejaVu Sans\', sans-serif" font-size="{LETTERS}"'
_CLASSES: Final = {
    "axis": f'stroke="{palette.LIGHT["axis"]}"',
    "grid": f'stroke="{palette.LIGHT["rule"]}" stroke-width=".7"',
}

SVG_CSS = (
    f".chart text{{font:{LETTERS}px system-ui,'Helvetica Neue',Arial,'DejaVu Sans',sans-serif;fill:var(--ink)}}"
    ".chart .tick{fill:var(--muted)}.chart .axis{stroke:var(--axis)}"
    ".chart .grid{stroke:var(--rule);stroke-width:.7}"
)
"""Style rules of every drawing in a page."""
