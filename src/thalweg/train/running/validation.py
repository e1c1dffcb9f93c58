"""Validation loss of every slot, block by block; a slot's sum never depends on its neighbours' rows."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from thalweg.base.elementary import ordered_sum
from thalweg.train.backend import AnyChunk
from thalweg.train.population import Member
from thalweg.train.steps.chunk import Chunk


@dataclass(frozen=True, slots=True, eq=False)
class ValidationPlan:
    """Row numbers [blocks S·V] and weights [blocks S V] of all slots, padded with the zero row of weight 0."""

    order: Tensor
    weights: Tensor


def plan_validation(chunk: AnyChunk) -> ValidationPlan | None:
    """Lay out the validation rows of the members now in a chunk; None if nobody has any."""
    block = chunk.crowd.validation_block
    counts = [0 if m is None or m.validation is None else len(m.validation) for m in chunk.members]
    blocks = -(-max(counts) // block)
    if blocks == 0:
        return None
    order = np.full((chunk.slots, blocks * block), chunk.table.count, dtype=np.int32)
    weights = np.zeros((chunk.slots, blocks * block))
    for slot, member in enumerate(chunk.members):
        if member is not None and member.validation is not None:
            order[slot, : counts[slot]] = member.validation
            weights[slot, : counts[slot]] = _shares(member)
    shape = (chunk.slots, blocks, block)
    return ValidationPlan(
        torch.from_numpy(order.reshape(shape).swapaxes(0, 1).reshape(blocks, -1)).to(chunk.table.rows.device),
        torch.from_numpy(weights.reshape(shape).swapaxes(0, 1).copy()).to(chunk.table.rows.device),
    )


def validation_losses(chunk: AnyChunk, plan: ValidationPlan) -> NDArray[np.float64]:
    """Return the weighted mean validation loss of each slot [S], in float64; 0 for slots without rows."""
    if isinstance(chunk, Chunk) and chunk.native:
        native: NDArray[np.float64] = chunk.weighted_losses(plan.order, plan.weights).numpy()
        return native
    total = torch.zeros(chunk.slots, dtype=torch.float64, device=chunk.table.rows.device)
    for order, weights in zip(plan.order, plan.weights, strict=True):
        rows = chunk.crowd.loss.rows(*chunk.outputs(order)).double()  # [S V]
        total += torch.where(weights > 0, rows * weights, 0.0).sum(1)
    losses: NDArray[np.float64] = total.cpu().numpy()
    return losses


def _shares(member: Member) -> NDArray[np.float64]:
    """Return the share of every validation row in the mean."""
    assert member.validation is not None
    weights = member.validation_weights
    if weights is None:
        return np.full(len(member.validation), 1.0 / len(member.validation))
    return np.asarray(weights / ordered_sum(weights))
