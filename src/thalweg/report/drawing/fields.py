"""Layers for values over a plane: coloured cells, lines of equal value, and points coloured by a value."""

import math
from dataclasses import dataclass

from thalweg.report.drawing.layers import Values
from thalweg.report.drawing.marks import Frame, stroke
from thalweg.report.drawing.palette import SEQUENTIAL, STYLES


def shade_of(value: float, low: float, high: float, log: bool = False) -> int:
    """Return the number of a value's colour in the sequence; what lies beyond the ends takes theirs.

    Examples
    --------
    >>> shade_of(0.0, 0.0, 1.0), shade_of(9.0, 0.0, 1.0) == len(SEQUENTIAL) - 1
    (0, True)
    """
    if log:
        value, low, high = (math.log10(max(v, 1e-300)) for v in (value, low, high))
    share = (value - low) / (high - low) if high > low else 0.0
    return min(max(int(share * len(SEQUENTIAL)), 0), len(SEQUENTIAL) - 1)


def ramp(x: float, y: float) -> str:
    """Return the sign of a sequence of colours, 26 wide."""
    wide = 26 / len(SEQUENTIAL)
    return "".join(
        f'<rect x="{x + k * wide:.2f}" y="{y - 6:.1f}" width="{wide + 0.2:.2f}" height="12" fill="{colour}"/>'
        for k, colour in enumerate(SEQUENTIAL)
    )


@dataclass(frozen=True, slots=True)
class Heat:
    """Cells of equal size, coloured by value from dark to light.

    Parameters
    ----------
    label
        What the colours mean, with the values of both ends.
    x, y
        Centres of the columns and of the rows, evenly spaced.
    values
        One row per y; what is not finite takes the last colour.
    low, high
        Values of the first and the last colour.
    log
        Whether colours go by the logarithm.

    Examples
    --------
    >>> Heat("loss", (0.0, 1.0), (0.0, 1.0), ((0.0, 1.0), (1.0, 2.0)), 0.0, 2.0).log
    False
    """

    label: str
    x: Values
    y: Values
    values: tuple[Values, ...]
    low: float
    high: float
    log: bool = False

    def spans(self) -> tuple[Values, Values]:
        """Return the values it needs room for along x and along y."""
        return self.x, self.y

    def draw(self, frame: Frame) -> str:
        """Return one path per colour; cells of one colour that are side by side are one piece."""
        wide = abs(frame.x.place(self.x[1]) - frame.x.place(self.x[0]))
        tall = abs(frame.y.place(self.y[1]) - frame.y.place(self.y[0]))
        pieces: dict[int, list[str]] = {}
        for at, row in zip(self.y, self.values, strict=True):
            top = frame.y.place(at) - tall / 2
            first = 0
            shades = [self._shade(value) for value in row]
            for k in range(1, len(row) + 1):
                if k == len(row) or shades[k] != shades[first]:
                    left = frame.x.place(self.x[first]) - wide / 2
                    length = wide * (k - first) + 0.3
                    box = f"M{left:.1f} {top:.1f}h{length:.1f}v{tall + 0.3:.1f}h-{length:.1f}z"
                    pieces.setdefault(shades[first], []).append(box)
                    first = k
        return "".join(f'<path d="{"".join(boxes)}" fill="{SEQUENTIAL[k]}"/>' for k, boxes in sorted(pieces.items()))

    def end(self) -> None:
        """Return nothing: its name stands in the legend."""

    def key(self, x: float, y: float) -> str:
        """Return the colours in order."""
        return ramp(x, y)

    def _shade(self, value: float) -> int:
        return shade_of(value, self.low, self.high, self.log) if math.isfinite(value) else len(SEQUENTIAL) - 1


@dataclass(frozen=True, slots=True)
class Segments:
    """Straight pieces of lines, such as those of equal value.

    Examples
    --------
    >>> Segments("50 %", ((0.0, 0.0, 1.0, 1.0),), "plain").thin
    False
    """

    label: str
    pieces: tuple[tuple[float, float, float, float], ...]
    style: str
    thin: bool = False

    def spans(self) -> tuple[Values, Values]:
        """Return the values it needs room for along x and along y."""
        return tuple(v for p in self.pieces for v in p[::2]), tuple(v for p in self.pieces for v in p[1::2])

    def draw(self, frame: Frame) -> str:
        """Return all pieces as one path."""
        parts = (
            f"M{frame.x.place(a):.1f} {frame.y.place(b):.1f}L{frame.x.place(c):.1f} {frame.y.place(d):.1f}"
            for a, b, c, d in self.pieces
        )
        return f'<path d="{"".join(parts)}" {self._stroke()}/>'

    def end(self) -> None:
        """Return nothing: its name stands in the legend."""

    def key(self, x: float, y: float) -> str:
        """Return a piece of the line."""
        return f'<path d="M{x:.1f} {y:.1f}h26" {self._stroke()}/>'

    def _stroke(self) -> str:
        return stroke(STYLES[self.style], *((0.9, 0.7) if self.thin else (1.8, 1.0)))


@dataclass(frozen=True, slots=True)
class Shaded:
    """Points coloured by value from dark to light, with a rim that keeps light ones visible.

    Examples
    --------
    >>> Shaded("loss", (0.0,), (1.0,), (0.5,), 0.0, 1.0).size
    3.4
    """

    label: str
    x: Values
    y: Values
    values: Values
    low: float
    high: float
    log: bool = False
    size: float = 3.4

    def spans(self) -> tuple[Values, Values]:
        """Return the values it needs room for along x and along y."""
        return self.x, self.y

    def draw(self, frame: Frame) -> str:
        """Return a disc for every point."""
        rim = 'style="stroke:var(--ink)" stroke-width="0.7"'
        return "".join(
            f'<circle cx="{frame.x.place(a):.1f}" cy="{frame.y.place(b):.1f}" r="{self.size:g}" '
            f'fill="{SEQUENTIAL[shade_of(v, self.low, self.high, self.log)]}" {rim}/>'
            for a, b, v in zip(self.x, self.y, self.values, strict=True)
            if math.isfinite(a) and math.isfinite(b)
        )

    def end(self) -> None:
        """Return nothing: its name stands in the legend."""

    def key(self, x: float, y: float) -> str:
        """Return the colours in order."""
        return ramp(x, y)
