"""A piece of work: what is computed in all, and what must be held meanwhile."""

from dataclasses import dataclass

from thalweg.base.checks import check_choice, check_number
from thalweg.planning.work.convolution import ConvolutionalNetwork
from thalweg.planning.work.training_memory import state_bytes
from thalweg.planning.work.transformer import token_flops

FAMILIES = ("transformer", "convolution", "any")


@dataclass(frozen=True, slots=True)
class Work:
    """Training of one large network.

    Parameters
    ----------
    name
        In words, with the formula.
    family
        Of networks, whose utilisations are comparable: "transformer", "convolution" or "any".
    flops
        Operations in all.
    parameters
        Trained numbers; None if they are not known.
    state
        A key of :data:`thalweg.planning.work.training_memory.STATES`.

    Raises
    ------
    SettingError
        If the family is not known or there is nothing to compute.

    Examples
    --------
    >>> work = token_work(175e9, 300e9)
    >>> f"{work.flops:.3g}", round(work.state_bytes / 1e12, 1)
    ('3.15e+23', 2.8)
    """

    name: str
    family: str
    flops: float
    parameters: float | None = None
    state: str = "float32 adam"

    def __post_init__(self) -> None:
        check_choice("family", self.family, FAMILIES)
        check_number("flops", self.flops, low=0, open_low=True)

    @property
    def state_bytes(self) -> float | None:
        """Bytes of weights, gradients and optimizer; None if the parameters are not known."""
        return None if self.parameters is None else state_bytes(self.parameters, self.state)


def token_work(parameters: float, tokens: float, *, recomputed: bool = False, state: str = "float32 adam") -> Work:
    """Return the training of a transformer on tokens, by 6ND or, with activations computed twice, 8ND.

    Parameters
    ----------
    parameters, tokens
        N and D.
    recomputed, state
        As in :func:`thalweg.planning.work.transformer.token_flops` and :class:`Work`.

    Raises
    ------
    SettingError
        If there are no parameters or tokens.

    Examples
    --------
    >>> token_work(7e9, 2e12).name
    '7e+09 parameters x 2e+12 tokens, 6ND'
    """
    check_number("parameters", parameters, low=0, open_low=True)
    check_number("tokens", tokens, low=0, open_low=True)
    name = f"{parameters:.4g} parameters x {tokens:.4g} tokens, {8 if recomputed else 6}ND"
    return Work(name, "transformer", token_flops(parameters, tokens, recomputed=recomputed), parameters, state)


def picture_work(network: ConvolutionalNetwork, pictures: float, epochs: float) -> Work:
    """Return the training of a convolutional network on pictures, by the operations of every layer.

    Parameters
    ----------
    network
        As :func:`thalweg.planning.work.convolution.residual_network` returns it.
    pictures
        Of an epoch.
    epochs
        Times each is seen.

    Raises
    ------
    SettingError
        If there are no pictures or epochs.

    Examples
    --------
    >>> from thalweg.planning.work.convolution import residual_network
    >>> picture_work(residual_network(50), 1_281_167, 90).name
    'ResNet-50, 1,281,167 pictures x 90 epochs'
    """
    check_number("pictures", pictures, low=0, open_low=True)
    check_number("epochs", epochs, low=0, open_low=True)
    name = f"{network.name}, {pictures:,.0f} pictures x {epochs:g} epochs"
    return Work(name, "convolution", network.step_flops * pictures * epochs, network.parameters, "float32 momentum")
