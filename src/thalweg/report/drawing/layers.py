"""The layers of a figure. Each is data that knows what room it needs, how it is drawn, and how its key looks.

A new kind of layer is a class here with ``spans``, ``draw`` and ``key``; nothing else knows the kinds.
"""

import math
from dataclasses import dataclass, replace
from typing import Protocol

from thalweg.report.drawing.marks import Frame, marker, path, stroke, words
from thalweg.report.drawing.palette import STYLES

Values = tuple[float, ...]
End = tuple[float, float, str]
DEEPEST = 0.5  # opacity of the strongest tile: text keeps 4.5:1 on it in both themes
_STRENGTHS = 12
_LIGHT = 'fill-opacity="0.18"'


class Layer(Protocol):
    """What a figure asks of its layers."""

    @property
    def label(self) -> str:
        """What the legend calls it; empty to leave it out."""

    def spans(self) -> tuple[Values, Values]:
        """Return the values it needs room for along x and along y."""

    def draw(self, frame: Frame) -> str:
        """Return it as SVG."""

    def end(self) -> End | None:
        """Return the end of a line, beside which its name may stand, and its paint; None for the legend."""

    def key(self, x: float, y: float) -> str:
        """Return the sign before its name in the legend, 26 wide around ``y``."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line through points; ``thin`` ones are background.

    Examples
    --------
    >>> Line("", (0.0, 1.0), (0.0, 1.0), "guide").thin
    False
    """

    label: str
    x: Values
    y: Values
    style: str
    thin: bool = False

    def spans(self) -> tuple[Values, Values]:
        """Return the values it needs room for along x and along y."""
        return self.x, self.y

    def draw(self, frame: Frame) -> str:
        """Return the line as SVG, broken where a value is missing."""
        points = ((frame.x.place(a), frame.y.place(b)) for a, b in zip(self.x, self.y, strict=True))
        return f'<path d="{path(points)}" {self._stroke()}/>'

    def end(self) -> End | None:
        """Return its last point and its paint; None for background and for upright lines."""
        points = [(a, b) for a, b in zip(self.x, self.y, strict=True) if math.isfinite(a) and math.isfinite(b)]
        hidden = self.thin or not points or points[0][0] == points[-1][0]
        return None if hidden else (*points[-1], self._stroke())

    def key(self, x: float, y: float) -> str:
        """Return a piece of the line."""
        return f'<path d="M{x:.1f} {y:.1f}h26" {self._stroke()}/>'

    def _stroke(self) -> str:
        return stroke(STYLES[self.style], *((1.0, 0.55) if self.thin else (2.0, 1.0)))


@dataclass(frozen=True, slots=True)
class Band:
    """The area between two lines.

    Examples
    --------
    >>> Band("10 % to 90 %", (0.0,), (1.0,), (2.0,), "train").style
    'train'
    """

    label: str
    x: Values
    low: Values
    high: Values
    style: str

    def spans(self) -> tuple[Values, Values]:
        """Return the values it needs room for along x and along y."""
        return self.x, self.low + self.high

    def draw(self, frame: Frame) -> str:
        """Return the area as SVG."""
        there = [(a, b) for a, b in zip(self.x, self.high, strict=True) if math.isfinite(b)]
        back = [(a, b) for a, b in zip(self.x, self.low, strict=True) if math.isfinite(b)]
        edge = ((frame.x.place(a), frame.y.place(b)) for a, b in there + back[::-1])
        return f'<path d="{path(edge)}Z" style="fill:var(--{STYLES[self.style].colour})" {_LIGHT}/>'

    def end(self) -> None:
        """Return nothing: its name stands in the legend."""

    def key(self, x: float, y: float) -> str:
        """Return a piece of the area."""
        box = f'x="{x:.1f}" y="{y - 6:.1f}" width="26" height="12"'
        return f'<rect {box} style="fill:var(--{STYLES[self.style].colour})" {_LIGHT}/>'


