"""Figures drawn as SVG; colours come by CSS, so that light, dark and paper share one drawing."""

import html
import math
import textwrap
from collections.abc import Iterable
from dataclasses import dataclass

from thalweg.report.drawing import palette
from thalweg.report.drawing.figure import Axis, Band, Bars, Figure, Layer, Line, Points, Ticks, Tiles
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
DEEPEST = 0.5  # opacity of the strongest tile: text keeps 4.5:1 on it in both themes


@dataclass(frozen=True, slots=True)
class _Frame:
    x: Scale
    y: Scale
    left: float
    right: float
    top: float
    bottom: float
    height: float


def _spans(layer: Layer) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return the values a layer needs room for along x and along y."""
    if isinstance(layer, Tiles):
        return (), ()
    if isinstance(layer, (Line, Points)):
        return layer.x, layer.y
    if isinstance(layer, Band):
        return layer.x, layer.low + layer.high
    if isinstance(layer, Ticks):
        return layer.x, ()
    return (layer.at, layer.low + layer.high) if layer.upright else (layer.low + layer.high, layer.at)


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


def _frame(figure: Figure) -> _Frame:
    spans = [_spans(layer) for layer in figure.layers]
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
    return _Frame(
        Scale(x_low, x_high, left, right, figure.x.log),
        Scale(y_low, y_high, *y, figure.y.log),
        left,
        right,
        top,
        bottom,
        bottom + 48,
    )


def _text(x: float, y: float, text: str, *, kind: str = "", anchor: str = "middle", extra: str = "") -> str:
    kind = f' class="{kind}"' if kind else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{kind}{extra}>{html.escape(text)}</text>'


def _rule(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="{kind}"/>'


def _axes(figure: Figure, frame: _Frame) -> str:
    parts = [_rule(frame.left, frame.bottom, frame.right, frame.bottom, "axis")]
    wanted = max(2, int((frame.right - frame.left) / 90))
    x_ticks = [] if figure.x.categories else ticks(frame.x.low, frame.x.high, wanted, figure.x.log)
    for value, label in zip(x_ticks, tick_labels(x_ticks, figure.x.log), strict=True):
        x = frame.x.place(value)
        parts += [
            _rule(x, frame.top, x, frame.bottom, "grid"),
            _text(x, frame.bottom + 18, label, kind="tick"),
        ]
    for i, name in enumerate(figure.x.categories):
        parts.append(_text(frame.x.place(i), frame.bottom + 18, name, kind="tick"))
    parts.append(_text((frame.left + frame.right) / 2, frame.bottom + 40, figure.x.label))
    if figure.y.categories:
        for i, name in enumerate(figure.y.categories):
            lines = _wrap(name)
            start = frame.y.place(i) + 5 - _LINE * (len(lines) - 1) / 2
            parts += [_text(frame.left - 10, start + k * _LINE, line, anchor="end") for k, line in enumerate(lines)]
        return "".join(parts)
    parts.append(_rule(frame.left, frame.top, frame.left, frame.bottom, "axis"))
    y_ticks = ticks(frame.y.low, frame.y.high, log=figure.y.log)
    for value, label in zip(y_ticks, tick_labels(y_ticks, figure.y.log), strict=True):
        y = frame.y.place(value)
        parts += [
            _rule(frame.left, y, frame.right, y, "grid"),
            _text(frame.left - 8, y + 4.5, label, kind="tick", anchor="end"),
        ]
    middle = (frame.top + frame.bottom) / 2
    parts.append(_text(14, middle, figure.y.label, extra=f' transform="rotate(-90 14 {middle:.1f})"'))
    return "".join(parts)


def _path(points: Iterable[tuple[float, float]]) -> str:
    """Return a path that is broken where a point is missing."""
    out, pen = [], "M"
    for x, y in points:
        if not (math.isfinite(x) and math.isfinite(y)):
            pen = "M"
            continue
        out.append(f"{pen}{x:.1f} {y:.1f}")
        pen = "L"
    return "".join(out)


def _marker(kind: str, x: float, y: float, size: float, paint: str) -> str:
    if kind == "circle":
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{size:.1f}" {paint}/>'
    shapes = {
        "diamond": ((0, -1.3), (1.3, 0), (0, 1.3), (-1.3, 0)),
        "square": ((-0.95, -0.95), (0.95, -0.95), (0.95, 0.95), (-0.95, 0.95)),
        "triangle": ((0, -1.2), (1.15, 0.9), (-1.15, 0.9)),
    }
    corners = " ".join(f"{x + size * a:.1f},{y + size * b:.1f}" for a, b in shapes[kind])
    return f'<polygon points="{corners}" {paint}/>'


def _stroke(style: palette.Style, width: float, opacity: float = 1.0) -> str:
    dash = f' stroke-dasharray="{style.dash}"' if style.dash else ""
    faint = f' stroke-opacity="{opacity:g}"' if opacity < 1 else ""
    return f'style="stroke:var(--{style.colour})" stroke-width="{width:g}" fill="none"{dash}{faint}'


def _paint(layer: Points) -> str:
    colour = palette.STYLES[layer.style].colour
    fill = "var(--paper)" if layer.hollow else f"var(--{colour})"
    faint = ' opacity="0.4"' if layer.faint else ""
    return f'style="fill:{fill};stroke:var(--{colour})" stroke-width="1.6"{faint}'


def _draw(layer: Layer, frame: _Frame) -> str:
    style = palette.STYLES[layer.style]
    x, y = frame.x.place, frame.y.place
    if isinstance(layer, Line):
        points = ((x(a), y(b)) for a, b in zip(layer.x, layer.y, strict=True))
        width, opacity = (1.0, 0.55) if layer.thin else (2.0, 1.0)
        return f'<path d="{_path(points)}" {_stroke(style, width, opacity)}/>'
    if isinstance(layer, Band):
        there = [(x(a), y(b)) for a, b in zip(layer.x, layer.high, strict=True) if math.isfinite(b)]
        back = [(x(a), y(b)) for a, b in zip(layer.x, layer.low, strict=True) if math.isfinite(b)]
        return f'<path d="{_path(there + back[::-1])}Z" style="fill:var(--{style.colour})" fill-opacity="0.18"/>'
    if isinstance(layer, Points):
        size = 2.2 if layer.faint else 4.5
        places = zip(layer.x, layer.y, strict=True)
        finite = [(a, b) for a, b in places if math.isfinite(a) and math.isfinite(b)]
        return "".join(_marker(style.marker, x(a), y(b), size, _paint(layer)) for a, b in finite)
    if isinstance(layer, Tiles):
        return _tiles(layer, frame)
    if isinstance(layer, Bars):
        return "".join(
            _bar(layer, frame, low, high, at)
            for low, high, at in zip(layer.low, layer.high, layer.at, strict=True)
            if math.isfinite(low) and math.isfinite(high)
        )
    marks = "".join(f"M{x(a):.1f} {frame.bottom:.1f}v-9" for a in layer.x)
    return f'<path d="{marks}" style="stroke:var(--{style.colour})" stroke-width="1.4" stroke-opacity="0.8"/>'


def _tiles(layer: Tiles, frame: _Frame) -> str:
    """Colour every tile as strongly as its value is large beside the largest, and write its text on it."""
    largest = max((abs(v) for row in layer.values for v in row if math.isfinite(v)), default=0.0) or 1.0
    wide, tall = frame.x.place(1) - frame.x.place(0), frame.y.place(1) - frame.y.place(0)
    parts = []
    for i, (values, texts) in enumerate(zip(layer.values, layer.texts, strict=True)):
        for j, (value, text) in enumerate(zip(values, texts, strict=True)):
            x, y = frame.x.place(j), frame.y.place(i)
            if math.isfinite(value):
                colour = palette.STYLES[layer.style if value >= 0 else layer.below].colour
                opacity = DEEPEST * abs(value) / largest
                box = f'x="{x - wide / 2 + 1:.1f}" y="{y - tall / 2 + 1:.1f}" width="{wide - 2:.1f}"'
                fill = f'style="fill:var(--{colour})" fill-opacity="{opacity:.3f}"'
                parts.append(f'<rect {box} height="{tall - 2:.1f}" {fill}/>')
            parts.append(_text(x, y + 4.5, text))
    return "".join(parts)


def _bar(layer: Bars, frame: _Frame, low: float, high: float, at: float) -> str:
    colour = palette.STYLES[layer.style].colour
    if layer.upright:
        x, a, b = frame.x.place(at), frame.y.place(low), frame.y.place(high)
        path = f"M{x:.1f} {a:.1f}V{b:.1f}M{x - 4:.1f} {a:.1f}h8M{x - 4:.1f} {b:.1f}h8"
    else:
        y, a, b = frame.y.place(at), frame.x.place(low), frame.x.place(high)
        path = f"M{a:.1f} {y:.1f}H{b:.1f}M{a:.1f} {y - 4:.1f}v8M{b:.1f} {y - 4:.1f}v8"
    return f'<path d="{path}" style="stroke:var(--{colour})" stroke-width="1.6" fill="none"/>'


def _key(layer: Layer, x: float, y: float) -> str:
    style = palette.STYLES[layer.style]
    if isinstance(layer, Band):
        box = f'x="{x:.1f}" y="{y - 6:.1f}" width="26" height="12"'
        return f'<rect {box} style="fill:var(--{style.colour})" fill-opacity="0.18"/>'
    if isinstance(layer, Points):
        return _marker(style.marker, x + 13, y, 2.2 if layer.faint else 4.5, _paint(layer))
    if isinstance(layer, Ticks):
        paint = f'style="stroke:var(--{style.colour})" stroke-width="1.4"'
        return f'<path d="M{x + 13:.1f} {y + 5:.1f}v-10" {paint}/>'
    width, opacity = (1.0, 0.55) if isinstance(layer, Line) and layer.thin else (2.0, 1.0)
    solid = palette.Style(style.colour, "", style.marker) if isinstance(layer, Bars) else style
    return f'<path d="M{x:.1f} {y:.1f}h26" {_stroke(solid, width, opacity)}/>'


def _keys(figure: Figure) -> str:
    parts = []
    for i, line in enumerate(_legend(figure)):
        x, y = 10.0, 12.0 + 22 * i
        for layer in line:
            parts += [_key(layer, x, y), _text(x + 32, y + 4.5, layer.label, anchor="start")]
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
    >>> from thalweg.report.drawing.table import Column, Table
    >>> data = Table("t", "Data", (Column("x"),), ((1.0,),))
    >>> figure = Figure("f", "A point.", Axis("x"), Axis("y"), (Points("", (1.0,), (2.0,), "plain"),), data)
    >>> draw(figure).startswith('<svg viewBox="0 0 560')
    True
    """
    frame = _frame(figure)
    inside = "".join(_draw(layer, frame) for layer in figure.layers)
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
