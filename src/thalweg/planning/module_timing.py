"""What a torch module's steps take on this machine: some of them are done, on a copy."""

import copy
import time
from collections.abc import Sequence
from statistics import median

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils._pytree import tree_map

from thalweg.planning.work.module_count import numbers_of

SECONDS = 2.0
"""To spend at most, about."""
MOST = 50
"""Steps that are timed at most."""


def module_step_seconds(module: nn.Module, sample: Sequence[object]) -> float:
    """Return the median time of a step, forward, backward and Adam, on torch's threads.

    The first step, which finds nothing prepared, is left out. The module given stays as it is.

    Parameters
    ----------
    module
        Any module that :func:`thalweg.planning.work.module_count.count_module` counts.
    sample
        Its inputs for one batch.

    Examples
    --------
    >>> 0 < module_step_seconds(nn.Linear(3, 1), [torch.zeros(8, 3)]) < 1
    True
    """
    trained = copy.deepcopy(module).cpu().train()
    inputs = [tree_map(_as_tensor, part) for part in sample]
    adam = torch.optim.Adam(trained.parameters())
    took: list[float] = []
    while len(took) <= MOST and (len(took) < 3 or sum(took) < SECONDS):
        began = time.perf_counter()
        adam.zero_grad()
        torch.autograd.backward(torch.stack([part.sum() for part in numbers_of(trained(*inputs))]).sum())
        adam.step()
        took.append(time.perf_counter() - began)
    return median(took[1:])


def _as_tensor(part: object) -> object:
    if not isinstance(part, np.ndarray):
        return part.cpu() if isinstance(part, Tensor) else part
    found = torch.from_numpy(part)
    return found.float() if found.is_floating_point() else found
