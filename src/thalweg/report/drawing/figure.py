"""Figures as data: axes, layers and the table behind them; drawings are made from these and nothing else."""

from dataclasses import dataclass

from thalweg.report.drawing.table import Table, to_csv

Values = tuple[float, ...]


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


Layer = Line | Band | Points | Bars | Ticks | Tiles


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
