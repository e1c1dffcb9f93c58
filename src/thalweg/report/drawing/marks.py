"""Pieces of SVG that layers and axes are drawn with, and the frame that says where a value lies."""

import html
import math
from collections.abc import Iterable
from dataclasses import dataclass

from thalweg.report.drawing.palette import Style
from thalweg.report.drawing.scale import Scale


@dataclass(frozen=True, slots=True)
class Frame:
    """Where a figure's values lie on the paper.

    Parameters
    ----------
    x, y
        Scales along both axes.
    left, right, top, bottom
        Edges of the plot, in units of the drawing.
    height
        Of the whole drawing.

    Examples
    --------
    >>> frame = Frame(Scale(0.0, 1.0, 50.0, 550.0), Scale(0.0, 1.0, 300.0, 20.0), 50.0, 550.0, 20.0, 300.0, 348.0)
    >>> frame.x.place(0.5), frame.y.place(0.5)
    (300.0, 160.0)
    """

    x: Scale
    y: Scale
    left: float
    right: float
    top: float
    bottom: float
    height: float


def words(x: float, y: float, text: str, *, kind: str = "", anchor: str = "middle", extra: str = "") -> str:
    """Return a text at a place; what it contains is escaped.

    Examples
    --------
    >>> words(1.0, 2.0, "a < b")
    '<text x="1.0" y="2.0" text-anchor="middle">a &lt; b</text>'
    """
    kind = f' class="{kind}"' if kind else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{kind}{extra}>{html.escape(text)}</text>'


def rule(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    """Return a straight line of a class.

    Examples
    --------
    >>> rule(0.0, 1.0, 2.0, 1.0, "grid")
    '<line x1="0.0" y1="1.0" x2="2.0" y2="1.0" class="grid"/>'
    """
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="{kind}"/>'


def path(points: Iterable[tuple[float, float]]) -> str:
    """Return the data of a path that is broken where a point is missing.

    Examples
    --------
    >>> path([(0.0, 0.0), (1.0, 1.0), (2.0, math.nan), (3.0, 0.0)])
    'M0.0 0.0L1.0 1.0M3.0 0.0'
    """
    out, pen = [], "M"
    for x, y in points:
        if not (math.isfinite(x) and math.isfinite(y)):
            pen = "M"
            continue
        out.append(f"{pen}{x:.1f} {y:.1f}")
        pen = "L"
    return "".join(out)


def marker(kind: str, x: float, y: float, size: float, paint: str) -> str:
    """Return a marker: "circle", "diamond", "square" or "triangle".

    Examples
    --------
    >>> marker("circle", 1.0, 2.0, 4.5, 'fill="none"')
    '<circle cx="1.0" cy="2.0" r="4.5" fill="none"/>'
    """
    if kind == "circle":
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{size:.1f}" {paint}/>'
    shapes = {
        "diamond": ((0, -1.3), (1.3, 0), (0, 1.3), (-1.3, 0)),
        "square": ((-0.95, -0.95), (0.95, -0.95), (0.95, 0.95), (-0.95, 0.95)),
        "triangle": ((0, -1.2), (1.15, 0.9), (-1.15, 0.9)),
    }
    corners = " ".join(f"{x + size * a:.1f},{y + size * b:.1f}" for a, b in shapes[kind])
    return f'<polygon class="marker" points="{corners}" {paint}/>'


def stroke(style: Style, width: float = 2.0, opacity: float = 1.0) -> str:
    """Return the attributes of a line in a style.

    Examples
    --------
    >>> from thalweg.report.drawing.palette import STYLES
    >>> stroke(STYLES["train"])
    'style="stroke:var(--blue)" stroke-width="2" fill="none"'
    """
    dash = f' stroke-dasharray="{style.dash}"' if style.dash else ""
    faint = f' stroke-opacity="{opacity:g}"' if opacity < 1 else ""
    return f'style="stroke:var(--{style.colour})" stroke-width="{width:g}" fill="none"{dash}{faint}'
