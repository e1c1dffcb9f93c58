import re
from html.parser import HTMLParser

import numpy as np
import pytest

from answers import make_answer
from thalweg.data.notes import Note
from thalweg.report.comparison.blocks import comparison_blocks
from thalweg.report.comparison.page import comparison_page
from thalweg.report.comparison.tables import (
    leaderboard_table,
    metrics_of,
    profile_table,
    spread_table,
    status_table,
)
from thalweg.report.drawing.document import page_html
from thalweg.report.drawing.table import to_latex, to_markdown
from thalweg.report.drawing.text import to_text
from thalweg.select.comparison_answer import About, build_answer
from thalweg.select.scoring.predictions import HeldOutRows, ModelPredictions

VOID = {"meta", "link", "br", "img", "input"}


class Reader(HTMLParser):
    """Reads a page strictly: every tag is closed in order."""

    def __init__(self):
        super().__init__()
        self.open, self.tags, self.text, self.headings, self.ids = [], [], [], [], []

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        self.ids += [value for key, value in attributes if key == "id"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)
        if self.open and re.fullmatch("h[1-6]", self.open[-1]):
            self.headings.append((int(self.open[-1][1]), data))


def read(page):
    reader = Reader()
    reader.feed(page)
    assert reader.open == []
    return reader


@pytest.mark.parametrize("task", ["regression", "binary", "multiclass"])
def test_a_page_is_whole_small_and_asks_for_nothing(task):
    page = page_html(comparison_page(make_answer(task)))
    assert len(page.encode()) < 1_000_000
    reader = read(page)
    for tag, attributes in reader.tags:
        assert tag not in {"script", "img", "iframe", "object", "embed"}
        for name in ("src", "href", "action"):
            assert attributes.get(name, "#").startswith(("#", "data:"))
    assert not re.search(r"url\(\s*['\"]?(?!#clip-)", page)
    assert "@import" not in page


@pytest.mark.parametrize("task", ["regression", "binary", "multiclass"])
def test_a_page_can_be_heard(task):
    reader = read(page_html(comparison_page(make_answer(task))))
    tags = [tag for tag, _ in reader.tags]
    assert dict(reader.tags)["html"]["lang"] == "en"
    levels = [level for level, _ in reader.headings]
    assert levels[0] == 1
    assert set(levels[1:]) == {2}
    assert tags.count("caption") == tags.count("table")
    assert tags.count("figcaption") == tags.count("figure") == tags.count("svg")
    assert tags.count("details") == tags.count("svg") + tags.count("pre")
    for tag, attributes in reader.tags:
        if tag == "th":
            assert attributes["scope"] in {"row", "col"}
        if tag == "svg":
            assert attributes["role"] == "img"
            assert attributes["aria-label"]
    assert len(reader.ids) == len(set(reader.ids))
    links = {attributes["href"][1:] for tag, attributes in reader.tags if tag == "a" and attributes["href"][0] == "#"}
    labels = {attributes["aria-labelledby"] for _, attributes in reader.tags if "aria-labelledby" in attributes}
    assert links | labels <= set(reader.ids)


def test_the_verdict_comes_first():
    answer = make_answer()
    reader = read(page_html(comparison_page(answer)))
    text = " ".join(" ".join(reader.text).split())
    assert text.index(answer.verdict) < text.index("Leaderboard")
    assert reader.headings[0][1] == "Does a network predict relapse better than logistic regression?"


def test_names_from_the_data_never_become_markup():
    evil = "<script>alert('x')</script>"
    about = About(evil, evil, ({evil: evil},), (Note(evil, evil),), {evil: {evil: 1}}, {evil: 1.0}, {evil: evil})
    page = page_html(comparison_page(make_answer(about=about, names=(evil, "{{ 7*7 }}"))))
    assert evil not in page
    assert "{{ 7*7 }}" in "".join(read(page).text)


def test_a_bare_answer_makes_a_page():
    reader = read(page_html(comparison_page(make_answer(about=About("t.csv", "y"), curves=False))))
    text = "".join(reader.text)
    assert "No check of the data or the training gave a warning." in text
    assert "Training" not in [heading for _, heading in reader.headings]


def test_cost_is_printed_in_fitting_units():
    text = "".join(read(page_html(comparison_page(make_answer()))).text)
    assert "3.1 s" in text
    assert "12 min" in text


def test_the_page_is_the_same_every_time():
    assert page_html(comparison_page(make_answer())) == page_html(comparison_page(make_answer()))


def test_wide_profiles_are_cut_and_said_to_be():
    profile = tuple({"column": f"x{i}", "missing": i} for i in range(500))
    answer = make_answer(about=About("t.csv", "y", profile))
    table = profile_table(answer)
    assert len(table.rows) == 60
    assert table.notes == ("The first 60 of 500 columns.",)
    assert len(page_html(comparison_page(answer))) < 1_000_000


def test_leaderboard_table_has_the_recommended_model_in_bold_and_no_stars():
    answer = make_answer()
    table = leaderboard_table(answer)
    assert [table.rows[i][0] for i in table.strong] == [answer.recommended]
    assert "*" not in to_latex(table)
    assert answer.recommended in to_markdown(table)


def test_left_out_fits_are_mentioned():
    answer = make_answer()
    rows = tuple(
        row.__class__(row.model, row.family, row.scores, row.seeds, 2 if row.family == "network" else 0)
        for row in answer.leaderboard.rows
    )
    board = answer.leaderboard.__class__(
        *[
            rows if name == "rows" else getattr(answer.leaderboard, name)
            for name in answer.leaderboard.__dataclass_fields__
        ]
    )
    notes = leaderboard_table(answer.__class__(answer.about, "", "", board)).notes
    assert any("2 of 15 fits gave no finite predictions" in note for note in notes)


def test_spread_is_shown_for_the_primary_metric_and_kept_for_all():
    answer = make_answer()
    metrics = metrics_of(answer.leaderboard)
    assert {row[1] for row in spread_table(answer, metrics[:1]).rows} == {"log loss"}
    assert {row[1] for row in spread_table(answer).rows} == {metric.label for metric in metrics}


def test_endings_of_all_models_share_columns():
    about = About("t", "y", status={"a": {"stopped early": 1}, "b": {"diverged": 2}})
    assert status_table(make_answer(about=about)).rows == (("a", 1, 0), ("b", 0, 2))


@pytest.mark.parametrize("task", ["regression", "binary"])
def test_a_network_that_always_diverged_still_makes_a_page(task):
    answer = make_answer(task, dead=True)
    text = " ".join("".join(read(page_html(comparison_page(answer))).text).split())
    assert "15 of the network's 15 fits gave no finite predictions" in answer.verdict
    assert answer.verdict in text
    assert "nan" not in text
    assert answer.recommended in to_text(comparison_blocks(answer))


def test_one_seed_and_two_folds_make_a_page():
    text = "".join(read(page_html(comparison_page(make_answer(seeds=1, folds=2)))).text)
    assert "2 folds · 1 seed per network" in text
    assert "nan" not in text


def test_a_problem_without_any_error_makes_a_page():
    outcome, fold = np.arange(12.0), np.arange(12) % 3
    exact = [ModelPredictions(name, "linear", outcome[None, :, None]) for name in ("OLS", "ridge")]
    page = page_html(
        comparison_page(build_answer(HeldOutRows("regression", outcome, fold, "OLS"), exact, About("t.csv", "y")))
    )
    assert "nan" not in "".join(read(page).text)
