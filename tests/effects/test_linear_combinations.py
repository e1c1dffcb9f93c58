"""Contrasts of all pairs and interactions: the same numbers as one at a time, and the truth."""

import numpy as np
import pytest

from effects.experiments import NAMES, quick, table
from thalweg.base.errors import SettingError
from thalweg.effects.experiment.simulate import standard_cells
from thalweg.effects.inference.intervals import holm
from thalweg.effects.linear_combinations import contrasts, interactions

THREE = NAMES | {"treatments": ["t1", "t2", "t3"]}


@pytest.fixture(scope="module")
def known():
    frame, truth = table(3, rows=1500, treatments=3, cells=standard_cells(3, extra=True))
    return quick(epochs=40, repeats=2, scale="global").fit(frame, **THREE), truth


@pytest.mark.parametrize("clusters", [0, 1])
def test_rows_are_those_of_single_contrasts(clusters):
    frame = table(rows=900)[0].assign(firm=np.arange(900) % 60)
    cluster = {"clusters": "firm"} if clusters else {}
    answer = quick(repeats=3, epochs=15).fit(frame, **NAMES, **cluster)
    found = contrasts(answer, level=0.9)
    assert len(found) == 6
    for row in found.itertuples():
        one = answer.contrast(row.first, row.second, level=0.9)
        assert (row.difference, row.std_error) == pytest.approx((one.estimate, one.error), rel=1e-9)
        assert (row.low, row.high, row.p_value) == pytest.approx((one.low, one.high, one.p_value), rel=1e-6)
    np.testing.assert_allclose(found["p_holm"], holm(found["p_value"].to_numpy()))


def test_crossed_clusters_stay_close_to_single_contrasts():
    frame = table(rows=900)[0].assign(firm=np.arange(900) % 30, week=np.arange(900) // 30)
    answer = quick(epochs=15).fit(frame, **NAMES, clusters=["firm", "week"])
    for row in contrasts(answer).itertuples():
        assert row.std_error == pytest.approx(answer.contrast(row.first, row.second).error, rel=0.2)


def test_no_more_pairs_than_asked_for_observed_ones_first(known):
    answer, _ = known
    found = contrasts(answer, most=6)
    assert set(found["first"]) | {"000"} == {"000", "100", "010", "001", "110", "111"}
    assert len(found) == 15
    with pytest.raises(SettingError, match="most must be"):
        contrasts(answer, most=1)
    with pytest.raises(SettingError, match="level must lie"):
        contrasts(answer, level=1.0)


def test_withheld_combinations_are_in_no_pair():
    frame, _ = table(silent=(0,), rows=1200, treatments=3)
    answer = quick(epochs=30, scale="local", repeats=2).fit(frame, **THREE)
    hidden = {label for label, support in zip(answer.labels, answer.supports, strict=True) if not support.usable}
    assert hidden
    assert not hidden & set(contrasts(answer)["first"])
    assert all(not hidden & set(pair.combinations) for pair in interactions(answer))
    assert len(interactions(answer)) < 3


def test_interactions_are_differences_of_four_mean_outcomes(known):
    answer, truth = known
    found = interactions(answer)
    assert [(pair.first, pair.second) for pair in found] == [("t1", "t2"), ("t1", "t3"), ("t2", "t3")]
    for pair in found:
        neither, first, second, both = (one.estimate for one in pair.outcomes)
        assert pair.interaction.estimate == pytest.approx(
            both - first - second + neither, abs=0.3 * pair.interaction.error
        )
        cells = np.array([[int(digit) for digit in label] for label in pair.combinations])
        true = truth.effects(cells) @ [1.0, -1.0, -1.0, 1.0]
        assert abs(pair.interaction.estimate - true) < 4.0 * pair.interaction.error
        assert pair.p_holm >= pair.interaction.p_value
    first = found[0].outcomes[0]
    e = answer.reading.experiment
    own = e.y[(e.cells[e.received] == 0).all(1)]
    assert abs(first.estimate - own.mean()) < 4.0 * own.std() / np.sqrt(len(own))


def test_where_treatments_add_up_no_interaction_is_claimed():
    answer = quick(link="linear", epochs=15, repeats=2).fit(table()[0], **NAMES)
    [pair] = interactions(answer)
    assert pair.interaction.error == 0.0
    assert pair.interaction.p_value == pair.p_holm == 1.0


def test_a_full_link_shows_what_the_four_cells_say():
    frame, _ = table(4, rows=1200, cells=np.array([[0, 0], [1, 0], [0, 1], [1, 1]]))
    answer = quick(link="full", epochs=15, repeats=2).fit(frame, **NAMES)
    [pair] = interactions(answer)
    means = frame.groupby(["t1", "t2"])["y"].mean()
    crude = means[1, 1] - means[1, 0] - means[0, 1] + means[0, 0]
    assert abs(pair.interaction.estimate - crude) < 5 * frame["y"].std() / np.sqrt(300)
