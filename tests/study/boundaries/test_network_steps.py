import numpy as np
import pytest

import thalweg as tw
from thalweg.study.boundaries.network_steps import BACKWARD, FORWARD, LOSS, UPDATE, backprop_study
from thalweg.study.sample import sample_of


@pytest.mark.parametrize("source", ["example:diabetes", "example:breast_cancer", "example:iris"])
@pytest.mark.parametrize("hidden", [(), (4,), (4, 3, 5)])
def test_every_operation_has_its_part_and_layer(source, hidden):
    study = backprop_study(sample_of(tw.pose(source)), hidden=hidden)
    order = [FORWARD, LOSS, BACKWARD, UPDATE]
    assert [step.part for step in study.steps] == sorted((s.part for s in study.steps), key=order.index)
    layers = len(hidden) + 1
    for part, backwards in ((FORWARD, False), (BACKWARD, True)):
        found = [step.layer for step in study.steps if step.part == part]
        assert found == sorted(found, reverse=backwards)
        assert set(found) == set(range(1, layers + 1))
    assert next(s.text for s in study.steps if s.part == BACKWARD).startswith("dW = dq")


def test_products_cost_six_per_parameter_and_row_but_for_the_first_layers_way_back():
    study = backprop_study(sample_of(tw.pose("example:diabetes")), hidden=(64, 64), batch=32)
    first = 64 * study.inputs
    expected = 6 * study.parameters * 32 - 2 * first * 32
    products = sum(s.flops for s in study.steps if s.text.startswith(("z = x W", "q = W", "dW", "dx")))
    assert products == pytest.approx(expected, rel=0.02)  # biases are added, not multiplied
    assert study.rule_flops == 6 * study.parameters * 442 * 100


def test_slopes_of_activations_are_derivatives():
    study = backprop_study(sample_of(tw.pose("example:iris")))
    step = study.z[1] - study.z[0]
    away = np.abs(study.z[1:-1]) > 2 * step  # kinks at 0
    for values, slopes in zip(study.values, study.slopes, strict=True):
        difference = (values[2:] - values[:-2]) / (2 * step)
        np.testing.assert_allclose(difference[away], slopes[1:-1][away], atol=2e-3)
