from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import thalweg as tw
from thalweg.base.errors import SettingError
from thalweg.data.problem import pose
from thalweg.linear import regress


def test_clusters_that_cross_are_those_of_the_model():
    draw = np.random.default_rng(1)
    frame = pd.DataFrame({"firm": np.arange(240) % 24, "year": np.arange(240) // 24, "x": draw.normal(size=240)})
    frame["y"] = frame["x"] + draw.normal(size=24)[frame["firm"]] + draw.normal(size=240)
    run = tw.fit_linear(frame, target="y", features="x", clusters=["firm", "year"])
    by_hand = regress(frame[["x"]], frame["y"], covariance="cluster", clusters=frame[["firm", "year"]])
    np.testing.assert_allclose(run.estimates.bse, by_hand.bse, rtol=1e-12)
    assert "Only 10 clusters of 'year'" in " ".join(run.warnings)
    again = tw.fit_linear(frame, formula="y ~ x + C(firm)", clusters="firm")
    assert "24 clusters of 'firm' for 25 coefficients" in " ".join(again.warnings)


def test_a_watch_hears_of_every_part_and_workers_change_nothing():
    heard = []
    run = tw.fit_linear(
        "example:diabetes", path="ridge", workers=4, watch=lambda stage, progress: heard.append((stage, progress.share))
    )
    assert heard == [("linear", 0.5), ("linear", 1.0)]
    assert run.frame().equals(tw.fit_linear("example:diabetes").frame())


def test_a_posed_problem_keeps_its_clusters_its_rows_and_what_was_said_of_reading_it():
    draw = np.random.default_rng(1)
    frame = pd.DataFrame({"firm": np.arange(240) % 24, "x": draw.normal(size=240), "y": draw.normal(size=240)})
    frame.loc[3, "y"] = None
    problem = pose(frame, target="y", clusters="firm")
    run = tw.fit_linear(problem)
    np.testing.assert_array_equal(run.estimates.bse, tw.fit_linear(frame, target="y", clusters="firm").estimates.bse)
    assert run.estimates.cov_type == "cluster"
    assert "240 rows read, 239 used" in run.text()
    assert tw.fit_linear(problem, covariance="HC3").estimates.names == run.estimates.names
    with pytest.raises(tw.SettingError, match="clusters is settled"):
        tw.fit_linear(problem, clusters="firm")


def _panel() -> pd.DataFrame:
    random = np.random.default_rng(0)
    columns = {name: random.normal(size=120) for name in ("y", "x")}
    return pd.DataFrame({**columns, "w": random.uniform(1, 2, 120), "firm": np.arange(120) % 24 * 1.0})


@pytest.mark.parametrize("asked", [{"formula": "y ~ x + w + firm"}, {"target": "y", "features": ["x", "w", "firm"]}])
def test_a_regressor_may_be_weights_clusters_and_group_too(asked: dict[str, object]) -> None:
    run = tw.fit_linear(_panel(), **asked, weights="w", clusters="firm", groups="firm")
    assert run.estimates.names == ("Intercept", "x", "w", "firm")
    with pytest.raises(SettingError, match="more than one part"):
        tw.fit_linear(_panel(), **asked, weights="y")


@pytest.mark.parametrize("role", ["clusters", "groups"])
def test_rows_without_a_cluster_or_group_are_left_out_and_counted(role: str) -> None:
    table = _panel()
    table.loc[[3, 50], "firm"] = np.nan
    run = tw.fit_linear(table, formula="y ~ x", **{role: "firm"})
    whole = tw.fit_linear(table.dropna(), formula="y ~ x", **{role: "firm"})
    assert run.answer.rows == (120, 118)
    assert any("lack of" in note.text and "2 rows" in note.text for note in run.answer.notes)
    np.testing.assert_allclose(run.estimates.covariance, whole.estimates.covariance, rtol=1e-12)


def test_few_clusters_have_leave_one_out_errors_on_request() -> None:
    table = _panel().assign(firm=lambda t: t.firm % 6)
    plain = tw.fit_linear(table, formula="y ~ x", clusters="firm")
    best = tw.fit_linear(table, formula="y ~ x", clusters="firm", covariance="CR3")
    assert any("CR3" in text for text in plain.warnings)
    assert not any("Only 6 clusters" in text for text in best.warnings)
    assert "leave-one-cluster-out" in best.text()
    reduced = tw.fit_linear(table, formula="y ~ x", clusters="firm", covariance="CR2")
    assert "to 5.0 degrees of freedom" in " ".join(reduced.text().split())


def test_a_perfect_fit_and_a_copied_column_are_reported(tmp_path: Path) -> None:
    table = pd.DataFrame({"c": np.arange(30.0), "noise": np.random.default_rng(0).normal(size=30)})
    table["f"] = 32 + 1.8 * table["c"]
    run = tw.fit_linear(table, formula="f ~ c + noise", out=tmp_path / "run")
    assert any("exactly" in text for text in run.warnings)
    assert (tmp_path / "run" / "report.html").exists()
    copied = tw.fit_linear(table, formula="noise ~ c + f")
    assert any("Left out" in text and "'f'" in text for text in copied.warnings)


def test_effects_behind_a_bar_are_absorbed_and_kept(tmp_path: Path) -> None:
    table = _panel().rename(columns={"firm": "the firm"}).assign(year=np.arange(120) // 24)
    table.loc[7, "the firm"] = np.nan
    run = tw.fit_linear(table, formula="y ~ x | `the firm` + year", clusters="the firm", out=tmp_path / "run")
    assert run.estimates.names == ("x",)
    assert "24 levels of 'the firm' and 5 levels of 'year'" in " ".join(run.text().split())
    assert run.answer.rows == (120, 119)
    assert tw.load(tmp_path / "run").estimates.absorbed == {"the firm": 24, "year": 5}
    dummies = tw.fit_linear(table, formula="y ~ x + C(`the firm`) + C(year)")
    np.testing.assert_allclose(run.estimates.estimate[0], dummies.estimates.params["x"], rtol=1e-10)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"formula": "y ~ x | firm", "path": "ridge"}, "path is not available with absorbed effects"),
        ({"formula": "y ~ x | company"}, "no column 'company'"),
        ({"formula": "y ~ x | firm*w"}, "Behind the bar"),
        ({"formula": "y ~ x | log(w)"}, "Behind the bar"),
        ({"formula": "y ~ x | firm", "model": "poisson"}, "absorbed by least squares"),
    ],
)
def test_what_cannot_stand_behind_a_bar_is_refused_in_words(asked: dict[str, str], words: str) -> None:
    with pytest.raises(SettingError, match=words):
        tw.fit_linear(_panel(), **asked)


