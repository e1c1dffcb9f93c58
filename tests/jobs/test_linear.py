import numpy as np
import pandas as pd
import pytest

import thalweg as tw
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
