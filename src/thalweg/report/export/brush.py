"""Pieces of our SVG painted by matplotlib."""

import importlib.util
import math
import re
from collections.abc import Callable
from typing import Any, Final
from xml.etree import ElementTree as ET

from thalweg.base.errors import MissingExtraError

Place = Callable[[float, float], tuple[float, float]]

_CORNERS: Final = 32  # of what stands for a circle
_MOVE, _LINE, _CLOSE = 1, 2, 79  # matplotlib's codes of a path
_STEP: Final = re.compile(r"([MLHVhvzZ])([^MLHVhvzZ]*)")
_NUMBER: Final = re.compile(r"-?\d+(?:\.\d+)?(?:e-?\d+)?")


def has_matplotlib() -> bool:
    """Tell whether matplotlib is installed."""
    return importlib.util.find_spec("matplotlib") is not None


def matplotlib_of(what: str) -> Any:
    """Return matplotlib, or say how to get it.

    Raises
    ------
    MissingExtraError
        If it is not installed.

    Examples
    --------
    >>> matplotlib_of("Figures for papers").__name__
    'matplotlib'
    """
    try:
        import matplotlib as mpl  # noqa: PLC0415 - an extra
        import matplotlib.figure  # noqa: PLC0415 - an extra
        import matplotlib.lines  # noqa: PLC0415 - an extra
        import matplotlib.patches  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise MissingExtraError(
            f"{what} are drawn by matplotlib.", "Install it with: pip install 'thalweg[plot]'"
        ) from error
    return mpl


