import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from effects.experiments import NAMES, quick, table
from report.comparison.test_page import read
from report.drawing.test_svg import check_texts
from thalweg.effects.experiment.simulate import standard_cells
from thalweg.effects.summary import summarise
from thalweg.report.drawing.blocks import Blocks
from thalweg.report.drawing.document import page_html
from thalweg.report.drawing.svg import draw
from thalweg.report.drawing.text import to_text
from thalweg.report.effects.blocks import effects_blocks
from thalweg.report.effects.effect_figures import forest_figure, methods_figure
from thalweg.report.effects.interaction_figures import interactions_figure
from thalweg.report.effects.model_figures import cell_residuals_figure, splits_figure
from thalweg.report.effects.page import effects_page
from thalweg.report.effects.tables import best_sentence, comparison_table, effects_table, left_out_table
from thalweg.report.effects.weight_figures import weight_shares_figure, weights_figure

LONG = {"target": "y", "treatments": ["a treatment of many words", "t2"]}
THREE = NAMES | {"treatments": ["t1", "t2", "t3"]}


@pytest.fixture(scope="module")
def summary():
    """A treatment without effect leaves some combinations without an answer."""
    frame, _ = table(silent=(0,), rows=1200, treatments=3)
    answer = quick(epochs=30, scale="local", repeats=2).fit(frame, **THREE)
    return summarise(answer, table="trial", repeat={"seed": "0"})


@pytest.fixture(scope="module")
def page(summary):
    return page_html(effects_page(summary))


def figures(summary):
    makers = (
        forest_figure,
        interactions_figure,
        methods_figure,
        weight_shares_figure,
        weights_figure,
        cell_residuals_figure,
        splits_figure,
    )
    return [make(summary) for make in makers]


def test_a_page_is_whole_small_and_asks_for_nothing(page):
    assert len(page.encode()) < 1_000_000
    for tag, attributes in read(page).tags:
        assert tag not in {"script", "img", "iframe", "object", "embed"}
        for name in ("src", "href", "action"):
            assert attributes.get(name, "#").startswith(("#", "data:"))
    assert not re.search(r"url\(\s*['\"]?(?!#clip-)", page)


def test_a_page_can_be_heard(page):
    reader = read(page)
    tags = [tag for tag, _ in reader.tags]
    assert [level for level, _ in reader.headings].count(1) == 1
    assert tags.count("caption") == tags.count("table")
    assert tags.count("figcaption") == tags.count("figure") == tags.count("svg") == 9
    assert tags.count("details") == 9 + tags.count("pre")
    assert len(reader.ids) == len(set(reader.ids))
    labels = {attributes["aria-labelledby"] for _, attributes in reader.tags if "aria-labelledby" in attributes}
    assert labels <= set(reader.ids)


def test_the_verdict_comes_first_and_what_is_withheld_is_said(summary, page):
    text = " ".join("".join(read(page).text).split())
    assert text.index(best_sentence(summary)) < text.index("Effects of all combinations")
    hidden = sum(effect.estimate is None for effect in summary.effects)
    assert hidden >= 2
    assert f"{hidden} effects are withheld and may be better" in text
    assert "weak: withheld" in text


def test_texts_of_figures_stay_inside_and_apart(summary):
    for figure in figures(summary):
        drawing = draw(figure)
        check_texts(drawing)
        assert "nan" not in re.sub(r'aria-label="[^"]*"', "", drawing)


def sorted_effects(summary):
    """The largest first, withheld ones last."""
    return sorted(summary.effects, key=lambda one: (one.estimate is None, -(one.estimate or 0.0)))


def test_effects_stand_by_size(summary):
    page = effects_page(summary)
    table = next(part for part in page.sections[0].parts if hasattr(part, "rows"))
    assert [row[0] for row in table.rows] == [summary.given(one.combination) for one in sorted_effects(summary)]


def test_shape_and_text_tell_what_a_mark_means(summary):
    figure = forest_figure(summary)
    points = {layer.label: layer for layer in figure.layers if hasattr(layer, "hollow")}
    assert points["observed"].style == "first"
    assert points["withheld (at the edge)"].hollow
    for name, row, effect in zip(figure.y.categories, figure.y.matrix.rows, sorted_effects(summary), strict=True):
        assert name == summary.given(effect.combination)
        assert row == tuple(digit == "1" for digit in effect.combination)
    withheld = [effect for effect in summary.effects if effect.estimate is None]
    assert set(points["withheld (at the edge)"].x) == {figure.x.low}
    assert len(points["withheld (at the edge)"].x) == len(withheld)


def test_weak_effects_that_are_asked_for_are_marked(summary):
    shown = summarise(summary.answer, table="t", allow_unidentified=True, comparison=summary.comparison)
    figure = forest_figure(shown)
    assert "weak" in {layer.label for layer in figure.layers}
    assert "withheld" not in effects_table(shown).rows[2][8]


def test_methods_without_an_answer_draw_no_mark(summary):
    figure = methods_figure(summary)
    layers = {layer.label: layer for layer in figure.layers if layer.label}
    assert set(layers) == {"DeDL", "AIPW", "structured", "linear regression", "linear addition", "plain network"}
    unseen = [n for n, effect in enumerate(sorted_effects(summary)) if not effect.observed]
    assert all(np.isnan(layers["AIPW"].x[n]) for n in unseen)
    assert "Adding up single effects is farthest off" in figure.finding


