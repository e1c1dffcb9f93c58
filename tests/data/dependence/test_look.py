"""Every note on rows that hang together is tried on tables for which it is true, and on tables for which it is not."""

import numpy as np
import pandas as pd
import pytest

import thalweg as tw
from thalweg.data.dependence.look import DEPENDENCE
from thalweg.data.problem import pose

DRAW = np.random.default_rng(1)


def seen(table, **asked):
    return {note.code: note for note in pose(table, target="y", **asked).notes if note.code in DEPENDENCE}


def panel(units=60, times=6):
    firm, year = np.repeat(np.arange(units), times), np.tile(np.arange(2010, 2010 + times), units)
    own = DRAW.normal(size=units)[firm]
    frame = pd.DataFrame({"firm": firm, "year": year, "x": DRAW.normal(size=len(firm))})
    return frame.assign(y=own + frame["x"] + DRAW.normal(size=len(firm)))


def walk(rows=300):
    frame = pd.DataFrame({"date": pd.date_range("2020-01-01", periods=rows), "x": DRAW.normal(size=rows)})
    return frame.assign(y=np.cumsum(DRAW.normal(size=rows)))


def near(units=60, copies=4):
    who = np.repeat(np.arange(units), copies)
    values = DRAW.normal(size=(units, 4))[who] + 0.01 * DRAW.normal(size=(len(who), 4))
    frame = pd.DataFrame(values, columns=list("abcd"))
    frame["y"] = DRAW.normal(size=units)[who] + 0.05 * DRAW.normal(size=len(who))
    return frame.sample(frac=1.0, random_state=0)


def plain(seed, rows=400):
    draw = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "age": draw.integers(18, 80, rows),
            "children": draw.integers(0, 5, rows),
            "city": draw.choice([f"city {n}" for n in range(30)], rows),
            "income": np.round(np.exp(draw.normal(10, 1, rows)), -2),
            "joined": pd.Timestamp("2020-01-01") + pd.to_timedelta(draw.integers(0, 400, rows), "D"),
            "a": draw.normal(size=rows),
            "b": draw.normal(size=rows),
        }
    )
    return frame.assign(y=0.1 * frame["age"] + frame["a"] + draw.normal(size=rows))


def test_a_panel_is_seen_by_its_units():
    note = seen(panel())["repeated_units"]
    assert note.columns == ("firm", "year")
    assert "6 rows per value" in note.text
    assert note.doubt
    assert "repeated_units" in seen(panel(), ignore=["firm"])
    named = panel().assign(firm=lambda t: "firm " + t["firm"].astype(str)).drop(columns="year")
    named["sector"] = named["firm"].str[-1]
    assert seen(named)["repeated_units"].columns == ("firm", "sector")


def test_a_random_walk_is_seen_with_its_date_and_without():
    table = walk()
    assert "Name 'date' as time" in seen(table)["order_in_time"].text
    assert "As the table stands" in seen(table.drop(columns="date"))["order_in_time"].text
    assert "Name 'date' as time" in seen(table.sample(frac=1.0, random_state=0))["order_in_time"].text
    up = table.assign(y=np.where(table["y"] > table["y"].median(), "up", "down"))
    assert "order_in_time" in seen(up)


def test_near_copies_are_seen():
    assert set(seen(near())) == {"near_copies"}


@pytest.mark.parametrize("asked", [{"groups": "firm"}, {"clusters": "firm"}, {"time": "year"}])
def test_what_was_named_is_not_told_again(asked):
    assert seen(panel(), **asked) == {}


@pytest.mark.parametrize("seed", range(8))
def test_tables_of_independent_rows_are_left_alone(seed):
    table = plain(seed)
    assert seen(table) == {}
    assert seen(table.sort_values("y")) == {}
    assert seen(table.assign(y=np.where(table["y"] > 5, "high", "low")).sort_values("y")) == {}


@pytest.mark.parametrize("name", ["breast_cancer", "diabetes", "wine", "iris", "engel"])
def test_example_tables_of_independent_rows_are_left_alone(name):
    assert not {note.code for note in pose(f"example:{name}").notes} & set(DEPENDENCE)


def test_a_code_and_its_name_or_a_year_and_its_decade_name_no_unit():
    table = plain(0)
    table["year"] = 1950 + table["age"]
    table["decade"] = table["year"] // 10
    table["code"] = table["city"].str[5:].astype(int)
    assert seen(table) == {}


def test_a_linear_model_is_told_until_clusters_are_named():
    table = panel()
    assert any("rows of one 'firm'" in text for text in tw.fit_linear(table, target="y", features="x").warnings)
    by_groups = tw.fit_linear(table, target="y", features="x", groups="firm")
    assert any("Name 'firm' as clusters too" in text for text in by_groups.warnings)
    assert tw.fit_linear(table, target="y", features="x", clusters="firm").warnings == ()


def test_an_experiment_is_told_of_copies_and_units():
    table = panel().assign(t=np.random.default_rng(0).integers(0, 2, 360))
    design = {"target": "y", "treatments": ["t"], "features": ["x"]}
    check = tw.DeDL(link="linear").check(table, **design)
    assert any("rows of one 'firm'" in text for text in check.reading.notes)
    twice = pd.concat([table[["x", "t", "y"]]] * 2, ignore_index=True)
    told = tw.DeDL(link="linear").check(twice, **design).reading.notes
    assert any("360 of 720 rows repeat an earlier row" in text for text in told)
    assert not any(
        "firm" in text for text in tw.DeDL(link="linear").check(table, **design, clusters="firm").reading.notes
    )


def test_the_verdict_on_a_random_walk_is_in_doubt():
    run = tw.fit(
        walk(200), target="y", seeds=1, epochs=60, hidden="16", learning_rate=0.01, dropout=0.0, trees=0, workers=1
    )
    assert "predicts better" not in run.sentence
    assert "Name 'date' as time" in run.text().replace("\n", " ")


@pytest.mark.parametrize(
    ("name", "time"),
    [
        ("day", True),
        ("Year", True),
        ("month_", True),
        ("hours", False),
        ("hours_per_week", False),
        ("birth_year", False),
    ],
)
def test_amounts_and_attributes_are_no_times(name, time):
    table = walk().drop(columns="date").assign(**{name: np.arange(300)})
    assert (seen(table)["order_in_time"].columns[0] == name) == time


@pytest.mark.parametrize("units", [1, 4])
@pytest.mark.parametrize(
    ("x", "y", "told"), [("walk", "walk", True), ("noise", "walk", False), ("walk", "noise", False)]
)
def test_an_outcome_and_a_feature_that_wander_are_named_where_time_is(units, x, y, told):
    draw = np.random.default_rng(6)
    times = np.repeat(np.arange(300), units)
    series = {"walk": lambda: np.cumsum(draw.normal(size=300))[times], "noise": lambda: draw.normal(size=300)[times]}
    own = 0.1 * draw.normal(size=(2, len(times)))
    frame = pd.DataFrame(
        {"t": times, "x": series[x]() + own[0], "z": draw.normal(size=len(times)), "y": series[y]() + own[1]}
    )
    for table in (frame, frame.sample(frac=1.0, random_state=0)):
        notes = [note for note in pose(table, target="y", time="t").notes if note.code == "wandering"]
        assert [note.columns for note in notes] == [("y", "x")] * told
        assert all(note.doubt for note in notes)
    assert "wandering" not in {
        note.code for note in pose(frame.assign(y=frame["y"] > frame["y"].median()), target="y", time="t").notes
    }
