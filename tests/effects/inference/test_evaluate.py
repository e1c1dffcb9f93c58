"""An undetermined scale widens every error that hangs on it."""

import numpy as np
import pytest

from effects.experiments import NAMES, quick, table
from thalweg.effects.inference.intervals import influence


@pytest.fixture(scope="module")
def undetermined():
    frame, _ = table(2, silent=(0,), rows=1200, treatments=3)
    names = NAMES | {"treatments": ["t1", "t2", "t3"]}
    return frame, quick(scale="global", epochs=30).fit(frame, **names)


def test_errors_add_the_doubt_to_the_sampling_error(undetermined):
    evaluation = undetermined[1].evaluation
    assert not evaluation.scales[0].solved
    sampling = np.sqrt((influence(evaluation.scores) ** 2).sum(0))
    np.testing.assert_allclose(evaluation.errors[0] ** 2, sampling**2 + evaluation.doubts[0] ** 2)
    assert (np.abs(evaluation.doubts[0]) > sampling).any()


def test_withheld_effects_hang_on_the_scale(undetermined):
    answer = undetermined[1]
    status = {e.combination: e for e in answer.effects(allow_unidentified=True)}
    weak = [e for e in status.values() if e.support.status == "weak"]
    assert weak
    assert all("scale" in e.support.reason for e in weak)
    assert not any(e.observed for e in weak)
    shown = [e for e in status.values() if e.support.status == "extrapolated"]
    assert shown
    assert all("which the error allows for" in e.support.reason for e in shown)
    assert any("hardly determine the scale" in note for note in answer.notes)


def test_groups_and_policies_carry_the_doubt(undetermined):
    frame, answer = undetermined
    whole = {e.combination: e for e in answer.effects()}["001"]
    policy = answer.policy(["001"] * len(frame))
    assert policy.error == pytest.approx(whole.error, rel=1e-6)
    parts = answer.groups(np.where(frame.x1 > 0.5, "high", "low"), "001")
    sampling = np.sqrt((influence(answer.evaluation.scores) ** 2).sum(0)[answer.number("001")])
    assert whole.error > sampling
    assert all(part.error > 0 for part in parts)
    contrast = answer.contrast("001", "010")
    paired = answer.evaluation.scores[:, [1]] - answer.evaluation.scores[:, [2]]
    assert contrast.error > np.sqrt((influence(paired) ** 2).sum())
