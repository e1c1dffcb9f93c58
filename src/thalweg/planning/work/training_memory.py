"""Memory of training: bytes per parameter, shared among devices, and activations of a transformer."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from thalweg.base.checks import check_choice, check_count


@dataclass(frozen=True, slots=True)
class State:
    """Bytes that training keeps per parameter.

    Parameters
    ----------
    weights, gradients, optimizer
        Bytes each.

    Examples
    --------
    >>> STATES["float32 adam"].total
    16
    """

    weights: int
    gradients: int
    optimizer: int

    @property
    def total(self) -> int:
        """Bytes per parameter."""
        return self.weights + self.gradients + self.optimizer


STATES: Final[Mapping[str, State]] = {
    "float32 sgd": State(4, 4, 0),
    "float32 momentum": State(4, 4, 4),
    "float32 adam": State(4, 4, 8),
    "mixed adam": State(2, 2, 12),
    "mixed adam, float32 gradients": State(2, 4, 12),
}
"""By precision and optimizer. "mixed" keeps a copy of the weights in float32 with the optimizer's state."""


def state_bytes(parameters: float, state: str = "float32 adam", *, devices: int = 1, sharded: int = 0) -> float:
    """Return the bytes of weights, gradients and optimizer on each device.

    Parameters
    ----------
    parameters
        Of the network.
    state
        A key of :data:`STATES`.
    devices
        Among which the state is shared.
    sharded
        0: every device holds all; 1: the optimizer's state is shared; 2: gradients too; 3: weights too.

    Raises
    ------
    SettingError
        If the state is not known or the stage is none of 0 to 3.

    References
    ----------
    Rajbhandari et al. (2020): ZeRO, figure 1.

    Examples
    --------
    >>> [round(state_bytes(7.5e9, "mixed adam", devices=64, sharded=stage) / 1e9, 1) for stage in range(4)]
    [120.0, 31.4, 16.6, 1.9]
    """
    kept = STATES[check_choice("state", state, tuple(STATES))]
    check_count("devices", devices)
    check_choice("sharded", sharded, (0, 1, 2, 3))
    shares = [devices if sharded >= stage else 1 for stage in (3, 2, 1)]
    parts = zip((kept.weights, kept.gradients, kept.optimizer), shares, strict=True)
    return parameters * sum(part / share for part, share in parts)


def activation_bytes(
    layers: int, width: int, heads: int, context: int, batch: int, *, recomputed: str = "nothing"
) -> int:
    r"""Return the bytes of a transformer's activations in 16 bits.

    :math:`L s b h (34 + 5 a s / h)`; without the attention's own (:math:`34\,L s b h`) where those are computed again,
    and only the inputs of layers (:math:`2\,L s b h`) where everything is.

    Parameters
    ----------
    layers, width, heads, context, batch
        :math:`L, h, a, s, b`.
    recomputed
        "nothing", "attention" or "everything".

    Raises
    ------
    SettingError
        If ``recomputed`` is none of these.

    References
    ----------
    Korthikanti et al. (2022): Reducing activation recomputation in large transformer models, table 2.

    Examples
    --------
    >>> kinds = ("nothing", "attention", "everything")
    >>> [activation_bytes(96, 12288, 96, 2048, 1, recomputed=kind) / 2**30 for kind in kinds]
    [256.5, 76.5, 4.5]
    """
    check_choice("recomputed", recomputed, ("nothing", "attention", "everything"))
    inputs = layers * context * batch * width
    if recomputed == "nothing":
        return 34 * inputs + 5 * layers * heads * context**2 * batch
    return (34 if recomputed == "attention" else 2) * inputs
