import math

from thalweg.report.drawing.figure import Axis, Figure
from thalweg.report.drawing.palette import SEQUENTIAL
from thalweg.report.drawing.relief import Relief
from thalweg.report.drawing.svg import draw
from thalweg.report.drawing.table import Column, Table

DATA = Table("t", "Data.", (Column("x"),), ((1.0,),))


def drawn(values, **settings):
    relief = Relief("height", values, 0.0, 1.0, **settings)
    return draw(Figure("f", "A surface.", Axis("x"), Axis("y"), (relief,), DATA))


def test_every_cell_is_a_face_and_the_nearest_is_last():
    text = drawn(((1.0, 1.0, 1.0), (0.0, 0.0, 0.0), (0.0, 0.0, 0.0)))
    faces = [face.partition("/>")[0] for face in text.split("<polygon")[1:]]
    assert len(faces) == 4
    assert SEQUENTIAL[0] in faces[-1]
    assert SEQUENTIAL[0] not in faces[0]


def test_heights_that_are_not_finite_are_as_high_as_the_highest():
    text = drawn(((math.inf, math.nan), (0.5, 0.2)), log=True)
    assert "nan" not in text
    assert "inf" not in text.replace("info", "")
