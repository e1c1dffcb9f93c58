"""Figures for papers: what is drawn as SVG, drawn once more by matplotlib, with vectors and letters that print.

Reading our own SVG keeps one drawing for screens and paper: no layer needs to know matplotlib.
"""

import io
import math
import re
from collections.abc import Callable
from typing import Any, Final
from xml.etree import ElementTree as ET

from thalweg.base.checks import check_choice
from thalweg.base.errors import MissingExtraError
from thalweg.report.drawing.figure import Figure
from thalweg.report.drawing.palette import LIGHT
from thalweg.report.drawing.svg import draw

KINDS: Final = ("pdf", "svg", "png")
INCHES: Final = 5.6 / 560  # of a unit of the drawing
_POINTS: Final = 72 * INCHES
_TEXT: Final = 13
_CORNERS: Final = 32  # of what stands for a circle
_STEP: Final = re.compile(r"([MLHVhvz])([^MLHVhvz]*)")
_NUMBER: Final = re.compile(r"-?\d+(?:\.\d+)?(?:e-?\d+)?")
_CLASSES: Final = {"axis": ("axis", 1.0), "grid": ("rule", 0.7)}
_ANCHORS: Final = {"start": "left", "middle": "center", "end": "right"}


def paper_figure(figure: Figure, kind: str = "pdf") -> bytes:
    """Return a figure as the content of a file, the same bytes every time with one version of matplotlib.

    Parameters
    ----------
    figure
        What to draw.
    kind
        "pdf", "svg" or "png".

    Returns
    -------
    bytes
        5.6 inches wide, in the colours of paper; dates are left out.

    Raises
    ------
    MissingExtraError
        If matplotlib is not installed.
    SettingError
        If the kind is none of these.

    Examples
    --------
    >>> from thalweg.report.drawing.figure import Axis
    >>> from thalweg.report.drawing.layers import Points
    >>> from thalweg.report.drawing.table import Column, Table
    >>> data = Table("t", "Data", (Column("x"),), ((1.0,),))
    >>> figure = Figure("f", "A point.", Axis("x"), Axis("y"), (Points("", (1.0,), (2.0,), "plain"),), data)
    >>> paper_figure(figure)[:4]
    b'%PDF'
    """
    check_choice("kind", kind, KINDS)
    try:
        import matplotlib as mpl  # noqa: PLC0415 - an extra
        from matplotlib.figure import Figure as Canvas  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise MissingExtraError(
            "Figures for papers are drawn by matplotlib.", "Install it with: pip install 'thalweg[plot]'"
        ) from error
    root = ET.fromstring(draw(figure, standalone=True))  # noqa: S314 - our own drawing
    _, _, wide, tall = map(float, root.attrib["viewBox"].split())
    with mpl.rc_context({"svg.hashsalt": figure.name, "svg.fonttype": "none", "pdf.fonttype": 42}):
        canvas = Canvas(figsize=(wide * INCHES, tall * INCHES))
        axes = canvas.add_axes((0, 0, 1, 1))
        axes.set_axis_off()
        axes.set_xlim(0, wide)
        axes.set_ylim(tall, 0)
        _paint(axes, root, None)
        dates = {"pdf": {"CreationDate": None}, "svg": {"Date": None}, "png": {}}[kind]
        written = io.BytesIO()
        canvas.savefig(written, format=kind, dpi=300, metadata=dates)
    return written.getvalue()


def _paint(axes: Any, node: ET.Element, clip: Any) -> None:
    """Draw what an element holds, in its order."""
    from matplotlib.patches import Rectangle  # noqa: PLC0415 - an extra

    for child in node:
        name = child.tag.rpartition("}")[2]
        if name == "g":
            (box,) = (
                r for r in node.iter() if r.tag.endswith("rect") and "fill" not in r.attrib and "style" not in r.attrib
            )
            x, y, wide, tall = (float(box.attrib[key]) for key in ("x", "y", "width", "height"))
            inside = Rectangle((x, y), wide, tall, transform=axes.transData)
            _paint(axes, child, inside)
        elif name in _SHAPES:
            _SHAPES[name](axes, child, clip)


def _style(node: ET.Element) -> dict[str, str]:
    """Return what an element says of its paint, attributes and style together."""
    said = dict(part.split(":", 1) for part in node.attrib.get("style", "").split(";") if ":" in part)
    return {**node.attrib, **said}


def _colour(text: str | None) -> str:
    found = re.fullmatch(r"var\(--(\w+)\)", text or "none")
    return LIGHT[found[1]] if found else (text or "none")


