"""Weights of experiments: frequencies are units written out, of other weights only ratios matter, zero is no unit."""

import numpy as np
import pytest

from effects.experiments import NAMES, quick, table

FRAME = table(rows=400)[0]
COUNTS = np.random.default_rng(1).integers(0, 4, len(FRAME))
PARTS = COUNTS * 0.37


def fitted(frame, kind=None, weights="w"):
    return quick().fit(frame, **NAMES, weights=weights, weights_kind=kind)


def same(one, other):
    for level in (one.effects(), other.effects()):
        assert len(level) == 3
    for a, b in zip(one.effects(), other.effects(), strict=True):
        np.testing.assert_allclose([a.estimate, a.error], [b.estimate, b.error], rtol=1e-4)


def test_frequency_weights_are_repeated_units():
    repeated = FRAME.loc[FRAME.index.repeat(COUNTS)].sample(frac=1.0, random_state=0)
    weighed = fitted(FRAME.assign(w=COUNTS), "frequency")
    same(weighed, fitted(repeated, weights=None))
    assert len(weighed.reading.experiment) == COUNTS.sum()
    assert weighed.scores.shape == (len(FRAME), 4)
    np.testing.assert_array_equal(np.isnan(weighed.scores[:, 1]), COUNTS == 0)


@pytest.mark.parametrize("kind", ["analytic", "probability"])
def test_of_other_weights_only_ratios_matter_and_zero_is_no_unit(kind):
    one = fitted(FRAME.assign(w=PARTS), kind)
    same(one, fitted(FRAME.assign(w=1024 * PARTS), kind))
    present = COUNTS > 0
    assert len(one.reading.experiment) == present.sum()
    labels = np.where(np.arange(len(FRAME)) % 2, "odd", "even")
    assert [group.name for group in one.groups(labels, "11")] == labels[present][:2].tolist()


def test_a_sum_far_from_n_is_told():
    check = quick().check(FRAME.assign(w=7.0), **NAMES, weights="w")
    assert any("were read as analytic" in note for note in check.reading.notes)
