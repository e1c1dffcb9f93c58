import re

import numpy as np
import pandas as pd
import pytest

from report.comparison.test_page import read
from report.drawing.test_svg import check_texts
from thalweg.jobs.linear import fit_linear
from thalweg.linear import descend, least_squares_objective
from thalweg.report.drawing.document import page_html
from thalweg.report.drawing.figure import Axis, Figure
from thalweg.report.drawing.layers import Line
from thalweg.report.drawing.svg import draw
from thalweg.report.drawing.table import Column, Table
from thalweg.report.drawing.text import to_text
from thalweg.report.linear.blocks import linear_blocks
from thalweg.report.linear.coefficient_figures import coefficient_figure
from thalweg.report.linear.descent_figures import bounds_figure, errors_figure
from thalweg.report.linear.page import linear_page
from thalweg.report.linear.shrinkage_figures import error_figure, geometry_figure, path_figure


@pytest.fixture(scope="module")
def answer():
    return fit_linear("example:diabetes", path="lasso", search="forward", descents=True, axes=("bmi", "s1")).answer


@pytest.fixture(scope="module")
def page(answer):
    return page_html(linear_page(answer))


def test_a_page_is_whole_small_and_asks_for_nothing(page):
    assert len(page.encode()) < 1_000_000
    reader = read(page)
    for tag, attributes in reader.tags:
        assert tag not in {"script", "img", "iframe", "object", "embed"}
        for name in ("src", "href", "action"):
            assert attributes.get(name, "#").startswith(("#", "data:"))
    assert not re.search(r"url\(\s*['\"]?(?!#clip-)", page)


def test_a_page_can_be_heard(page):
    reader = read(page)
    tags = [tag for tag, _ in reader.tags]
    assert [level for level, _ in reader.headings].count(1) == 1
    assert tags.count("caption") == tags.count("table")
    assert tags.count("figcaption") == tags.count("figure") == tags.count("svg") == 6
    assert len(reader.ids) == len(set(reader.ids))


def test_certificate_and_warnings_are_in_words_and_numbers(answer, page):
    text = " ".join("".join(read(page).text).split())
    for words in (answer.estimates.certificate.sentence(), "Newton decrement", "11 of 11", answer.selection.warning):
        assert words in text
    assert f"{answer.estimates.certificate.condition:.2g}" in text


def test_a_page_without_extras_has_no_empty_sections():
    reader = read(page_html(linear_page(fit_linear("example:diabetes", formula="progression ~ bmi").answer)))
    headings = [text for _, text in reader.headings]
    assert not any(word in text for text in headings for word in ("Shrinkage", "Descent", "Selection", "lasso"))


def test_names_from_the_data_never_become_markup():
    evil = "<script>alert('x')</script>"
    x = np.arange(20.0)
    frame = pd.DataFrame({"y": x + np.sin(x), evil: x, "z": np.cos(x)})
    made = page_html(linear_page(fit_linear(frame, target="y", path="ridge", axes=(evil, "z")).answer))
    assert evil not in made
    assert evil in "".join(read(made).text)


def test_the_forest_scales_by_the_spread_of_each_column(answer):
    figure = coefficient_figure(answer)
    (_, bars, points) = figure.layers
    place = figure.y.categories.index("bmi")
    expected = answer.estimates.params["bmi"] * answer.spreads["bmi"]
    assert points.x[place] == pytest.approx(expected)
    assert bars.low[place] < expected < bars.high[place]
    low = answer.estimates.frame().set_index("term").loc["bmi", "conf_low"] * answer.spreads["bmi"]
    assert bars.low[place] == pytest.approx(low)


def test_a_forest_of_many_columns_is_cut_and_said_to_be():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(200, 40))
    frame = pd.DataFrame(X, columns=[f"x{j}" for j in range(40)]).assign(y=X[:, 3] + rng.normal(size=200))
    figure = coefficient_figure(fit_linear(frame, target="y").answer)
    assert len(figure.y.categories) == 30
    assert "x3" in figure.y.categories
    assert "30 of 40" in figure.finding
    assert len(figure.data.rows) == 40


def test_classes_have_their_own_bars():
    rng = np.random.default_rng(1)
    x = rng.normal(size=300)
    group = np.array(["a", "b", "c"])[np.argmax(rng.gumbel(size=(300, 3)) + np.outer(x, [0, 1, -1]), axis=1)]
    figure = coefficient_figure(fit_linear({"group": group, "x": x}, target="group").answer)
    assert figure.y.categories == ("b: x", "c: x")


