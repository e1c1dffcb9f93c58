"""Losses of rows that nobody learns from."""

from collections.abc import Callable

import torch
from torch import Tensor

from thalweg.base.axes import ALIGNMENT
from thalweg.base.contracts import Loss


def block_losses(
    outputs: Callable[[Tensor], tuple[Tensor, Tensor]], loss: Loss, order: Tensor, weights: Tensor
) -> Tensor:
    """Return Σ w ℓ of every slot [S], in float64, block by block.

    Parameters
    ----------
    outputs
        Returns outputs and outcomes [S C V] of table rows [S·V].
    loss
        ℓ.
    order, weights
        Table rows [T S·V] and their weights [T S V]; a row of weight 0 counts nothing.
    """
    total = torch.zeros(weights.shape[1], dtype=torch.float64, device=weights.device)
    for rows, shares in zip(order, weights, strict=True):
        losses = loss.rows(*outputs(rows)).double()  # [S V]
        total += torch.where(shares > 0, losses * shares, 0.0).sum(1)
    return total


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
