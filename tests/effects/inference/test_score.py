"""Scores: errors of the parameters cancel to first order, and with no cell to spare they are AIPW."""

from dataclasses import replace

import numpy as np
import pytest

from thalweg.effects.experiment.experiment import all_combinations
from thalweg.effects.experiment.simulate import simulate, standard_cells
from thalweg.effects.inference.common_scale import solve_scale
from thalweg.effects.inference.cross_fitted import Nuisance, predicted
from thalweg.effects.inference.score import project, score_blocks
from thalweg.effects.inference.specification import aipw_scores
from thalweg.effects.links.link import LINKS

LINK = LINKS["sigmoid2"]


def scores(experiment, nuisance, targets, *, common, link=LINK, ridge=0.0, binary=False):
    projection = project(link, nuisance, experiment, common_scale=common, ridge=ridge, binary=binary)
    residual = experiment.y - predicted(link, nuisance, experiment)
    parts = np.zeros(len(experiment), dtype=int)
    blocks = score_blocks(link, nuisance, projection, targets, parts)
    psi = np.concatenate([b.plug_in + b.weights * residual[:, None] for b in blocks], 1)
    return psi - psi[:, :1]


def expected(truth, x, nuisance, cells, targets, common):
    """The mean score at given parameters, outcomes and assignment averaged out."""
    total = 0.0
    means = truth.means(x, cells)
    experiment = simulate(0, rows=len(x), cells=cells)[0]
    for j in range(len(cells)):
        received = np.full(len(x), j)
        one = replace(experiment, x=x, y=means[:, j], received=received)
        total = total + scores(one, nuisance, targets, common=common).mean(0) / len(cells)
    return total


@pytest.mark.parametrize("common", [True, False])
def test_mean_score_is_flat_at_the_truth(common):
    rng = np.random.default_rng(1)
    targets, cells = all_combinations(4), standard_cells(4, extra=True)
    x = rng.uniform(size=(300, 10))
    _, truth = simulate(2, shape="positive", cells=cells)
    theta, c = truth.parameters(x), truth.scales(x)
    at = expected(truth, x, Nuisance(theta, c), cells, targets, common)
    effects = truth.means(x, targets).mean(0)
    np.testing.assert_allclose(at, effects - effects[0], atol=1e-9)
    for _ in range(20):
        direction = rng.normal(size=theta.shape) * np.cos(x[:, :1] * rng.integers(1, 5))
        move = rng.normal() if common else rng.normal(size=len(c))
        ends = []
        for sign in (-1.0, 1.0):
            step = sign * 1e-5
            ends.append(expected(truth, x, Nuisance(theta + step * direction, c + step * move), cells, targets, common))
        assert np.abs((ends[1] - ends[0]) / 2e-5).max() < 1e-6


def test_square_designs_make_the_score_aipw_whatever_the_parameters():
    experiment, _ = simulate(5, rows=500)
    rng = np.random.default_rng(0)
    wrong = Nuisance(rng.uniform(0.5, 1.5, (500, 5)), rng.uniform(5, 25, 500))
    ours = scores(experiment, wrong, experiment.cells, common=False)
    theirs = aipw_scores(experiment, LINK.value(wrong.index, wrong.scale, LINK.design(experiment.cells)))
    np.testing.assert_allclose(ours, theirs - theirs[:, :1], rtol=0, atol=1e-10)


def test_square_designs_make_the_likelihood_score_aipw_too():
    rng = np.random.default_rng(0)
    cells = np.array([[0, 0], [0, 1], [1, 0]])
    experiment = replace(simulate(0, rows=400, treatments=2, cells=cells)[0], y=rng.integers(0, 2, 400).astype(float))
    link = LINKS["sigmoid"]
    wrong = Nuisance(rng.normal(size=(400, 3)), np.ones(400))
    ours = scores(experiment, wrong, cells, common=False, link=link, binary=True)
    theirs = aipw_scores(experiment, link.value(wrong.index, wrong.scale, link.design(cells)))
    np.testing.assert_allclose(ours, theirs - theirs[:, :1], rtol=0, atol=1e-10)


def test_solving_for_the_scale_mends_a_scale_that_is_off():
    experiment, truth = simulate(4, shape="positive")
    theta = truth.parameters(experiment.x)
    wrong = Nuisance(theta, np.full(len(theta), 1.05 * truth.scale))
    mended, scale = solve_scale(LINK, wrong, wrong, experiment)
    assert scale.solved
    assert abs(mended.scale[0] / truth.scale - 1.0) < 0.01
    assert abs(scale.value - truth.scale) < 4 * scale.error


def test_a_scale_the_cells_do_not_determine_is_left_alone():
    experiment, truth = simulate(4, silent=(0,))
    theta = truth.parameters(experiment.x) + 1e-3
    nuisance = Nuisance(theta, truth.scales(experiment.x))
    kept, scale = solve_scale(LINK, nuisance, nuisance, experiment)
    assert not scale.solved
    assert scale.relative > 0.1
    assert scale.trust < 1.0
    assert scale.doubt > 0.1 * scale.value
    assert np.array_equal(kept.index, theta)


def test_networks_that_disagree_about_the_scale_leave_it_alone():
    experiment, truth = simulate(4, shape="positive")
    theta = truth.parameters(experiment.x)
    rng = np.random.default_rng(0)
    one, other = (Nuisance(theta * np.where(rng.uniform(size=(len(theta), 1)) < 0.5, 1, -1), truth.scales(theta))
                  for _ in range(2))  # fmt: skip
    _, scale = solve_scale(LINK, one, other, experiment)
    assert not scale.solved
    assert scale.relative >= 0.5
