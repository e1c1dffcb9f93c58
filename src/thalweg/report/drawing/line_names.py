"""Names beside the ends of lines, so that nobody has to look them up in a legend."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from thalweg.report.drawing.layers import Layer
from thalweg.report.drawing.marks import Frame, path, words
from thalweg.report.drawing.scale import Scale

GAP: Final = 15.0  # between two names, from line to line of text
LEADER: Final = 14.0  # from the edge of the plot to a name
_NEAR: Final = 0.75  # of the way along x that a line must come to be named at its end
_MOST_ROOM: Final = 0.34  # of the width


@dataclass(frozen=True, slots=True)
class LineNames:
    """Which layers are named at their ends, and the room right of the plot that this takes.

    Examples
    --------
    >>> LineNames((), 0.0).room
    0.0
    """

    layers: tuple[Layer, ...]
    room: float

    def draw(self, frame: Frame) -> str:
        """Return names with a leader from the end of each line; names keep apart."""
        ends = [end for layer in self.layers if (end := layer.end()) is not None]
        wanted = [min(max(frame.y.place(y), frame.top + 4), frame.bottom - 2) for _, y, _ in ends]
        parts = []
        for layer, (x, y, paint), place in zip(self.layers, ends, apart(wanted, frame.bottom), strict=True):
            start = min(frame.x.place(x), frame.right), min(max(frame.y.place(y), frame.top), frame.bottom)
            leader = path([start, (frame.right + LEADER - 3, place)])
            parts += [
                f'<path d="{leader}" {paint}/>',
                words(frame.right + LEADER, place + 4.5, layer.label, anchor="start"),
            ]
        return "".join(parts)


def line_names(layers: Sequence[Layer], x: tuple[float, float, bool], width: float, height: float) -> LineNames:
    """Choose the layers that are named at their ends.

    Parameters
    ----------
    layers
        Of a figure.
    x
        Range of the axis, and whether it is logarithmic.
    width, height
        Of the drawing, and of the plot.

    Examples
    --------
    >>> from thalweg.report.drawing.layers import Line
    >>> found = line_names([Line("adam", (0.0, 1.0), (1.0, 0.0), "first")], (0.0, 1.0, False), 560, 280)
    >>> [layer.label for layer in found.layers], found.room
    (['adam'], 42.0)
    """
    along = Scale(x[0], x[1], 0.0, 1.0, x[2])
    chosen = [
        layer for layer in layers if layer.label and (end := layer.end()) is not None and along.place(end[0]) >= _NEAR
    ]
    room = LEADER + max((7.0 * len(layer.label) for layer in chosen), default=0.0)
    if not chosen or room > _MOST_ROOM * width or GAP * len(chosen) > height:
        return LineNames((), 0.0)
    return LineNames(tuple(chosen), room)


def apart(wanted: Sequence[float], bottom: float) -> list[float]:
    """Return places as near to those wanted as a distance between them allows, above ``bottom``.

    Examples
    --------
    >>> apart([10.0, 12.0, 200.0], 100.0)
    [10.0, 25.0, 100.0]
    """
    order = sorted(range(len(wanted)), key=lambda n: wanted[n])
    found = list(wanted)
    for before, after in pairwise(order):
        found[after] = max(found[after], found[before] + GAP)
    limit = bottom
    for n in reversed(order):
        found[n] = min(found[n], limit)
        limit = found[n] - GAP
    return found
