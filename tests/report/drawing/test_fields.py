import math

import pytest

from thalweg.report.drawing.fields import Heat, Segments, Shaded, shade_of
from thalweg.report.drawing.figure import Axis, Figure
from thalweg.report.drawing.palette import SEQUENTIAL
from thalweg.report.drawing.svg import draw
from thalweg.report.drawing.table import Column, Table

DATA = Table("t", "Data.", (Column("x"),), ((1.0,),))


def drawn(*layers):
    return draw(Figure("f", "A field.", Axis("x"), Axis("y"), layers, DATA))


def test_cells_of_one_colour_side_by_side_are_one_piece():
    low, high = SEQUENTIAL[0], SEQUENTIAL[-1]
    text = drawn(Heat("", (0.0, 1.0, 2.0), (0.0, 1.0), ((0.0, 0.0, 1.0), (1.0, 1.0, 1.0)), 0.0, 1.0))
    assert text.count(f'fill="{low}"') == 1
    piece = text.partition(f'fill="{low}"')[0].rpartition('d="')[2]
    assert piece.count("M") == 1
    assert text.partition(f'fill="{high}"')[0].rpartition('d="')[2].count("M") == 2


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_not_finite_has_a_colour(value):
    assert "nan" not in drawn(Heat("", (0.0, 1.0), (0.0, 1.0), ((value, 0.0), (0.0, 1.0)), 0.0, 1.0))


def test_colours_go_by_the_logarithm_if_asked():
    assert shade_of(10.0, 1.0, 100.0, log=True) == shade_of(0.5, 0.0, 1.0)
    assert shade_of(5.0, 5.0, 5.0) == 0


def test_lightness_rises():
    light = [sum(f * int(c[i : i + 2], 16) for f, i in ((0.2126, 1), (0.7152, 3), (0.0722, 5))) for c in SEQUENTIAL]
    assert light == sorted(light)


def test_segments_and_points_are_drawn_and_have_keys():
    text = drawn(Segments("even", ((0.0, 0.0, 1.0, 1.0),), "plain"), Shaded("loss", (0.0,), (1.0,), (0.5,), 0.0, 1.0))
    assert ">even<" in text
    assert ">loss<" in text
    assert text.count("<circle") == 1