def _shape(axes: Any, node: ET.Element, vertices: list[tuple[float, float]], codes: list[int], clip: Any) -> None:
    from matplotlib.patches import PathPatch  # noqa: PLC0415 - an extra
    from matplotlib.path import Path  # noqa: PLC0415 - an extra

    if not vertices:
        return
    said = _style(node)
    colour, wide = _CLASSES.get(said.get("class", ""), ("", 0.0))
    edge = LIGHT[colour] if colour else _colour(said.get("stroke"))
    width = (wide or float(said.get("stroke-width", 1))) * _POINTS
    dashes = [float(length) * _POINTS / width for length in said.get("stroke-dasharray", "").split()]
    opacity = float(said.get("opacity", 1))
    fill = _colour(said.get("fill"))
    outline = Path(vertices, codes)
    patch = PathPatch(
        outline,
        facecolor=fill if fill == "none" else (fill, opacity * float(said.get("fill-opacity", 1))),
        edgecolor=edge if edge == "none" else (edge, opacity * float(said.get("stroke-opacity", 1))),
        linewidth=width if edge != "none" else 0,
        linestyle=(0, dashes) if dashes else "-",
    )
    axes.add_patch(patch)
    if clip is not None:
        patch.set_clip_path(clip)


def _path(axes: Any, node: ET.Element, clip: Any) -> None:
    vertices: list[tuple[float, float]] = []
    codes: list[int] = []
    x = y = 0.0
    start = (0.0, 0.0)
    for letter, rest in _STEP.findall(node.attrib["d"]):
        numbers = [float(number) for number in _NUMBER.findall(rest)]
        if letter == "z":
            vertices.append(start)
            codes.append(79)
            x, y = start
            continue
        for x, y in _ends(letter, numbers, x, y):  # noqa: B020 - the pen moves on
            vertices.append((x, y))
            codes.append(1 if letter == "M" else 2)
            start = (x, y) if letter == "M" else start
    _shape(axes, node, vertices, codes, clip)


def _ends(letter: str, numbers: list[float], x: float, y: float) -> list[tuple[float, float]]:
    """Return where the pen goes for one letter of a path."""
    if letter in "ML":
        return list(zip(numbers[::2], numbers[1::2], strict=True))
    (to,) = numbers
    return [{"H": (to, y), "V": (x, to), "h": (x + to, y), "v": (x, y + to)}[letter]]


def _rect(axes: Any, node: ET.Element, clip: Any) -> None:
    x, y, wide, tall = (float(node.attrib[key]) for key in ("x", "y", "width", "height"))
    corners = [(x, y), (x + wide, y), (x + wide, y + tall), (x, y + tall), (x, y)]
    _shape(axes, node, corners, [1, 2, 2, 2, 79], clip)


def _line(axes: Any, node: ET.Element, clip: Any) -> None:
    ends = [(float(node.attrib[f"x{k}"]), float(node.attrib[f"y{k}"])) for k in (1, 2)]
    _shape(axes, node, ends, [1, 2], clip)


def _polygon(axes: Any, node: ET.Element, clip: Any) -> None:
    corners = [tuple(map(float, pair.split(","))) for pair in node.attrib["points"].split()]
    _shape(axes, node, [*corners, corners[0]], [1, *[2] * (len(corners) - 1), 79], clip)  # type: ignore[list-item]  # pairs


def _circle(axes: Any, node: ET.Element, clip: Any) -> None:
    x, y, radius = (float(node.attrib[key]) for key in ("cx", "cy", "r"))
    turns = [2 * math.pi * k / _CORNERS for k in range(_CORNERS + 1)]
    corners = [(x + radius * math.cos(turn), y + radius * math.sin(turn)) for turn in turns]
    _shape(axes, node, corners, [1, *[2] * (_CORNERS - 1), 79], clip)


def _text(axes: Any, node: ET.Element, clip: Any) -> None:  # noqa: ARG001 - texts are never cut
    said = node.attrib
    colour = LIGHT["muted" if said.get("class") == "tick" else "ink"]
    axes.text(
        float(said["x"]),
        float(said["y"]),
        (node.text or "").replace("$", r"\$"),
        fontsize=_TEXT * _POINTS,
        color=colour,
        ha=_ANCHORS[said.get("text-anchor", "start")],
        va="baseline",
        rotation=90 if "rotate(-90" in said.get("transform", "") else 0,
        rotation_mode="anchor",
    )


_SHAPES: Final[dict[str, Callable[[Any, ET.Element, Any], None]]] = {
    "path": _path,
    "rect": _rect,
    "line": _line,
    "polygon": _polygon,
    "circle": _circle,
    "text": _text,
}
