"""Lines that come to the right are named at their ends, apart from each other; the others stay in the legend."""

import math
from itertools import pairwise

import pytest

from thalweg.report.drawing.layers import Line, Points
from thalweg.report.drawing.line_names import GAP, apart, line_names

ENDS = (0.0, 10.0, False)


def line(label, last=10.0, **more):
    return Line(label, (0.0, last), (1.0, 2.0), "first", **more)


def chosen(*layers, x=ENDS):
    return [layer.label for layer in line_names(layers, x, 560, 280).layers]


def test_lines_that_reach_the_right_are_named_there():
    assert chosen(line("adam"), line("sgd", 4.0), line(""), Points("rows", (10.0,), (1.0,), "plain")) == ["adam"]
    assert chosen(line("thin", thin=True), Line("upright", (9.0, 9.0), (0.0, 1.0), "guide")) == []
    assert chosen(Line("gone", (0.0, 10.0), (math.nan, math.nan), "first")) == []
    assert chosen(line("late", 6.0), x=(1.0, 10.0, True)) == ["late"]  # on a logarithmic axis 6 is near 10


def test_long_or_many_names_stay_in_the_legend():
    assert chosen(line("a name that would take most of the room of a drawing")) == []
    assert chosen(*(line(f"l{n}") for n in range(40))) == []


@pytest.mark.parametrize("wanted", [[5.0, 5.0, 5.0], [0.0, 100.0, 99.0], [90.0, 95.0, 100.0], []])
def test_names_keep_apart_and_inside(wanted):
    found = apart(wanted, 100.0)
    assert all(place <= 100.0 for place in found)
    ordered = sorted(found)
    assert all(b - a >= GAP - 1e-9 for a, b in pairwise(ordered))
    assert [found[n] for n in sorted(range(len(wanted)), key=wanted.__getitem__)] == ordered
