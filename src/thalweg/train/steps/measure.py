"""The sum of row losses of native steps, the same on every processor."""

import torch
from torch import Tensor

from thalweg.base.axes import ALIGNMENT


def summed_in_pairs(total: Tensor) -> Tensor:
    """Return weighted row losses [S C B] as their sum in the first place of [S C 32], and zeros.

    Neighbours are added, then neighbouring sums, and so on: nothing but additions of whole tensors, so that no
    library's order of summation can be seen in the last digit, nor in what a loss makes of the result.

    Examples
    --------
    >>> summed_in_pairs(torch.ones(1, 2, 65)).sum().item()
    130.0
    """
    sums = total.reshape(len(total), -1)
    while sums.shape[1] > 1:
        half = sums.shape[1] // 2
        pairs = sums[:, :half] + sums[:, half : 2 * half]
        sums = torch.cat([pairs, sums[:, 2 * half :]], 1)
    result = total.new_zeros(*total.shape[:2], ALIGNMENT)
    result[:, 0, 0] = sums[:, 0]
    return result
