"""Classes that count alike: the same as weights that somebody computed."""

import numpy as np
import pytest

import thalweg as tw
from thalweg.base.errors import SettingError
from thalweg.data.problem import pose
from thalweg.select.class_weight import with_class_weight

RNG = np.random.default_rng(2)
X = RNG.standard_normal(150)
Y = np.where(X + RNG.standard_normal(150) > 1.2, "ill", "well")
FEW = {"target": "y", "folds": 3, "hidden": 0, "trees": 0}


def test_it_is_what_weights_of_ones_own_are():
    weights = np.where(Y == "ill", 75 / (Y == "ill").sum(), 75 / (Y == "well").sum())
    asked = tw.fit({"x": X, "y": Y}, class_weight="balanced", **FEW)
    given = tw.fit({"x": X, "y": Y, "w": weights}, weights="w", weights_kind="analytic", **FEW)
    for one, other in zip(asked.answer.leaderboard.rows, given.answer.leaderboard.rows, strict=True):
        assert one.scores["log_loss"].value == pytest.approx(other.scores["log_loss"].value, rel=1e-9)
    shares = asked.predict({"x": [0.0, 3.0]}, model="class shares")
    np.testing.assert_allclose(shares["probability ill"], 0.5, rtol=1e-9)
    assert "counts alike" in " ".join(note.text for note in asked.answer.about.notes)


def test_weights_are_kept_within_a_class():
    problem = pose({"y": list("aabb"), "x": [1.0, 2.0, 3.0, 5.0], "w": [1.0, 3.0, 2.0, 2.0]}, target="y", weights="w")
    found = with_class_weight(problem, "balanced").weights
    assert found[1] / found[0] == pytest.approx(3.0)
    assert found[:2].sum() == pytest.approx(found[2:].sum()) == pytest.approx(2.0)


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"class_weight": "balance"}, "class_weight must be 'balanced'|class_weight"),
        ({"class_weight": "balanced", "task": "regression"}, "is for classes"),
    ],
)
def test_what_makes_no_sense_is_refused(asked, told):
    with pytest.raises(SettingError, match=told):
        tw.fit({"x": X, "y": (Y == "ill") * 1.0}, **FEW | asked)


def test_counts_of_rows_are_no_shares_of_classes():
    table = {"x": X, "y": Y, "w": np.full(150, 2)}
    with pytest.raises(SettingError, match="weights that count rows"):
        tw.fit(table, weights="w", weights_kind="frequency", class_weight="balanced", **FEW)
