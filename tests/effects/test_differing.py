"""For whom a combination does more: groups that were named, units sorted by prediction."""

from dataclasses import replace

import numpy as np
import pytest

from effects.experiments import NAMES, quick, table
from thalweg.base.errors import DataError, SettingError
from thalweg.effects.differing import combination_heterogeneity, group_contrasts
from thalweg.effects.inference.intervals import influence

TWO = NAMES | {"treatments": ["t1", "t2"]}


@pytest.fixture(scope="module")
def answer():
    return quick(epochs=20, link="full").fit(table(rows=900, treatments=2)[0], **TWO)


@pytest.fixture(scope="module")
def labels():
    return np.where(table(rows=900, treatments=2)[0]["x1"] > 0.5, "high", "low")


def test_groups_are_compared_with_one_error_for_each_pair(answer, labels):
    found = group_contrasts(answer, labels, "t1 + t2", order=("low", "high"))
    assert found.combination == "11"
    assert [one.name for one in found.groups] == ["low", "high"]
    [pair] = found.pairs
    low, high = found.groups
    assert pair.estimate == pytest.approx(high.estimate - low.estimate)
    assert pair.error == pytest.approx(np.hypot(low.error, high.error), rel=0.01)  # groups share no unit
    assert found.p_holm == (pair.p_value,)
    assert found.differ == pytest.approx(pair.p_value, abs=1e-9)  # of two groups the test is that of their difference


def test_groups_that_share_clusters_are_compared_within_them(answer, labels):
    experiment = answer.reading.experiment
    draw = np.random.default_rng(0)
    homes = draw.integers(0, 60, len(experiment))
    shared = draw.normal(size=60)[homes]
    scores = answer.evaluation.scores + 3.0 * shared[:, None]
    evaluation = replace(answer.evaluation, scores=scores)
    told = replace(
        answer, evaluation=evaluation, reading=replace(answer.reading, experiment=replace(experiment, clusters=homes))
    )
    mixed = draw.permutation(labels)
    [pair] = group_contrasts(told, mixed, "11").pairs
    a, b = group_contrasts(told, mixed, "11").groups
    assert pair.error < 0.5 * np.hypot(a.error, b.error)  # what clusters share cancels


def test_weights_decide_the_means_of_groups(answer, labels):
    experiment = answer.reading.experiment
    weights = np.random.default_rng(1).uniform(0.5, 2.0, len(experiment))
    told = replace(answer, reading=replace(answer.reading, experiment=replace(experiment, weights=weights)))
    found = group_contrasts(told, labels, "11")
    mine = labels[answer.reading.order]
    for one in found.groups:
        rows = mine == one.name
        score = answer.evaluation.scores[rows, answer.number("11")]
        assert one.estimate == pytest.approx(np.average(score, weights=weights[rows]))
        assert one.error == pytest.approx(np.sqrt((influence(score[:, None], None, weights[rows]) ** 2).sum()))


def test_sorted_units_gain_more_the_more_is_predicted(answer):
    found = combination_heterogeneity(answer, "t1 + t2", groups=3)
    means = [one.estimate for one in found.groups]
    assert means == sorted(means)
    assert found.differ < 1e-6
    assert found.calibration.low < 1.0 < found.calibration.high or abs(found.calibration.estimate - 1.0) < 0.2
    assert found.targeting.low > 0.0
    assert found.everybody.estimate == pytest.approx(np.mean(answer.evaluation.scores[:, answer.number("11")]))
    assert found.policy.estimate >= found.everybody.estimate - 2 * found.everybody.error
    assert [one.name for one in found.projection] == list(answer.reading.features)
    ahead = [one.estimate for one in found.curve]
    assert ahead[0] > ahead[-1] > 0.0


def test_what_the_scale_leaves_open_widens_groups(answer):
    plain = combination_heterogeneity(answer, "11")
    mend = pytest.MonkeyPatch()
    with mend.context() as patch:
        patch.setattr("thalweg.effects.differing.scale_shifts", lambda *_: np.full(len(answer.reading.experiment), 0.3))
        wide = combination_heterogeneity(answer, "11")
    assert wide.everybody.error == pytest.approx(np.hypot(plain.everybody.error, 0.3))
    assert wide.calibration.error == pytest.approx(plain.calibration.error)  # a shift of all moves no slope


def test_combinations_are_named_or_written_in_digits(answer):
    assert answer.number("t1 + t2") == answer.number("t2+t1") == answer.number("11")
    assert answer.number("none") == answer.number("00")
    assert answer.contrast("t1 + t2", "t2").name == "11 − 01"
    with pytest.raises(SettingError, match="there is no treatment 't3'"):
        combination_heterogeneity(answer, "t1 + t3")


def test_labels_must_fit_the_table(answer, labels):
    with pytest.raises(DataError, match="one group label for each of 900 rows"):
        group_contrasts(answer, labels[:-1], "11")


def test_groups_that_cannot_be_compared_are_refused_by_name(answer, labels):
    gone = np.array(labels, dtype=object)
    gone[4] = None
    with pytest.raises(DataError, match=r"Row 5 has no group"):
        group_contrasts(answer, gone, "t1")
    with pytest.raises(DataError, match="nothing to compare"):
        group_contrasts(answer, np.full(len(labels), "all"), "t1")
    with pytest.raises(SettingError, match=r"groups is 451, and 900 units"):
        combination_heterogeneity(answer, "t1", groups=451)
