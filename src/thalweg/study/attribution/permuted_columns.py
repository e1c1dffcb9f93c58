"""How much worse a population predicts when a column is shuffled."""

from collections.abc import Sequence

import numpy as np

from thalweg.base.arrays import FloatArray, IntArray
from thalweg.base.seeds import derived_seed, stream
from thalweg.train.many_losses import ManyLosses


def permutation_importance(
    losses: ManyLosses,
    vectors: FloatArray,
    x: FloatArray,
    belongs: IntArray,
    *,
    repeats: int = 5,
    seed: int = 0,
    orders: Sequence[IntArray] | None = None,
) -> FloatArray:
    """Return by how much the loss rises when a column is shuffled, for every member and column [P K].

    All encoded columns of one column of the table are shuffled together, and all members see the same shuffles
    (Breiman 2001, Machine Learning 45, 5-32).

    Parameters
    ----------
    losses
        Of the population's network on rows it did not learn from.
    vectors
        Parameters of the members [P Θ].
    x
        Features of those rows [N D].
    belongs
        The column each feature comes from [D].
    repeats, seed
        Shuffles per column, and their name.
    orders
        The shuffles themselves [N], one per repeat, in place of those drawn.

    Examples
    --------
    >>> from thalweg.loss.squared import Squared
    >>> from thalweg.net.spec import Network
    >>> from thalweg.train.population import training_table
    >>> x = np.array([[0.0, 1.0], [1.0, 5.0]])
    >>> losses = ManyLosses(Network(), Squared(), training_table(x, x[:, 0]))
    >>> swap = [np.array([1, 0])]
    >>> permutation_importance(losses, np.array([[1.0, 0.0, 0.0]]), x, np.arange(2), orders=swap).tolist()
    [[1.0, 0.0]]
    """
    if orders is None:
        orders = [
            stream(derived_seed(seed, "split", 21, r), "split").permutation(len(x)).astype(np.int64)
            for r in range(repeats)
        ]
    plain = losses.losses(vectors)
    columns = int(belongs.max()) + 1
    risen = np.zeros((len(vectors), columns))
    for column in range(columns):
        theirs = np.flatnonzero(belongs == column)
        for order in orders:
            shuffled = x.copy()
            shuffled[:, theirs] = x[np.ix_(order, theirs)]
            risen[:, column] += losses.losses(vectors, shuffled) - plain
    return risen / len(orders)
