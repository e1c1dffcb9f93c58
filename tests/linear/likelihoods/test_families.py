"""What every family promises; a new one is tested by its place in the table."""

import numpy as np
import pytest

from thalweg.base.errors import DataError, SettingError
from thalweg.linear.likelihoods.families import FAMILIES, MultinomialFamily, mean_family
from thalweg.linear.models import MODELS

RANDOM = np.random.default_rng(0)
COUNT = 40
A = np.column_stack([np.ones(COUNT), RANDOM.normal(size=(COUNT, 2))])
WEIGHTS = RANDOM.integers(0, 4, COUNT).astype(float)
ANSWERS = {
    "ols": RANDOM.normal(size=COUNT),
    "logistic": RANDOM.integers(0, 2, COUNT).astype(float),
    "poisson": RANDOM.poisson(2.0, COUNT).astype(float),
    "softmax": RANDOM.integers(0, 3, COUNT).astype(float),
}
ONE_ETA = [model for model, family in FAMILIES.items() if not isinstance(family, MultinomialFamily)]


def test_every_model_has_a_family_of_its_name():
    assert list(FAMILIES) == list(MODELS) == list(ANSWERS)
    assert all(FAMILIES[key].name == model.name for key, model in MODELS.items())


@pytest.mark.parametrize("model", FAMILIES)
def test_cost_is_the_weighted_loss_with_its_gradient_and_hessian(model):
    y = ANSWERS[model]
    family = FAMILIES[model].checked(y, WEIGHTS)
    penalty = np.array([0.0, 0.7, 0.7])
    cost = family.cost(A, y, WEIGHTS, penalty)
    theta = RANDOM.normal(size=3 * family.outputs) / 2
    squares = np.square(theta.reshape(3, -1)).sum(axis=1)
    direct = WEIGHTS @ family.loss(family.predictors(A, theta), y) + penalty @ squares / 2
    assert cost.value(theta) == pytest.approx(direct, rel=1e-13)
    steps = 1e-5 * np.eye(len(theta))
    slopes = [(cost.value(theta + h) - cost.value(theta - h)) / 2e-5 for h in steps]
    np.testing.assert_allclose(cost.gradient(theta), slopes, atol=1e-6)  # central differences keep about nine digits
    bends = np.array([(cost.gradient(theta + h) - cost.gradient(theta - h)) / 2e-5 for h in steps])
    pinned = cost.look(theta).hessian - bends  # classes get a curvature along the direction that changes nothing
    assert np.abs(pinned[family.outputs :, family.outputs :]).max() < 1e-6
    np.testing.assert_array_equal(cost.look(theta).gradient, cost.gradient(theta))


@pytest.mark.parametrize("model", ONE_ETA)
def test_link_and_mean_undo_each_other_and_curvature_keeps_its_bounds(model):
    family, eta = FAMILIES[model], np.linspace(-4, 4, 41)
    assert [family.link(float(mean)) for mean in family.mean(eta)] == pytest.approx(eta.tolist(), abs=1e-12)
    y = ANSWERS[model][:1]
    slope = (family.loss(eta + 1e-6, y) - family.loss(eta - 1e-6, y)) / 2e-6
    np.testing.assert_allclose(family.mean(eta) - y, slope, atol=1e-7)
    low, high = family.bounds
    assert np.all((low <= family.curvature(eta)) & (family.curvature(eta) <= high))


@pytest.mark.parametrize(
    ("model", "y", "words"),
    [
        ("logistic", [0, 1, 2], "got 2 in row 3"),
        ("logistic", [1, 1, 1], "all 3 rows have 1"),
        ("poisson", [1, -0.5, 2], "got -0.5 in row 2"),
        ("poisson", [0, 0, 0], "All counts are 0"),
        ("softmax", [0, 1, 1.5], "got 1.5 in row 3"),
        ("softmax", [2, 2, 2], "all 3 rows have 2"),
    ],
)
def test_answers_it_cannot_explain_are_refused(model, y, words):
    with pytest.raises(DataError, match=words):
        FAMILIES[model].checked(np.array(y, dtype=float), np.ones(3))


@pytest.mark.parametrize("model", [key for key, family in FAMILIES.items() if family.separable])
def test_fitted_values_that_split_have_separated_answers(model):
    x = np.linspace(-1, 1, 12)
    counts = np.where(x < 1, 0, 3)
    y = {"logistic": x > 0, "poisson": counts, "softmax": np.digitize(x, [-0.3, 0.3])}[model].astype(float)
    family = FAMILIES[model].checked(y, np.ones(12))
    design = np.column_stack([np.ones(12), x])
    assert family.separation(design, y) is not None
    assert family.separation(design, np.resize([0.0, 1.0, 2.0][: max(2, family.outputs)], 12)) is None
    theta = {"logistic": [0, 1], "softmax": [0, 0.4, 0, -1, 0, 1]}.get(model)
    if theta is not None:
        assert family.splits(family.predictors(design, np.array(theta, dtype=float)), y)


def test_one_linear_predictor_is_asked_for_by_word():
    assert mean_family("poisson") is FAMILIES["poisson"]
    with pytest.raises(SettingError, match="'logistic', 'poisson'"):
        mean_family("softmax")
