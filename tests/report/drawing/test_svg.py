import math
import re
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from answers import make_answer
from thalweg.report.comparison.prediction_figures import calibration_figure, residuals_figure
from thalweg.report.comparison.score_figures import difference_figure, spread_figure
from thalweg.report.comparison.training_figures import curves_figure
from thalweg.report.drawing.figure import Axis, Figure
from thalweg.report.drawing.layers import Line, Points
from thalweg.report.drawing.svg import WIDTH, draw
from thalweg.report.drawing.table import Column, Table


def parse(text):
    return ET.fromstring(text)  # noqa: S314 - our own drawing


DATA = Table("t", "Data", (Column("x"),), ((1.0,),))


def figures():
    classes, numbers = make_answer("multiclass"), make_answer("regression")
    return [
        difference_figure(classes),
        spread_figure(classes),
        curves_figure(classes.curves[0]),
        calibration_figure(classes.calibration),
        residuals_figure(numbers.residuals[0], "income"),
    ]


@pytest.mark.parametrize("figure", figures(), ids=lambda figure: figure.name)
@pytest.mark.parametrize("standalone", [False, True])
def test_drawings_are_well_formed_labelled_and_free_of_nan(figure, standalone):
    text = draw(figure, standalone=standalone)
    root = parse(text)
    assert root.attrib["role"] == "img"
    assert root.attrib["aria-label"] == figure.finding
    assert "nan" not in re.sub(r'aria-label="[^"]*"', "", text)
    assert ("xmlns=" in text) == standalone


@pytest.mark.parametrize("figure", figures(), ids=lambda figure: figure.name)
def test_a_file_of_its_own_asks_for_no_style_sheet(figure):
    """Most programs that read SVG know no custom properties, and many know no classes: bars and axes vanished."""
    text = draw(replace(figure, finding="var(--x) of class"), standalone=True)
    assert "var(--x) of class" in text
    assert "<style" not in text
    for node in parse(text).iter():
        assert "var(" not in node.attrib.get("style", "") + node.attrib.get("fill", "")
        assert node.attrib.get("class", "marker") == "marker"


@pytest.mark.parametrize("figure", figures(), ids=lambda figure: figure.name)
def test_texts_stay_inside_and_apart(figure):
    check_texts(draw(figure))


def check_texts(drawing):
    """Boxes from seven units a letter, the width the drawing itself reckons with."""
    root = parse(drawing)
    height = float(root.attrib["viewBox"].split()[3])
    boxes = []
    for node in root.iter("text"):
        if "transform" in node.attrib:
            continue
        x, y, width = float(node.attrib["x"]), float(node.attrib["y"]), 6.6 * len(node.text)
        left = {"start": x, "middle": x - width / 2, "end": x - width}[node.attrib["text-anchor"]]
        assert left >= 0, node.text
        assert left + width <= WIDTH + 2, node.text
        assert 0 < y < height, node.text
        boxes.append((left, left + width, y - 10, y + 2, node.text))
    for i, one in enumerate(boxes):
        for other in boxes[:i]:
            apart = one[0] >= other[1] or other[0] >= one[1] or one[2] >= other[3] or other[2] >= one[3]
            assert apart, (one[4], other[4])


def test_points_land_where_the_axes_say():
    figure = Figure(
        "f",
        "F",
        Axis("x", low=0.0, high=10.0),
        Axis("y", low=0.0, high=1.0),
        (Points("", (5.0,), (0.5,), "plain"),),
        DATA,
    )
    root = parse(draw(figure))
    circle = next(root.iter("circle"))
    by_text = {node.text: node for node in root.iter("text")}
    middle = (float(by_text["4"].attrib["x"]) + float(by_text["6"].attrib["x"])) / 2
    assert float(circle.attrib["cx"]) == pytest.approx(middle, abs=0.2)
    middle = (float(by_text["0.4"].attrib["y"]) + float(by_text["0.6"].attrib["y"])) / 2 - 4.5
    assert float(circle.attrib["cy"]) == pytest.approx(middle, abs=0.2)


def test_the_first_category_is_on_top():
    figure = Figure(
        "f",
        "F",
        Axis("x"),
        Axis("", categories=("one", "two")),
        (Points("", (1.0, 2.0), (0.0, 1.0), "plain"),),
        DATA,
    )
    heights = [float(node.attrib["cy"]) for node in parse(draw(figure)).iter("circle")]
    assert heights[0] < heights[1]


def test_missing_points_break_the_line():
    line = Line("", (0.0, 1.0, 2.0, 3.0, 4.0), (0.0, 1.0, math.nan, 1.0, 0.0), "train")
    path = next(parse(draw(Figure("f", "F", Axis("x"), Axis("y"), (line,), DATA))).iter("path"))
    assert path.attrib["d"].count("M") == 2


def test_hostile_names_stay_text():
    figure = Figure("f", '"><script>alert(1)</script>', Axis("<x>"), Axis("", categories=("<b>&",)), (), DATA)
    root = parse(draw(figure))
    assert not list(root.iter("script"))
    assert "<b>&" in {node.text for node in root.iter("text")}


def test_only_one_model_makes_no_difference_figure():
    answer = make_answer()
    lonely = answer.leaderboard.__class__(
        "binary", "log_loss", answer.leaderboard.rows, "logistic regression", "", "", (), 5, 120
    )
    assert difference_figure(answer.__class__(answer.about, "", "", lonely)) is None


def test_findings_state_what_is_seen():
    answer = make_answer()
    assert re.search(r"\d of 2 intervals contain 0\.|The interval", difference_figure(answer).finding)
    assert re.search(
        r"another seed changes it by 0\.\d+ .*, the split adds nothing; in the mean", spread_figure(answer).finding
    )
    assert "lowest" in curves_figure(answer.curves[0]).finding
