"""Adoption of torch modules: a plain ``torch.nn.Sequential`` as a network with parameters."""

from collections.abc import Mapping, Sequence
from functools import singledispatch

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from thalweg.base.contracts import Layer
from thalweg.base.errors import SettingError
from thalweg.net.activation import Activation
from thalweg.net.batchnorm import BatchNorm
from thalweg.net.dense import Dense
from thalweg.net.dropout import Dropout
from thalweg.net.embedding import Codes, Embedding
from thalweg.net.features import FeatureMap
from thalweg.net.layernorm import LayerNorm
from thalweg.net.residual import Residual
from thalweg.net.spec import Network
from thalweg.net.twin import ACTIVATIONS, CodeTables, Powers, Skip

Arrays = Mapping[str, NDArray[np.floating]]
Parameters = dict[str, NDArray[np.floating]]


def from_module(module: nn.Sequential) -> tuple[Network, Parameters]:
    """Return the network and the parameters by name of a plain stack of torch modules.

    Only torch's own classes are adopted: what derives from them, is parametrised or has hooks may compute anything.

    Parameters
    ----------
    module
        A stack that ends in ``Linear``.

    Returns
    -------
    network, parameters
        What :func:`~thalweg.net.twin.to_module` turns back into an equal stack.

    Raises
    ------
    SettingError
        If a module is unknown, has a setting no layer of ours has or hooks, or the last one is not ``Linear``.

    Examples
    --------
    >>> network, parameters = from_module(nn.Sequential(nn.Linear(3, 2), nn.ReLU(), nn.Linear(2, 1)))
    >>> {name: value.shape for name, value in parameters.items()}
    {'0.weight': (4, 2), '2.weight': (1, 2), '2.bias': (1, 1)}
    """
    if type(module) is not nn.Sequential:
        raise SettingError(
            f"Expected a torch.nn.Sequential, got {type(module).__name__}.", "Train it as a ModuleNetwork instead."
        )
    stages = list(module)
    for stage in (module, *stages):
        if stage._forward_hooks or stage._forward_pre_hooks:  # noqa: SLF001 - torch has no public way to see them
            raise _unknown(stage, "forward hooks")
    if not stages or type(stages[-1]) is not nn.Linear:
        raise SettingError("The stack must end in Linear, the output layer.", "Leave links to the loss.")
    layers, parameters = _read(stages[:-1])
    weight, bias = _affine(stages[-1])
    place = len(layers)
    if place == 0:
        return Network(), {"0.weight": np.concatenate([weight, bias[:, None]], 1)}
    return Network(layers), {**parameters, f"{place}.weight": weight, f"{place}.bias": bias[:, None]}


def _read(
    stages: Sequence[nn.Module], *, first: bool = True
) -> tuple[tuple[Layer, ...], dict[str, NDArray[np.floating]]]:
    """Return layers and parameters of modules in order; ``first`` if the table's column of ones reaches them."""
    layers: list[Layer] = []
    parameters: Parameters = {}
    for index, stage in enumerate(stages):
        read = _layer.registry.get(type(stage), _layer.registry[object])  # not its base class's: it may do otherwise
        layer, own = read(stage, first and index == 0)
        layers.append(layer)
        parameters |= {f"{index}.{name}": value for name, value in own.items()}
    return tuple(layers), parameters


def _affine(module: nn.Linear) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
    """Return weight [H D] and bias [H] of a linear module."""
    if module.bias is None:
        raise _unknown(module, "bias=False")
    return _array(module.weight), _array(module.bias)


def _array(tensor: Tensor) -> NDArray[np.floating]:
    array: NDArray[np.floating] = tensor.detach().cpu().numpy()
    return array


def _unknown(module: object, setting: str = "") -> SettingError:
    what = f"{type(module).__name__} with {setting}" if setting else type(module).__name__
    known = "Linear, Dropout, BatchNorm1d, LayerNorm and the activations " + ", ".join(ACTIVATIONS)
    return SettingError(f"{what} has no counterpart among our layers.", f"Known are {known}.")


@singledispatch
def _layer(module: object, first: bool) -> tuple[Layer, Arrays]:  # noqa: ARG001 - the last resort
    for name, build in ACTIVATIONS.items():
        twin = build()
        if type(module) is type(twin):
            if repr(module) != repr(twin):
                raise _unknown(module, f"settings {module!r}")
            return Activation(name), {}
    raise _unknown(module)


@_layer.register
def _(module: nn.Linear, first: bool) -> tuple[Layer, Arrays]:
    weight, bias = _affine(module)
    if first:
        return Dense(module.out_features), {"weight": np.concatenate([weight.T, bias[None]])}
    return Dense(module.out_features), {"weight": weight.T, "bias": bias[None]}


@_layer.register
def _(module: nn.Dropout, first: bool) -> tuple[Layer, Arrays]:  # noqa: ARG001 - has no parameters
    return Dropout(module.p), {}


@_layer.register
def _(module: nn.BatchNorm1d, first: bool) -> tuple[Layer, Arrays]:  # noqa: ARG001 - sees features only
    if not (module.affine and module.track_running_stats) or module.momentum is None:
        raise _unknown(module, "affine, track_running_stats or momentum switched off")
    names = ("weight", "bias", "running_mean", "running_var")
    return BatchNorm(module.momentum, module.eps), {name: _array(getattr(module, name))[None] for name in names}


@_layer.register
def _(module: nn.LayerNorm, first: bool) -> tuple[Layer, Arrays]:  # noqa: ARG001 - sees features only
    if len(module.normalized_shape) != 1 or module.weight is None or module.bias is None:
        raise _unknown(module, "several axes, or without weight and bias")
    return LayerNorm(module.eps), {name: _array(getattr(module, name))[None] for name in ("weight", "bias")}


@_layer.register
def _(module: CodeTables, first: bool) -> tuple[Layer, Arrays]:  # noqa: ARG001 - always first
    tables = {column: _array(table.get_parameter("weight")) for column, table in module.items()}
    codes = tuple(Codes(int(column), *table.shape) for column, table in tables.items())
    return Embedding(codes), {f"{column}.weight": table for column, table in tables.items()}


@_layer.register
def _(module: Powers, first: bool) -> tuple[Layer, Arrays]:  # noqa: ARG001 - has no parameters
    return FeatureMap(module.degree, module.interactions), {}


@_layer.register
def _(module: Skip, first: bool) -> tuple[Layer, Arrays]:
    layers, parameters = _read(list(module.body), first=first)
    return Residual(layers), {f"body.{name}": value for name, value in parameters.items()}
