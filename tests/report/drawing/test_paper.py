import builtins

import pytest

import thalweg as tw
from thalweg.base.errors import MissingExtraError
from thalweg.report.drawing.fields import Heat, Shaded
from thalweg.report.drawing.figure import Axis, Figure
from thalweg.report.drawing.layers import Band, Bars, Images, Line, Points, Ticks, Tiles
from thalweg.report.drawing.paper import paper_figure
from thalweg.report.drawing.table import Column, Table

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
    begins = {"pdf": b"%PDF", "svg": b"<?xml", "png": b"\x89PNG"}[kind]
    for shown in (figure(CURVES), figure(GRID, x=Axis("x", categories=("a", "b")), y=Axis("y", categories=("c",)))):
        content = paper_figure(shown, kind)
        assert content.startswith(begins)
        assert content == paper_figure(shown, kind)


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
