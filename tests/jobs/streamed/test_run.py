"""A linear model of rows in batches is that of the same rows in memory, and says what it cannot do."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest

import thalweg as tw
from thalweg.base.errors import DataError, SettingError

SAME = 1e-10  # relative; sums in another order, of columns 50 deviations from zero


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    random = np.random.default_rng(1)
    n = 3000
    x = random.normal(size=n)
    frame = pd.DataFrame(
        {
            "x": x,
            "z": random.normal(size=n) + 50,
            "g": random.choice(list("abc"), n),
            "firm": random.integers(0, 60, n),
            "year": random.integers(2000, 2005, n),
            "w": random.uniform(0.5, 2, n),
            "paid": np.where(random.uniform(size=n) < 1 / (1 + np.exp(-x)), "yes", "no"),
            "claims": random.poisson(np.exp(0.3 * x)),
        }
    )
    frame["y"] = x + 0.5 * frame["z"] + (frame["g"] == "b") + random.normal(size=n)
    frame.loc[::97, "x"] = np.nan
    folder = tmp_path_factory.mktemp("rows")
    frame.to_csv(folder / "all.csv", index=False)
    frame[:1000].to_parquet(folder / "part1.parquet")
    frame[1000:].to_parquet(folder / "part2.parquet")
    return folder


@pytest.mark.parametrize(
    "asked",
    [
        {"formula": "y ~ x + z + g + C(year) + I(x**2)", "covariance": "HC1"},
        {"formula": "y ~ x + g", "clusters": ["firm", "year"]},
        {"formula": "y ~ x + z | firm", "clusters": "firm"},
        {"formula": "y ~ x", "weights": "w", "weights_kind": "probability"},
        {"formula": "paid ~ x + g"},
        {"formula": "claims ~ x + g", "model": "poisson", "covariance": "HC1"},
        {"target": "y", "ignore": ["claims", "paid"]},
    ],
    ids=str,
)
def test_the_same_digits_as_in_memory(place, asked):
    whole = tw.fit_linear(place / "all.csv", **asked)
    found = tw.fit_linear(place / "part*.parquet", streamed=True, **asked)
    mine, theirs = found.estimates, whole.estimates
    assert mine.names == theirs.names
    np.testing.assert_allclose(mine.estimate, theirs.estimate, rtol=SAME)
    np.testing.assert_allclose(mine.bse, theirs.bse, rtol=SAME)
    assert (mine.nobs, mine.df, mine.answer) == (theirs.nobs, theirs.df, theirs.answer)
    assert found.answer.rows == whole.answer.rows
    assert "read in batches" in found.text()


def test_a_run_is_kept_and_predicts(place, tmp_path):
    run = tw.fit_linear(place / "all.csv", formula="y ~ x + g", streamed=True, test="x = 1", out=tmp_path / "run")
    again = tw.load(tmp_path / "run")
    assert again.text() == run.text()
    assert again.answer.tests[0].restrictions == 1
    rows = {"x": [0.5], "g": ["b"]}
    pd.testing.assert_frame_equal(again.predict(rows), run.predict(rows))


def test_an_executor_changes_no_bit(place):
    asked = {"formula": "y ~ x + z + g", "clusters": "firm", "streamed": True}
    with ThreadPoolExecutor(2) as executor:
        there = tw.fit_linear(place / "part*.parquet", executor=executor, **asked)
    here = tw.fit_linear(place / "part*.parquet", **asked)
    assert np.array_equal(here.estimates.estimate, there.estimates.estimate)
    assert np.array_equal(here.estimates.covariance, there.estimates.covariance)


def test_rows_that_are_drawn_anew_in_every_pass_are_refused():
    query = "select random() as x, random() as y from range(500)"
    with pytest.raises(SettingError, match="others each time they are read"):
        tw.fit_linear(query=query, target="y", streamed=True)


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"formula": "y ~ x", "path": "ridge"}, "path needs all rows in memory"),
        ({"formula": "y ~ x", "margins": "average"}, "margins needs all rows in memory"),
        ({"formula": "g ~ x"}, "'softmax' is not estimated from rows in batches"),
        ({"formula": "y ~ poly(x, 2)"}, "learns from all rows at once"),
        ({"formula": "y ~ x | firm + year"}, "one absorbed effect at most"),
        ({"target": "nowhere"}, "There is no column 'nowhere', named by target"),
        (
            {"formula": "y ~ x", "weights": "w", "weights_kind": "frequency"},
            "Frequency weights count rows, got .* row 2",
        ),
        ({"formula": "y ~ log(z - 50)"}, "is nan in row"),
    ],
)
def test_what_cannot_be_done_is_said(place, asked, told):
    with pytest.raises((DataError, SettingError), match=told):
        tw.fit_linear(place / "all.csv", streamed=True, **asked)


def test_a_table_in_memory_is_no_stream():
    with pytest.raises(SettingError, match="this table is in memory"):
        tw.fit_linear("example:diabetes", streamed=True)


def test_what_does_not_fit_is_read_in_batches_by_itself(place, monkeypatch):
    monkeypatch.setattr("thalweg.base.machine.free_memory.free_bytes", lambda: 1_000_000)
    monkeypatch.setattr("thalweg.jobs.streamed.run.free_bytes", lambda: 1_000_000)
    files = str(place / "part*.parquet")
    for source, query in ((files, None), (files, "select * from data"), (None, f"from '{files}'")):
        run = tw.fit_linear(source, query=query, formula="y ~ x")
        assert "streamed" in [note.code for note in run.answer.notes]


def test_a_treatment_that_few_clusters_have_is_told():
    query = """select i % 30 as c, case when i % 30 < 3 then 1 else 0 end as t, hash(i) / 1e19 as x,
               hash(i + 9) / 1e19 as y from range(3000) s(i)"""
    run = tw.fit_linear(query=query, formula="y ~ x + t", clusters="c", streamed=True)
    assert any("'t' (3)" in warning for warning in run.warnings)


@pytest.mark.parametrize("values", [np.linspace(-1.0, 1.0, 40), np.arange(40) % 3, np.array(list("abcd") * 10)])
def test_more_than_two_classes_are_refused_without_a_count_that_nobody_made(tmp_path, values):
    pd.DataFrame({"y": values, "x": np.arange(40.0)}).to_csv(tmp_path / "t.csv", index=False)
    with pytest.raises(DataError, match=r"target 'y' holds more than two values, such as"):
        tw.fit_linear(str(tmp_path / "t.csv"), formula="y ~ x", model="logistic", streamed=True)
