"""Parameters of all slots of a chunk: values, gradients and optimizer states in flat buffers.

Each parameter is one block [S ...], so that products may write its gradient and one optimizer call may update all of
them. The buffer holds slot after slot on a CPU, where a slot with settings of its own is then one stretch, and
parameter after parameter on a GPU, whose batched products want blocks without gaps.
"""

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from thalweg.base.contracts import Parameter, ParameterSpec, Piece
from thalweg.base.seeds import stream


@dataclass(frozen=True, slots=True)
class Stretch:
    """Neighbouring slots that one call may update: same settings, same number of steps done.

    Parameters
    ----------
    first, last
        Slots first … last − 1.
    witness
        A slot whose step counter stands for all.
    """

    first: int
    last: int
    witness: int


class ParameterBlocks:
    """Flat storage of the parameters of S slots.

    Parameters
    ----------
    specs
        Parameters of one member by name, in order.
    slots
        Number of slots S.
    states
        Numbers the optimizer keeps per parameter; None if nothing is trained (no gradients either).
    dtype, device
        Kind and place of the numbers.

    Examples
    --------
    >>> from thalweg.net.spec import mlp
    >>> blocks = ParameterBlocks(mlp((16,)).parameters(3, 1), 2, 0, torch.float64, torch.device("cpu"))
    >>> {name: tuple(value.shape) for name, value in blocks.values.items()}
    {'0.weight': (2, 4, 16), '2.weight': (2, 1, 16), '2.bias': (2, 1, 1)}
    """

    def __init__(
        self,
        specs: Mapping[str, ParameterSpec],
        slots: int,
        states: int | None,
        dtype: torch.dtype,
        device: torch.device,
    ) -> None:
        self.specs, self.slots, self.dtype, self.device = dict(specs), slots, dtype, device
        self._sizes = {name: _size(spec) for name, spec in specs.items() if spec.trained}
        self._by_slot = device.type == "cpu"
        total = slots * sum(self._sizes.values())
        kinds = 1 if states is None else 2 + states
        self._flat = [torch.zeros(total, dtype=dtype, device=device) for _ in range(kinds)]
        self._lines = [self._cut(flat) for flat in self._flat]  # [S size]
        self._blocks = [
            {name: line.view(slots, *specs[name].shape) for name, line in lines.items()} for lines in self._lines
        ]
        self.running = {
            name: torch.zeros(slots, *spec.shape, dtype=dtype, device=device)
            for name, spec in specs.items()
            if not spec.trained
        }
        self._best: list[Tensor] | None = None
        self.steps = torch.zeros(slots, dtype=torch.float32, device=device)
        self._step_views = list(self.steps.unbind(0))

    @property
    def values(self) -> dict[str, Tensor]:
        """Values by name [S ...], running statistics included."""
        return {name: (self._blocks[0] if name in self._blocks[0] else self.running)[name] for name in self.specs}

    @property
    def bytes(self) -> int:
        """Bytes of values, gradients, optimizer states and running statistics."""
        tensors = [*self._flat, *self.running.values(), self.steps]
        return sum(t.numel() * t.element_size() for t in tensors)

    @property
    def value_bytes(self) -> int:
        """Bytes of the values alone."""
        return sum(value.numel() * value.element_size() for value in self.values.values())

    def parameter(self, name: str) -> Parameter:
        """Return value and gradient of a parameter; for running statistics the value twice."""
        if name in self.running:
            return Parameter(self.running[name], self.running[name])
        gradient = self._blocks[min(1, len(self._blocks) - 1)][name]
        return Parameter(self._blocks[0][name], gradient)

    def start(self, slots: Sequence[int], specs: Sequence[Mapping[str, ParameterSpec]], seeds: Sequence[int]) -> None:
        """Give slots the start values of members and clear their optimizer states."""
        self.clear(slots)
        places, values = self._places(slots), self.values
        for number, name in enumerate(self.specs):
            arrays = [s[name].draw(stream(seed, "init", number)) for s, seed in zip(specs, seeds, strict=True)]
            values[name][places] = torch.from_numpy(np.stack(arrays)).to(self.device, self.dtype)

    def clear(self, slots: Sequence[int]) -> None:
        """Set everything of some slots to zero."""
        places = self._places(slots)
        for flat in self._lines:
            for line in flat.values():
                line[places] = 0
        for block in self.running.values():
            block[places] = 0
        self.steps[places] = 0

    def remember(self, slots: Sequence[int]) -> None:
        """Keep the present values of some slots, the best so far."""
        if self._best is None:
            self._best = [part.clone() for part in self._parts()]
        elif self.device.type == "cpu":
            for best, part in zip(self._best, self._parts(), strict=True):
                best.numpy()[slots] = part.numpy()[slots]
        else:
            better = torch.zeros(self.slots, 1, dtype=torch.bool, device=self.device)
            better[self._places(slots)] = True
            for best, part in zip(self._best, self._parts(), strict=True):
                torch.where(better, part, best, out=best)

    def vector(self, slot: int, *, best: bool = False) -> Tensor:
        """Return a member's values, or those remembered, as one vector [Θ] in the order of the specs."""
        values = self._named(self._best) if best and self._best is not None else self.values
        return torch.cat([value[slot].reshape(-1) for value in values.values()])

    def load(self, slot: int, vector: Tensor) -> None:
        """Put a vector made by :meth:`vector` into a slot."""
        place = 0
        for value in self.values.values():
            size = value[slot].numel()
            value[slot].copy_(vector[place : place + size].view(value[slot].shape))
            place += size

    def move(self, source: "ParameterBlocks", slots: Sequence[int]) -> None:
        """Copy slots of other blocks of the same specs, with optimizer states and what is remembered."""
        places = self._places(slots)
        for mine, theirs in zip(self._lines, source._lines, strict=True):  # noqa: SLF001 - the same class
            for name, block in mine.items():
                block.copy_(theirs[name][places])
        for name, block in self.running.items():
            block.copy_(source.running[name][places])
        self.steps.copy_(source.steps[places])
        remembered = source._best  # noqa: SLF001 - the same class
        self._best = None if remembered is None else [best[places] for best in remembered]

    def state(self, slot: int, *, best: bool = False) -> Tensor:
        """Return all a slot trains with, optimizer states and steps included, as one vector of :func:`state_size`.

        With ``best`` the values are those remembered.
        """
        values = self._named(self._best) if best and self._best is not None else self.values
        trained = [values[name][slot].reshape(-1) for name in self._sizes]
        trained += [line[slot] for lines in self._lines[1:] for line in lines.values()]
        running = [values[name][slot].reshape(-1) for name in self.running]
        return torch.cat([*trained, *running, self.steps[slot : slot + 1].to(self.dtype)])

    def restore(self, slot: int, state: Tensor, best: Tensor | None) -> None:
        """Put a vector made by :meth:`state` into a slot, and what was remembered there, made by :meth:`vector`."""
        parts = [line[slot] for lines in self._lines for line in lines.values()]
        parts += [block[slot].reshape(-1) for block in self.running.values()] + [self._step_views[slot].view(1)]
        for part, values in zip(parts, torch.split(state, [part.numel() for part in parts]), strict=True):
            part.copy_(values)
        if best is not None:
            self._best = self._best or [part.clone() for part in self._parts()]
            for line, values in zip(self._named(self._best).values(), self._cut_vector(best), strict=True):
                line[slot].copy_(values)

    def _parts(self) -> list[Tensor]:
        """Return the values in pieces that lie together in every slot [S ...]."""
        trained = [self._flat[0].view(self.slots, -1)] if self._by_slot else list(self._lines[0].values())
        return [*trained, *(block.view(self.slots, -1) for block in self.running.values())]

    def _named(self, parts: Sequence[Tensor]) -> dict[str, Tensor]:
        """Return pieces such as :meth:`_parts` returns by name [S size], in the order of the specs."""
        count = 1 if self._by_slot else len(self._sizes)
        trained = torch.split(parts[0], list(self._sizes.values()), dim=1) if self._by_slot else parts[:count]
        found = dict(zip([*self._sizes, *self.running], [*trained, *parts[count:]], strict=True))
        return {name: found[name] for name in self.specs}

    def _cut_vector(self, vector: Tensor) -> tuple[Tensor, ...]:
        return torch.split(vector, [_size(spec) for spec in self.specs.values()])

    def _places(self, slots: Sequence[int]) -> Tensor:
        return torch.tensor(slots, dtype=torch.int64, device=self.device)

    def pieces(self, stretch: Stretch) -> list[Piece]:
        """Return what an optimizer updates for a stretch of slots: one piece if they lie together."""
        step = self._step_views[stretch.witness]
        if self._by_slot or stretch.last - stretch.first == self.slots:
            size = len(self._flat[0]) // self.slots
            return [self._piece([flat[stretch.first * size : stretch.last * size] for flat in self._flat], step)]
        slots = slice(stretch.first, stretch.last)
        return [self._piece([p[name][slots].view(-1) for p in self._lines], step) for name in self._sizes]

    def _cut(self, flat: Tensor) -> dict[str, Tensor]:
        """Cut a flat buffer into one block per parameter [S size]."""
        if self._by_slot:
            parts = torch.split(flat.view(self.slots, -1), list(self._sizes.values()), dim=1)
            return dict(zip(self._sizes, parts, strict=True))
        sizes = [self.slots * size for size in self._sizes.values()]
        blocks = zip(self._sizes, torch.split(flat, sizes), strict=True)
        return {name: block.view(self.slots, -1) for name, block in blocks}

    @staticmethod
    def _piece(tensors: Sequence[Tensor], step: Tensor) -> Piece:
        value, gradient, *states = tensors
        return Piece(value, gradient, tuple(states), step)


