"""Outputs of trained members for any rows, by the same programs that measured their validation loss."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from thalweg.base.contracts import Loss, NetworkSpec
from thalweg.train.backend import backend_of
from thalweg.train.products.threads import one_thread


def predict_outputs(
    network: NetworkSpec,
    loss: Loss,
    parameters: Sequence[NDArray[np.floating]],
    x: NDArray[np.floating],
    classes: int = 1,
    dtype: torch.dtype = torch.float32,
) -> NDArray[np.float64]:
    """Return the outputs of members of one architecture.

    Parameters
    ----------
    network, loss
        The architecture, and the loss that decides how many outputs there are.
    parameters
        One vector [Θ] per member.
    x
        Features [N D].
    classes
        Columns of the outcome.
    dtype
        Type to compute in; that of training gives the very numbers of training.

    Returns
    -------
    numpy.ndarray
        Outputs q [P N C]: predictions for squared error, log-odds for logistic, scores for softmax.

    Examples
    --------
    >>> from thalweg.loss.squared import Squared
    >>> from thalweg.net.spec import Network
    >>> predict_outputs(Network(), Squared(), [np.array([2.0, 1.0])], np.array([[3.0]])).tolist()
    [[[7.0]]]
    """
    check = network.input_check
    if check is not None:
        check(x)
    with one_thread():  # blocks are small, and threads that wait for each other do not survive a busy machine
        return backend_of(network).outputs(network, loss, parameters, x, classes, dtype)
