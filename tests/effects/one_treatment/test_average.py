"""One treatment of two or more levels: what is estimated, what is withheld, what is refused."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from thalweg.base.errors import DataError, SettingError
from thalweg.effects.one_treatment.average import QUIET, average_effects
from thalweg.effects.one_treatment.estimands import ATE, ATO, ATT, SLOPE, TRIM
from thalweg.effects.one_treatment.partially_linear import partially_linear

QUICK = replace(QUIET, epochs=10, folds=3, repeats=1, workers=1, hidden=(8,), ridge=(1e-3,))


def observed(seed, rows=1500, strength=1.0):
    """Units choose: naive differences are off by about one."""
    draw = np.random.default_rng(seed)
    x = draw.normal(size=(rows, 3))
    chance = 1 / (1 + np.exp(-strength * x[:, 0]))
    t = (draw.uniform(size=rows) < chance).astype(int)
    y = 1.5 * x[:, 0] + np.sin(2 * x[:, 1]) + t * (1 + 0.5 * x[:, 2]) + draw.normal(size=rows)
    return x, t, y


def test_confounded_treatment_is_found_whoever_is_asked_about():
    x, t, y = observed(0)
    found = average_effects(x, y, t, training=replace(QUICK, repeats=2))
    assert y[t == 1].mean() - y[t == 0].mean() > 1.8
    assert [e.target for e in found.effects] == [ATE, ATT, ATO, TRIM, SLOPE]
    for effect in found.effects:
        assert effect.name == "1 − 0"
        assert 0.03 < effect.error < 0.12
        assert abs(effect.estimate - 1.0) < 3 * effect.error
    assert found.main[0].target == ATE
    assert found.learned
    assert 0.1 < found.sensitivity.doubting < found.sensitivity.explaining < 0.6
    assert found.sensitivity.strongest == "x1"


def test_propensities_from_noise_are_no_worse_than_none():
    draw = np.random.default_rng(1)
    x = np.exp(draw.standard_normal((500, 8)))
    t = (draw.random(500) < 0.4).astype(int)
    y = 1.0 * t + draw.standard_t(3, 500)
    found = average_effects(x, y, t, training=QUICK)
    plain = next(e for e in found.beside if e.target == "difference of means")
    assert found.main[0].error < 1.1 * plain.error
    assert all(choice.gain >= 0.0 for choice in found.choices)


def test_what_nothing_compares_with_is_withheld_in_words():
    draw = np.random.default_rng(0)
    x = draw.standard_normal((600, 3))
    t = (x[:, 0] > 0).astype(int)
    found = average_effects(x, x[:, 0] + t + draw.standard_normal(600), t, training=QUICK)
    assert all(effect.estimate is None for effect in found.effects)
    assert all(arm.lacking for arm in found.overlap)
    assert "hardly anybody like them received it" in found.effects[0].reason
    assert found.sensitivity is None


def test_where_few_compare_the_target_changes_by_name():
    x, t, y = observed(0, rows=1000, strength=4.0)
    found = average_effects(x, y, t, training=QUICK)
    assert found.effects[0].estimate is None
    assert found.main[0].target == ATO
    assert abs(found.main[0].estimate - 1.0) < 4 * found.main[0].error


def test_three_levels_with_known_shares():
    draw = np.random.default_rng(0)
    x, t = draw.normal(size=(1500, 2)), draw.integers(0, 3, 1500)
    y = x[:, 0] ** 2 + np.array([0.0, 1.0, -1.0])[t] + 0.3 * draw.normal(size=1500)
    labels = np.array(["a", "b", "c"])[t]
    found = average_effects(x, y, labels, assignment=dict.fromkeys("abc", 1 / 3), training=QUICK)
    up, down = found.main
    assert (up.name, down.name) == ("b − a", "c − a")
    assert abs(up.estimate - 1) < 5 * up.error
    assert abs(down.estimate + 1) < 5 * down.error
    plain = np.sqrt(y[t == 1].var() / (t == 1).sum() + y[t == 0].var() / (t == 0).sum())
    assert up.error < 0.6 * plain
    assert "first level in order" in found.notes[0]
    again = average_effects(x, y, labels, baseline="b", assignment="empirical", training=QUICK)
    assert again.main[0].name == "a − b"
    assert abs(again.main[0].estimate + up.estimate) < 0.02
    assert again.notes == ()


def test_clusters_count():
    draw = np.random.default_rng(3)
    homes = np.repeat(np.arange(60), 10)
    x, t = draw.normal(size=(600, 1)), (np.arange(60) % 2)[homes]
    y = t + draw.normal(size=60)[homes] + 0.3 * draw.normal(size=600)
    alone = average_effects(x, y, t, assignment="empirical", training=QUICK).main[0]
    [found] = average_effects(x, y, t, assignment="empirical", clusters=homes.astype(str), training=QUICK).main
    assert found.error > 2 * alone.error


COUNTS = np.arange(240) % 4  # 0 to 3
COVARIATE = np.random.default_rng(4).normal(size=240)


@pytest.mark.parametrize(
    ("weights", "kind", "rows"),
    [
        (COUNTS, "frequency", np.repeat(np.arange(240), COUNTS)),
        (COUNTS > 0, None, np.flatnonzero(COUNTS)),
        (3.0 * (COUNTS > 0), "probability", np.flatnonzero(COUNTS)),
    ],
)
@pytest.mark.parametrize("estimate", [average_effects, partially_linear])
def test_frequencies_are_rows_and_weight_zero_is_no_row(estimate, weights, kind, rows):
    treatment, homes = np.arange(240) // 4 % 2, np.arange(240) // 2
    x, y = COVARIATE[:, None], treatment + COVARIATE + np.sin(np.arange(240.0))
    found = estimate(x, y, treatment, clusters=homes, weights=weights, weights_kind=kind, training=QUICK)
    alone = estimate(x[rows], y[rows], treatment[rows], clusters=homes[rows], training=QUICK)
    got, wanted = [one.effect if estimate is partially_linear else one.main[0] for one in (found, alone)]
    assert (got.units, got.estimate) == (wanted.units, pytest.approx(wanted.estimate, rel=1e-12))  # sums times 1
    assert got.error == pytest.approx(wanted.error, rel=1e-12)


def test_errors_count_the_rows_that_were_given():
    treatment = np.array([0.0, 1.0] * 30)
    treatment[5] = np.nan
    with pytest.raises(DataError, match="treatments is missing in row 6"):
        average_effects(X, Y, treatment, weights=np.arange(60) > 2, training=QUICK)


@pytest.mark.parametrize(
    ("levels", "name"),
    [
        ([True, False], "True − False"),
        (["treated", "control"], "treated − control"),
        ([2, 1], "2 − 1"),
        (["yes", "no"], "yes − no"),
    ],
)
def test_no_treatment_is_the_baseline_however_it_is_written(levels, name):
    t = np.arange(60) % 2
    values = pd.Series([levels[0] if one else levels[1] for one in t])
    found = average_effects(np.zeros((60, 0)), t + np.sin(np.arange(60)), values, training=QUICK)
    assert found.main[0].name == name
    assert found.main[0].estimate > 0.5


X, T, Y = np.zeros((60, 2)), np.array([0, 1] * 30), np.arange(60.0)


@pytest.mark.parametrize(
    ("change", "kind", "text"),
    [
        ({"treatment": [1] * 60}, DataError, "single level 1"),
        ({"y": np.array([0.0] * 3 + [np.nan] + [1.0] * 56)}, DataError, r"y is no finite number in row 4\."),
        ({"y": np.array(["a"] * 60)}, DataError, "y must be numbers"),
        ({"y": np.zeros(59)}, DataError, r"\(60, 2\), \(59,\) and \(60,\)"),
        ({"treatment": np.array([np.nan, *T[1:]])}, DataError, "treatments is missing in row 1"),
        ({"treatment": [0, None, *T[2:]]}, DataError, "treatments is missing in row 2"),
        ({"treatment": np.arange(60) / 7}, DataError, "amounts rather than levels"),
        ({"baseline": "7"}, SettingError, "baseline is '7', which nobody received; levels are '0', '1'"),
        ({"assignment": "random"}, SettingError, "assignment must be 'model', 'empirical' or shares"),
        ({"assignment": [0.7, 0.7]}, SettingError, "sum to 1; the least is 0.7, a sum is 1.4"),
        ({"assignment": [0.0, 1.0]}, SettingError, "positive"),
        ({"assignment": [-0.2, 1.2]}, SettingError, "positive"),
        ({"assignment": np.full(60, 0.5)}, SettingError, "one per unit and level"),
        ({"assignment": {"0": 1.0}}, SettingError, "the levels are '0', '1'"),
        ({"clusters": np.arange(60) % 2}, DataError, "at least 3 clusters"),
        ({"clusters": np.arange(59)}, DataError, "one or two per unit"),
        ({"weights": np.full(60, -1.0)}, DataError, "must not be negative"),
        ({"weights": np.full(60, 1.5), "weights_kind": "frequency"}, DataError, "got 1.5 in row 1"),
        ({"weights": np.ones(60), "weights_kind": "counts"}, SettingError, "weights_kind"),
        ({"weights_kind": "analytic"}, SettingError, "there are no weights"),
        ({"level": 95}, SettingError, "level"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(change, kind, text):
    asked = {"x": X, "y": Y, "treatment": T, "training": QUICK} | change
    with pytest.raises(kind, match=text):
        average_effects(asked.pop("x"), asked.pop("y"), asked.pop("treatment"), **asked)


def test_covariates_of_any_scale_and_distribution_are_taken():
    x, t, y = observed(5, rows=600)
    big = average_effects(x * [1e5, 1.0, 1e-5] + [0.0, 1e6, 0.0], y, t, training=QUICK).main[0]
    assert abs(big.estimate - average_effects(x, y, t, training=QUICK).main[0].estimate) < 0.05


def test_a_binary_outcome():
    draw = np.random.default_rng(2)
    x, t = draw.normal(size=(2000, 2)), draw.integers(0, 2, 2000)
    y = (draw.random(2000) < 0.2 + 0.1 * t).astype(float)
    found = average_effects(x, y, t, assignment="empirical", training=QUICK).main[0]
    assert abs(found.estimate - 0.1) < 4 * found.error
    assert found.error < 0.022


def test_units_that_hang_together_are_pointed_out_unless_clusters_are_named():
    draw = np.random.default_rng(3)
    x, t = draw.normal(size=(60, 2)), draw.integers(0, 2, 60)
    y = x[:, 0] + t + draw.normal(size=60)
    four = (np.tile(x, (4, 1)), np.tile(y, 4), np.tile(t, 4))
    found = average_effects(*four, assignment="empirical", training=QUICK)
    assert any("180 of 240 rows repeat an earlier row" in note for note in found.notes)
    named = average_effects(*four, assignment="empirical", clusters=np.tile(np.arange(60), 4), training=QUICK)
    assert not any("repeat" in note for note in named.notes)
    assert named.main[0].error > 1.5 * found.main[0].error
