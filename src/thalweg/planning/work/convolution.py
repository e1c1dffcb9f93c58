"""Convolutional networks: work is set by the pictures' size, not by the number of weights."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Convolution:
    """A convolution over square pictures; a dense layer is one over a picture of one pixel.

    Parameters
    ----------
    inputs, outputs
        Channels.
    kernel
        Width of the window, in pixels.
    side
        Of the picture that comes out, in pixels.
    biased
        Whether it has a bias.

    Examples
    --------
    >>> Convolution(3, 64, 7, 112).parameters, Convolution(3, 64, 7, 112).flops
    (9408, 236027904)
    """

    inputs: int
    outputs: int
    kernel: int
    side: int
    biased: bool = False

    @property
    def parameters(self) -> int:
        """Weights and biases."""
        return self.inputs * self.outputs * self.kernel**2 + self.outputs * self.biased

    @property
    def flops(self) -> int:
        """Operations forward, per picture: two for each weight at each pixel that comes out."""
        return 2 * self.side**2 * self.inputs * self.outputs * self.kernel**2


@dataclass(frozen=True, slots=True)
class ConvolutionalNetwork:
    """A network for pictures, as the list of its products.

    Parameters
    ----------
    name
        Its usual name.
    layers
        In order; the first gets the picture.
    normalised
        Channels that are normalised, each with a scale and a shift.

    Examples
    --------
    >>> net = residual_network(50)
    >>> net.parameters, round(net.forward_flops / 1e9, 3), round(net.step_flops / 1e9, 2)
    (25557032, 8.178, 24.3)
    """

    name: str
    layers: tuple[Convolution, ...]
    normalised: int

    @property
    def parameters(self) -> int:
        """All trained numbers."""
        return sum(layer.parameters for layer in self.layers) + 2 * self.normalised

    @property
    def forward_flops(self) -> int:
        """Operations of one picture forward."""
        return sum(layer.flops for layer in self.layers)

    @property
    def step_flops(self) -> int:
        """Operations of one picture in training: three times forward, less the gradient of the picture itself."""
        return 3 * self.forward_flops - self.layers[0].flops


_BLOCKS: Final = {18: (2, 2, 2, 2), 34: (3, 4, 6, 3), 50: (3, 4, 6, 3), 101: (3, 4, 23, 3), 152: (3, 8, 36, 3)}
RESIDUAL_DEPTHS: Final = tuple(_BLOCKS)
_CLASSES: Final = 1000
_EXPANSION: Final = 4  # of channels behind a bottleneck


def residual_network(depth: int, side: int = 224) -> ConvolutionalNetwork:
    """Return the residual network of a depth for pictures of 1,000 classes, with strides in the windows of 3 × 3.

    Parameters
    ----------
    depth
        18, 34, 50, 101 or 152.
    side
        Of the pictures, in pixels.

    References
    ----------
    He, Zhang, Ren, Sun (2016): Deep residual learning for image recognition, table 1; downsampling stands in the
    3 × 3 convolutions of a bottleneck, the variant called 1.5.

    Examples
    --------
    >>> residual_network(18).parameters
    11689512
    """
    layers = list(_residual_layers(_BLOCKS[depth], side, bottleneck=depth >= 50))
    normalised = sum(layer.outputs for layer in layers)
    head = Convolution(layers[-1].outputs, _CLASSES, 1, 1, biased=True)
    return ConvolutionalNetwork(f"ResNet-{depth}", (*layers, head), normalised)


def _residual_layers(blocks: tuple[int, ...], side: int, bottleneck: bool) -> Iterator[Convolution]:
    side = _halved(side)
    yield Convolution(3, 64, 7, side)
    side, before = _halved(side), 64  # max pooling
    for stage, count in enumerate(blocks):
        width = 64 * 2**stage
        after = width * (_EXPANSION if bottleneck else 1)
        for block in range(count):
            halves = stage > 0 and block == 0
            inner, side = side, _halved(side) if halves else side
            if bottleneck:
                yield Convolution(before, width, 1, inner)
                yield Convolution(width, width, 3, side)
                last = Convolution(width, after, 1, side)
            else:
                yield Convolution(before, width, 3, side)
                last = Convolution(width, after, 3, side)
            if before != after:
                yield Convolution(before, after, 1, side)
            yield last
            before = after


def _halved(side: int) -> int:
    return (side + 1) // 2