def test_shares_of_weights_add_up_and_agree_with_their_quantile(summary):
    figure = weight_shares_figure(summary)
    for (name, *shares, effective), effect in zip(figure.data.rows, sorted_effects(summary), strict=True):
        assert name == effect.combination
        assert sum(shares) == pytest.approx(1.0)
        assert (shares[-1] > 0.01) == (effect.support.heaviest > 100.0)
        assert effective == round(effect.support.effective)
    weights = tuple(replace(one, shares=()) for one in summary.answer.evaluation.weights)
    old = replace(summary.answer, evaluation=replace(summary.answer.evaluation, weights=weights))
    assert weight_shares_figure(replace(summary, answer=old)) is None


def test_pairs_of_treatments_are_drawn_as_they_were_estimated(summary):
    figure = interactions_figure(summary)
    off, on = (layer for layer in figure.layers if hasattr(layer, "hollow"))
    assert (off.label, on.label) == ("second treatment off", "second treatment on")
    for n, pair in enumerate(summary.interactions):
        neither, first, second, both = (one.estimate for one in pair.outcomes)
        assert (off.x[2 * n : 2 * n + 2], on.x[2 * n : 2 * n + 2]) == ((neither, first), (second, both))
        assert figure.data.rows[n][5] == pair.interaction.estimate
    missing = 3 - len(summary.interactions)
    assert missing > 0
    assert "withheld or was not asked for" in figure.finding
    assert interactions_figure(replace(summary, interactions=())) is None


def test_a_link_that_lets_treatments_add_up_says_so():
    answer = quick(link="linear").fit(table()[0].rename(columns={"t1": "a treatment of many words"}), **LONG)
    told = summarise(answer, table="t", comparison=pd.DataFrame({"combination": ["01"]}))
    figure = interactions_figure(told)
    assert "They always do under link linear." in figure.finding
    assert figure.y.categories[0] == "a treatment of… off, by t2"
    check_texts(draw(figure))


def test_a_single_split_has_no_spread_to_draw(summary):
    points = splits_figure(summary).layers[1]
    assert np.abs(np.add.reduceat(points.x, np.arange(0, len(points.x), 2))).max() < 1e-9
    single = summarise(
        quick(link="linear").fit(table()[0], **NAMES), table="t", comparison=pd.DataFrame({"combination": ["01"]})
    )
    assert splits_figure(single) is None


def test_cells_left_out_are_told_where_there_are_cells_to_spare(summary):
    assert left_out_table(summary) is None
    frame, _ = table(rows=900, treatments=3, cells=standard_cells(3, extra=True))
    estimator = quick(epochs=30, scale="global")
    answer = estimator.fit(frame, **THREE)
    told = summarise(answer, table="t", left_out=estimator.leave_one_cell_out(answer))
    shown = left_out_table(told)
    assert {row[0] for row in shown.rows} == {cell.combination for cell in told.left_out}
    assert len(shown.rows) == 5
    assert "differ at 1 %" in shown.notes[0]
    assert "Observed cells, predicted from the others." in to_text(effects_blocks(told), 100)
    assert "Observed cells, predicted from the others." in page_html(effects_page(told))
    assert "No cell can be left out" in to_text(effects_blocks(summarise(answer, table="t", left_out=())))


def test_names_from_the_data_never_become_markup():
    evil = "<script>alert('x')</script>"
    frame = table()[0].rename(columns={"y": evil, "t1": f"{evil}1", "x1": f"{evil}x"})
    answer = quick(link="linear").fit(frame, target=evil, treatments=[f"{evil}1", "t2"])
    made = page_html(effects_page(summarise(answer, table=evil, repeat={"command": evil})))
    assert evil not in made
    assert evil in "".join(read(made).text)


def test_many_combinations_are_cut_and_said_to_be():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.integers(0, 2, (600, 6)), columns=[f"t{k}" for k in range(6)]).assign(
        x=rng.normal(size=600)
    )
    frame.loc[0, [f"t{k}" for k in range(6)]] = 0
    frame["y"] = frame.sum(axis=1) + rng.normal(size=600)
    answer = quick(link="linear").fit(frame, target="y", treatments=[f"t{k}" for k in range(6)])
    summary = summarise(answer, table="t")
    assert len(summary.effects) == 63
    figure = forest_figure(summary)
    assert len(figure.y.categories) == 30
    assert "30 of 63" in figure.finding
    assert len(figure.data.rows) == 30
    assert "40 of 63 rows" in to_text(effects_blocks(summary), 100)
    assert len(page_html(effects_page(summary)).encode()) < 1_000_000


def test_text_says_what_the_page_says(summary):
    text = to_text(effects_blocks(summary), 100)
    assert best_sentence(summary) in " ".join(text.split())
    for words in ("every unit has its own scale", "link test", "withheld", "spread over splits"):
        assert words in text
    assert max(map(len, text.splitlines())) <= 100


@pytest.mark.parametrize("width", [60, 80, 100, 160])
def test_tables_for_terminals_fit_and_name_what_has_no_room(summary, width):
    text = to_text(Blocks(tables=(effects_table(summary),)), width)
    assert max(map(len, text.splitlines())) <= width
    assert ("No room for" in text) == (width < 160)
    for heading in ("combination", "status", "effect", "interval"):
        assert heading in text


def test_errors_in_brackets_are_those_that_cover(summary):
    shown = comparison_table(summary.comparison, ["t1", "t2", "t3"], "y", "000")
    heads = [column.label for column in shown.columns]
    row = dict(zip(heads, shown.rows[0], strict=True))
    assert heads[1:3] == ["DeDL", "AIPW"]
    assert "(" in row["DeDL"]
    assert "(" not in row["linear addition"]
    assert len(shown.rows) == 7
