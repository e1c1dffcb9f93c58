"""Links: derivatives equal differences, and the worked examples of the literature come out."""

import numpy as np
import pytest
from scipy.special import logit

from thalweg.base.errors import SettingError
from thalweg.effects.experiment.experiment import all_combinations
from thalweg.effects.links.curve import own_curve
from thalweg.effects.links.link import LINKS, Link, find_link

OWN = Link("arctan", own_curve("arctan", np.arctan, lambda u: 1 / (1 + u * u)), scaled=True)


@pytest.mark.parametrize(
    "link", [*LINKS.values(), find_link("sigmoid", low=-1.0, height=3.0), OWN], ids=lambda x: x.name
)
def test_gradient_is_the_limit_of_differences(link):
    rng = np.random.default_rng(0)
    cells = all_combinations(3)
    design = link.design(cells)
    theta, c = rng.normal(size=(5, link.index_size(3))), rng.uniform(1, 2, 5)
    gradient, step = link.gradient(theta, c, design), 1e-6
    for k in range(theta.shape[1]):
        move = np.zeros_like(theta)
        move[:, k] = step
        difference = (link.value(theta + move, c, design) - link.value(theta - move, c, design)) / (2 * step)
        np.testing.assert_allclose(gradient[:, :, k], difference, atol=1e-7)
    difference = (link.value(theta, c + step, design) - link.value(theta, c - step, design)) / (2 * step)
    np.testing.assert_allclose(gradient[:, :, -1], difference, atol=1e-7)


def test_effects_of_two_kinds_of_users_change_sign_together():
    """Ye et al. (2025), table 1: both treatments hurt alone and help together."""
    link = LINKS["sigmoid2"]
    theta, c = np.array([[0, 1, 0.5], [-1, -3, -1]]), np.array([4.0, 4.0])
    means = link.value(theta, c, link.design(all_combinations(2))).mean(0)
    np.testing.assert_allclose(means[[2, 1, 3]] - means[0], [-0.0398, -0.0546, 0.1107], atol=1e-4)


def test_saturation_makes_effects_less_than_additive():
    """Ye et al. (2025), figure 2: single effects lift 5 to 7 out of at most 10, or 20."""
    link = LINKS["sigmoid2"]
    base, lift = np.array([logit(0.5), logit(0.25)]), np.array([logit(0.7), logit(0.35)])
    theta = np.column_stack([base, lift - base, lift - base])
    joint = link.value(theta, np.array([10.0, 20.0]), link.design(np.array([[1, 1]])))[:, 0]
    np.testing.assert_allclose(joint, [8.4483, 9.3038], atol=1e-4)
    assert abs((joint[1] - 9.0) / (joint[1] - joint[0]) - 0.3551) < 1e-4


def test_multiplicative_link_multiplies():
    link = LINKS["multiplicative"]
    theta = np.log(np.array([[2.0, 1.5, 3.0]]))
    means = link.value(theta, np.ones(1), link.design(all_combinations(2)))[0]
    np.testing.assert_allclose(means, [2.0, 6.0, 3.0, 9.0])


def test_wrong_slope_is_refused():
    with pytest.raises(SettingError, match="slope"):
        own_curve("wrong", np.sin, np.sin)


def test_constants_belong_to_the_known_sigmoid():
    with pytest.raises(SettingError, match="takes no low"):
        find_link("linear", height=2.0)
    with pytest.raises(SettingError, match="must be one of"):
        find_link("probit")
