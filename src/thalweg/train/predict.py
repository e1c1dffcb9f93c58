"""Outputs of trained members for any rows, by the same programs that measured their validation loss."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from thalweg.base.contracts import Loss
from thalweg.net.spec import Network
from thalweg.train.module import ModuleNetwork, restore
from thalweg.train.products.threads import compute_threads
from thalweg.train.steps.parameters import ParameterBlocks
from thalweg.train.steps.planner import StepPlanner, plan_step

BLOCK = 128  # rows at once; fixed, so that a row's outputs never depend on how many are asked for
MOST_SLOTS = 16


def predict_outputs(
    network: Network | ModuleNetwork,
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
    >>> predict_outputs(Network(), Squared(), [np.array([2.0, 1.0])], np.array([[3.0]])).tolist()
    [[[7.0]]]
    """
    network.check(x)
    with compute_threads(1):  # blocks are small, and threads that wait for each other do not survive a busy machine
        if isinstance(network, ModuleNetwork):
            return _module_outputs(network, parameters, x, dtype)
        outputs = loss.outputs(classes)
        result = np.empty((len(parameters), len(x), outputs))
        for first in range(0, len(parameters), MOST_SLOTS):
            some = parameters[first : first + MOST_SLOTS]
            result[first : first + len(some)] = _outputs(network, loss, some, x, classes, dtype)
        return result


def _outputs(
    network: Network,
    loss: Loss,
    parameters: Sequence[NDArray[np.floating]],
    x: NDArray[np.floating],
    classes: int,
    dtype: torch.dtype,
) -> NDArray[np.float64]:
    count, inputs = x.shape
    outputs, device = loss.outputs(classes), torch.device("cpu")
    with torch.inference_mode():
        blocks = ParameterBlocks(network.parameters(inputs, outputs), len(parameters), None, dtype, device)
        for slot, vector in enumerate(parameters):
            blocks.load(slot, torch.from_numpy(np.asarray(vector)))
        settings = {name: torch.zeros(len(parameters), 1, 1, dtype=dtype) for name in network.settings(outputs)}
        planner = StepPlanner(blocks, settings, BLOCK, training=False, weighted=False, pool=None)
        program = plan_step(planner, network, loss, inputs, classes, inputs + 1 + classes)
        calls, rows = program.calls, program.rows.view(len(parameters), BLOCK, -1)
        rows[:, :, inputs] = 1
        features = torch.from_numpy(np.ascontiguousarray(x)).to(dtype)
        result = np.empty((len(parameters), count, outputs))
        for start in range(0, count, BLOCK):
            block = features[start : start + BLOCK]
            rows[:, : len(block), :inputs] = block
            for call in calls:
                call()
            result[:, start : start + len(block)] = program.outputs[:, :, : len(block)].mT.numpy()
    return result


def _module_outputs(
    network: ModuleNetwork, parameters: Sequence[NDArray[np.floating]], x: NDArray[np.floating], dtype: torch.dtype
) -> NDArray[np.float64]:
    features = torch.from_numpy(np.ascontiguousarray(x)).to(dtype)
    found = []
    with torch.inference_mode():
        for vector in parameters:
            module = restore(network, vector, dtype)
            blocks = [network.forward(module, block)[0].mT for block in torch.split(features, BLOCK)]
            found.append(torch.cat(blocks).double().numpy())
    return np.stack(found)
