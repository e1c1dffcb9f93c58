"""Figures as data: axes, layers and the table behind them; drawings are made from these and nothing else."""

from dataclasses import dataclass

from thalweg.report.drawing.layers import Layer
from thalweg.report.drawing.matrix import Matrix
from thalweg.report.drawing.table import Table, to_csv


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis.

    Parameters
    ----------
    label
        Quantity and unit.
    log
        Whether the scale is logarithmic.
    categories
        Names at 0, 1, 2, … instead of numbers; the first one is drawn on top.
    low, high
        Range; None takes it from the layers.
    matrix
        What each category consists of, as dots in place of its name; the names are for who cannot see them.

    Examples
    --------
    >>> Axis("epoch").log
    False
    """

    label: str
    log: bool = False
    categories: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    matrix: Matrix | None = None


@dataclass(frozen=True, slots=True)
class Figure:
    r"""A figure with the finding it shows and the data it was made from.

    Parameters
    ----------
    name
        Short name for files.
    finding
        The caption: what is to be seen, in a sentence.
    x, y
        The axes.
    layers
        From back to front.
    data
        The numbers, for readers who cannot or would rather not look.
    equal
        Whether a unit is as long along x as along y, for shapes that must not be squeezed.

    Examples
    --------
    >>> from thalweg.report.drawing.layers import Points
    >>> from thalweg.report.drawing.table import Column
    >>> data = Table("t", "Data", (Column("x"),), ((1.0,),))
    >>> Figure("f", "A point.", Axis("x"), Axis("y"), (Points("p", (1.0,), (2.0,), "plain"),), data).csv()
    'x\n1.0\n'
    """

    name: str
    finding: str
    x: Axis
    y: Axis
    layers: tuple[Layer, ...]
    data: Table
    equal: bool = False

    def csv(self) -> str:
        """Return the data as comma-separated values at full precision."""
        return to_csv(self.data)


def brief(name: str, letters: int = 32) -> str:
    """Return a name that fits beside others.

    Examples
    --------
    >>> brief("price"), brief("a name of many words", 12)
    ('price', 'a name of m…')
    """
    return name if len(name) <= letters else f"{name[: letters - 1]}…"
