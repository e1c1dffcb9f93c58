"""Which columns matter, and how: against coefficients that are known, and where columns say nothing or the same."""

import numpy as np
import pandas as pd
import pytest

from thalweg.data.problem import pose
from thalweg.select.boosting import boosting_predictions, train_boosting
from thalweg.select.compare_models import fit_linear_models, held_out_rows, linear_model_predictions
from thalweg.select.crossval import cross_validation
from thalweg.select.explaining.explain import explain
from thalweg.select.learning.boosted_trees import BOOSTING
from thalweg.select.scoring.leaderboard import build_leaderboard
from thalweg.select.settings import Settings

RNG = np.random.default_rng(5)
ROWS = 240
TABLE = pd.DataFrame(
    {
        "dose": RNG.gamma(2.0, 3.0, ROWS),
        "ward": RNG.choice(["north", "south", "west"], ROWS, p=[0.5, 0.3, 0.2]),
        "old": RNG.random(ROWS) < 0.4,
        "luck": RNG.standard_normal(ROWS),
        "day": pd.Timestamp("2024-01-01") + pd.to_timedelta(RNG.integers(0, 400, ROWS), unit="D"),
    }
)
TABLE["twin"] = TABLE["luck"] + 0.1 * RNG.standard_normal(ROWS)
EFFECT = {"north": 0.0, "south": 2.0, "west": -3.0}
TABLE["y"] = 0.5 * TABLE["dose"] + TABLE["ward"].map(EFFECT) + 1.5 * TABLE["old"] + RNG.standard_normal(ROWS)


def explained(table=TABLE, model=None, *, trees=0, **asked):
    asked = asked if "formula" in asked else {"target": "y", **asked}
    plan = cross_validation(pose(table, **asked), Settings(folds=4, networks=(), trees=trees))
    fitted, judged, boosted = fit_linear_models(plan), held_out_rows(plan), train_boosting(plan, 1)
    models = [*linear_model_predictions(plan, fitted), *boosting_predictions(plan, boosted)]
    board = build_leaderboard(judged, models)
    [found] = explain(plan, judged, board, model or judged.reference, None, fitted, boosted)
    return plan, fitted, found


def test_slopes_and_contrasts_of_a_linear_model_are_its_coefficients():
    plan, fitted, found = explained(model="least squares")
    [dose], [ward], [old] = (found.effects_of(name) for name in ("dose", "ward", "old"))
    by_fold = []
    for part, models in zip(plan.views[:-1], fitted, strict=False):
        names = part.encoder.feature_names
        least_squares = next(model for model in models if model.name == "least squares")
        own = dict(zip(names, least_squares.coefficients[:, 0], strict=True))
        factor = part.encoder.columns[names.index("dose")].factor
        rows = len(part.view.held_out)
        by_fold.append([rows * own["dose"] * factor, rows * (own["ward=west"] - own["ward=north"]), rows * own["old"]])
    expected = np.sum(by_fold, axis=0) / ROWS
    west = ward.changes[ward.levels.index("west")]
    np.testing.assert_allclose([dose.slope.value, west.value, old.changes[1].value], expected, rtol=1e-9)
    assert (ward.levels[0], ward.changes[0].value) == ("north", 0.0)
    rise = np.diff([change.value for change in dose.changes])
    np.testing.assert_allclose(rise / np.diff(dose.numbers), dose.slope.value, rtol=0.2)  # folds hold parts of each bin


def test_intervals_hold_the_truth_and_columns_without_effect_are_not_named():
    _, _, found = explained()
    [dose], [ward] = found.effects_of("dose"), found.effects_of("ward")
    assert dose.slope.low < 0.5 < dose.slope.high
    for level, change in zip(ward.levels[1:], ward.changes[1:], strict=True):
        assert change.low < EFFECT[level] < change.high
    assert {"dose", "ward", "old"} <= set(found.used)
    assert not {"luck", "twin"} & set(found.used)
    assert found.effects_of("day") == ()