class Brush:
    """Paints what an SVG element holds onto axes, in its order; texts are left to who knows them.

    Parameters
    ----------
    axes
        Of matplotlib.
    point
        Points of a unit of the drawing.
    place
        Where a place of the drawing lies on the axes; where it is given, markers keep their size when axes change.

    Examples
    --------
    >>> axes = matplotlib_of("Figures").figure.Figure().add_subplot()
    >>> Brush(axes, 0.7).paint(ET.fromstring('<g><line x1="0" y1="0" x2="1" y2="1" stroke="#000000"/></g>'))
    >>> len(axes.patches)
    1
    """

    def __init__(self, axes: Any, point: float, place: Place | None = None) -> None:
        self.axes, self.point, self.place, self.dots = axes, point, place or _as_it_is, place is not None
        self.shapes: dict[str, Callable[[ET.Element, Any], None]] = {
            "path": self._path,
            "rect": self._rect,
            "line": self._line,
            "polygon": self._polygon,
            "circle": self._circle,
        }

    def paint(self, node: ET.Element, clip: Any = None) -> None:
        """Paint all that an element holds; groups are cut at the frame that ``defs`` names."""
        for child in node:
            name = child.tag.rpartition("}")[2]
            if name == "g":
                self.paint(child, self._window(node))
            elif name in self.shapes:
                self.shapes[name](child, clip)

    def _window(self, node: ET.Element) -> Any:
        from matplotlib.patches import Rectangle  # noqa: PLC0415 - an extra

        box = next((part for part in node.iter() if part.tag.endswith("clipPath")), None)
        if box is None:
            return None
        x, y, wide, tall = _box(box[0])
        return Rectangle((x, y), wide, tall, transform=self.axes.transData)

    def _shape(self, node: ET.Element, vertices: list[tuple[float, float]], codes: list[int], clip: Any) -> None:
        from matplotlib.patches import PathPatch  # noqa: PLC0415 - an extra
        from matplotlib.path import Path  # noqa: PLC0415 - an extra

        if not vertices:
            return
        said = style_of(node)
        width = float(said.get("stroke-width", 1)) * self.point
        dashes = [float(length) * self.point / width for length in said.get("stroke-dasharray", "").split()]
        opacity = float(said.get("opacity", 1))
        patch = PathPatch(
            Path([self.place(*vertex) for vertex in vertices], codes),
            facecolor=_with_opacity(said.get("fill", "none"), opacity * float(said.get("fill-opacity", 1))),
            edgecolor=_with_opacity(said.get("stroke", "none"), opacity * float(said.get("stroke-opacity", 1))),
            linewidth=width if said.get("stroke", "none") != "none" else 0,
            linestyle=(0, dashes) if dashes else "-",
        )
        self.axes.add_patch(patch)
        if clip is not None:
            patch.set_clip_path(clip)

    def _path(self, node: ET.Element, clip: Any) -> None:
        vertices: list[tuple[float, float]] = []
        codes: list[int] = []
        x = y = 0.0
        start = (0.0, 0.0)
        for letter, rest in _STEP.findall(node.attrib["d"]):
            if letter in "zZ":
                vertices.append(start)
                codes.append(_CLOSE)
                x, y = start
                continue
            for x, y in _ends(letter, [float(number) for number in _NUMBER.findall(rest)], x, y):  # noqa: B020 - the pen moves on
                vertices.append((x, y))
                codes.append(_MOVE if letter == "M" else _LINE)
                start = (x, y) if letter == "M" else start
        self._shape(node, vertices, codes, clip)

    def _rect(self, node: ET.Element, clip: Any) -> None:
        x, y, wide, tall = _box(node)
        corners = [(x, y), (x + wide, y), (x + wide, y + tall), (x, y + tall), (x, y)]
        self._shape(node, corners, [_MOVE, _LINE, _LINE, _LINE, _CLOSE], clip)

    def _line(self, node: ET.Element, clip: Any) -> None:
        ends = [(float(node.attrib[f"x{k}"]), float(node.attrib[f"y{k}"])) for k in (1, 2)]
        self._shape(node, ends, [_MOVE, _LINE], clip)

    def _polygon(self, node: ET.Element, clip: Any) -> None:
        x, y = zip(*(map(float, pair.split(",")) for pair in node.attrib["points"].split()), strict=True)
        corners = [*zip(x, y, strict=True), (x[0], y[0])]
        if self.dots and node.attrib.get("class") == "marker":
            self._dot(node, ((min(x) + max(x)) / 2, (min(y) + max(y)) / 2), corners)
        else:
            self._shape(node, corners, [_MOVE, *[_LINE] * (len(corners) - 2), _CLOSE], clip)

    def _circle(self, node: ET.Element, clip: Any) -> None:
        x, y, radius = (float(node.attrib[key]) for key in ("cx", "cy", "r"))
        turns = [2 * math.pi * k / _CORNERS for k in range(_CORNERS + 1)]
        corners = [(x + radius * math.cos(turn), y + radius * math.sin(turn)) for turn in turns]
        if self.dots:
            self._dot(node, (x, y), corners)
        else:
            self._shape(node, corners, [_MOVE, *[_LINE] * (_CORNERS - 1), _CLOSE], clip)

    def _dot(self, node: ET.Element, centre: tuple[float, float], corners: list[tuple[float, float]]) -> None:
        """Set a marker of the same size, whatever becomes of the axes."""
        outline = [(x - centre[0], centre[1] - y) for x, y in corners]
        reach = max(max(abs(x), abs(y)) for x, y in outline)
        (x, y), said = self.place(*centre), style_of(node)
        opacity = float(said.get("opacity", 1))
        self.axes.plot(
            [x],
            [y],
            marker=outline,
            markersize=2 * reach * self.point,
            markerfacecolor=_with_opacity(said.get("fill", "none"), opacity),
            markeredgecolor=_with_opacity(said.get("stroke", "none"), opacity),
            markeredgewidth=float(said.get("stroke-width", 1)) * self.point,
            linestyle="none",
        )


def _as_it_is(x: float, y: float) -> tuple[float, float]:
    return x, y


def style_of(node: ET.Element) -> dict[str, str]:
    """Return what an element says of its paint, attributes and style together.

    Examples
    --------
    >>> style_of(ET.fromstring('<path d="M0 0" style="fill:#ffffff"/>'))["fill"]
    '#ffffff'
    """
    said = dict(part.split(":", 1) for part in node.attrib.get("style", "").split(";") if ":" in part)
    return {**node.attrib, **said}


def _box(node: ET.Element) -> tuple[float, float, float, float]:
    x, y, wide, tall = (float(node.attrib.get(key, 0)) for key in ("x", "y", "width", "height"))
    return x, y, wide, tall


def _ends(letter: str, numbers: list[float], x: float, y: float) -> list[tuple[float, float]]:
    """Return where the pen goes for one letter of a path."""
    if letter in "ML":
        return list(zip(numbers[::2], numbers[1::2], strict=True))
    (to,) = numbers
    return [{"H": (to, y), "V": (x, to), "h": (x + to, y), "v": (x, y + to)}[letter]]


def _with_opacity(colour: str, opacity: float) -> Any:
    return "none" if colour == "none" else (colour, opacity)
