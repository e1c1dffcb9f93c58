from dataclasses import replace

import numpy as np

from thalweg.effects.benchmarks import linear_addition
from thalweg.effects.experiment.simulate import simulate


def test_errors_of_linear_addition_do_not_hang_on_the_level_of_the_outcome():
    experiment, _ = simulate(0, rows=600)
    near, far = (
        linear_addition(replace(experiment, y=experiment.y + level), experiment.cells, experiment.cells[0])
        for level in (0.0, 1e8)
    )
    np.testing.assert_allclose(far.error, near.error, rtol=1e-5)
    constant = linear_addition(replace(experiment, y=np.full(600, 0.1)), experiment.cells, experiment.cells[0])
    np.testing.assert_allclose(constant.error, 0.0, atol=1e-12)
