"""Rows of weight zero: their outputs may be anything, and must not turn into inf · 0."""

import torch
from torch import Tensor

from thalweg.base.contracts import Planner


def plan_blank(planner: Planner, q: Tensor) -> None:
    """Plan q = 0 [S C B] for rows of weight zero, ahead of an exponential."""
    if planner.weight is None:
        return
    present = planner.buffer(planner.slots, 1, planner.batch)
    planner.op("e = 1[w > 0]", torch.sign, planner.weight, out=present)
    planner.op("q = q e", q.mul_, present, flops=q.numel())
    planner.release(present)
