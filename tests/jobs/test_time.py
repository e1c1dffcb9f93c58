"""A comparison in order of time, and one by clusters: what is held out, what is judged, what is kept."""

import numpy as np
import pandas as pd
import pytest

import thalweg as tw

ROWS = 120
DRAW = np.random.default_rng(1)
WALK = pd.DataFrame(
    {
        "date": pd.date_range("2020-01-01", periods=ROWS),
        "x": DRAW.normal(size=ROWS),
        "y": np.cumsum(DRAW.normal(size=ROWS)),
        "firm": np.arange(ROWS) // 6,
    }
)
QUICK = {"target": "y", "seeds": 2, "folds": 4, "epochs": 3, "hidden": "4", "learning_rate": 0.003, "dropout": 0.0}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "walk"
    return tw.fit(WALK, time="date", gap=2, ignore="firm", out=folder, workers=1, **QUICK)


def test_blocks_but_the_first_are_judged(run):
    held = pd.read_parquet(run.folder / "predictions.parquet")
    assert sorted(held["row"].unique()) == list(range(25, ROWS + 1))
    assert held.groupby("fold")["row"].min().tolist() == [25, 49, 73, 97]
    assert run.answer.leaderboard.observations == 96
    assert np.isfinite(held["prediction"]).all()


def test_the_answer_says_how_it_was_made_and_is_read_back(run):
    assert "4 folds in time order" in run.text()
    assert "blocks in order of time" in (run.folder / "report.html").read_text()
    assert "Student's t" in run.answer.leaderboard.differences[0].method
    assert tw.load(run.folder).answer.leaderboard.in_time
    assert tw.fit(WALK, time="date", gap=2, ignore="firm", out=run.folder, **QUICK).sentence == run.sentence


def test_the_order_of_the_rows_is_not_the_order_of_time(run):
    mixed = WALK.sample(frac=1.0, random_state=0)
    again = tw.fit(mixed, time="date", gap=2, ignore="firm", workers=1, **QUICK | {"hidden": 0})
    first = run.answer.leaderboard.row("ridge regression").scores["rmse"].value
    assert again.answer.leaderboard.row("ridge regression").scores["rmse"].value == pytest.approx(first, rel=1e-9)


def test_clusters_are_counted_and_never_cut():
    plain = QUICK | {"hidden": 0, "ignore": "date"}
    by_clusters = tw.fit(WALK, clusters="firm", **plain).answer.leaderboard
    by_groups = tw.fit(WALK, groups="firm", **plain).answer.leaderboard
    assert by_clusters.differences == by_groups.differences
    apart = tw.fit(WALK.assign(half=np.arange(ROWS) // 60), groups="firm", clusters="half", **plain).answer.leaderboard
    assert apart.row("mean").scores == by_groups.row("mean").scores


def test_a_gap_without_time_and_two_clusters_are_told():
    with pytest.raises(tw.SettingError, match="no time is named"):
        tw.fit(WALK, gap=2, **QUICK)
    with pytest.raises(tw.SettingError, match="clusters must be the name of one column"):
        tw.fit(WALK, clusters=["firm", "date"], **QUICK)
