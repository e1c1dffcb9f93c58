"""How the networks of an experiment learn: Adam with a cosine schedule after a warm-up, no rows held out."""

from thalweg.base.contracts import Loss
from thalweg.effects.training import Training
from thalweg.loss.penalty import Penalty
from thalweg.net.spec import Network
from thalweg.optim.adam import Adam
from thalweg.optim.schedule import Cosine
from thalweg.select.learning.recipe import Recipe

WARMUP = 0.02


def recipe_of(
    training: Training, network: Network, loss: Loss, *, ridge: float = 0.0, batch: int | None = None
) -> Recipe:
    """Return the recipe of a network under some training.

    Parameters
    ----------
    training
        Learning rate, epochs and rows of a batch.
    network, loss
        What learns, and what it minimises.
    ridge
        Of :class:`~thalweg.loss.penalty.Penalty`.
    batch
        Rows of a batch; None for those of the training.

    Examples
    --------
    >>> from thalweg.loss.squared import Squared
    >>> from thalweg.net.spec import mlp
    >>> recipe_of(Training(epochs=7), mlp((8,)), Squared()).epochs
    7
    """
    return Recipe(
        network=network,
        loss=loss,
        optimizer=Adam(training.learning_rate),
        schedule=Cosine(warmup=WARMUP),
        penalty=Penalty(ridge=ridge),
        batch=training.batch if batch is None else batch,
        epochs=training.epochs,
        patience=None,
    )
