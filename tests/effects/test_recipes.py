"""Recipes of the networks of an experiment."""

from thalweg.effects.recipes import WARMUP, recipe_of
from thalweg.effects.training import Training
from thalweg.loss.penalty import Penalty
from thalweg.loss.squared import Squared
from thalweg.net.spec import mlp


def test_a_recipe_takes_what_its_training_says():
    training = Training(learning_rate=0.02, batch=32, epochs=9)
    recipe = recipe_of(training, mlp((4,)), Squared(), ridge=0.1)
    assert (recipe.optimizer.learning_rate, recipe.batch, recipe.epochs) == (0.02, 32, 9)
    assert (recipe.schedule.warmup, recipe.penalty) == (WARMUP, Penalty(ridge=0.1))
    assert recipe.patience is None
    assert recipe_of(training, mlp((4,)), Squared(), batch=16).batch == 16
