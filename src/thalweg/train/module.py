"""Any torch module as a member: the same loop, stopping and store, gradients by autograd.

A plain stack of known layers is better adopted with :func:`thalweg.net.adopt.from_module` and trained by a planned
program; this path is for everything else: convolutions, attention, models of other libraries.
"""

import math
import pickle
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from thalweg.base.contracts import ParameterSpec, Piece
from thalweg.base.errors import SettingError
from thalweg.base.seeds import Stream, stream


@dataclass(frozen=True, slots=True)
class ModuleNetwork:
    """A torch module that takes features [B D] and returns outputs [B C].

    Parameters
    ----------
    build
        Returns a new module; called under the member's own seed, so that torch's random starts are its own. A
        function of a module, not a lambda, if members are to reach spawned workers or a fit is to be pickled.
    shape
        Shape that a row of features is given before the module sees it, such as ``(1, 8, 8)`` for images; None for a
        plain row.

    Notes
    -----
    Members with equal ``build`` and ``shape`` form a crowd and are trained one after the other within a process. Random
    layers draw from torch's generator, seeded by member and epoch. Kept and stored are all floating-point entries of
    the state: parameters and running statistics.

    Examples
    --------
    >>> def build():
    ...     return nn.Sequential(nn.Linear(3, 1))
    >>> ModuleNetwork(build).count(inputs=3, outputs=1)
    4
    """

    build: Callable[[], nn.Module]
    shape: tuple[int, ...] | None = None

    def __reduce__(self) -> tuple[object, ...]:
        """Travel to another process or file by the name of ``build``.

        Raises
        ------
        SettingError
            If it has none that others could look up.
        """
        try:
            pickle.dumps(self.build)
        except (pickle.PicklingError, AttributeError, TypeError) as error:
            raise SettingError(
                f"The module's build function cannot be sent to another process or file: {error}.",
                "Define it with def as a function of a module that can be imported.",
            ) from error
        return ModuleNetwork, (self.build, self.shape)

    def made(self, seed: int, dtype: torch.dtype) -> nn.Module:
        """Return the module as a member starts with it."""
        start = stream(seed, "init").key >> 1
        with torch.random.fork_rng(devices=[]), _elsewhere(start):
            torch.default_generator.manual_seed(start)
            return self.build().to(dtype)

    def parameters(self, inputs: int, outputs: int) -> dict[str, ParameterSpec]:  # noqa: ARG002 - the module knows
        """Return the floating-point state by name; starts are the module's own."""
        module = self.made(0, torch.float32)
        trained = {name for name, parameter in module.named_parameters() if parameter.requires_grad}
        return {
            name: ParameterSpec(tuple(value.shape), _unused, trained=name in trained)
            for name, value in floating_state(module).items()
        }

    def settings(self, outputs: int) -> dict[str, float]:  # noqa: ARG002 - none
        """Return nothing: a module's settings are in its code."""
        return {}

    def widths(self, inputs: int) -> tuple[int, ...]:  # noqa: ARG002 - nobody knows
        """Return nothing: what a module makes inside is not known."""
        return ()

    @property
    def input_check(self) -> None:
        """None: what a module cannot take is in its code."""

    def count(self, inputs: int, outputs: int) -> int:
        """Return the number of trained parameters."""
        specs = self.parameters(inputs, outputs).values()
        return sum(math.prod(spec.shape) for spec in specs if spec.trained)

    def forward(self, module: nn.Module, x: Tensor) -> Tensor:
        """Return outputs [1 C B] for features [B D].

        Raises
        ------
        SettingError
            If the module does not return one row of outputs per row of features.
        """
        rows = x if self.shape is None else x.reshape(len(x), *self.shape)
        q = module(rows)
        q = getattr(q, "logits", q)
        q = q[:, None] if isinstance(q, Tensor) and q.shape == (len(x),) else q
        if not isinstance(q, Tensor) or q.ndim != 2 or len(q) != len(x):
            got = tuple(q.shape) if isinstance(q, Tensor) else type(q).__name__
            raise SettingError(
                f"The module must return outputs [B C] for {len(x)} rows, got {got}.", "Flatten its last layer."
            )
        outputs: Tensor = q.mT[None]
        return outputs


def floating_state(module: nn.Module) -> Mapping[str, Tensor]:
    """Return the floating-point entries of a module's state by name.

    Examples
    --------
    >>> list(floating_state(nn.BatchNorm1d(2)))
    ['weight', 'bias', 'running_mean', 'running_var']
    """
    return {name: value for name, value in module.state_dict().items() if value.is_floating_point()}


@contextmanager
def _elsewhere(seed: int) -> Iterator[None]:
    """Seed what makers draw from beside torch, such as Keras from :mod:`random`, and put it back afterwards."""
    kept, numpys = random.getstate(), np.random.get_state()  # noqa: NPY002 - the global state is what others draw from
    random.seed(seed)
    np.random.seed(seed % 2**32)  # noqa: NPY002 - see above
    try:
        yield
    finally:
        random.setstate(kept)
        np.random.set_state(numpys)  # noqa: NPY002 - see above


def restore(network: ModuleNetwork, vector: NDArray[np.floating], dtype: torch.dtype = torch.float32) -> nn.Module:
    """Return the module of a member from its vector [Θ], ready to predict.

    Examples
    --------
    >>> def build():
    ...     return nn.Linear(1, 1)
    >>> restore(ModuleNetwork(build), np.array([2.0, 3.0]))(torch.ones(1, 1)).item()
    5.0
    """
    module = network.made(0, dtype)
    load_state(module, vector)
    return module.eval()


def load_state(module: nn.Module, vector: NDArray[np.floating]) -> None:
    """Put a vector [Θ] of all floating-point entries, in their order, into a module."""
    place = 0
    with torch.no_grad():
        for value in floating_state(module).values():
            part = torch.from_numpy(np.asarray(vector[place : place + value.numel()]))
            value.copy_(part.view(value.shape))
            place += value.numel()


def pieces_of(module: nn.Module, states: int, step: Tensor) -> list[Piece]:
    """Return what an optimizer updates: every trained parameter with its gradient and zeroed states."""
    pieces = []
    for parameter in module.parameters():
        if parameter.requires_grad:
            parameter.grad = torch.zeros_like(parameter)
            kept = tuple(torch.zeros_like(parameter).view(-1) for _ in range(states))
            pieces.append(Piece(parameter.data.view(-1), parameter.grad.view(-1), kept, step))
    return pieces


def _unused(stream: Stream) -> NDArray[np.float64]:
    """Never called: a module draws its own starts."""
    raise SettingError(f"A module draws its own starts, not from {stream}.", "Use ModuleNetwork.made.")


def weights_of(module: nn.Module) -> Sequence[nn.Parameter]:
    """Return the parameters that penalties act on: matrices and kernels, not biases or scales."""
    return [parameter for parameter in module.parameters() if parameter.requires_grad and parameter.ndim > 1]