def test_paths_mark_both_choices(answer):
    path = answer.path
    for figure in (error_figure(path), path_figure(answer, path)):
        marks = {layer.label.split(" = ")[0]: layer.x[0] for layer in figure.layers if " = " in layer.label}
        assert marks == {"α min": path.settings[path.best], "α 1se": path.settings[path.one_se]}
        assert figure.x.log
    assert str(path.nonzero[path.one_se]) in error_figure(path).finding


def test_ridge_and_lasso_lie_on_their_sets_and_units_are_equal(answer):
    figure = geometry_figure(answer)
    shape = answer.geometry
    assert figure.equal
    assert np.abs(shape.lasso).sum() == pytest.approx(np.abs(shape.diamond[0]).sum())
    assert ("corner" in figure.finding) == (np.count_nonzero(shape.lasso) == 1)
    assert "corner" in figure.finding


def test_equal_units_are_equal_on_paper():
    def lengths(x, y):
        data = Table("t", "Data", (Column("x"),), ((1.0,),))
        line = Line("", (0.0, x, x, 0.0, 0.0), (0.0, 0.0, y, y, 0.0), "first")
        drawing = draw(Figure("f", "A box.", Axis("x"), Axis("y"), (line,), data, equal=True))
        path = re.search(r'<path d="(M[^"]+)" style="stroke:var\(--blue\)', drawing)[1]
        corners = [tuple(map(float, pair.split())) for pair in re.split("[ML]", path)[1:]]
        return abs(corners[1][0] - corners[0][0]) / x, abs(corners[2][1] - corners[1][1]) / y

    for size in ((1.0, 1.0), (100.0, 1.0), (1.0, 100.0)):
        along, up = lengths(*size)
        assert along == pytest.approx(up, rel=0.05)


def every_figure(answer):
    return [
        coefficient_figure(answer),
        error_figure(answer.path),
        path_figure(answer, answer.path),
        geometry_figure(answer),
        bounds_figure(answer.descents["gradient"]),
        errors_figure(answer),
    ]


def test_texts_stay_inside_and_apart(answer):
    for figure in every_figure(answer):
        check_texts(draw(figure))


def test_long_names_are_cut_where_there_is_no_room():
    rng = np.random.default_rng(0)
    long = [f"share of {'very ' * j}long names" for j in range(4, 8)]
    X = rng.normal(size=(100, 4))
    frame = pd.DataFrame(X, columns=long).assign(**{"an outcome with a long name as well": X[:, 0] + X[:, 1]})
    frame.iloc[:, -1] += rng.normal(size=100)
    target, axes = "an outcome with a long name as well", (long[0], long[1])
    for figure in every_figure(fit_linear(frame, target=target, path="lasso", descents=True, axes=axes).answer):
        check_texts(draw(figure))


def test_bounds_stand_beside_the_measured_curve(answer):
    run = answer.descents["gradient"]
    figure = bounds_figure(run)
    curves = {layer.label: np.array(layer.y) for layer in figure.layers}
    measured, bound = curves["measured f − f*"], curves["bound ‖x₀ − x*‖²/(2tk)"]
    assert np.all(measured[np.isfinite(measured)] <= bound[np.isfinite(measured)])
    assert curves.keys() >= {"tight linear rate", "as often printed, without t: wrong"}


def test_a_broken_bound_is_said_to_be():
    x = np.array([[0.0], [1.0], [2.0], [4.0]])
    run = descend(least_squares_objective(x, [0.0, 1.1, 1.9, 3.2]), step=0.01, steps=50)
    assert run.violation("printed (6.1)") == 2
    finding = bounds_figure(run).finding
    assert "broken at step 2" in finding
    assert "The bound with t is kept throughout" in finding
    assert "t = 0.01" in finding
    assert "cycles" not in run.words


def test_methods_are_compared_in_standard_errors(answer):
    figure = errors_figure(answer)
    assert [layer.label for layer in figure.layers[1:]] == ["gradient descent", "Nesterov", "Adam", "heavy ball"]
    enough = answer.descents["nesterov"].enough()
    assert f"Nesterov after {enough:,}" in figure.finding


def test_wide_tables_make_small_pages():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(900, 300))
    names = [f"a rather long name of column {j}" for j in range(300)]
    frame = pd.DataFrame(X, columns=names).assign(y=X[:, 0] + rng.normal(size=900))
    answer = fit_linear(frame, target="y", path="ridge", search="forward").answer
    assert len(page_html(linear_page(answer)).encode()) < 1_000_000
    text = to_text(linear_blocks(answer), 100)
    assert " and " in text
    assert max(map(len, text.splitlines())) <= 100
