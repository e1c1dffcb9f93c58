"""Which rows a member sees at which step: its own shuffle, its own weights, its own dropout masks."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from thalweg.base.seeds import stream
from thalweg.train.population import Crowd, Member, order_seed, unit_mean
from thalweg.train.steps.masks import MaskPool


def epoch_order(crowd: Crowd, member: Member, epoch: int, null: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Shuffle a member's rows for one epoch.

    Parameters
    ----------
    crowd, member, epoch
        Whose epoch it is.
    null
        Number of the table's zero row, which fills the last batch.

    Returns
    -------
    order
        Table rows [T B].
    places
        Places in ``member.rows`` [T B], −1 where the zero row stands.

    Examples
    --------
    >>> from thalweg.loss.squared import Squared
    >>> from thalweg.net.spec import mlp
    >>> from thalweg.train.population import crowd_of, training_table
    >>> table = training_table(np.zeros((10, 2)), np.zeros(10))
    >>> member = Member(mlp((8,)), Squared(), np.arange(10, dtype=np.int32), batch=4, epochs=2)
    >>> order, places = epoch_order(crowd_of(member, table), member, epoch=0, null=10)
    >>> sorted(order[places >= 0].tolist())
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
    """
    count = len(member.rows)
    places = np.full(crowd.steps * crowd.batch, -1, dtype=np.int32)
    places[:count] = (
        np.arange(count) if crowd.steps == 1 else stream(order_seed(member), "order", epoch).permutation(count)
    )
    order = np.append(member.rows, np.int32(null)).take(places)  # place −1 is the last
    shape = crowd.steps, crowd.batch
    return order.astype(np.int32, copy=False).reshape(shape), places.reshape(shape)


def row_weights(crowd: Crowd, member: Member, places: NDArray[np.int32]) -> NDArray[np.float64]:
    """Return the weight of every row of every step [T B], with which a batch mean over B rows is right.

    Weights have mean 1 over the member's training rows; a last batch of r rows counts B/r, so that its gradient is a
    mean too; rows it lacks have weight 0.

    Examples
    --------
    >>> from thalweg.loss.squared import Squared
    >>> from thalweg.net.spec import mlp
    >>> from thalweg.train.population import crowd_of, training_table
    >>> table = training_table(np.zeros((10, 2)), np.zeros(10))
    >>> member = Member(mlp((8,)), Squared(), np.arange(10, dtype=np.int32), batch=4, epochs=2)
    >>> crowd = crowd_of(member, table)
    >>> row_weights(crowd, member, epoch_order(crowd, member, epoch=0, null=10)[1])
    array([[1., 1., 1., 1.],
           [1., 1., 1., 1.],
           [2., 2., 0., 0.]])
    """
    share = unit_mean(member.weights, len(member.rows))
    weights = np.where(places < 0, 0.0, share[places])
    present = (places >= 0).sum(1, keepdims=True)
    weights *= crowd.batch / present
    return weights


def mask_starts(
    pool: MaskPool, masks: Sequence[tuple[float, int]], member: Member, epoch: int, steps: int
) -> NDArray[np.int32]:
    """Return where each dropout mask of an epoch starts in the pool [T L].

    Parameters
    ----------
    pool
        The pools.
    masks
        Rate and length of the mask of every dropout layer.
    member, epoch, steps
        Whose epoch it is, and how many steps it has.

    Examples
    --------
    >>> import torch
    >>> from thalweg.loss.squared import Squared
    >>> from thalweg.net.spec import mlp
    >>> from thalweg.train.steps.masks import mask_pool
    >>> member = Member(mlp((8,), dropout=0.5), Squared(), np.arange(10, dtype=np.int32))
    >>> mask_starts(mask_pool([0.5], torch.float32), [(0.5, 32 * 8)], member, epoch=0, steps=3).shape
    (3, 1)
    """
    starts = np.empty((steps, len(masks)), dtype=np.int32)
    for layer, (rate, length) in enumerate(masks):
        first, count = pool.offset(rate, length)
        starts[:, layer] = first + stream(member.seed, "dropout", epoch, layer).integers(count, steps)
    return starts
