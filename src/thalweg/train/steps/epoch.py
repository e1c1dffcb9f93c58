"""What the slots of a chunk see in one epoch: row numbers, weights and dropout masks of every step."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from thalweg.base.seeds import stream
from thalweg.train.population import Crowd, Member, TrainingTable, order_seed, unit_mean
from thalweg.train.steps.masks import MaskPool
from thalweg.train.steps.order import epoch_order, mask_starts, row_weights
from thalweg.train.steps.shuffle import permutations


@dataclass(frozen=True, slots=True, eq=False)
class EpochPlan:
    """Row numbers, weights and masks of one epoch for all slots."""

    order: Tensor  # [T S·B]
    weights: Tensor | None  # [T S 1 B], or [1 S 1 B] for a partial last step
    starts: Tensor | None  # [T L S]


def plan_on_host(
    crowd: Crowd,
    members: Sequence[Member | None],
    epochs: Sequence[int],
    null: int,
    carrying: int,
    dtype: torch.dtype,
) -> EpochPlan:
    """Shuffle the rows of every slot on the CPU, slot by slot.

    Parameters
    ----------
    crowd, members, epochs
        Who trains, and how many epochs each has done.
    null
        Number of the table's zero row.
    carrying
        Last steps of the epoch that carry row weights.
    dtype
        Type of the weights.

    Returns
    -------
    EpochPlan
        Without masks.

    Examples
    --------
    >>> from thalweg.loss.squared import Squared
    >>> from thalweg.net.spec import mlp
    >>> from thalweg.train.population import crowd_of, training_table
    >>> table = training_table(np.zeros((10, 2)), np.zeros(10))
    >>> member = Member(mlp((8,)), Squared(), np.arange(10, dtype=np.int32), batch=4, epochs=2)
    >>> crowd = crowd_of(member, table)
    >>> plan = plan_on_host(crowd, [member, None], [0, 0], table.count, carrying=1, dtype=torch.float32)
    >>> plan.order.shape, plan.weights.shape
    (torch.Size([3, 8]), torch.Size([1, 2, 1, 4]))
    """
    slots = len(members)
    order = np.full((crowd.steps, slots, crowd.batch), null, dtype=np.int32)
    weights = torch.zeros(carrying, slots, 1, crowd.batch, dtype=dtype).numpy()
    for slot, member in enumerate(members):
        if member is not None:
            order[:, slot], places = epoch_order(crowd, member, epochs[slot], null)
            if carrying:
                weights[:, slot, 0] = row_weights(crowd, member, places[-carrying:])
    return EpochPlan(
        order=torch.from_numpy(order).view(crowd.steps, -1),
        weights=torch.from_numpy(weights) if carrying else None,
        starts=None,
    )


class DevicePlanner:
    """Shuffles the rows of all slots at once where they are used; the same numbers as :func:`plan_on_host`.

    A thousand shuffles one after the other on the host would take longer than the epoch they are for.

    Parameters
    ----------
    crowd, members, table
        Who trains on what.
    carrying
        Last steps of the epoch that carry row weights.

    Examples
    --------
    >>> from thalweg.loss.squared import Squared
    >>> from thalweg.net.spec import mlp
    >>> from thalweg.train.population import crowd_of, training_table
    >>> table = training_table(np.zeros((10, 2)), np.zeros(10))
    >>> member = Member(mlp((8,)), Squared(), np.arange(10, dtype=np.int32), batch=4, epochs=2)
    >>> crowd = crowd_of(member, table)
    >>> here = plan_on_host(crowd, [member], [0], table.count, carrying=0, dtype=torch.float32)
    >>> torch.equal(DevicePlanner(crowd, [member], table, carrying=0).plan([0]).order, here.order)
    True
    """

    def __init__(self, crowd: Crowd, members: Sequence[Member | None], table: TrainingTable, carrying: int) -> None:
        self._crowd, self._members, self._carrying = crowd, members, carrying
        self._device, self._dtype, self._null = table.rows.device, table.rows.dtype, table.count
        width = crowd.steps * crowd.batch
        rows = np.full((len(members), width + 1), table.count, dtype=np.int32)  # the last column is the zero row
        shares = np.zeros((len(members), width + 1))
        counts = np.zeros(len(members), dtype=np.int64)
        for slot, member in enumerate(members):
            if member is not None:
                counts[slot] = len(member.rows)
                rows[slot, : counts[slot]] = member.rows
                if carrying:
                    shares[slot, : counts[slot]] = unit_mean(member.weights, len(member.rows))
        self._rows = torch.from_numpy(rows).to(self._device)
        self._shares = torch.from_numpy(shares).to(self._device) if carrying else None
        self._counts = torch.from_numpy(counts).to(self._device)
        self._width = width

    def plan(self, epochs: Sequence[int]) -> EpochPlan:
        """Return the plan of the next epoch, without masks."""
        crowd, slots = self._crowd, len(self._members)
        places = self._places(epochs)  # [S T·B], the width where the zero row stands
        steps = (slots, crowd.steps, crowd.batch)
        order = self._rows.gather(1, places).view(steps).swapaxes(0, 1)
        weights = None
        if self._shares is not None:
            last = places.view(steps)[:, -self._carrying :]
            shares = self._shares.gather(1, last.reshape(slots, -1)).view(last.shape)
            present = (last < self._width).sum(2, keepdim=True).clamp(min=1).double()
            weights = (shares * (crowd.batch / present)).swapaxes(0, 1).to(self._dtype).unsqueeze(2).contiguous()
        return EpochPlan(order.reshape(crowd.steps, -1), weights, None)

    def _places(self, epochs: Sequence[int]) -> Tensor:
        """Return the place in its rows that every slot sees at every position of the epoch [S T·B]."""
        if self._crowd.steps == 1:
            line = torch.arange(self._width, device=self._device).expand(len(self._members), -1)
            return torch.where(line < self._counts[:, None], line, self._width)
        pairs = zip(self._members, epochs, strict=True)
        keys = [0 if m is None else stream(order_seed(m), "order", e).key for m, e in pairs]
        return permutations(keys, self._counts, self._width)


def plan_masks(
    crowd: Crowd,
    members: Sequence[Member | None],
    epochs: Sequence[int],
    masks: Sequence[tuple[str, int, Tensor]],
    pool: MaskPool | None,
) -> Tensor | None:
    """Return where the dropout masks of every step start [T L S]; None without dropout."""
    if not masks or pool is None:
        return None
    starts = np.zeros((crowd.steps, len(masks), len(members)), dtype=np.int32)
    for slot, member in enumerate(members):
        if member is not None:
            settings = member.network.settings(crowd.outputs)
            wanted = [(settings[name], length) for name, length, _ in masks]
            starts[:, :, slot] = mask_starts(pool, wanted, member, epochs[slot], crowd.steps)
    return torch.from_numpy(starts)
