"""Every kind of bad input is answered in words, with where and what to do."""

import numpy as np
import pandas as pd
import pytest

from effects.experiments import NAMES, quick, table
from thalweg.base.errors import DataError, SettingError


def refused(error, match, frame, settings=None, **columns):
    with pytest.raises(error, match=match):
        quick(**(settings or {})).fit(frame, **(NAMES | columns))


def changed(**columns):
    return table()[0].assign(**columns)


@pytest.mark.parametrize("value", [2, "yes", None])
def test_treatments_that_are_not_zero_or_one(value):
    frame = changed()
    frame["t1"] = frame["t1"].astype(object)
    frame.loc[[3, 7], "t1"] = value
    refused(DataError, r"'t1' must be 0 or 1 in every row; it is not in 2 rows: .* in row 4, .* in row 8", frame)


def test_missing_baseline():
    frame = table()[0]
    frame = frame[(frame.t1 == 1) | (frame.t2 == 1)]
    refused(DataError, r"baseline 00; the cells are 01, 10, 11.*name 01 as baseline", frame)
    refused(DataError, "No unit received the baseline 11", table()[0].query("t1 + t2 < 2"), {"baseline": "11"})


def test_cells_that_do_not_determine_the_link():
    frame = table()[0].query("t1 + t2 < 2")
    refused(
        SettingError,
        r"'sigmoid2' with 2 treatments has 4 parameters, the 3 cells seen \(00, 01, 10\) determine 3. "
        r'Run one of 11 too, or use link="linear"',
        frame,
    )
    refused(SettingError, r"'full' with 2 treatments has 4 parameters", frame, {"link": "full"})


def test_treatments_that_never_vary_or_move_together():
    refused(DataError, "'t1' is 0 in every row", changed(t1=0))
    frame = table()[0]
    refused(DataError, "'t1' and 't2' always move together", frame.assign(t2=frame.t1))
    refused(DataError, "'t1' and 't2' always move together", frame.assign(t2=1 - frame.t1))


def test_small_cells_warn_and_cells_smaller_than_the_folds_are_refused():
    frame = table()[0]
    both = frame[(frame.t1 == 1) & (frame.t2 == 1)]
    rest = frame.drop(both.index)
    answer = quick().fit(pd.concat([rest, both.head(12)]), **NAMES)
    assert any("fewer than 30 units: 11" in note for note in answer.notes)
    refused(DataError, "Cell 11 has 1 units, 2 folds need at least 2", pd.concat([rest, both.head(1)]))


def test_sample_ratio_mismatch():
    plan = {"00": 0.4, "01": 0.2, "10": 0.2, "11": 0.2}
    refused(DataError, "Sample ratio mismatch .* cell 00 has", table()[0], {"assignment": plan})
    answer = quick(assignment=plan).fit(table()[0], **NAMES, allow_mismatch=True)
    assert any("contradict the planned shares" in note for note in answer.notes)
    refused(SettingError, "cell 11 no share", table()[0], {"assignment": {"00": 0.4, "01": 0.2, "10": 0.4}})
    refused(SettingError, "assignment must be", table()[0], {"assignment": "random"})


def test_imbalance_and_covariates_from_after_the_treatment_warn():
    frame = table()[0]
    rng = np.random.default_rng(0)
    later = frame.t1 + rng.normal(size=len(frame))
    answer = quick().fit(frame.assign(later=later), **NAMES)
    assert any("'later' is out of balance" in note for note in answer.notes)
    assert any("'later' tells who was treated" in note for note in answer.notes)
    clean = quick().fit(frame, **NAMES)
    assert not any("balance" in note or "tells" in note for note in clean.notes)


def test_unidentified_targets_are_withheld_unless_asked_for():
    frame, _ = table(silent=(0,), rows=1200, treatments=3)
    names = NAMES | {"treatments": ["t1", "t2", "t3"]}
    answer = quick(epochs=30, scale="local").fit(frame, **names)
    found = {e.combination: e for e in answer.effects()}
    assert found["011"].estimate is None
    assert (found["011"].plug_in, found["011"].correction) == (None, None), "their sum is the estimate"
    assert found["011"].support.status in ("weak", "not identified")
    assert {e.combination: e for e in answer.effects(allow_unidentified=True)}["011"].estimate is not None
    with pytest.raises(SettingError, match="The effect of 011 is"):
        answer.contrast("011", "100")


