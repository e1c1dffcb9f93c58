from dataclasses import replace

import numpy as np
import pytest

import thalweg as tw
from thalweg.net.init import FanIn, Glorot, He
from thalweg.net.spec import mlp
from thalweg.study.sample import StudySample, sample_of
from thalweg.study.signals.signal import _signals, _start, signal_study


@pytest.fixture(scope="module")
def study():
    return signal_study(sample_of(tw.pose("example:iris")), hidden=(24,) * 6, epochs=2, seeds=3)


def wide(activation, rule):
    """Signals of a deep, wide network, averaged over networks."""
    rng = np.random.default_rng(0)
    sample = StudySample("t", "y", "regression", (), rng.normal(size=(64, 100)), rng.normal(size=(64, 1)))
    network = mlp((100,) * 12, activation, init=rule)
    return _signals(network, sample, [_start(network, sample, seed) for seed in range(16)])


@pytest.mark.parametrize(("rule", "factor"), [(He(), 1.0), (Glorot(), 0.5), (None, 1 / 6)])
def test_rectified_gradients_keep_one_half_or_a_sixth_a_layer(rule, factor):
    backward = wide("relu", rule).backward
    assert (backward[0] / backward[-1]) ** (1 / 11) == pytest.approx(factor, rel=0.06)  # 16 nets of width 100


def test_forward_signals_of_rectifiers_are_kept_by_he_and_halved_by_xavier():
    for rule, factor in ((He(), 1.0), (Glorot(), 0.5)):
        forward = wide("relu", rule).forward
        assert (forward[-1] / forward[0]) ** (1 / 11) == pytest.approx(factor, rel=0.06)


def test_sigmoids_lose_gradients_as_theory_says():
    backward = wide("sigmoid", Glorot()).backward
    assert (backward[2] / backward[-1]) ** (1 / 9) == pytest.approx(0.05572, rel=0.06)


def test_starts_are_those_of_the_engine():
    table = tw.pose("example:iris")
    sample, network = sample_of(table), mlp((4, 4), init=FanIn())
    from thalweg.train.fit import fit_population
    from thalweg.train.population import Member

    start = _start(network, sample, 5)
    member = Member(network, sample.loss, np.arange(3), seed=5, epochs=1, batch=3)
    given = replace(member, start=start)
    one, other = fit_population(sample.table(), [member, given], workers=1).members
    assert one.same_numbers(replace(other, number=0))


def test_zeros_pass_nothing_and_stay(study):
    zeros = study.plain[0]
    assert (zeros.forward == 0).all()
    assert zeros.verdict == "no gradient"
    assert zeros.median[-1] == pytest.approx(zeros.median[0], rel=0.05)


def test_theory_stands_beside_what_is_measured(study):
    for found in study.plain[1:]:
        assert found.factor == pytest.approx(found.theory.factor, rel=0.5)
        np.testing.assert_allclose(np.log(found.forward), np.log(found.theory.moments), atol=1.5)
    assert all(found.theory is None for found in study.starts if found.normalised)


def test_one_layer_is_refused_in_words():
    with pytest.raises(tw.SettingError, match="hidden needs at least two layers"):
        tw.run_study("signal", "example:iris", hidden=8)