def _size(spec: ParameterSpec) -> int:
    return math.prod(spec.shape)


def vector_size(specs: Mapping[str, ParameterSpec]) -> int:
    """Return the length Θ of a member's vector."""
    return sum(map(_size, specs.values()))


def state_size(specs: Mapping[str, ParameterSpec], states: int) -> int:
    """Return the length of a slot's complete state: values, gradients and optimizer states, statistics, steps."""
    trained = (2 + states) * sum(_size(spec) for spec in specs.values() if spec.trained)
    return trained + sum(_size(spec) for spec in specs.values() if not spec.trained) + 1


def stretches_of(keys: Sequence[Hashable | None]) -> list[tuple[Hashable, Stretch]]:
    """Cut slots into stretches of equal keys; an empty slot (None) joins the stretch beside it.

    Examples
    --------
    >>> [(key, s.first, s.last, s.witness) for key, s in stretches_of([None, "a", "a", None, "b"])]
    [('a', 0, 4, 1), ('b', 4, 5, 4)]
    """
    stretches: list[tuple[Hashable, Stretch]] = []
    for slot, key in enumerate(keys):
        if key is None:
            if stretches:
                last_key, stretch = stretches[-1]
                stretches[-1] = (last_key, Stretch(stretch.first, slot + 1, stretch.witness))
        elif stretches and stretches[-1][0] == key:
            stretches[-1] = (key, Stretch(stretches[-1][1].first, slot + 1, stretches[-1][1].witness))
        else:
            stretches.append((key, Stretch(stretches[-1][1].last if stretches else 0, slot + 1, slot)))
    return stretches


def split_vector(specs: Mapping[str, ParameterSpec], vector: NDArray[np.floating]) -> dict[str, NDArray[np.floating]]:
    """Cut a member's vector [Θ] into its parameters by name.

    Examples
    --------
    >>> from thalweg.net.spec import mlp
    >>> {k: v.shape for k, v in split_vector(mlp(()).parameters(3, 1), np.zeros(4)).items()}
    {'0.weight': (1, 4)}
    """
    parts, place = {}, 0
    for name, spec in specs.items():
        size = math.prod(spec.shape)
        parts[name] = vector[place : place + size].reshape(spec.shape)
        place += size
    return parts
