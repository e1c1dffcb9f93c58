"""Which of several things each row of a figure has, as a matrix of dots beside it."""

from dataclasses import dataclass
from typing import Final

from thalweg.report.drawing.marks import Frame, words

_STEP: Final = 20.0
_LETTER: Final = 7.5
_MOST_LETTERS: Final = 18
_RADIUS: Final = 4.5


@dataclass(frozen=True, slots=True)
class Matrix:
    """A dot for everything a row has, joined by a line, under the names (Lex et al. 2014, "UpSet").

    Parameters
    ----------
    names
        Of the columns of dots.
    rows
        For every row of the figure, which of them it has.

    Examples
    --------
    >>> Matrix(("coupon", "reminder"), ((True, False), (True, True))).width
    40.0
    """

    names: tuple[str, ...]
    rows: tuple[tuple[bool, ...], ...]

    @property
    def width(self) -> float:
        """Room it takes to the left of the plot."""
        return _STEP * len(self.names)

    @property
    def height(self) -> float:
        """Room its names take above the plot."""
        return 8 + _LETTER * max(map(len, self._shown()))

    def draw(self, frame: Frame) -> str:
        """Return names and dots as SVG."""
        left = frame.left - 14 - self.width
        columns = [left + _STEP * (k + 0.5) for k in range(len(self.names))]
        parts = [_upright(x + 4.5, frame.top - 6, name) for x, name in zip(columns, self._shown(), strict=True)]
        for number, row in enumerate(self.rows):
            y = frame.y.place(number)
            there = [x for x, has in zip(columns, row, strict=True) if has]
            if len(there) > 1:
                parts.append(
                    f'<path d="M{there[0]:.1f} {y:.1f}H{there[-1]:.1f}" style="stroke:var(--ink)" stroke-width="1.6"/>'
                )
            parts += [
                f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{_RADIUS}" style="fill:var(--{"ink" if has else "rule"})"/>'
                for x, has in zip(columns, row, strict=True)
            ]
        return "".join(parts)

    def _shown(self) -> list[str]:
        return [name if len(name) <= _MOST_LETTERS else f"{name[: _MOST_LETTERS - 1]}…" for name in self.names]


def _upright(x: float, y: float, name: str) -> str:
    return words(x, y, name, anchor="start", extra=f' transform="rotate(-90 {x:.1f} {y:.1f})"')
