"""The page about a treatment that units chose: its doubt stands beside its answer, and its picture has all units."""

import numpy as np
import pytest

from effects.one_treatment.test_observed import QUICK, chosen
from report.comparison.test_page import read
from thalweg.effects.one_treatment.observed import observe
from thalweg.report.drawing.document import page_html
from thalweg.report.drawing.svg import draw
from thalweg.report.observed.figures import overlap_figure
from thalweg.report.observed.page import observed_blocks, observed_page
from thalweg.report.observed.tables import averages_table, learners_table
from thalweg.report.observed.words import observed_sentence


@pytest.fixture(scope="module")
def found():
    return observe(chosen(rows=300), target="y", treatment="t", training=QUICK, table="<trial>")


@pytest.fixture(scope="module")
def apart():
    frame = chosen(rows=300)
    frame["t"] = np.where(frame["age"] > 0.0, "yes", "no")
    return observe(frame, target="y", treatment="t", training=QUICK)


def test_the_page_is_whole_and_says_what_must_be_believed(found):
    page = page_html(observed_page(found))
    read(page)
    assert "What has to be believed" in page
    assert "&lt;trial&gt;" in page
    assert "<trial>" not in page
    assert page.count("<svg") == 3


def test_the_curves_hold_all_units(found):
    figure = overlap_figure(found)
    shares = np.array([row[2:] for row in figure.data.rows], dtype=float)
    assert shares.sum(axis=0) == pytest.approx([1.0, 1.0])
    assert "received yes" in draw(figure)


def test_several_levels_are_drawn_as_ranges():
    frame = chosen(rows=300)
    frame["t"] = np.arange(300) % 3
    figure = overlap_figure(observe(frame, target="y", treatment="t", training=QUICK))
    assert len(figure.data.rows) == 6
    assert all(row[2] <= row[3] <= row[4] for row in figure.data.rows)


def test_what_is_withheld_has_no_number_and_a_reason(apart):
    table = averages_table(apart)
    assert table.rows[0][:4] == ("all units", None, None, None)
    assert any("hardly anybody like them" in note for note in table.notes)
    page = page_html(observed_page(apart))
    assert "This is not asked" in page
    assert "withheld" in observed_blocks(apart).sentences[0] + observed_blocks(apart).sentences[1]
    assert "rather than" not in observed_sentence(apart) or "Among all units" not in observed_sentence(apart)


def test_the_learner_that_is_used_has_the_least_loss(found):
    table = learners_table(found)
    for nuisance in ("outcome", "assignment"):
        rows = [row for row in table.rows if row[0] == nuisance]
        [used] = [row for row in rows if row[4] == "used"]
        assert used[3] == min(row[3] for row in rows)
