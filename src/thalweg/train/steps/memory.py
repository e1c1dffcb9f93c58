"""Memory of a step, planned: blocks that are free again serve later operations of the same step."""

import math

import torch
from torch import Tensor


class Buffers:
    """Allocator used while a program is written; running the program allocates nothing.

    Parameters
    ----------
    dtype, device
        Kind and place of the numbers; on the ``meta`` device nothing is allocated and only the sizes are known.

    Examples
    --------
    >>> memory = Buffers(torch.float32, torch.device("cpu"))
    >>> first = memory.take(2, 8)
    >>> memory.release(first)
    >>> memory.take(2, 8).data_ptr() == first.data_ptr()
    True
    """

    def __init__(self, dtype: torch.dtype, device: torch.device) -> None:
        self.dtype, self.device = dtype, device
        self._blocks: list[Tensor] = []
        self._free: list[int] = []
        self._owner: dict[int, int] = {}  # id of a view handed out -> number of its block
        self._views: list[Tensor] = []  # keeps the ids above from being used again

    def take(self, *shape: int) -> Tensor:
        """Return a contiguous tensor of that shape, of a free block if one fits without wasting half of it."""
        size = math.prod(shape)
        fitting = [b for b in self._free if size <= self._blocks[b].numel() <= 2 * size]
        if fitting:
            number = min(fitting, key=lambda b: self._blocks[b].numel())
            self._free.remove(number)
        else:
            number = len(self._blocks)
            self._blocks.append(torch.zeros(size, dtype=self.dtype, device=self.device))
        view = self._blocks[number][:size].view(shape)
        self._owner[id(view)] = number
        self._views.append(view)
        return view

    def release(self, view: Tensor) -> None:
        """Give the block of a tensor handed out by :meth:`take` back; others are left alone."""
        number = self._owner.get(id(view))
        if number is not None and number not in self._free:
            self._free.append(number)

    def label(self, tensor: Tensor) -> str | None:
        """Return the name of the block a tensor lives in, ``b3``; None if it is not one of ours."""
        base = tensor if tensor._base is None else tensor._base  # noqa: SLF001 - the only name torch has for it
        numbers = [number for number, block in enumerate(self._blocks) if block is base]
        return f"b{numbers[0]}" if numbers else None

    @property
    def bytes(self) -> int:
        """Bytes of all blocks."""
        return sum(block.numel() * block.element_size() for block in self._blocks)
