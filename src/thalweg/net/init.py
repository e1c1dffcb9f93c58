"""Where parameters start: every rule draws from the member's own stream.

For a dense layer fan_in is the number of inputs and fan_out the number of outputs.
"""

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from thalweg.base.arrays import FloatArray
from thalweg.base.elementary import orthonormal
from thalweg.base.errors import SettingError
from thalweg.base.seeds import Stream


class Initial(Protocol):
    """A rule that fills a weight matrix [fan_in, fan_out]."""

    def draw(self, stream: Stream, fan_in: int, fan_out: int) -> FloatArray:
        """Return the start values [fan_in fan_out]."""
        ...


@dataclass(frozen=True, slots=True)
class Zeros:
    """w = 0. Hidden units that start equal stay equal: for output layers and demonstrations only.

    Examples
    --------
    >>> Zeros().draw(Stream(0), 2, 1).ravel().tolist()
    [0.0, 0.0]
    """

    def draw(self, stream: Stream, fan_in: int, fan_out: int) -> FloatArray:  # noqa: ARG002 - nothing random in zero
        """Return zeros [fan_in fan_out]."""
        return np.zeros((fan_in, fan_out))


@dataclass(frozen=True, slots=True)
class Normal:
    """w ~ N(0, sd²).

    Examples
    --------
    >>> Normal(0.01).draw(Stream(0), 100, 100).std().round(3)
    np.float64(0.01)
    """

    sd: float = 0.01

    def draw(self, stream: Stream, fan_in: int, fan_out: int) -> FloatArray:
        """Return normal numbers [fan_in fan_out]."""
        return self.sd * stream.normal(fan_in * fan_out).reshape(fan_in, fan_out)


@dataclass(frozen=True, slots=True)
class Uniform:
    """w ~ U(−bound, bound).

    Examples
    --------
    >>> abs(Uniform(0.5).draw(Stream(0), 10, 10)).max() < 0.5
    np.True_
    """

    bound: float = 0.05

    def draw(self, stream: Stream, fan_in: int, fan_out: int) -> FloatArray:
        """Return uniform numbers [fan_in fan_out]."""
        return self.bound * (2.0 * stream.uniform(fan_in * fan_out) - 1.0).reshape(fan_in, fan_out)


@dataclass(frozen=True, slots=True)
class FanIn:
    """w ~ U(−1/√fan_in, 1/√fan_in), what ``torch.nn.Linear`` does by default (variance 1 / (3 fan_in)).

    LeCun, Bottou, Orr & Müller (1998), *Efficient BackProp*, section 4.6, proposes variance 1 / fan_in; torch's
    factor 1/3 is historical.

    Examples
    --------
    >>> abs(FanIn().draw(Stream(0), 4, 10)).max() < 0.5
    np.True_
    """

    def draw(self, stream: Stream, fan_in: int, fan_out: int) -> FloatArray:
        """Return uniform numbers [fan_in fan_out]."""
        return Uniform(1.0 / math.sqrt(fan_in)).draw(stream, fan_in, fan_out)


@dataclass(frozen=True, slots=True)
class Glorot:
    """Var w = 2 / (fan_in + fan_out): keeps the variance of signals and gradients for odd activations.

    Glorot & Bengio (2010), AISTATS, equation 16 (the uniform form is the paper's).

    Examples
    --------
    >>> bool(abs(Glorot().draw(Stream(0), 50, 50).var() - 0.02) < 0.001)
    True
    """

    normal: bool = False

    def draw(self, stream: Stream, fan_in: int, fan_out: int) -> FloatArray:
        """Return start values [fan_in fan_out]."""
        sd = math.sqrt(2.0 / (fan_in + fan_out))
        rule = Normal(sd) if self.normal else Uniform(sd * math.sqrt(3.0))
        return rule.draw(stream, fan_in, fan_out)


@dataclass(frozen=True, slots=True)
class He:
    """Var w = 2 / fan_in: keeps the second moment of signals behind rectifiers.

    He, Zhang, Ren & Sun (2015), arXiv:1502.01852, equation 10 (the normal form is the paper's).

    Examples
    --------
    >>> bool(abs(He().draw(Stream(0), 50, 50).var() - 0.04) < 0.004)
    True
    """

    normal: bool = True

    def draw(self, stream: Stream, fan_in: int, fan_out: int) -> FloatArray:
        """Return start values [fan_in fan_out]."""
        sd = math.sqrt(2.0 / fan_in)
        rule = Normal(sd) if self.normal else Uniform(sd * math.sqrt(3.0))
        return rule.draw(stream, fan_in, fan_out)


@dataclass(frozen=True, slots=True)
class Orthogonal:
    """Columns (or rows, whichever are fewer) orthonormal, times ``gain``.

    Saxe, McClelland & Ganguli (2014), arXiv:1312.6120, section 3; the sign convention makes the draw uniform
    over orthogonal matrices (Mezzadri 2007, arXiv:math-ph/0609050).

    Examples
    --------
    >>> w = Orthogonal().draw(Stream(0), 5, 3)
    >>> bool(abs(w.T @ w - np.eye(3)).max() < 1e-12)
    True
    """

    gain: float = 1.0

    def draw(self, stream: Stream, fan_in: int, fan_out: int) -> FloatArray:
        """Return start values [fan_in fan_out]."""
        tall = stream.normal(fan_in * fan_out).reshape(max(fan_in, fan_out), min(fan_in, fan_out))
        q = orthonormal(tall)
        return self.gain * (q if fan_in >= fan_out else q.T)


@dataclass(frozen=True, slots=True, eq=False)
class Given:
    """w = the numbers given, for pre-trained starts and comparisons.

    Parameters
    ----------
    values
        The start [fan_in fan_out], or one row [1 fan_out] for a bias.

    Raises
    ------
    SettingError
        If the shape fits neither.

    Examples
    --------
    >>> Given(np.ones((2, 1))).draw(Stream(0), 2, 1).tolist()
    [[1.0], [1.0]]
    """

    values: FloatArray

    def draw(self, stream: Stream, fan_in: int, fan_out: int) -> FloatArray:  # noqa: ARG002 - nothing random in it
        """Return the given values [fan_in fan_out]; a single row is repeated.

        Raises
        ------
        SettingError
            If the shape fits neither.
        """
        values = np.asarray(self.values, dtype=np.float64)
        if values.shape not in ((fan_in, fan_out), (1, fan_out)):
            raise SettingError(
                f"Expected start values of shape ({fan_in}, {fan_out}), got {values.shape}.",
                "Give one row per input and one column per unit.",
            )
        return np.broadcast_to(values, (fan_in, fan_out)).copy()