def _wages() -> pd.DataFrame:
    random = np.random.default_rng(3)
    frame = pd.DataFrame({"x": random.normal(size=90), "g": random.choice(["a", "b"], 90)})
    return frame.assign(y=frame["x"] ** 2 + random.normal(size=90), w=random.random(90) < 0.5)


def test_formulas_that_estimate_need_no_folds_and_may_have_no_intercept():
    run = tw.fit_linear(_wages(), formula="y ~ x - 1")
    x, y = _wages()[["x"]], _wages()["y"]
    np.testing.assert_allclose(run.estimates.estimate, regress(x, y, intercept=False).estimate)
    assert tw.fit_linear(_wages(), formula="y ~ poly(x, 2)").estimates.rsquared > 0.5


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"formula": "y ~ x - 1", "path": "ridge"}, "removes the intercept, but path needs one"),
        ({"formula": "w ~ x - 1"}, "; model 'logistic' has one"),
        (
            {"formula": "y ~ poly(x, 2)", "search": "forward"},
            "learns from all rows, also those that the folds of search",
        ),
    ],
)
def test_what_needs_an_intercept_or_folds_is_told(asked: dict[str, str], told: str) -> None:
    with pytest.raises(SettingError, match=told):
        tw.fit_linear(_wages(), **asked)


def test_paths_and_searches_work_with_more_columns_than_rows():
    X = pd.DataFrame(np.random.default_rng(0).normal(size=(25, 40))).add_prefix("x")
    frame = X.assign(y=2 * X["x3"] + 0.1 * np.random.default_rng(1).normal(size=25))
    for asked in ({"path": "lasso"}, {"path": "ridge"}, {"path": "components"}, {"search": "forward"}):
        run = tw.fit_linear(frame, target="y", folds=3, **asked)
        assert "many answers fit equally well" in " ".join(run.warnings)
        assert "–" in run.text()
    with pytest.raises(tw.DataError, match="path 'ridge' or 'lasso'"):
        tw.fit_linear(frame, target="y")
