"""Torch twins: a trained network as a plain ``torch.nn.Sequential``.

Layer i of a network is module i of the stack, the output layer is the last one. The twin is an ordinary module: it can
be saved, exported and trained further by anything that knows torch; :mod:`thalweg.net.adopt` reads it back.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import singledispatch
from typing import Final, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from thalweg.base.contracts import Layer
from thalweg.base.errors import SettingError
from thalweg.net.activation import LEAK, Activation
from thalweg.net.batchnorm import BatchNorm
from thalweg.net.dense import Dense, Output
from thalweg.net.dropout import Dropout
from thalweg.net.embedding import Embedding
from thalweg.net.features import FeatureMap
from thalweg.net.layernorm import LayerNorm
from thalweg.net.residual import Residual
from thalweg.net.spec import Network

Arrays = Mapping[str, NDArray[np.floating]]
Built = TypeVar("Built", bound=nn.Module)

ACTIVATIONS: Final[dict[str, Callable[[], nn.Module]]] = {
    "relu": nn.ReLU,
    "tanh": nn.Tanh,
    "sigmoid": nn.Sigmoid,
    "leaky_relu": lambda: nn.LeakyReLU(LEAK),
    "elu": nn.ELU,
    "gelu": nn.GELU,
    "silu": nn.SiLU,
}


class Skip(nn.Module):
    """Residual block y = x + body(x)."""

    def __init__(self, body: nn.Sequential) -> None:
        super().__init__()
        self.body = body

    def forward(self, x: Tensor) -> Tensor:
        """Return x + body(x) [B H]."""
        return x + self.body(x)  # type: ignore[no-any-return]  # a module's call is untyped


class CodeTables(nn.ModuleDict):
    """Tables of learned vectors by column number; the other columns come first."""

    def forward(self, x: Tensor) -> Tensor:
        """Return [other columns | vectors] [B H]."""
        others = [i for i in range(x.shape[1]) if str(i) not in self]
        vectors = [table(x[:, int(column)].long()) for column, table in self.items()]
        return torch.cat([x[:, others], *vectors], 1)


class Powers(nn.Module):
    """Powers of single inputs, then products of pairs."""

    def __init__(self, degree: int, *, interactions: bool) -> None:
        super().__init__()
        self.degree, self.interactions = degree, interactions

    def forward(self, x: Tensor) -> Tensor:
        """Return φ(x) [B H]."""
        parts = [x**power for power in range(1, self.degree + 1)]
        if self.interactions:
            left, right = torch.triu_indices(x.shape[1], x.shape[1], 1, device=x.device)
            parts.append(x[:, left] * x[:, right])
        return torch.cat(parts, 1)


def to_module(network: Network, parameters: Arrays) -> nn.Sequential:
    """Return the torch twin of a network, in prediction mode.

    Parameters
    ----------
    network
        The spec.
    parameters
        Its parameters by name, such as a fit's ``named(member)``.

    Returns
    -------
    torch.nn.Sequential
        Gives the outputs q [B C], before any link: apply the loss's ``prediction`` for probabilities or rates.

    Raises
    ------
    SettingError
        If a parameter is missing or a layer has no twin.

    Examples
    --------
    >>> network = Network((Dense(2), Activation("tanh")))
    >>> specs = network.parameters(inputs=3, outputs=1)
    >>> twin = to_module(network, {name: np.ones(spec.shape) for name, spec in specs.items()})
    >>> list(twin.state_dict())
    ['0.weight', '0.bias', '2.weight', '2.bias']
    """
    output = f"{len(network.layers)}.weight"
    if output not in parameters:
        raise SettingError(f"The output weights {output!r} are missing.", "Give the parameters of this network.")
    return _stack(network.stages(len(parameters[output])), parameters).eval()


def _of(parameters: Arrays, prefix: str) -> Arrays:
    """Return the parameters under a prefix, without it."""
    start = prefix + "."
    return {name.removeprefix(start): value for name, value in parameters.items() if name.startswith(start)}


def _stack(layers: Sequence[Layer], parameters: Arrays) -> nn.Sequential:
    """Return the twins of layers in order."""
    return nn.Sequential(*(layer_twin(layer, _of(parameters, str(i))) for i, layer in enumerate(layers)))


def _filled(module: Built, **values: NDArray[np.floating]) -> Built:
    """Return a module whose parameters and buffers are the given arrays."""
    tensors = {name: torch.from_numpy(np.ascontiguousarray(value).copy()) for name, value in values.items()}
    module.to(next(iter(tensors.values())).dtype).load_state_dict(tensors, strict=False)
    return module


@singledispatch
def layer_twin(layer: object, own: Arrays) -> nn.Module:  # noqa: ARG001 - the last resort
    """Return the twin of one layer with its own parameters, named as the layer names them."""
    raise SettingError(f"{type(layer).__name__} has no torch twin.", "Leave the layer out.")


@layer_twin.register
def _(layer: Dense, own: Arrays) -> nn.Module:  # noqa: ARG001 - the arrays say it all
    weight, bias = (own["weight"], own["bias"][0]) if "bias" in own else (own["weight"][:-1], own["weight"][-1])
    return _filled(nn.Linear(*weight.shape), weight=weight.T, bias=bias)


@layer_twin.register
def _(layer: Output, own: Arrays) -> nn.Module:  # noqa: ARG001 - the arrays say it all
    stacked = own["weight"]
    weight, bias = (stacked, own["bias"][:, 0]) if "bias" in own else (stacked[:, :-1], stacked[:, -1])
    return _filled(nn.Linear(weight.shape[1], weight.shape[0]), weight=weight, bias=bias)


@layer_twin.register
def _(layer: Activation, own: Arrays) -> nn.Module:  # noqa: ARG001 - has no parameters
    return ACTIVATIONS[layer.name]()


@layer_twin.register
def _(layer: Dropout, own: Arrays) -> nn.Module:  # noqa: ARG001 - has no parameters
    return nn.Dropout(layer.rate)


@layer_twin.register
def _(layer: BatchNorm, own: Arrays) -> nn.Module:
    module = nn.BatchNorm1d(own["weight"].shape[1], eps=layer.epsilon, momentum=layer.momentum)
    return _filled(module, **{name: value[0] for name, value in own.items()})


@layer_twin.register
def _(layer: LayerNorm, own: Arrays) -> nn.Module:
    module = nn.LayerNorm(own["weight"].shape[1], eps=layer.epsilon)
    return _filled(module, **{name: value[0] for name, value in own.items()})


@layer_twin.register
def _(layer: Embedding, own: Arrays) -> nn.Module:
    columns = [str(code.column) for code in layer.codes]
    return CodeTables({column: _embedding(own[f"{column}.weight"]) for column in columns})


@layer_twin.register
def _(layer: FeatureMap, own: Arrays) -> nn.Module:  # noqa: ARG001 - has no parameters
    return Powers(layer.degree, interactions=layer.interactions)


@layer_twin.register
def _(layer: Residual, own: Arrays) -> nn.Module:
    return Skip(_stack(layer.body, _of(own, "body")))


def _embedding(table: NDArray[np.floating]) -> nn.Embedding:
    return _filled(nn.Embedding(*table.shape), weight=table)
