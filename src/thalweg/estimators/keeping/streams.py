"""Where ``partial_fit`` goes on, as tensors of a file and back."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thalweg.estimators.ensemble.incremental import Crowded, Ongoing
from thalweg.estimators.ensemble.model_population import Joined, ModelPopulation
from thalweg.estimators.ensemble.network_group import NetworkGroup
from thalweg.estimators.ensemble.running_scale import StreamMoments

Tensors = dict[str, NDArray[Any]]


def stream_tensors(ongoing: Ongoing | None) -> Tensors:
    """Return the states of networks in training and the moments of their rows; nothing where no stream is going on.

    Examples
    --------
    >>> stream_tensors(None)
    {}
    """
    if ongoing is None:
        return {}
    found: Tensors = {}
    for part, crowded in (("seeds", ongoing.seeds), ("samples", ongoing.samples)):
        if crowded is not None and crowded.states is not None:
            found |= {f"stream/{part}/{number}": state for number, state in enumerate(crowded.states)}
            found[f"stream/{part}/losses"] = crowded.losses
    if ongoing.moments is not None:
        found |= {f"stream/{field.name}": getattr(ongoing.moments, field.name) for field in fields(StreamMoments)}
    return found


def stream_from(tensors: Mapping[str, NDArray[Any]], population: ModelPopulation) -> Ongoing | None:
    """Rebuild what :func:`stream_tensors` wrote; None if the file holds no stream."""
    if "stream/seeds/0" not in tensors:
        return None

    def crowded(part: str, groups: list[Any]) -> Crowded:
        networks = [network for group in groups if isinstance(group, NetworkGroup) for network in group.networks]
        states = [tensors[f"stream/{part}/{number}"] for number in range(len(networks))]
        return Crowded(networks, states, np.asarray(tensors[f"stream/{part}/losses"]))

    samples, bootstrap = None, population.bootstrap
    if "stream/samples/0" in tensors and bootstrap is not None:
        samples = crowded("samples", list(bootstrap.groups) if isinstance(bootstrap, Joined) else [bootstrap])
    names = [field.name for field in fields(StreamMoments)]
    moments = StreamMoments(**{name: tensors[f"stream/{name}"] for name in names}) if "stream/mass" in tensors else None
    return Ongoing(crowded("seeds", [population.final]), samples, moments)
