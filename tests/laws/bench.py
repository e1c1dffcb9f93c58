"""Running single steps of a chunk by hand, to look at gradients and at every operation."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from laws.registry import inputs, outcomes
from thalweg.net.batchnorm import BatchNorm
from thalweg.train.native.fuse import fused
from thalweg.train.native.runner import Runner
from thalweg.train.population import Member, TrainingTable, crowd_of, training_table
from thalweg.train.steps.chunk import Chunk
from thalweg.train.steps.masks import pool_for
from thalweg.train.steps.order import epoch_order


def make_table(loss, classes: int, rows: int, dtype=torch.float64) -> TrainingTable:
    return training_table(inputs(rows), outcomes(loss, classes, rows), dtype)


def make_chunk(table: TrainingTable, members: list[Member]) -> Chunk:
    outputs = members[0].loss.outputs(table.classes)
    pool = pool_for([member.network.settings(outputs) for member in members], table.rows.dtype)
    chunk = Chunk(crowd_of(members[0], table), table, len(members), pool)
    for slot, member in enumerate(members):
        chunk.place([slot], [member])
    return chunk


@dataclass
class Step:
    """One step that has run: gradients by name, and what the member saw."""

    gradients: dict[str, Tensor]
    loss: float
    rows: np.ndarray
    weights: Tensor
    masks: list[Tensor]


def run_step(chunk: Chunk, step: int, *, natively: bool = False) -> list[Step]:
    """Run forward, loss and backward of a step of the first epoch, without an update; one record per slot."""
    plan, crowd = chunk._plan_epoch(), chunk.crowd
    partial = crowd.partial and step == crowd.steps - 1
    program = chunk.program(weighted=crowd.weighted or partial)
    torch.index_select(chunk.table.rows, 0, plan.order[step], out=program.rows)
    if program.weight is not None:
        program.weight.copy_(plan.weights[step - (crowd.steps - len(plan.weights))])
    drawn = []
    for index, (_, length, starts) in enumerate(program.masks):
        starts.copy_(plan.starts[step, index])
        drawn.append(chunk.pool.windows(length)[starts.long()].view(chunk.slots, crowd.batch, -1))
    program.loss_total.zero_()
    if natively:
        forms = [form for op in program.ops for form in op.native]
        Runner(fused(forms), chunk.slots, chunk.dtype).run(range(chunk.slots), range(1))
    else:
        for call in program.calls:
            call()
    losses = crowd.loss.accumulated(program.loss_total) / crowd.batch
    scale = crowd.loss.scale(crowd.outputs) / crowd.batch
    records = []
    for slot, member in enumerate(chunk.members):
        order, places = epoch_order(crowd, member, 0, chunk.table.count)
        present = places[step] >= 0
        weights = torch.ones(crowd.batch, dtype=torch.float64)
        if program.weight is not None:
            weights = program.weight[slot, 0, torch.from_numpy(present)].clone()
        gradients = {
            name: chunk.blocks.parameter(name).gradient[slot] * scale
            for name, spec in chunk.blocks.specs.items()
            if spec.trained
        }
        masks = [mask[slot, torch.from_numpy(present)].clone() for mask in drawn]
        records.append(Step(gradients, float(losses[slot]), order[step][present], weights, masks))
    return records


def has_batch_statistics(layers) -> bool:
    return any(isinstance(x, BatchNorm) or has_batch_statistics(getattr(x, "body", ())) for x in layers)
