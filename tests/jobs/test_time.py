"""A comparison in order of time, and one by clusters: what is held out, what is judged, what is kept."""

import numpy as np
import pandas as pd
import pytest

import thalweg as tw
from thalweg.data.problem import pose

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
QUICK = {
    "target": "y",
    "seeds": 2,
    "folds": 4,
    "epochs": 3,
    "hidden": "4",
    "learning_rate": 0.003,
    "dropout": 0,
    "trees": 2,
}


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


@pytest.mark.parametrize("path", ["ridge", "lasso", "components"])
def test_a_path_in_order_of_time_is_judged_by_what_came_before(path):
    frame = WALK.assign(change=np.diff(WALK["y"], prepend=0.0), z=DRAW.normal(size=ROWS)).sample(frac=1, random_state=0)
    roles = {"target": "change", "features": ["x", "z"], "path": path, "folds": 3}
    run = tw.fit_linear(frame, time="date", gap=4, **roles)
    ordered = frame.sort_values("date")
    errors = []
    for first in (30, 60, 90):
        learned, held = ordered.iloc[: first - 4], ordered.iloc[first : first + 30]
        errors.append(((held["change"] - learned["change"].mean()) ** 2).mean())
    place = int(np.abs(run.path.coefficients).sum(axis=1).argmin())  # nearly the mean alone
    assert run.path.mean_error[place] == pytest.approx(np.mean(errors), rel=0.03)
    assert "Folds of the cross-validation: 3, blocks in order of time, gap 4" in run.text()
    mean_of_random_folds = tw.fit_linear(frame, ignore=["date"], **roles).path.mean_error[place]
    assert mean_of_random_folds != pytest.approx(run.path.mean_error[place], rel=1e-6)


def test_searches_and_likelihoods_take_time_and_a_posed_problem_keeps_it(tmp_path):
    frame = WALK.assign(up=WALK["x"] + DRAW.normal(size=ROWS) > 0, z=DRAW.normal(size=ROWS))
    roles = {"target": "up", "features": ["x", "z"], "time": "date", "search": "forward", "path": "ridge"}
    run = tw.fit_linear(frame, out=tmp_path / "run", **roles)
    assert run.selection.errors.shape == (3, 5)
    np.testing.assert_array_equal(tw.load(tmp_path / "run").selection.errors, run.selection.errors)
    posed = pose(frame, target="up", features=["x", "z"], time="date")
    np.testing.assert_array_equal(tw.fit_linear(posed, path="ridge").path.mean_error, run.path.mean_error)


def test_what_a_linear_model_is_told_of_time_is_about_its_errors():
    plain = " ".join(tw.fit_linear(WALK, target="y", features="x").warnings)
    assert "standard errors, tests and intervals take rows as independent" in plain
    assert "held out" not in plain
    named = " ".join(tw.fit_linear(WALK, target="y", features="x", time="date").warnings)
    assert "Only folds of a path or a search heed 'date', and there are none" in named
    folded = " ".join(tw.fit_linear(WALK, target="y", features="x", time="date", path="lasso").warnings)
    assert "Folds keep rows in order of 'date'" in folded
    with pytest.raises(tw.SettingError, match="no time is named"):
        tw.fit_linear(WALK, target="y", gap=2)


def test_effects_take_time_and_keep_it(tmp_path):
    frame = WALK.assign(a=DRAW.integers(0, 2, ROWS), b=DRAW.integers(0, 2, ROWS), y=WALK["x"] + DRAW.normal(size=ROWS))
    roles = {"target": "y", "treatments": ["a", "b"], "features": "x", "time": "date", "gap": 2, "link": "linear"}
    quick = {"epochs": 5, "repeats": 2, "folds": 4, "workers": 1, "ridge": 1e-3}
    run = tw.fit_effects(frame, out=tmp_path / "run", **roles, **quick)
    assert "4 folds that are blocks of time, gap 2, 2 splits" in run.text()
    assert "4 blocks of date, gap 2, x 2 splits" in (tmp_path / "run" / "report.html").read_text()
    again = tw.load(tmp_path / "run")
    assert again.frame().equals(run.frame())
    np.testing.assert_array_equal(again.answer.reading.experiment.time, run.answer.reading.experiment.time)
    pd.testing.assert_frame_equal(again.answer.compare(), run.answer.compare())
    assert not tw.fit_effects(frame, **roles | {"time": None, "gap": 0}, **quick).frame().equals(run.frame())


def test_outcome_and_feature_that_wander_are_told_and_nothing_is_claimed():
    frame = WALK.assign(x=np.cumsum(WALK["x"]))
    run = tw.fit(frame, time="date", ignore="firm", **QUICK | {"hidden": 0})
    assert "'y' and 'x' cannot be told from random walks" in run.sentence
    assert "Predict changes from changes" in run.text()
    steady = tw.fit(WALK, time="date", ignore="firm", **QUICK | {"hidden": 0})
    assert "random walk" not in steady.text()
    changes = frame.assign(y=frame["y"].diff(), x=frame["x"].diff())
    assert "random walk" not in tw.fit(changes, time="date", ignore="firm", **QUICK | {"hidden": 0}).text()
