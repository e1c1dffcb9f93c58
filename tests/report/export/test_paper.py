import builtins
from xml.etree import ElementTree as ET

import numpy as np
import pytest

import thalweg as tw
from thalweg.base.errors import MissingExtraError
from thalweg.report.drawing.fields import Heat, Shaded
from thalweg.report.drawing.figure import Axis, Figure
from thalweg.report.drawing.layers import Band, Bars, Images, Line, Points, Ticks, Tiles
from thalweg.report.drawing.table import Column, Table
from thalweg.report.export.axes import paper_axes
from thalweg.report.export.paper import paper_figure
from thalweg.report.export.sizes import size_of

DATA = Table("t", "Data.", (Column("x"),), ((1.0,),))
CURVES = (
    Heat("loss", (0.0, 1.0), (0.0, 1.0), ((0.0, 1.0), (1.0, 2.0)), 0.0, 2.0),
    Band("band", (0.0, 1.0), (0.0, 0.5), (1.0, 1.0), "train"),
    *(Points(name, (k / 4,), (0.5,), name) for k, name in enumerate(("first", "second", "third", "fourth"))),
    Line("cost in $", (0.0, 1.0), (0.0, 1.0), "validation"),
    Bars("bars", (0.0,), (1.0,), (0.5,), "plain", upright=True),
    Ticks("ticks", (0.2,), "train"),
    Shaded("shaded", (0.0,), (1.0,), (0.5,), 0.0, 1.0),
)
GRID = (Tiles(((0.5, -1.0),), (("50 %", "x"),)), Images(((((1.0, -1.0), (0.0, 1.0)), ()),)))


def figure(layers, **axes):
    return Figure("f", "All layers.", axes.get("x", Axis("x")), axes.get("y", Axis("y")), layers, DATA)


@pytest.mark.parametrize("kind", ["pdf", "svg", "png"])
def test_every_layer_is_drawn_the_same_every_time(kind):
    begins = {"pdf": b"%PDF", "svg": b"<svg", "png": b"\x89PNG"}[kind]
    for shown in (figure(CURVES), figure(GRID, x=Axis("x", categories=("a", "b")), y=Axis("y", categories=("c",)))):
        content = paper_figure(shown, kind)
        assert content.startswith(begins)
        assert content == paper_figure(shown, kind)


def test_a_journal_gets_the_width_and_the_letters_it_asks_for():
    size = size_of("nature")
    root = ET.fromstring(paper_figure(figure(CURVES), "svg", size))  # noqa: S314 - our own drawing
    inches = float(root.attrib["width"]) / 96
    units = float(root.attrib["viewBox"].split()[2])
    assert inches * 25.4 == pytest.approx(89, abs=0.01)
    assert 13 / units * inches * 72 == pytest.approx(7, rel=0.01)


def test_letters_too_large_for_a_width_are_refused():
    with pytest.raises(tw.SettingError, match=r"at most 10\.2 points"):
        size_of(89, 12)
    with pytest.raises(tw.SettingError, match="nature"):
        size_of("Nature Letters")


def test_axes_lie_where_the_numbers_say():
    axes = paper_axes(figure((Line("", (0.0, 2.0), (1.0, 5.0), "plain"), Points("p", (1.0,), (3.0,), "first"))))
    (line,) = (patch.get_path().vertices for patch in axes.patches)
    np.testing.assert_allclose(line, [[0.0, 1.0], [2.0, 5.0]], atol=0.01)
    np.testing.assert_allclose(axes.lines[0].get_xydata(), [[1.0, 3.0]], atol=0.01)
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["p"]


def test_axes_of_logarithms_and_of_names():
    log = paper_axes(figure((Points("", (1.0, 100.0), (1.0, 1.0), "first"),), x=Axis("x", log=True)))
    np.testing.assert_allclose([dot.get_xydata()[0, 0] for dot in log.lines], [1.0, 100.0], rtol=0.01)
    names = paper_axes(figure((Points("", (1.0,), (0.0,), "first"),), y=Axis("", categories=("top", "low"))))
    assert [text.get_text() for text in names.get_yticklabels()] == ["top", "low"]
    assert names.get_ylim()[0] > names.get_ylim()[1]


def test_texts_stay_texts():
    content = paper_figure(figure(CURVES), "svg").decode()
    assert "cost in $" in content
    assert ">x<" in content


def test_an_unknown_kind_is_refused():
    with pytest.raises(tw.SettingError, match="kind"):
        paper_figure(figure(CURVES), "eps")


def test_without_matplotlib_it_says_what_to_install(monkeypatch):
    real = builtins.__import__

    def without(name, *rest, **more):
        if name.startswith("matplotlib"):
            raise ImportError(name)
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(MissingExtraError, match=r"thalweg\[plot\]"):
        paper_figure(figure(CURVES))
