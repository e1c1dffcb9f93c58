"""What a figure shows does not depend on the program that shows it."""

import pytest
import resvg_py

from answers import make_answer
from effects.experiments import NAMES, quick, table
from renderers import SCALE, lost_marks, marks_of
from report.export.test_paper import CURVES, GRID, figure
from thalweg.effects.summary import summarise
from thalweg.linear.analysis import LinearAnalysis
from thalweg.linear.regression import regress
from thalweg.report.comparison.page import comparison_page
from thalweg.report.drawing.document import figures_of
from thalweg.report.drawing.figure import Axis
from thalweg.report.drawing.relief import Relief
from thalweg.report.drawing.svg import WIDTH, draw
from thalweg.report.effects.page import effects_page
from thalweg.report.export.paper import paper_figure
from thalweg.report.export.sizes import Size
from thalweg.report.linear.page import linear_page


def layers():
    return [
        figure(CURVES),
        figure(GRID, x=Axis("x", categories=("a", "b")), y=Axis("y", categories=("c",))),
        figure((Relief("loss", ((0.0, 1.0), (1.0, 2.0)), 0.0, 2.0),)),
    ]


def figures():
    pages = [comparison_page(make_answer(task)) for task in ("regression", "multiclass")]
    fit = regress([[1.0], [2.0], [3.0], [4.0]], [1.1, 1.9, 3.2, 3.8], names=["price"])
    pages.append(linear_page(LinearAnalysis("t", "y", fit, {"price": 1.1}, (), {})))
    pages.append(effects_page(summarise(quick().fit(table()[0], **NAMES), table="trial")))
    return [*(one for page in pages for one in figures_of(page)), *layers()]


def resvg(svg):
    return bytes(resvg_py.svg_to_bytes(svg_string=svg, width=SCALE * WIDTH, background="#ffffff"))


def test_no_mark_is_lost_outside_a_browser():
    drawn = figures()
    assert len(drawn) > 15
    for one in drawn:
        svg = draw(one, standalone=True)
        assert len(marks_of(svg)) > 3, one.name
        assert lost_marks(svg, resvg(svg)) == [], one.name


@pytest.mark.parametrize("drawn", layers(), ids=("curves", "grid", "relief"))
def test_matplotlib_draws_the_same_marks(drawn):
    size = Size()
    png = paper_figure(drawn, "png", size, dots=SCALE * WIDTH / (size.width / 25.4))
    assert lost_marks(draw(drawn, standalone=True), png) == []


def test_a_style_sheet_with_custom_properties_would_lose_them():
    """What the comparison is there to find: bars and axes that only browsers drew."""
    one = layers()[0]
    page = draw(one).replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
    assert len(lost_marks(draw(one, standalone=True), resvg(page))) >= 2
