"""What a page and a terminal say of columns: no more than their intervals."""

from dataclasses import replace

import numpy as np
import pytest

from answers import make_answer
from thalweg.report.comparison.blocks import comparison_blocks
from thalweg.report.comparison.column_figures import columns_figure, columns_table, effect_figures, slopes_table
from thalweg.report.comparison.page import comparison_page
from thalweg.report.drawing.document import page_html
from thalweg.select.explaining.explanation import Change, ColumnEffect, Explanation, Importance

NAN = float("nan")


def change(value, half=0.1, seed_sd=None):
    return Change(value, value - half, value + half, seed_sd)


AGE = ColumnEffect("age", "class 1", (20.0, 40.0, 60.0), (), (change(-0.2), change(0.0), change(0.3)), change(0.01))
WARD = ColumnEffect("ward", "class 1", (), ("north", "south"), (change(0.0, 0.0), change(0.25)), None)
FIRST = Explanation(
    "logistic regression",
    "log_loss",
    0.95,
    120,
    (Importance("age", change(0.5), 0.2), Importance("ward", change(0.3), 0.8), Importance("luck", change(0.02), 0.1)),
    (AGE, WARD),
)
OTHER = replace(FIRST, model="ensemble of 3 networks", importances=FIRST.importances[::-1])


def answer(*explanations, task="binary"):
    return replace(make_answer(task), explanations=explanations)


def test_the_terminal_shows_the_strongest_and_what_is_not_shown():
    table = columns_table(answer(FIRST, OTHER))
    assert [row[0] for row in table.rows] == ["age", "ward", "luck"]
    assert [row[3] for row in table.rows] == [0.01, None, None]
    assert table.notes[0] == "Not shown to matter more than noise: 'luck'."
    assert "'ward'" in table.notes[1]
    assert "'age'" not in table.notes[1]
    assert comparison_blocks(answer(FIRST)).tables[1].name == "columns"


def test_only_columns_that_matter_have_curves():
    figures = effect_figures(answer(FIRST))
    assert [figure.name for figure in figures] == ["effect-1", "effect-2"]
    assert figures[0].x.label == "age"
    assert figures[1].y.categories == ("north", "south")


def test_two_models_stand_side_by_side_by_the_names_of_the_first():
    figure = columns_figure(answer(FIRST, OTHER))
    assert figure.y.categories == ("age", "ward", "luck")
    assert [layer.label for layer in figure.layers if layer.label] == ["logistic regression", "ensemble of 3 networks"]
    assert len(figure.data.rows) == 6


def test_effects_of_several_classes_name_the_class():
    several = replace(FIRST, effects=(AGE, replace(AGE, outcome="class 2", changes=(change(0.0), change(0.0)))))
    table = slopes_table(answer(several, task="multiclass"))
    assert [column.label for column in table.columns][:3] == ["Column", "Contrast", "Class"]
    assert columns_table(answer(several, task="multiclass")).rows[0][3] == 0.01


def test_what_could_not_be_estimated_is_drawn_as_missing():
    lost = Change(NAN, NAN, NAN, None)
    broken = replace(FIRST, importances=(Importance("age", lost, 0.0),), effects=(replace(AGE, slope=lost),))
    text = page_html(comparison_page(answer(broken)))
    assert "No single column is shown to matter more than noise, given the others." in text
    assert "nan" not in text.split("<main>")[1].replace("finance", "")


@pytest.mark.parametrize("made", [columns_table, columns_figure, slopes_table])
def test_nothing_is_said_where_nothing_was_explained(made):
    assert made(make_answer()) is None
    assert np.size(effect_figures(make_answer())) == 0