@dataclass(frozen=True, slots=True)
class Points:
    """Markers; ``faint`` ones are background.

    Examples
    --------
    >>> Points("rows", (0.0,), (1.0,), "plain").hollow
    False
    """

    label: str
    x: Values
    y: Values
    style: str
    hollow: bool = False
    faint: bool = False

    def spans(self) -> tuple[Values, Values]:
        """Return the values it needs room for along x and along y."""
        return self.x, self.y

    def draw(self, frame: Frame) -> str:
        """Return a marker for every point that is finite."""
        places = zip(self.x, self.y, strict=True)
        finite = [(a, b) for a, b in places if math.isfinite(a) and math.isfinite(b)]
        return "".join(self._marker(frame.x.place(a), frame.y.place(b)) for a, b in finite)

    def end(self) -> None:
        """Return nothing: its name stands in the legend."""

    def key(self, x: float, y: float) -> str:
        """Return one marker."""
        return self._marker(x + 13, y)

    def _marker(self, x: float, y: float) -> str:
        style = STYLES[self.style]
        fill = "var(--paper)" if self.hollow else f"var(--{style.colour})"
        faint = ' opacity="0.4"' if self.faint else ""
        paint = f'style="fill:{fill};stroke:var(--{style.colour})" stroke-width="1.6"{faint}'
        return marker(style.marker, x, y, 2.2 if self.faint else 4.5, paint)


@dataclass(frozen=True, slots=True)
class Bars:
    """Error bars from ``low`` to ``high`` along x, or along y if ``upright``, at the positions ``at``.

    Examples
    --------
    >>> Bars("95 % interval", (0.0,), (1.0,), (0.0,), "plain").upright
    False
    """

    label: str
    low: Values
    high: Values
    at: Values
    style: str
    upright: bool = False

    def spans(self) -> tuple[Values, Values]:
        """Return the values it needs room for along x and along y."""
        along, across = self.low + self.high, self.at
        return (across, along) if self.upright else (along, across)

    def draw(self, frame: Frame) -> str:
        """Return a bar for every pair of ends that is finite."""
        return "".join(
            self._bar(frame, low, high, at)
            for low, high, at in zip(self.low, self.high, self.at, strict=True)
            if math.isfinite(low) and math.isfinite(high)
        )

    def end(self) -> None:
        """Return nothing: its name stands in the legend."""

    def key(self, x: float, y: float) -> str:
        """Return a piece of a bar, which is never dashed."""
        return f'<path d="M{x:.1f} {y:.1f}h26" {stroke(replace(STYLES[self.style], dash=""))}/>'

    def _bar(self, frame: Frame, low: float, high: float, at: float) -> str:
        if self.upright:
            x, a, b = frame.x.place(at), frame.y.place(low), frame.y.place(high)
            ends = f"M{x:.1f} {a:.1f}V{b:.1f}M{x - 4:.1f} {a:.1f}h8M{x - 4:.1f} {b:.1f}h8"
        else:
            y, a, b = frame.y.place(at), frame.x.place(low), frame.x.place(high)
            ends = f"M{a:.1f} {y:.1f}H{b:.1f}M{a:.1f} {y - 4:.1f}v8M{b:.1f} {y - 4:.1f}v8"
        return f'<path d="{ends}" style="stroke:var(--{STYLES[self.style].colour})" stroke-width="1.6" fill="none"/>'


@dataclass(frozen=True, slots=True)
class Ticks:
    """Short marks at the lower edge, one per event.

    Examples
    --------
    >>> Ticks("a member stopped", (12.0, 30.0), "validation").x
    (12.0, 30.0)
    """

    label: str
    x: Values
    style: str

    def spans(self) -> tuple[Values, Values]:
        """Return the values it needs room for along x and along y."""
        return self.x, ()

    def draw(self, frame: Frame) -> str:
        """Return all marks as one path."""
        marks = "".join(f"M{frame.x.place(a):.1f} {frame.bottom:.1f}v-9" for a in self.x)
        return f'<path d="{marks}" {self._paint()} stroke-opacity="0.8"/>'

    def end(self) -> None:
        """Return nothing: its name stands in the legend."""

    def key(self, x: float, y: float) -> str:
        """Return one mark."""
        return f'<path d="M{x + 13:.1f} {y + 5:.1f}v-10" {self._paint()}/>'

    def _paint(self) -> str:
        return f'style="stroke:var(--{STYLES[self.style].colour})" stroke-width="1.4"'


