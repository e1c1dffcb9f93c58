"""Units of a table that chose their treatment: its words, order, weights and categories change no number."""

import re

import numpy as np
import pandas as pd
import pytest

from thalweg.base.errors import DataError, SettingError
from thalweg.effects.experiment.experiment import Experiment
from thalweg.effects.one_treatment.average import ATE, ATO
from thalweg.effects.one_treatment.observed import observe
from thalweg.effects.one_treatment.sensitivity import strongest_covariate
from thalweg.effects.training import Training

QUICK = Training(epochs=5, folds=2, repeats=1, workers=1)


def chosen(rows=400, seed=0, words=("no", "yes")):
    """Older units of the south choose more often, and have more whatever they choose; the effect is 1 on average."""
    draw = np.random.default_rng(seed)
    age, region = draw.normal(size=rows), draw.choice(["north", "south", "east"], rows)
    chance = 1.0 / (1.0 + np.exp(-(age + 0.5 * (region == "south"))))
    received = (draw.random(rows) < chance).astype(int)
    y = age + received * (1.0 + 0.5 * age) + (region == "south") + 0.3 * draw.normal(size=rows)
    return pd.DataFrame({"y": y, "t": np.array(words)[received], "age": age, "region": region})


def asked(frame, **more):
    return observe(frame, target="y", treatment="t", training=QUICK, **more)


def over(found, target):
    return next(e for e in found.effects.effects if e.target == target)


def spread(values):
    return ((values - values.mean()) ** 2).sum()


def test_the_effect_is_found_where_the_difference_of_means_is_far_off():
    found = asked(chosen(rows=1500))
    effect, means = over(found, ATE), found.effects.beside[0]
    assert abs(effect.estimate - 1.0) < 3.0 * effect.error < 0.35
    assert means.estimate > 1.5


@pytest.mark.parametrize("words", [(0, 1), (1, 2), (False, True), ("control", "test"), ("placebo", "a drug")])
def test_a_treatment_may_be_written_in_any_words(words):
    found, as_words = asked(chosen(words=words)), asked(chosen())
    assert found.effects.levels == tuple(str(word) for word in words)
    if words != (1, 2):  # nothing says that 1 is no treatment: the first is the baseline, and that is said
        assert found.effects.notes == as_words.effects.notes
    else:
        assert "Measured against '1'" in found.effects.notes[0]
    assert over(found, ATE).estimate == pytest.approx(1.0, abs=0.3)


def test_the_baseline_can_be_chosen_and_turns_the_sign():
    frame = chosen()
    one, other = asked(frame), asked(frame, baseline="yes")
    assert other.effects.levels == ("yes", "no")
    assert over(one, ATE).estimate > 0.5
    assert over(other, ATE).estimate < -0.5


def test_rows_in_another_order_give_the_same_numbers():
    frame = chosen()
    shuffled = frame.sample(frac=1.0, random_state=3).reset_index(drop=True)
    assert over(asked(frame), ATE).estimate == over(asked(shuffled), ATE).estimate


def test_frequency_weights_are_repeated_rows():
    frame = chosen(rows=200)
    counts = np.arange(200) % 3
    weighted = asked(frame.assign(w=counts), weights="w", weights_kind="frequency")
    assert over(weighted, ATE).units == counts.sum()
    assert weighted.rows == (200, int((counts > 0).sum()))


def test_a_category_is_one_covariate_however_many_levels_it_has():
    found = asked(chosen(rows=1000))
    assert found.features == ("age", "region=east", "region=north", "region=south")
    assert found.effects.sensitivity.strongest == "age"


def test_the_share_of_a_category_is_that_of_all_its_levels_together():
    """Indicators of all levels add up to the constant: no level has a share of its own."""
    draw = np.random.default_rng(0)
    levels, t = draw.integers(0, 3, 900), draw.integers(0, 2, 900)
    y = np.array([0.0, 1.0, 3.0])[levels] + draw.normal(size=900)
    trial = Experiment(np.eye(3)[levels], y, np.array([[0], [1]]), t, np.ones(2) / 2)
    name, of_outcome, of_treatment = strongest_covariate(trial, ("ward", "ward", "ward"))
    within = sum(
        ((y[(levels == k) & (t == j)] - y[(levels == k) & (t == j)].mean()) ** 2).sum()
        for k in range(3)
        for j in (0, 1)
    )
    between = sum(((y[t == j] - y[t == j].mean()) ** 2).sum() for j in (0, 1))
    assert name == "ward"
    assert of_outcome == pytest.approx(1.0 - within / between, abs=0.01)  # the difference: one effect of t in all wards
    assert 0.0 <= of_treatment < 0.01


def test_units_that_nobody_compares_with_are_withheld_by_name_and_nothing_is_asked_further():
    draw = np.random.default_rng(0)
    frame = chosen(rows=600)
    frame["t"] = np.where(frame["age"] + 0.05 * draw.normal(size=600) > 0.0, "yes", "no")
    found = asked(frame)
    assert over(found, ATE).estimate is None
    assert "hardly anybody like them" in over(found, ATE).reason
    assert found.differing is None
    assert found.why_not
    assert over(found, ATO).estimate is None or over(found, ATO).units < 120


def test_groups_are_the_clusters_if_none_are_named():
    frame = chosen().assign(firm=np.arange(400) // 8)
    by_groups, by_clusters = asked(frame, groups="firm"), asked(frame, clusters="firm")
    assert over(by_groups, ATE).error == over(by_clusters, ATE).error
    assert over(by_groups, ATE).error != over(asked(frame.drop(columns="firm")), ATE).error


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"t": [None, *["yes", "no"] * 199, "no"]}, DataError, r"treatments is missing in row 1"),
        ({"t": ["yes"] * 400}, DataError, "single level yes"),
        ({"t": np.arange(400) / 7}, DataError, "400 levels"),
        ({"y": [np.nan, *range(399)]}, DataError, "Outcome 'y' must be a finite number .* row 1"),
    ],
)
def test_what_cannot_be_a_treatment_or_an_outcome_is_refused_by_name_and_row(change, error, words):
    with pytest.raises(error) as caught:
        asked(chosen().assign(**change))
    assert re.search(words, str(caught.value))


def test_without_covariates_nobody_can_be_compared():
    with pytest.raises(SettingError, match="There is no column to compare units by"):
        asked(chosen()[["y", "t"]])


def test_more_covariates_than_units_leave_the_regression_out_and_the_effect_in():
    frame = chosen(rows=80)
    noise = pd.DataFrame(np.random.default_rng(1).normal(size=(80, 90))).add_prefix("z")
    found = asked(pd.concat([frame, noise], axis=1))
    assert over(found, ATE).estimate is not None
    [regression] = [e for e in found.effects.beside if e.target == "regression"]
    assert regression.estimate is None
    assert "80" in regression.reason
