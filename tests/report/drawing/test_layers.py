import math
import re
from dataclasses import dataclass
from xml.etree import ElementTree as ET

import pytest

from thalweg.report.drawing.figure import Axis, Figure
from thalweg.report.drawing.layers import Band, Bars, Line, Points, Ticks, Tiles
from thalweg.report.drawing.marks import Frame
from thalweg.report.drawing.scale import Scale
from thalweg.report.drawing.svg import draw
from thalweg.report.drawing.table import Column, Table

DATA = Table("t", "Data", (Column("x"),), ((1.0,),))
FRAME = Frame(Scale(0.0, 10.0, 50.0, 550.0), Scale(0.0, 10.0, 300.0, 20.0), 50.0, 550.0, 20.0, 300.0, 348.0)
GAP = math.nan
LAYERS = [
    Line("line", (0.0, 1.0, 2.0), (1.0, GAP, 3.0), "train"),
    Line("thin", (0.0, 1.0), (1.0, 2.0), "guide", thin=True),
    Band("band", (0.0, 1.0), (1.0, GAP), (2.0, GAP), "train"),
    Points("points", (0.0, GAP), (1.0, 2.0), "second"),
    Points("hollow", (0.0,), (1.0,), "third", hollow=True),
    Points("faint", (0.0,), (1.0,), "fourth", faint=True),
    Bars("bars", (0.0, GAP), (1.0, 2.0), (3.0, 4.0), "second"),
    Bars("upright", (0.0,), (1.0,), (3.0,), "first", upright=True),
    Ticks("ticks", (1.0, 2.0), "plain"),
    Tiles(((0.5, GAP),), (("1", "–"),), label="tiles"),
]


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.label)
def test_every_layer_is_well_formed_and_leaves_out_what_is_missing(layer):
    for text in (layer.draw(FRAME), layer.key(10.0, 12.0)):
        ET.fromstring(f"<svg>{text}</svg>")  # noqa: S314 - our own drawing
        assert "nan" not in text


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.label)
def test_keys_stay_in_their_place(layer):
    text = layer.key(10.0, 12.0)
    places = [float(n) for n in re.findall(r'(?:cx="|x="|M)([\d.]+)', text)]
    places += [
        float(corner.split(",")[0]) for found in re.findall(r'points="([^"]+)"', text) for corner in found.split()
    ]
    assert places
    assert all(10.0 <= place <= 36.0 for place in places)


def test_layers_ask_for_room():
    assert Bars("", (0.0,), (1.0,), (3.0,), "first").spans() == ((0.0, 1.0), (3.0,))
    assert Bars("", (0.0,), (1.0,), (3.0,), "first", upright=True).spans() == ((3.0,), (0.0, 1.0))
    assert Band("", (0.0,), (1.0,), (2.0,), "train").spans() == ((0.0,), (1.0, 2.0))
    assert Ticks("", (1.0,), "plain").spans() == ((1.0,), ())


@dataclass(frozen=True)
class Cross:
    """A layer that nothing in the product knows."""

    label: str

    def spans(self):
        return (7.0,), (40.0,)

    def draw(self, frame):
        return f'<path d="M{frame.x.place(7.0):.1f} {frame.y.place(40.0):.1f}h9" class="cross"/>'

    def end(self):
        return None

    def key(self, x, y):
        return f'<path d="M{x} {y}h9" class="key"/>'


def test_a_new_kind_of_layer_is_one_class():
    text = draw(Figure("f", "A cross.", Axis("x"), Axis("y"), (Cross("a cross"),), DATA))
    assert 'class="cross"' in text
    assert 'class="key"' in text
    assert ">a cross<" in text
    assert ">40<" in text  # its room decides the range
