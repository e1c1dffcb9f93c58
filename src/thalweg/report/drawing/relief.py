"""A surface over a plane, seen from above one of its corners."""

import math
from dataclasses import dataclass
from typing import Final

from thalweg.report.drawing.fields import ramp, shade_of
from thalweg.report.drawing.layers import Values
from thalweg.report.drawing.marks import Frame
from thalweg.report.drawing.palette import SEQUENTIAL

TILT: Final = 0.45  # height of the ground's depth on paper, by its depth


@dataclass(frozen=True, slots=True)
class Relief:
    """A grid of heights as a surface of coloured faces, the nearest in front.

    Parameters
    ----------
    label
        What height and colour mean, with the values of both ends.
    values
        Heights, rows from back to front; what is not finite is as high as the highest.
    low, high
        Values of the lowest and the highest point that is drawn; what lies beyond is cut.
    log
        Whether height goes by the logarithm.

    Examples
    --------
    >>> Relief("loss", ((0.0, 1.0), (1.0, 2.0)), 0.0, 2.0).log
    False
    """

    label: str
    values: tuple[Values, ...]
    low: float
    high: float
    log: bool = False

    def spans(self) -> tuple[Values, Values]:
        """Return the values it needs room for along x and along y."""
        return (-1.0, 1.0), (-TILT, 1.0 + TILT)

    def draw(self, frame: Frame) -> str:
        """Return one face for every cell, from back to front."""
        rows, columns = len(self.values), len(self.values[0])
        faces = [(i + j, i, j) for i in range(rows - 1) for j in range(columns - 1)]
        return "".join(self._face(frame, i, j) for _, i, j in sorted(faces))

    def end(self) -> None:
        """Return nothing: its name stands in the legend."""

    def key(self, x: float, y: float) -> str:
        """Return the colours in order."""
        return ramp(x, y)

    def _face(self, frame: Frame, i: int, j: int) -> str:
        corners = ((i, j), (i, j + 1), (i + 1, j + 1), (i + 1, j))
        heights = [self.values[a][b] for a, b in corners]
        mean = sum(heights) / 4
        shade = shade_of(mean, self.low, self.high, self.log) if math.isfinite(mean) else len(SEQUENTIAL) - 1
        points = " ".join(
            f"{frame.x.place(across):.1f},{frame.y.place(up):.1f}"
            for across, up in (self._place(a, b) for a, b in corners)
        )
        return f'<polygon points="{points}" fill="{SEQUENTIAL[shade]}" style="stroke:var(--ink)" stroke-width="0.25"/>'

    def _place(self, i: int, j: int) -> tuple[float, float]:
        u, v = i / (len(self.values) - 1), j / (len(self.values[0]) - 1)
        return v - u, TILT * (1 - u - v) + self._height(self.values[i][j])

    def _height(self, value: float) -> float:
        if not math.isfinite(value):
            return 1.0
        low, high = self.low, self.high
        if self.log:
            value, low, high = (math.log10(max(v, 1e-300)) for v in (value, low, high))
        return min(max((value - low) / (high - low), 0.0), 1.0) if high > low else 0.0
