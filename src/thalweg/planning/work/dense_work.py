"""Networks of dense layers: parameters and the floating-point operations of a step."""

from collections.abc import Sequence
from itertools import pairwise


def dense_parameters(widths: Sequence[int]) -> int:
    r"""Return the number of weights and biases, :math:`\sum_l d_l (d_{l-1} + 1)`.

    Parameters
    ----------
    widths
        Of input, hidden layers and output, :math:`d_0, \dots, d_L`.

    Examples
    --------
    >>> dense_parameters([50, 128, 64, 1])
    14849
    """
    return sum(after * (before + 1) for before, after in pairwise(widths))


def dense_step_flops(widths: Sequence[int], batch: int) -> int:
    r"""Return the operations of a training step in matrix products, forward and backward.

    :math:`6 B \sum_l d_l d_{l-1} - 2 B d_0 d_1`: each weight is used once forward and twice backward, save that inputs
    of the first layer need no gradient. A multiplication and an addition are two operations. Elementwise work and the
    optimizer are not counted; they matter by the bytes they move.

    Parameters
    ----------
    widths
        Of input, hidden layers and output.
    batch
        Rows of a step, :math:`B`.

    Examples
    --------
    >>> dense_step_flops([20, 64, 32, 1], 128)
    2252800
    """
    products = [before * after for before, after in pairwise(widths)]
    return batch * (6 * sum(products) - 2 * products[0])
