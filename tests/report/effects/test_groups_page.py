import re

import numpy as np
import pytest

from effects.experiments import NAMES, quick, table
from report.comparison.test_page import read
from report.drawing.test_svg import check_texts, parse
from thalweg.data.reading.table import RawTable
from thalweg.jobs.effects.groups import group_effects, group_map
from thalweg.report.drawing.figure import Axis, Figure
from thalweg.report.drawing.layers import Tiles
from thalweg.report.drawing.svg import draw
from thalweg.report.drawing.table import Column
from thalweg.report.drawing.table import Table as Shown
from thalweg.report.effects.group_figures import group_figure, map_figure, map_table
from thalweg.report.effects.groups import Groups, mapped_combinations, pairs_table
from thalweg.report.effects.groups_page import groups_verdict, render_groups_page

THREE = NAMES | {"treatments": ["t1", "t2", "t3"]}
DATA = Shown("t", "Data", (Column("x"),), ((1.0,),))


@pytest.fixture(scope="module")
def answer():
    return quick(epochs=20, scale="global").fit(table(rows=900, treatments=3)[0], **THREE)


@pytest.fixture(scope="module")
def groups(answer):
    frame = table(rows=900, treatments=3)[0]
    labels = np.where(frame["x1"] > 0.5, "<b>south</b>", "north of everything that has a name")
    known = RawTable("trial", frame.assign(region=labels))
    drawn = mapped_combinations(answer.effects(), "110")
    asked = group_effects(answer, known, "region", "t1 + t2")
    return Groups("trial", "region", asked, group_map(answer, known, "region", drawn))


def test_a_map_has_a_tile_for_every_group_and_combination(answer, groups):
    figure = map_figure(groups, "y", 0.95, answer.reading.treatments)
    drawing = draw(figure)
    check_texts(drawing)
    tiles = [node for node in parse(drawing).iter("rect") if "fill-opacity" in node.attrib]
    assert len(tiles) == 2 * len(groups.effects) == len(figure.data.rows)
    assert set(figure.x.categories) == set(groups.effects)
    colours = {("first" if v >= 0 else "second") for row in figure.layers[0].values for v in row}
    assert colours == {"first", "second"}
    assert max(float(node.attrib["fill-opacity"]) for node in tiles) == 0.5
    assert "of these" in figure.finding


def test_the_page_is_whole_and_names_stay_text(answer, groups):
    page = render_groups_page(answer, groups, 0.95, "thalweg effects groups <run>")
    reader = read(page)
    tags = [tag for tag, _ in reader.tags]
    assert tags.count("figure") == tags.count("svg") == tags.count("figcaption") == 2
    assert tags.count("caption") == tags.count("table")
    assert "<b>south</b>" not in page
    assert "<b>south</b>" in "".join(reader.text)
    assert "thalweg effects groups <run>" in "".join(reader.text)
    for _, attributes in reader.tags:
        for name in ("src", "href"):
            assert attributes.get(name, "#").startswith(("#", "data:"))
    assert not re.search(r"\bnan\b", "".join(reader.text))


def test_sentences_and_intervals_are_those_of_the_estimates(answer, groups):
    found = groups.effects["110"]
    figure = group_figure(groups, "y", 0.95)
    assert figure.layers[2].x == tuple(one.estimate for one in found)
    clear = sum(one.low > 0 or one.high < 0 for one in found)
    assert f"{clear} of 2 exclude 0" in figure.finding
    least = min(found, key=lambda one: one.estimate)
    assert groups_verdict(groups, 0.95).index(least.name) < groups_verdict(groups, 0.95).rindex("where")
    assert len(map_table(groups, "y", 0.95, answer.reading.treatments).rows) == 2 * len(groups.effects)


def test_maps_have_room_for_few_long_combinations_and_keep_the_one_asked_for(answer):
    effects = answer.effects()
    assert len(mapped_combinations(effects, "011")) == 6
    assert "011" in mapped_combinations(effects, "011")
    assert mapped_combinations([], "1" * 16) == ["1" * 16]


def test_many_groups_are_cut_and_said_to_be(answer):
    known = RawTable("trial", table(rows=900, treatments=3)[0].assign(shop=[f"shop {n % 45:02}" for n in range(900)]))
    asked = group_effects(answer, known, "shop", "100")
    many = Groups("trial", "shop", asked, group_map(answer, known, "shop", ["100", "010"]))
    assert len(pairs_table(asked, "shop", "y", 0.95).rows) == 45
    for figure in (group_figure(many, "y", 0.95), map_figure(many, "y", 0.95, answer.reading.treatments)):
        assert len(figure.y.categories) == 30
        assert "first 30 groups" in figure.finding
        check_texts(draw(figure))


def test_tiles_without_a_number_have_no_colour():
    figure = Figure(
        "f",
        "F",
        Axis("x", categories=("a", "b")),
        Axis("", categories=("c",)),
        (Tiles(((float("nan"), 0.0),), (("–", "0"),)),),
        DATA,
    )
    root = parse(draw(figure))
    assert len([node for node in root.iter("rect") if "fill-opacity" in node.attrib]) == 1
    assert {"a", "b", "c", "–"} <= {node.text for node in root.iter("text")}