@dataclass(frozen=True, slots=True)
class Tiles:
    """A table of tiles between two axes of categories, each with its text; the colour repeats what the text says.

    Parameters
    ----------
    values
        One row per category of y: strength and sign of the colour, NaN for none.
    texts
        What is written on each tile.
    style, below
        Styles of positive and of negative values.

    Examples
    --------
    >>> Tiles(((0.5,),), (("50 %",),)).label
    ''
    """

    values: tuple[Values, ...]
    texts: tuple[tuple[str, ...], ...]
    style: str = "first"
    below: str = "second"
    label: str = ""

    def spans(self) -> tuple[Values, Values]:
        """Return nothing: the categories make the room."""
        return (), ()

    def draw(self, frame: Frame) -> str:
        """Colour every tile as strongly as its value is large beside the largest, and write its text on it."""
        largest = max((abs(v) for row in self.values for v in row if math.isfinite(v)), default=0.0) or 1.0
        wide, tall = frame.x.place(1) - frame.x.place(0), frame.y.place(1) - frame.y.place(0)
        parts = []
        for i, (values, texts) in enumerate(zip(self.values, self.texts, strict=True)):
            for j, (value, text) in enumerate(zip(values, texts, strict=True)):
                x, y = frame.x.place(j), frame.y.place(i)
                if math.isfinite(value):
                    colour = STYLES[self.style if value >= 0 else self.below].colour
                    opacity = DEEPEST * abs(value) / largest
                    box = f'x="{x - wide / 2 + 1:.1f}" y="{y - tall / 2 + 1:.1f}" width="{wide - 2:.1f}"'
                    fill = f'style="fill:var(--{colour})" fill-opacity="{opacity:.3f}"'
                    parts.append(f'<rect {box} height="{tall - 2:.1f}" {fill}/>')
                parts.append(words(x, y + 4.5, text))
        return "".join(parts)

    def end(self) -> None:
        """Return nothing: its name stands in the legend."""

    def key(self, x: float, y: float) -> str:
        """Return a tile of the strongest colour."""
        box = f'x="{x:.1f}" y="{y - 6:.1f}" width="26" height="12"'
        return f'<rect {box} style="fill:var(--{STYLES[self.style].colour})" fill-opacity="{DEEPEST:g}"/>'


@dataclass(frozen=True, slots=True)
class Images:
    """A grid of small images at whole numbers of both axes, each value coloured by its sign and size.

    Parameters
    ----------
    values
        Rows of images, each a tuple of lines of values; an empty image leaves its place free.
    style, below
        Colours above and below zero.
    largest
        The value of the strongest colour; None takes each image's own.
    label
        What the legend calls it.

    Examples
    --------
    >>> Images((((( 1.0, -1.0), (0.0, 1.0)),),)).largest is None
    True
    """

    values: tuple[tuple[tuple[Values, ...], ...], ...]
    style: str = "first"
    below: str = "second"
    largest: float | None = None
    label: str = ""

    def spans(self) -> tuple[Values, Values]:
        """Return nothing: the categories make the room."""
        return (), ()

    def draw(self, frame: Frame) -> str:
        """Draw every image as squares, in as many strengths of colour as can be told apart."""
        wide = abs(frame.x.place(1) - frame.x.place(0))
        tall = abs(frame.y.place(1) - frame.y.place(0))
        parts = []
        for i, row in enumerate(self.values):
            for j, image in enumerate(row):
                if image:
                    side = (min(wide, tall) - 4) / max(len(image), *map(len, image))
                    left = frame.x.place(j) - side * len(image[0]) / 2
                    top = frame.y.place(i) - side * len(image) / 2
                    parts.append(self._image(image, left, top, side))
        return "".join(parts)

    def end(self) -> None:
        """Return nothing: its name stands in the legend."""

    def key(self, x: float, y: float) -> str:
        """Return a square of the strongest colour."""
        box = f'x="{x + 7:.1f}" y="{y - 6:.1f}" width="12" height="12"'
        return f'<rect {box} style="fill:var(--{STYLES[self.style].colour})"/>'

    def _image(self, image: tuple[Values, ...], left: float, top: float, side: float) -> str:
        """Return one path for every strength of either colour, on a frame."""
        largest = self.largest or max((abs(v) for line in image for v in line), default=0.0) or 1.0
        squares: dict[tuple[str, int], list[str]] = {}
        for i, line in enumerate(image):
            for j, value in enumerate(line):
                strength = round(_STRENGTHS * min(abs(value) / largest, 1.0))
                if strength:
                    colour = STYLES[self.style if value > 0 else self.below].colour
                    corner = f"M{left + side * j:.1f} {top + side * i:.1f}h{side:.2f}v{side:.2f}h-{side:.2f}z"
                    squares.setdefault((colour, strength), []).append(corner)
        box = f'x="{left:.1f}" y="{top:.1f}" width="{side * len(image[0]):.1f}" height="{side * len(image):.1f}"'
        drawn = [f'<rect {box} style="fill:none;stroke:var(--rule)"/>']
        for (colour, strength), corners in sorted(squares.items()):
            fill = f'style="fill:var(--{colour})" fill-opacity="{strength / _STRENGTHS:.2f}"'
            drawn.append(f'<path d="{"".join(corners)}" {fill}/>')
        return "".join(drawn)