def test_outcomes_that_cannot_be_used():
    refused(DataError, "'y' is 1 in every row", changed(y=1.0))
    frame = table()[0]
    frame.loc[4, "y"] = np.nan
    refused(DataError, "'y' must be a finite number in every row; it is not in 1 row, .* in row 5", frame)
    frame.loc[4, "y"] = np.inf
    refused(DataError, "finite number", frame)
    refused(DataError, "loss .logistic. needs a target of 0 and 1", table()[0], {"loss": "logistic", "link": "sigmoid"})
    binary = changed(y=(table()[0].y > table()[0].y.median()).astype(int))
    assert any('loss="logistic"' in note for note in quick().fit(binary, **NAMES).notes)


def test_covariates_that_say_nothing_are_left_out_with_a_note():
    frame = table()[0]
    holes = frame.x1.where(frame.index > 5)
    answer = quick().fit(frame.assign(unit=1, again=frame.x1, holes=holes), **NAMES)
    assert any("'unit'" in note for note in answer.notes)
    assert any("repeat another were left out: 'again'" in note for note in answer.notes)
    assert any("'holes'" in note for note in answer.notes)


def test_a_network_no_better_than_a_regression_warns():
    rng = np.random.default_rng(0)
    frame = changed(y=rng.normal(size=900) + 30 * table()[0].x1 + 5)
    answer = quick(epochs=1, learning_rate=1e-5).fit(frame, **NAMES)
    assert any("worse than a linear regression" in note for note in answer.notes)


def test_too_many_treatments_or_combinations():
    frame = pd.DataFrame(np.random.default_rng(0).integers(0, 2, (40, 25)), columns=[f"t{k}" for k in range(25)])
    frame["y"] = np.arange(40.0)
    refused(SettingError, "At most 24 treatments", frame, treatments=[f"t{k}" for k in range(25)])
    names = [f"t{k}" for k in range(24)]
    frame.loc[0, names] = 0
    with pytest.raises(SettingError, match="All 2\\^24 combinations of 40 units"):
        quick().check(frame, target="y", treatments=names)


@pytest.mark.parametrize(
    ("match", "columns"),
    [
        ("no column 'z'", {"target": "z"}),
        ("no column 't9'", {"treatments": ["t1", "t9"]}),
        ("No treatment is named", {"treatments": []}),
        ("must be different columns", {"treatments": ["t1", "t1"]}),
        ("cannot be a covariate", {"features": ["x1", "t1"]}),
        ("2 digits 0 or 1, or treatments by name, got '102'", {"combinations": ["102"]}),
        ("2 digits 0 or 1, or treatments by name, got '12'", {"combinations": ["12"]}),
    ],
)
def test_names_that_do_not_fit(match, columns):
    refused(SettingError, match, table()[0], **columns)


@pytest.mark.parametrize(
    ("match", "settings"),
    [
        ("folds must be", {"folds": 1}),
        ("repeats must be", {"repeats": 0}),
        ("scale must be one of", {"scale": "both"}),
        ("loss must be one of", {"loss": "absolute"}),
        ("link must be one of", {"link": "probit"}),
        ("link must name", {"link": ()}),
        ('works with link="sigmoid"', {"loss": "logistic"}),
        ("learning_rate must", {"learning_rate": 0.0}),
    ],
)
def test_settings_that_make_no_sense(match, settings):
    with pytest.raises(SettingError, match=match):
        quick(**settings)


