import numpy as np
import pytest

from thalweg.study.signals.mean_field import CURVES, mean_field

REFERENCES = [  # activation, σ_w², σ_b², second moment in the limit and factor there, by independent quadrature
    ("relu", 2.0, 0.0, None, 1.0),
    ("relu", 1.0, 0.0, None, 0.5),
    ("relu", 1 / 3, 1 / 1200, 1e-3, 1 / 6),
    ("tanh", 2.0, 0.0, 0.61796, 1.10553),
    ("sigmoid", 1.0, 0.0, 0.26469, 0.05572),
    ("sigmoid", 1 / 3, 1 / 1200, 0.08588, 0.02000),
]


@pytest.mark.parametrize(("activation", "weight", "bias", "limit", "factor"), REFERENCES)
def test_limits_are_those_known(activation, weight, bias, limit, factor):
    found = mean_field(activation, weight, bias, 1.0, 200)
    assert found.factor == pytest.approx(factor, abs=2e-5)
    if limit is not None:
        assert found.moments[-1] == pytest.approx(limit, rel=2e-4)


@pytest.mark.parametrize("activation", CURVES)
def test_slopes_are_derivatives(activation):
    curve, slope = CURVES[activation]
    z = np.array([-2.0, -0.3, 0.4, 1.7])
    np.testing.assert_allclose((curve(z + 1e-6) - curve(z - 1e-6)) / 2e-6, slope(z), atol=1e-8)


def test_no_theory_is_told_of_others():
    assert mean_field("gelu", 2.0, 0.0, 1.0, 3) is None
