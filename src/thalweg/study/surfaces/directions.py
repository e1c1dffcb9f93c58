"""Random directions in the space of parameters that are as long as the parameters themselves, unit by unit."""

from collections.abc import Iterator

import numpy as np

from thalweg.base.arrays import FloatArray, IntArray
from thalweg.base.seeds import derived_seed, stream
from thalweg.net.spec import Network
from thalweg.train.steps.parameters import split_vector

Directions = tuple[FloatArray, FloatArray]


def filter_directions(network: Network, inputs: int, outputs: int, centre: FloatArray, seed: int) -> Directions:
    """Return two orthogonal directions of which every unit's part is as long as the unit's incoming weights.

    d_u ← d_u ‖w_u‖ / ‖d_u‖ for the incoming weights w_u of every unit u, d Gaussian; biases and what belongs to a
    normalisation do not move. Rescaling a layer and undoing it in the next, which leaves a network of rectifiers the
    same function, then leaves its surface the same too (Li, Xu, Taylor, Studer & Goldstein 2018, arXiv:1712.09913,
    section 4). Within a unit of at least two incoming weights the directions are made orthogonal, which two Gaussian
    vectors of a small network are not.

    Parameters
    ----------
    network, inputs, outputs
        Whose parameters.
    centre
        The parameters [Θ].
    seed
        Of the draw.

    Returns
    -------
    tuple
        Two directions [Θ].

    Examples
    --------
    >>> from thalweg.net.spec import mlp
    >>> one, other = filter_directions(mlp((3,)), 4, 1, np.arange(19.0), seed=0)
    >>> bool(abs(one @ other) < 1e-9), bool(np.linalg.norm(one) <= np.linalg.norm(np.arange(19.0)))
    (True, True)
    """
    drawn = [stream(derived_seed(seed, "init", 14, k), "init").normal(len(centre)) for k in range(2)]
    found = [np.zeros(len(centre)), np.zeros(len(centre))]
    for unit in _units(network, inputs, outputs, len(centre)):
        size = float(np.linalg.norm(centre[unit]))
        first = drawn[0][unit] / np.linalg.norm(drawn[0][unit])
        second = drawn[1][unit]
        if len(unit) > 1:
            second = second - (second @ first) * first
        second = second / np.linalg.norm(second)
        found[0][unit], found[1][unit] = size * first, size * second
    return found[0], found[1]


def _units(network: Network, inputs: int, outputs: int, size: int) -> Iterator[IntArray]:
    """Yield the places of every unit's incoming weights in the vector."""
    specs = network.parameters(inputs, outputs)
    places = {name: part.astype(np.int64) for name, part in split_vector(specs, np.arange(float(size))).items()}
    last = f"{len(network.layers)}.weight"
    for name, spec in specs.items():
        if spec.penalised is None:
            continue
        weights = places[name][spec.penalised]
        yield from (row for row in (weights if name == last or spec.lookup else weights.T))
