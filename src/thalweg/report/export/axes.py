"""Figures as axes of matplotlib, in the units of the data, for who wants to go on drawing."""

from typing import Any, Final
from xml.etree import ElementTree as ET

from thalweg.report.drawing.figure import Axis, Figure
from thalweg.report.drawing.scale import Scale
from thalweg.report.drawing.svg import draw, layout_of, sign_of
from thalweg.report.export.brush import Brush, matplotlib_of, style_of
from thalweg.report.export.sizes import Size


def paper_axes(figure: Figure, axes: Any = None) -> Any:
    """Draw a figure onto axes of matplotlib, in the units of its data, with matplotlib's own ticks and letters.

    Parameters
    ----------
    figure
        What to draw.
    axes
        Onto which; None makes a figure of its own.

    Returns
    -------
    matplotlib.axes.Axes
        With labels, limits and a legend; what is drawn further lies where the numbers say.

    Raises
    ------
    MissingExtraError
        If matplotlib is not installed.

    Examples
    --------
    >>> from thalweg.report.drawing.layers import Points
    >>> from thalweg.report.drawing.table import Column, Table
    >>> data = Table("t", "Data", (Column("x"),), ((1.0,),))
    >>> figure = Figure("f", "A point.", Axis("x"), Axis("y"), (Points("", (1.0,), (2.0,), "plain"),), data)
    >>> paper_axes(figure).get_xlabel()
    'x'
    """
    mpl = matplotlib_of("Axes")
    frame, size = layout_of(figure), Size()
    if axes is None:
        inches = (size.width / 25.4, frame.height * size.point / 72)
        axes = mpl.figure.Figure(figsize=inches, layout="constrained").add_subplot()
    for letter, axis, scale in (("x", figure.x, frame.x), ("y", figure.y, frame.y)):
        _set_axis(axes, letter, axis, scale)

    def place(x: float, y: float) -> tuple[float, float]:
        return frame.x.value(x), frame.y.value(y)

    root = ET.fromstring(draw(figure, standalone=True))  # noqa: S314 - our own drawing
    inside = next(part for part in root if part.tag.endswith("}g"))
    Brush(axes, size.point, place).paint(inside)
    for node in inside.iter("{http://www.w3.org/2000/svg}text"):
        axes.text(*place(float(node.attrib["x"]), float(node.attrib["y"])), node.text, ha="center")
    _legend(axes, figure, mpl)
    return axes


def _set_axis(axes: Any, letter: str, axis: Axis, scale: Scale) -> None:
    """Name one axis, and give it the range and the direction of the drawing."""
    downwards = letter == "y" and scale.start < scale.end
    getattr(axes, f"set_{letter}scale")("log" if axis.log else "linear")
    getattr(axes, f"set_{letter}lim")(*((scale.high, scale.low) if downwards else (scale.low, scale.high)))
    getattr(axes, f"set_{letter}label")(axis.label.replace("$", r"\$"), wrap=True)
    if axis.categories:
        names = [name.replace("$", r"\$") for name in axis.categories]
        getattr(axes, f"set_{letter}ticks")(range(len(names)), names)


def _legend(axes: Any, figure: Figure, mpl: Any) -> None:
    """Show what every labelled layer looks like, by the sign it has in our own legend."""
    handles = []
    for layer in (one for one in figure.layers if one.label):
        sign = ET.fromstring(f"<g>{sign_of(layer)}</g>")[-1]  # noqa: S314 - our own drawing
        said, label = style_of(sign), layer.label.replace("$", r"\$")
        if sign.tag == "rect":
            paint = {"color": said["fill"], "alpha": float(said.get("fill-opacity", 1))}
            handles.append(mpl.patches.Patch(**paint, label=label))
            continue
        dashes = [float(length) for length in said.get("stroke-dasharray", "").split()]
        line = mpl.lines.Line2D([], [], color=said["stroke"], label=label, linestyle=(0, dashes) if dashes else "-")
        if sign.tag != "path":
            line.set(linestyle="none", marker=_MARKERS[sign.attrib.get("points", "").count(",")])
            line.set_markerfacecolor(said["fill"])
        handles.append(line)
    if handles:
        axes.legend(handles=handles)


_MARKERS: Final = {0: "o", 3: "^", 4: "D"}  # by the number of corners
