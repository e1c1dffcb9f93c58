"""Transformers: parameters, operations per token, and the size that is best for a budget."""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Transformer:
    r"""A stack of attention and dense layers over sequences of tokens.

    Parameters
    ----------
    layers
        :math:`L`.
    width
        :math:`h`, numbers per token.
    vocabulary
        :math:`V`, different tokens.
    context
        :math:`s`, tokens of a sequence.
    biased
        Whether products have biases and normalisations shifts.

    Examples
    --------
    >>> Transformer(12, 768, 50257, 1024, biased=False).parameters
    124337664
    >>> Transformer(96, 12288, 50257, 2048).parameters
    174604259328
    """

    layers: int
    width: int
    vocabulary: int
    context: int
    biased: bool = True

    @property
    def parameters(self) -> int:
        r"""Trained numbers, with the head tied to the embedding: :math:`12 L h^2 + 13 L h + 2 h + (V + s) h`."""
        L, h = self.layers, self.width
        small = 13 * L * h + 2 * h if self.biased else 2 * L * h + h
        return 12 * L * h * h + small + (self.vocabulary + self.context) * h

    @property
    def step_flops_per_token(self) -> int:
        r"""Operations in training per token: :math:`6 N + 12 L h s`, :math:`N` without embeddings of positions.

        Six for each weight, two forward and four backward; attention is counted whole, though a causal mask uses half,
        as is the convention.

        References
        ----------
        Chowdhery et al. (2022): PaLM, appendix B.
        """
        L, h, s = self.layers, self.width, self.context
        return 6 * (self.parameters - s * h) + 12 * L * h * s


def token_flops(parameters: float, tokens: float, *, recomputed: bool = False) -> float:
    """Return the operations of training on tokens, 6ND; 8ND if activations are computed again when going backward.

    It holds where attention and embeddings are small beside the products: contexts far below six widths. Networks
    with convolutions use each weight at every pixel: it is wrong for them by two orders of magnitude.

    Parameters
    ----------
    parameters
        N.
    tokens
        D, those of all epochs.
    recomputed
        Whether every activation is computed twice.

    References
    ----------
    Kaplan et al. (2020): Scaling laws for neural language models, section 2.1.

    Examples
    --------
    >>> f"{token_flops(175e9, 300e9):.3g}"
    '3.15e+23'
    """
    return (8 if recomputed else 6) * parameters * tokens


def best_size(flops: float) -> tuple[float, float]:
    r"""Return parameters and tokens that are best for a budget, :math:`D = 20 N` with :math:`6 N D` operations.

    References
    ----------
    Hoffmann et al. (2022): Training compute-optimal large language models; the ratio is the rule of thumb drawn
    from its table 3.

    Examples
    --------
    >>> parameters, tokens = best_size(5.88e23)
    >>> round(parameters / 1e9), round(tokens / 1e12, 1)
    (70, 1.4)
    """
    parameters = math.sqrt(flops / 120)
    return parameters, 20 * parameters
