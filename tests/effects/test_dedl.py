"""DeDL from a table to an answer."""

import numpy as np
import pandas as pd
import pytest
from scipy.signal import lfilter

from effects.experiments import NAMES, quick, table
from thalweg.base.errors import DataError, SettingError
from thalweg.effects.answer import METHODS
from thalweg.effects.experiment.cell_folds import learning_rows, stratified_folds
from thalweg.effects.experiment.experiment import all_combinations
from thalweg.effects.experiment.reading import read_experiment
from thalweg.effects.inference.intervals import influence

THREE = NAMES | {"treatments": ["t1", "t2", "t3"]}


@pytest.fixture(scope="module")
def fitted():
    frame, truth = table(2, rows=3000, treatments=3, shape="positive")
    return frame, truth, quick(epochs=60, repeats=3, hidden=(16,)).fit(frame, **THREE)


def test_effects_are_near_the_truth(fitted):
    _, truth, answer = fitted
    wanted = truth.effects(all_combinations(3))[1:]
    effects = answer.effects()
    assert [e.combination for e in effects] == ["001", "010", "011", "100", "101", "110", "111"]
    for effect, value in zip(effects, wanted, strict=True):
        assert effect.estimate is not None
        assert abs(effect.estimate - value) < 5 * effect.error
        assert effect.low < effect.estimate < effect.high
        assert effect.estimate == pytest.approx(effect.plug_in + effect.correction)
    assert [e.combination for e in effects if not e.observed] == ["011", "101", "111"]
    assert all(e.unstructured is None and e.support.status == "extrapolated" for e in effects if not e.observed)
    assert sum(e.count for e in effects) < 3000


def test_intervals_for_all_at_once_are_wider_and_adjusted_p_values_larger(fitted):
    answer = fitted[2]
    for one, all_ in zip(answer.effects(), answer.effects(at_once=True, adjust="step-down"), strict=True):
        assert all_.high - all_.low > one.high - one.low
        assert all_.p_adjusted >= one.p_value
    assert {"combination", "estimate", "status", "heaviest"} <= set(answer.frame().columns)


def test_best_has_a_lead_and_a_set_of_candidates(fitted):
    _, truth, answer = fitted
    best = answer.best()
    assert best.combination == "111"
    assert "111" in best.candidates
    assert best.gap.estimate > 0
    assert best.gap.name.startswith("111 − ")
    true = truth.effects(all_combinations(3))
    assert best.effect.low < true[7] < best.effect.high


def test_contrast_is_paired(fitted):
    answer = fitted[2]
    found = answer.contrast("111", "110")
    one = {e.combination: e for e in answer.effects()}
    assert found.estimate == pytest.approx(one["111"].estimate - one["110"].estimate, abs=2 * found.error)
    assert found.error < np.hypot(one["111"].error, one["110"].error)


def test_groups_average_to_the_whole(fitted):
    frame, _, answer = fitted
    groups = answer.groups(np.where(frame.x1 > 0.5, "high", "low"), "111")
    assert {g.name for g in groups} == {"high", "low"}
    whole = sum(g.estimate * g.count for g in groups) / len(frame)
    assert whole == pytest.approx(answer.scores[:, 7].mean())


def test_policy_of_one_combination_is_its_effect(fitted):
    frame, _, answer = fitted
    everywhere = answer.policy(["111"] * len(frame))
    assert everywhere.estimate == pytest.approx(answer.scores[:, 7].mean())
    mixed = answer.policy(np.where(frame.x1 > 0.5, "111", "000"))
    assert 0 < mixed.estimate < everywhere.estimate


def test_compare_lists_every_method(fitted):
    found = fitted[2].compare(METHODS)
    assert list(found.combination) == list(fitted[2].labels)
    assert {"linear addition", "linear regression", "plain network", "structured", "AIPW", "DeDL"} <= set(found.columns)
    assert found["AIPW"].notna().sum() == 5
    assert "plain network se" not in found.columns


def test_design_names_cells_nobody_received(fitted):
    cells = fitted[2].design(following=2)
    assert len({c.combination for c in cells}) == 2
    assert {c.combination for c in cells} <= {"011", "101", "111"}


@pytest.mark.parametrize("right", [True, False])
def test_a_cell_is_predicted_without_its_rows(right):
    frame, truth = table(2, rows=3000, treatments=2, shape="positive", cells=all_combinations(2))
    model = quick(link="sigmoid", height=truth.scale if right else 2 * truth.scale, epochs=40)
    left = model.leave_one_cell_out(model.fit(frame, **NAMES))
    assert [found.combination for found in left] == ["01", "10", "11"]
    assert (min(found.p_value for found in left) > 1e-3) == right


def test_the_order_of_rows_does_not_matter_and_the_seed_decides():
    frame, _ = table(1)
    shuffled = frame.sample(frac=1, random_state=0)
    first, again = (quick().fit(f, **NAMES) for f in (frame, shuffled))
    assert np.array_equal(first.evaluation.estimates, again.evaluation.estimates)
    assert np.array_equal(first.scores[shuffled.index], again.scores)
    other = quick(seed=1).fit(frame, **NAMES)
    assert not np.array_equal(first.evaluation.estimates, other.evaluation.estimates)


def test_check_trains_nothing_and_says_what_is_missing():
    frame, _ = table(1)
    full = quick().check(frame, **NAMES)
    assert full.complete
    assert set(full.statuses().values()) == {"ok"}
    few = quick().check(frame.query("t1 + t2 < 2"), **NAMES)
    assert not few.complete
    assert few.remedies == ("11",)
    assert few.statuses()["11"] == "not identified"


