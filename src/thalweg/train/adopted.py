"""What a user may give as a network: ours, or a torch module by its class, a function that makes it, or itself."""

import copy
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from thalweg.base.checks import shown
from thalweg.base.contracts import NetworkSpec
from thalweg.base.errors import SettingError, setting
from thalweg.train.module import ModuleNetwork


@dataclass(frozen=True, slots=True)
class Made:
    """Makes a module by a class or a function and the numbers of features and outputs it asks for."""

    maker: Callable[..., nn.Module]
    arguments: tuple[int, ...]

    def __call__(self) -> nn.Module:
        """Return a new module."""
        return self.maker(*self.arguments)


@dataclass(frozen=True, slots=True)
class Copied:
    """Copies a module, with its parameters as they are; equal if it is the same module."""

    module: nn.Module

    def __call__(self) -> nn.Module:
        """Return a copy."""
        return copy.deepcopy(self.module)


def network_of(given: Any, inputs: int, outputs: int) -> NetworkSpec:
    """Return the network that is meant.

    Parameters
    ----------
    given
        A network of this package; a class of torch modules, or a function that returns one, called with nothing, with
        the number of features, or with those of features and outputs, as many as it has arguments without a default; or
        a module, such as ``nn.Sequential(...)``: every network then starts from its parameters as they are.
    inputs, outputs
        Numbers of features and outputs.

    Raises
    ------
    SettingError
        If it is nothing of these, or does not take the features and return the outputs.

    Examples
    --------
    >>> network_of(nn.Sequential(nn.Linear(3, 1)), 3, 1).count(3, 1)
    4
    >>> network_of(nn.Linear, 3, 1).count(3, 1)
    4
    """
    if isinstance(given, nn.Module):
        network = ModuleNetwork(Copied(given))
    elif isinstance(given, ModuleNetwork):
        asked = (inputs, outputs)[: _asks_for(given.build)]
        network = ModuleNetwork(Made(given.build, asked), given.shape) if asked else given
    elif hasattr(given, "wire") or hasattr(given, "parameters"):
        found: NetworkSpec = given
        if not isinstance(given, type):
            return found
        network = ModuleNetwork(Made(given, (inputs, outputs)[: _asks_for(given)]))
    elif callable(given):
        network = ModuleNetwork(Made(given, (inputs, outputs)[: _asks_for(given)]))
    else:
        raise SettingError(
            f"{setting('network')} must be a network or a torch module, or make one, got {shown(given)}.",
            "Give a class of torch modules, a function that returns one, or nn.Sequential(...).",
        )
    _try(network, inputs, outputs)
    return network


def _asks_for(maker: Any) -> int:
    """Return how many arguments without a default a class or function has."""
    try:
        parameters = inspect.signature(maker).parameters.values()
    except (TypeError, ValueError):
        return 0
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    needed = [p.name for p in parameters if p.kind in kinds and p.default is inspect.Parameter.empty]
    if len(needed) > 2:
        raise SettingError(
            f"{setting('network')} asks for {', '.join(needed)}; it can be told the numbers of features and outputs.",
            "Give a function of at most these two that returns the module.",
        )
    return len(needed)


def _try(network: ModuleNetwork, inputs: int, outputs: int) -> None:
    """Send two rows of zeros through a module, as when predicting."""
    try:
        module = network.made(0, torch.float32)
        if not isinstance(module, nn.Module):
            raise SettingError(
                f"{setting('network')} made a {type(module).__name__}, no torch module.", "Return a torch.nn.Module."
            )
        with torch.inference_mode():
            q = network.forward(module.eval(), torch.zeros(2, inputs))
    except (RuntimeError, ValueError, TypeError, IndexError, AttributeError) as error:
        told = " ".join(str(error).split())
        raise SettingError(
            f"{setting('network')} cannot take rows of {inputs} features: {told}.",
            "Let its first layer have as many inputs, or give a function of the numbers of features and outputs.",
        ) from error
    if q.shape[1] != outputs:
        raise SettingError(
            f"{setting('network')} returns {q.shape[1]} numbers per row, {outputs} needed.",
            "Return one per outcome or class; for two classes one, the log-odds of the second.",
        )
