from xml.etree import ElementTree as ET

from report.drawing.test_svg import check_texts
from thalweg.report.drawing.figure import Axis, Figure
from thalweg.report.drawing.layers import Points
from thalweg.report.drawing.matrix import Matrix
from thalweg.report.drawing.svg import draw
from thalweg.report.drawing.table import Column, Table

NAMES = ("free shipping", "coupon", "a name of very many words")
ROWS = ((True, False, True), (False, False, False))


def test_every_row_has_a_dot_for_what_it_has_and_a_faint_one_for_what_it_has_not():
    axis = Axis("", categories=("free shipping + third", "none"), matrix=Matrix(NAMES, ROWS))
    data = Table("t", "T", (Column("x"),), ((1.0,),))
    figure = Figure("f", "Dots.", Axis("effect"), axis, (Points("", (1.0, 2.0), (0.0, 1.0), "plain"),), data)
    drawing = draw(figure, standalone=True)
    check_texts(drawing)
    dots = [node for node in ET.fromstring(drawing).iter() if node.attrib.get("r") == "4.5"]  # noqa: S314 - our own
    fills = [node.attrib["style"] for node in dots if "stroke" not in node.attrib["style"]]
    full = [place for place, fill in enumerate(fills) if fill == "fill:#1a1c1f"]
    assert len(fills) == 6
    assert full == [0, 2]
    texts = [node.text for node in ET.fromstring(drawing).iter("{http://www.w3.org/2000/svg}text")]  # noqa: S314
    assert texts[-3:] == ["free shipping", "coupon", "a name of very ma…"]