def test_several_links_train_together_and_the_better_one_is_used():
    frame, _ = table(2, rows=2000, shape="positive")
    answer = quick(link=("linear", "sigmoid2"), scale="global", epochs=40).fit(frame, **NAMES)
    assert set(answer.link_losses) == {"linear", "sigmoid2"}
    assert answer.fit.model.link.name == min(answer.link_losses, key=answer.link_losses.get)


def test_binary_outcomes_with_their_likelihood():
    frame, truth = table(2, rows=4000, shape="positive")
    probability = frame.y / (1.3 * truth.scale)
    frame["y"] = (np.random.default_rng(0).uniform(size=len(frame)) < probability).astype(int)
    answer = quick(link="sigmoid", loss="logistic", epochs=20).fit(frame, **NAMES)
    for effect, value in zip(
        answer.effects(), truth.effects(all_combinations(2))[1:] / (1.3 * truth.scale), strict=True
    ):
        assert abs(effect.estimate - value) < 4 * effect.error
        assert 0.005 < effect.error < 0.05
    weighted = quick(link="sigmoid", loss="logistic").fit(frame.assign(w=2.0), **NAMES, weights="w")
    assert weighted.effects()[0].error > 0


def test_assignment_by_model_and_by_plan():
    frame, _ = table(1)
    model = quick(link="linear", assignment="model").fit(frame, **NAMES)
    assert model.reading.experiment.shares.shape == (900, 4)
    plan = {"00": 0.25, "01": 0.25, "10": 0.25, "11": 0.25}
    planned = quick(link="linear", assignment=plan).fit(frame, **NAMES)
    assert planned.reading.ratio is not None
    assert planned.reading.experiment.shares.tolist() == [0.25] * 4


def test_the_ridge_is_chosen_on_the_first_split_and_used_on_all():
    frame, _ = table(1)
    both = quick(ridge=(5e-6, 10.0), repeats=2, epochs=20).fit(frame, **NAMES)
    alone = quick(repeats=2, epochs=20).fit(frame, **NAMES)
    assert both.fit.ridge == 5e-6
    assert np.array_equal(both.evaluation.estimates, alone.evaluation.estimates)
    assert both.evaluation.estimates.shape == (2, 4)


def test_errors_cluster_by_two_crossed_columns():
    frame, _ = table(1)
    frame = frame.assign(city=np.arange(900) % 30, week=np.arange(900) // 30)
    both = quick().fit(frame, **NAMES, clusters=["city", "week"])
    assert both.reading.features == ("x1", "x2", "x3")
    assert len(np.unique(both.fit.folds[0])) == 4
    clusters, folds = both.reading.experiment.clusters, both.fit.folds[0]
    for way, part in ((0, folds // 2), (1, folds % 2)):
        assert all(len(set(part[clusters[:, way] == code])) == 1 for code in range(30))
    rows = np.vstack([influence(both.evaluation.scores, clusters), both.evaluation.doubts])
    assert both.evaluation.errors[0] == pytest.approx(np.sqrt((rows**2).sum(0)))
    assert both.best().candidates


def weekly(seed, *, switchback=False, weeks=40, size=20):
    """Units of successive weeks that share a shock which lasts; whole weeks are treated alike, or every unit alone."""
    draw = np.random.default_rng(seed)
    week = np.repeat(np.arange(weeks), size)
    shock = lfilter([1.0], [1.0, -0.9], draw.normal(size=weeks))[week]
    treated = draw.integers(0, 2, (weeks, 2))[week] if switchback else draw.integers(0, 2, (len(week), 2))
    frame = pd.DataFrame(treated, columns=["a", "b"]).assign(week=week, x=draw.normal(size=len(week)))
    return frame.assign(y=frame["a"] + 0.5 * frame["b"] + frame["x"] + shock + draw.normal(size=len(week)))


WEEKLY = {"target": "y", "treatments": ["a", "b"], "time": "week"}


def test_folds_are_blocks_of_time_and_nobody_near_a_block_is_learned_from():
    reading = read_experiment(weekly(0).sample(frac=1.0, random_state=0), **WEEKLY)
    experiment = reading.experiment
    for seed in range(3):
        parts = stratified_folds(experiment, 5, seed, gap=2)
        for part in range(5):
            held = np.unique(experiment.time[parts == part])
            assert len(held) == 8
            assert sorted(np.diff(held))[-2:] in ([1, 1], [1, 33])  # the block that goes on at the beginning
            learned = np.unique(experiment.time[learning_rows(experiment, parts, part, 5, gap=2)])
            assert np.abs(learned[:, None] - held).min() == 3
            assert set(np.unique(parts[experiment.time == held[0]])) == {part}
    assert reading.features == ("x",)


def test_where_whole_times_are_treated_alike_errors_count_times():
    estimator = quick(link="linear", epochs=10, repeats=1, gap=1)
    alone, together = (estimator.fit(weekly(1, switchback=one), **WEEKLY) for one in (False, True))
    assert alone.reading.experiment.clusters is None
    assert len(np.unique(together.reading.experiment.clusters)) == 40
    assert "All units of one 'week' received the same: errors count times" in " ".join(together.notes)
    assert min(e.error for e in together.effects()) > 2 * max(e.error for e in alone.effects())


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"groups": "x"}, "both say how folds are cut"),
        ({"time": None}, "gap is between times, but no time is named"),
        ({"time": "wek"}, "no column 'wek', named by time"),
    ],
)
def test_times_that_cannot_be_are_refused(asked, words):
    with pytest.raises((SettingError, DataError), match=words):
        quick(link="linear", gap=1).fit(weekly(0), **WEEKLY | asked)


def test_more_blocks_than_times_are_refused():
    with pytest.raises(DataError, match="at least 5 different times, there are 4"):
        quick(link="linear", folds=5).fit(weekly(0, weeks=4, size=200), **WEEKLY)