def test_importance_is_the_mean_over_pairs_of_rows():
    plan, fitted, found = explained(model="least squares")
    total = 0.0
    for part, models in zip(plan.views[:-1], fitted, strict=False):
        held = part.view.held_out
        least_squares = next(model for model in models if model.name == "least squares")
        slot = part.encoder.feature_names.index("dose")
        y, x = plan.problem.outcome[held], part.x_held_out
        plain = np.sqrt(((y - least_squares.predict(x)[:, 0]) ** 2).mean())
        squares = []
        for lender in range(len(held)):
            moved = x.copy()
            moved[:, slot] = x[lender, slot]
            squares.append(np.delete((y - least_squares.predict(moved)[:, 0]) ** 2, lender))
        total += len(held) * (np.sqrt(np.mean(squares)) - plain) / ROWS
    dose = next(one for one in found.importances if one.column == "dose")
    assert dose.rise.low < total < dose.rise.high
    assert abs(dose.rise.value / total - 1) < 0.1  # two of 59 pairs per row


def test_columns_that_say_the_same_are_told():
    _, _, found = explained()
    redundancy = {one.column: one.redundancy for one in found.importances}
    assert min(redundancy["luck"], redundancy["twin"]) > 0.9
    assert redundancy["dose"] < 0.2


@pytest.mark.parametrize("roles", [{"time": "day"}, {"groups": "ward"}, {"weights": "dose"}])
def test_roles_of_columns_are_kept(roles):
    table = TABLE if "groups" not in roles else TABLE.assign(ward=np.arange(ROWS) % 12)
    plan, _, found = explained(table, **roles)
    assert found.rows == len(plan.judged)
    assert not {*roles.values()} & {one.column for one in found.importances}
    assert all(np.isfinite([one.rise.value, one.rise.low, one.rise.high]).all() for one in found.importances)


def test_missing_values_constants_and_several_classes_are_followed():
    table = TABLE.assign(y=pd.cut(TABLE["y"], 3, labels=["low", "mid", "high"]).astype(str), flat=1.0)
    table.loc[::7, "dose"] = np.nan
    _, _, found = explained(table)
    effects = found.effects_of("dose")
    assert {effect.outcome for effect in effects} == {"low", "mid", "high"}
    assert sum(effect.slope.value for effect in effects) == pytest.approx(0.0, abs=1e-9)  # chances add up to one
    assert "flat" not in found.used
    assert found.effects_of("flat") == ()


def test_terms_of_a_formula_are_shuffled_but_not_moved():
    _, _, found = explained(formula="y ~ dose + dose:old + ward")
    assert "dose" in found.used
    assert found.effects == ()


def test_trees_are_explained_by_what_they_predict():
    table = TABLE.assign(y=(TABLE["dose"] > 6) * 4.0 + 0.1 * TABLE["luck"])
    _, _, found = explained(table, BOOSTING, trees=40)
    [dose] = found.effects_of("dose")
    assert found.importances[0].column == "dose"
    assert dose.changes[-1].value - dose.changes[0].value == pytest.approx(4.0, rel=0.1)


def test_a_large_table_is_explained_on_a_part_of_its_rows(monkeypatch):
    _, _, whole = explained()
    monkeypatch.setattr("thalweg.select.explaining.explain.FEWEST_ROWS", 100)
    monkeypatch.setattr("thalweg.select.explaining.explain.MOST_NUMBERS", 1)
    _, _, part = explained()
    assert part.rows == 100
    same = next(one for one in whole.importances if one.column == "dose").rise
    assert same.low < next(one for one in part.importances if one.column == "dose").rise.value < same.high


def test_too_many_columns_are_not_looked_at(monkeypatch):
    plan = cross_validation(pose(TABLE, target="y"), Settings(folds=4, networks=(), trees=0))
    fitted, judged = fit_linear_models(plan), held_out_rows(plan)
    board = build_leaderboard(judged, linear_model_predictions(plan, fitted))
    monkeypatch.setattr("thalweg.select.explaining.explain.MOST_COLUMNS", 3)
    assert explain(plan, judged, board, judged.reference, None, fitted) == ()
