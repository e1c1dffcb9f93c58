"""What surrounds the steps of an epoch, natively: the rows every slot sees, and what its losses come to."""

from collections.abc import Sequence
from functools import partial
from typing import Final

import numpy as np
import torch
from torch import Tensor

from thalweg.base.seeds import stream
from thalweg.train.native.library import Library, native_library
from thalweg.train.population import Crowd, Member, order_seed, unit_mean

_SEEN: Final = np.dtype(
    [("rows", np.int64), ("weights", np.int64), ("count", np.int64), ("epoch", np.int64), ("key", np.uint64)]
)


class NativePlanner:
    """Shuffles the rows of all slots by one call, always into the same memory.

    Parameters
    ----------
    crowd, members
        Who trains.
    null
        Number of the table's zero row.
    dtype
        Type of the weights.
    carrying
        Last steps of the epoch that carry row weights.

    Attributes
    ----------
    order
        Row numbers of the table [T S·B].
    weights
        Row weights [T S 1 B] of the steps that carry them; None if none does.

    Examples
    --------
    >>> from thalweg.loss.squared import Squared
    >>> from thalweg.net.spec import mlp
    >>> from thalweg.train.population import crowd_of, training_table
    >>> table = training_table(np.zeros((10, 2)), np.zeros(10))
    >>> member = Member(mlp((8,)), Squared(), np.arange(10), batch=5)
    >>> planner = NativePlanner(crowd_of(member, table), [member], table.count, torch.float32, carrying=0)
    >>> planner.fill([0])
    >>> planner.order.shape, sorted(planner.order.flatten().tolist()) == list(range(10))
    (torch.Size([2, 5]), True)
    """

    def __init__(
        self, crowd: Crowd, members: Sequence[Member | None], null: int, dtype: torch.dtype, carrying: int
    ) -> None:
        shape = (crowd.steps, len(members), crowd.batch)
        self.order = torch.zeros(shape, dtype=torch.int32).view(crowd.steps, -1)
        self.weights = torch.zeros(carrying, shape[1], 1, crowd.batch, dtype=dtype) if carrying else None
        self._plan, self._shape = _library(dtype).plan, (*shape, carrying)
        self._seen, self._null = np.zeros(len(members), dtype=_SEEN), null
        self._kept: list[np.ndarray] = []  # what the addresses point at
        self._most = max(len(member.rows) for member in members if member is not None)
        for seen, member in zip(self._seen, members, strict=True):
            if member is None:
                continue
            rows = np.ascontiguousarray(member.rows, dtype=np.int32)
            seen["rows"], seen["count"], seen["key"] = (
                rows.ctypes.data,
                len(rows),
                stream(order_seed(member), "order").key,
            )
            self._kept.append(rows)
            if member.weights is not None:
                weights = np.ascontiguousarray(unit_mean(member.weights, len(rows)))
                seen["weights"] = weights.ctypes.data
                self._kept.append(weights)

    def fill(self, epochs: Sequence[int]) -> None:
        """Write the rows and weights of the next epoch, so many being done by every slot."""
        steps, slots, batch, carrying = self._shape
        self._seen["epoch"] = epochs
        weights = None if self.weights is None else self.weights.data_ptr()
        sizes, order = (slots, steps, batch, carrying, self._most), self.order.data_ptr()
        _refuse_want(self._plan(self._seen.ctypes.data, *sizes, self._null, order, weights))


class Drain:
    """Takes the sum of weighted row losses, which are zeros afterwards.

    Parameters
    ----------
    total
        The losses [S C B].

    Examples
    --------
    >>> total = torch.ones(1, 2, 65)
    >>> Drain(total)().sum().item(), total.sum().item()
    (130.0, 0.0)
    """

    def __init__(self, total: Tensor) -> None:
        S, C, B = total.shape
        self._total, self._sums = total, torch.zeros(S, C, 1, dtype=total.dtype)
        self._take = partial(_library(total.dtype).drain, total.data_ptr(), S, C * B, C, self._sums.data_ptr())

    def __call__(self) -> Tensor:
        """Return the sum in the first place of [S C 1], and zeros."""
        self._take()
        return self._sums


class WeighedSum:
    """Weighs losses in double; a row of weight 0 counts nothing, whatever it holds.

    Parameters
    ----------
    losses, weights
        Losses [T S C V] and their weights [T S V].

    Examples
    --------
    >>> losses, weights = torch.tensor([[[[2.0, torch.nan]]]]), torch.tensor([[[0.5, 0.0]]], dtype=torch.float64)
    >>> WeighedSum(losses, weights)().item()
    1.0
    """

    def __init__(self, losses: Tensor, weights: Tensor) -> None:
        T, S, C, V = losses.shape
        self._read, self._sums = (losses, weights), torch.zeros(S, C, 1, dtype=torch.float64)
        places = losses.data_ptr(), weights.data_ptr(), T, S, C, V, C, self._sums.data_ptr()
        self._weigh = partial(_library(losses.dtype).weigh, *places)

    def __call__(self) -> Tensor:
        """Return Σ w ℓ in the first place of [S C 1], and zeros."""
        _refuse_want(self._weigh())
        return self._sums


def _library(dtype: torch.dtype) -> Library:
    library = native_library(dtype)
    assert library is not None, "whoever asks has looked"
    return library


def _refuse_want(found: int) -> None:
    if not found:
        raise MemoryError
