import math

import pytest
from scipy.stats import norm

from loss.rows import as_outputs, predicted, row_loss
from thalweg.loss.gaussian import Gaussian


@pytest.mark.parametrize("sd", [0.1, 1.0, 20.0])
def test_a_row_costs_the_likelihood_without_its_constant(sd):
    expected = -norm.logpdf(3.0, 1.0, sd) - math.log(2 * math.pi) / 2
    assert row_loss(Gaussian(), (1.0, 2 * math.log(sd)), (3.0,)) == pytest.approx(expected, rel=1e-12)


def test_means_come_first_and_deviations_behind_them():
    loss, outputs = Gaussian(), (1.0, 2.0, 0.0, 2 * math.log(3))
    assert loss.outputs(2) == 4
    assert predicted(loss, *outputs) == [1.0, 2.0]
    assert loss.deviation(as_outputs(*outputs))[0, :, 0].tolist() == pytest.approx([1.0, 3.0])