def test_levels_adjustments_groups_and_rules_that_do_not_fit():
    answer = quick(link="linear").fit(table()[0], **NAMES)
    with pytest.raises(SettingError, match="level must lie"):
        answer.effects(level=1.0)
    with pytest.raises(SettingError, match="adjust must be one of"):
        answer.effects(adjust="sidak")
    with pytest.raises(SettingError, match="'1012'"):
        answer.contrast("1012", "00")
    with pytest.raises(DataError, match="one group label for each of 900 rows"):
        answer.groups(["a"], "11")
    with pytest.raises(DataError, match="one combination for each of 900 rows"):
        answer.policy(["11"])
    with pytest.raises(SettingError, match="methods must be one of"):
        answer.compare(["magic"])


def test_few_clusters_warn():
    answer = quick(link="linear").fit(changed(firm=np.arange(900) % 10), **NAMES, clusters="firm")
    assert any("Only 10 clusters" in note for note in answer.notes)


def test_links_of_positive_outcomes():
    frame = table()[0]
    refused(SettingError, "needs a positive outcome", frame.assign(y=-frame.y), {"link": "multiplicative"})


def test_clusters_are_one_column_or_two_that_cross():
    frame = changed(city=1, week=2)
    refused(SettingError, "by one column or by two different ones", frame, clusters=["city", "week", "x1"])
    refused(SettingError, "by one column or by two different ones", frame, clusters=["city", "city"])
    refused(SettingError, "no column 'weak'", frame.assign(city=np.arange(900)), clusters=["city", "weak"])
    frame = frame.assign(city=np.arange(900), week=np.where(np.arange(900) == 5, np.nan, 1.0))
    refused(DataError, r"Cluster 'week' is missing in 1 row, first in row 6", frame, clusters=["city", "week"])


@pytest.mark.parametrize(
    ("match", "columns"),
    [
        (r"no column 'x9', named by features\. The columns are 'y'", {"features": ["x9"]}),
        (r"no column 'fim', named by clusters\. Did you mean 'firm'", {"clusters": "fim"}),
        (r"no column 'fim', named by clusters\. Did you mean 'firm'", {"clusters": ["x1", "fim"]}),
        (r"no column 'z', named by target\. The columns are", {"target": "z"}),
        (r"no column 't9', named by treatments\. The columns are 'y'", {"treatments": "t9"}),
        (r"no column 'z', named by weights\.", {"weights": "z"}),
        (r"'t1' is named by treatments and by clusters", {"clusters": "t1"}),
        (r"'firm' is named by clusters and by weights", {"clusters": "firm", "weights": "firm"}),
    ],
)
def test_names_are_told_by_the_part_they_were_given(match, columns):
    refused(SettingError, match, changed(firm=np.arange(900) % 30), **columns)


def test_settings_are_not_called_columns():
    with pytest.raises(SettingError, match=r"There is no setting 'epoch'\. Did you mean 'epochs'"):
        quick(epoch=3)
    with pytest.raises(SettingError, match=r"There is no setting 'zzz'\. The settings are 'link', 'low'"):
        quick(zzz=1)


def test_rows_and_settings_are_marked_for_the_door_that_was_used():
    with pytest.raises(DataError) as told:
        quick().fit(changed(y=[*range(899), np.nan]), **NAMES)
    assert "row 1,800" in str(told.value.at_rows(range(900, 1800)))
    with pytest.raises(SettingError) as told:
        quick(loss="logistic")
    assert '--loss="logistic" works with --link="sigmoid"' in str(
        told.value.with_names({"loss": "--loss", "link": "--link"})
    )


def test_an_infinite_feature_is_told_by_its_row_in_the_table():
    frame = changed()
    frame.loc[11, "x1"] = np.inf
    refused(DataError, r"'x1' is infinite in row 12\.", frame)


def test_cells_that_some_units_could_hardly_receive_are_refused_where_chances_are_modelled():
    draw = np.random.default_rng(0)
    x = draw.standard_normal(300)
    frame = pd.DataFrame({"x": x, "t1": (x > 0).astype(int), "y": x + draw.standard_normal(300)})
    refused(
        DataError,
        "had a chance of cell . below 2 %: hardly anybody like them received it",
        frame,
        {"link": "linear", "assignment": "model"},
        treatments=["t1"],
    )
