"""Chances by what was received: every unit is in one bin, and ranges are those of the units."""

import numpy as np
import pytest

from effects.one_treatment.test_observed import QUICK, chosen
from thalweg.effects.one_treatment.chances import chance_ranges, chance_shares
from thalweg.effects.one_treatment.observed import observe


@pytest.fixture(scope="module")
def found():
    return observe(chosen(rows=300), target="y", treatment="t", training=QUICK).effects


def test_shares_count_every_unit_once(found):
    edges, shares, rare = chance_shares(found)
    chance, received = np.median(found.nuisances.chances, axis=0)[:, 1], found.trial.received
    assert shares.sum(axis=1) == pytest.approx([1.0, 1.0])
    tenth = (chance >= edges[10]) & (chance < edges[11])
    assert shares[0, 10] == pytest.approx(tenth[received == 1].mean())
    assert shares[1, 10] == pytest.approx(tenth[received == 0].mean())
    assert rare == np.mean((chance < 0.02) | (chance > 0.98))


def test_those_who_received_it_had_the_higher_chances(found):
    mine, others = chance_ranges(found)
    assert (np.diff(mine, axis=1) >= 0.0).all()
    assert (mine[:, 1] > others[:, 1]).all()
