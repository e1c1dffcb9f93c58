"""The capacity of Hebb's rule: theory by its known numbers, and networks of a few hundred units."""

import math

import pytest

from thalweg.energy import capacity_curve, critical_load, hebbian_overlap


def test_theory_has_the_published_numbers():
    """Amit, Gutfreund & Sompolinsky (1985): α_c = 0.1379 (0.137906) and m = 0.967."""
    load, overlap = critical_load()
    assert load == pytest.approx(0.137906, abs=1e-6)
    assert overlap == pytest.approx(0.96742, abs=1e-5)
    assert [hebbian_overlap(a) for a in (0.05, 0.1, 0.13)] == pytest.approx([0.99999, 0.99800, 0.98721], abs=1e-5)
    assert math.isnan(hebbian_overlap(0.14))


def test_networks_follow_it_below_and_forget_above():
    curve = capacity_curve(300, [0.08, 0.2], networks=2, probes=20)
    assert curve.overlap[0] == pytest.approx(curve.theory[0], abs=0.006)
    assert curve.overlap[1] < 0.75
    assert math.isnan(curve.theory[1])
    assert list(curve.frame()["load"]) == pytest.approx([0.08, 0.2])
