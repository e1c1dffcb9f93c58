"""The step size that needs no search: 1/L, where the objective is convex and smooth."""

from dataclasses import replace

import torch

from thalweg.base.errors import SettingError
from thalweg.net.spec import Network
from thalweg.optim.gradient import GradientDescent
from thalweg.train.population import Member, TrainingTable, unit_mean


def smoothness(table: TrainingTable, member: Member) -> float:
    """Return L, the largest curvature of a linear member's objective: κ λ_max(Σ w x̃ x̃ᵀ / n) + 2 ridge.

    κ bounds the curvature of the loss in its outputs, x̃ is a row with its one. The gradient of the objective is
    L-Lipschitz; for squared loss no smaller number is enough.

    Parameters
    ----------
    table, member
        What is learned, by whom; its rows and weights count.

    Returns
    -------
    float
        Loss per squared unit of a coefficient.

    Raises
    ------
    SettingError
        If the member has hidden layers, or its loss no bounded curvature: there is no such L.

    Examples
    --------
    >>> import numpy as np
    >>> from thalweg.loss.squared import Squared
    >>> from thalweg.train.population import training_table
    >>> member = Member(Network(), Squared(), np.arange(2))
    >>> smoothness(training_table(np.array([[1.0], [-1.0]]), np.array([0.0, 1.0])), member)
    2.0

    Notes
    -----
    Nesterov (2004), Introductory Lectures on Convex Optimization, section 1.2: gradient descent with t = 1/L lowers a
    function with L-Lipschitz gradient by at least ‖∇f‖²/(2L) a step.
    """
    outputs = member.loss.outputs(table.classes)
    curvature = member.loss.curvature(outputs)
    if member.network != Network() or curvature is None:
        raise SettingError(
            f"{type(member.loss).__name__} on {member.network} has no bound on its curvature.",
            "Take 1/L for linear members with squared, logistic, softmax or Huber loss; choose a learning rate here.",
        )
    x = table.rows[torch.as_tensor(member.rows, dtype=torch.int64), : table.inputs + 1].double()
    weights = torch.from_numpy(unit_mean(member.weights, len(member.rows)))
    largest = torch.linalg.eigvalsh((x * weights[:, None]).T @ x / len(x))[-1]
    return curvature * float(largest) + 2.0 * member.penalty.ridge


def descending(table: TrainingTable, member: Member) -> Member:
    """Return a linear member that learns by full-batch gradient descent with t = 1/L.

    Parameters
    ----------
    table, member
        As for :func:`smoothness`.

    Raises
    ------
    SettingError
        As :func:`smoothness`.

    Examples
    --------
    >>> import numpy as np
    >>> from thalweg.loss.squared import Squared
    >>> from thalweg.train.population import training_table
    >>> table = training_table(np.array([[1.0], [-1.0]]), np.array([0.0, 1.0]))
    >>> descending(table, Member(Network(), Squared(), np.arange(2))).optimizer
    GradientDescent(learning_rate=0.5)
    """
    return replace(member, optimizer=GradientDescent(1.0 / smoothness(table, member)), batch=None)
