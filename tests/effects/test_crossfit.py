"""Which networks of an experiment are trained again."""

import numpy as np
import pytest

from thalweg.effects.crossfit import _unfinished, cross_fit
from thalweg.effects.experiment.experiment import Experiment
from thalweg.effects.inference.cross_fitted import Model
from thalweg.effects.links.link import LINKS
from thalweg.effects.training import Training

INF = np.inf


@pytest.mark.parametrize(
    ("losses", "again"),
    [
        ([1.0, 1.1, 0.9, 1.0, 1.0], []),
        ([1.0, 1.1, 9.0, 1.0, 1.0], [2]),
        ([INF, 1.1, INF, 1.0, INF], [0, 2, 4]),
        ([INF, 9.0, INF, 1.0, 1.0], [0, 1, 2]),
        ([INF] * 5, [0, 1, 2, 3, 4]),
        ([np.nan, 1.0, 1.0, 1.0, 1.0], [0]),
    ],
)
def test_networks_that_diverged_are_trained_again_however_many_they_are(losses, again):
    places = [(0, 0, fold, 0) for fold in range(5)] + [(1, 0, fold, 0) for fold in range(5)]
    assert _unfinished(np.array([*losses, *[1.0] * 5]), places) == again


def test_counts_with_a_long_tail_are_fitted_with_smaller_steps():
    draw = np.random.default_rng([0, 88])
    cells, x = np.array([(0, 0), (1, 0), (0, 1)]), draw.standard_normal((300, 3))
    received = draw.integers(0, 3, 300)
    y = draw.poisson(np.exp(0.5 + 0.8 * x[:, 0] + cells[received] @ [0.3, -0.2])).astype(float)
    trial = Experiment(x, y, cells, received, np.full(3, 1 / 3))
    training = Training(repeats=1, workers=1, epochs=30, ridge=(5e-6,), learning_rate=3.0)
    [[fit]] = cross_fit([trial], [Model(LINKS["multiplicative"])], training)
    assert fit.retried
    assert np.isfinite(fit.nuisances[0].index).all()
