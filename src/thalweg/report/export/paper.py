"""Figures for papers: what is drawn as SVG, drawn once more by matplotlib, with vectors and letters that print.

Reading our own SVG keeps one drawing for screens and paper: no layer needs to know matplotlib.
"""

import io
from typing import Any, Final
from xml.etree import ElementTree as ET

from thalweg.base.checks import check_choice
from thalweg.report.drawing.figure import Figure
from thalweg.report.drawing.palette import LIGHT
from thalweg.report.drawing.svg import draw
from thalweg.report.export.brush import Brush, matplotlib_of
from thalweg.report.export.sizes import Size

KINDS: Final = ("pdf", "svg", "png")
_ANCHORS: Final = {"start": "left", "middle": "center", "end": "right"}


def paper_figure(figure: Figure, kind: str = "pdf", size: Size | None = None, dots: float = 300) -> bytes:
    """Return a figure as the content of a file, the same bytes every time with one version of matplotlib.

    Parameters
    ----------
    figure
        What to draw.
    kind
        "pdf", "svg" or "png"; SVG needs no matplotlib.
    size
        Width and letters; None for 142 millimetres and letters of 9.4 points.
    dots
        Of a PNG, an inch.

    Returns
    -------
    bytes
        In the colours of paper; dates are left out.

    Raises
    ------
    MissingExtraError
        If matplotlib is needed and not installed.
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
    size = size or Size()
    drawing = draw(figure, standalone=True, width=size.units, millimetres=size.width)
    if kind == "svg":
        return drawing.encode()
    mpl = matplotlib_of("Figures for papers")
    root = ET.fromstring(drawing)  # noqa: S314 - our own drawing
    _, _, wide, tall = map(float, root.attrib["viewBox"].split())
    with mpl.rc_context({"pdf.fonttype": 42}):
        canvas = mpl.figure.Figure(figsize=(wide * size.point / 72, tall * size.point / 72))
        axes = canvas.add_axes((0, 0, 1, 1))
        axes.set_axis_off()
        axes.set_xlim(0, wide)
        axes.set_ylim(tall, 0)
        Brush(axes, size.point).paint(root)
        for node in root.iter("{http://www.w3.org/2000/svg}text"):
            write_text(axes, node, size.letters)
        dates = {"pdf": {"CreationDate": None}, "png": {}}[kind]
        written = io.BytesIO()
        canvas.savefig(written, format=kind, dpi=dots, metadata=dates)
    return written.getvalue()


def write_text(axes: Any, node: ET.Element, points: float) -> None:
    """Write a text of a drawing where it stands."""
    said = node.attrib
    axes.text(
        float(said["x"]),
        float(said["y"]),
        (node.text or "").replace("$", r"\$"),
        fontsize=points,
        color=said.get("fill", LIGHT["ink"]),
        ha=_ANCHORS[said.get("text-anchor", "start")],
        va="baseline",
        rotation=90 if "rotate(-90" in said.get("transform", "") else 0,
        rotation_mode="anchor",
    )
