"""Which rows are watched, and what each counts, block by block of all slots."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from thalweg.base.elementary import ordered_sum
from thalweg.train.population import Member


@dataclass(frozen=True, slots=True, eq=False)
class ValidationPlan:
    """Row numbers [blocks S·V] and weights [blocks S V] of all slots, padded with the zero row of weight 0."""

    order: Tensor
    weights: Tensor


def plan_validation(
    members: Sequence[Member | None], block: int, null: int, device: torch.device
) -> ValidationPlan | None:
    """Lay out the validation rows of the members now in the slots of a chunk; None if nobody has any.

    Parameters
    ----------
    members
        Who is in which slot [S].
    block
        V, rows at once.
    null
        Number of the table's zero row.
    device
        Where the table is.

    Examples
    --------
    >>> from thalweg.loss.squared import Squared
    >>> from thalweg.net.spec import mlp
    >>> member = Member(mlp(()), Squared(), np.arange(4), validation=np.array([1, 3]))
    >>> plan_validation([member, None], 3, 9, torch.device("cpu")).order.tolist()
    [[1, 3, 9, 9, 9, 9]]
    """
    counts = [0 if m is None or m.validation is None else len(m.validation) for m in members]
    blocks = -(-max(counts) // block)
    if blocks == 0:
        return None
    order = np.full((len(members), blocks * block), null, dtype=np.int32)
    weights = np.zeros((len(members), blocks * block))
    for slot, member in enumerate(members):
        if member is not None and member.validation is not None:
            order[slot, : counts[slot]] = member.validation
            weights[slot, : counts[slot]] = _shares(member)
    shape = (len(members), blocks, block)
    return ValidationPlan(
        torch.from_numpy(order.reshape(shape).swapaxes(0, 1).reshape(blocks, -1)).to(device),
        torch.from_numpy(weights.reshape(shape).swapaxes(0, 1).copy()).to(device),
    )


def _shares(member: Member) -> NDArray[np.float64]:
    """Return the share of every validation row in the mean."""
    assert member.validation is not None
    weights = member.validation_weights
    if weights is None:
        return np.full(len(member.validation), 1.0 / len(member.validation))
    return np.asarray(weights / ordered_sum(weights))
