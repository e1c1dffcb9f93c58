"""One counter-based random stream per member: number i of a stream is a function of (key, i) alone.

The generator is SplitMix64 (Steele, Lea & Flood 2014, OOPSLA, doi:10.1145/2660193.2660195, figure 16) read
as a counter: bits(key, i) = mix(key + (i + 1) γ). Integer arithmetic is exact, and what is made of it is
rounded one way (``base/elementary.py``), so a member's initial weights, batch order and dropout masks are the
same on every machine, in any crowd, and from any epoch on without replaying earlier ones.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from thalweg.base.elementary import normal_quantile

GAMMA: Final = 0x9E3779B97F4A7C15
MIX_1: Final = 0xBF58476D1CE4E5B9
MIX_2: Final = 0x94D049BB133111EB
_WORD: Final = (1 << 64) - 1

PURPOSES: Final = {"init": 1, "order": 2, "dropout": 3, "split": 4, "bootstrap": 5, "data": 6}


def _mix(z: int) -> int:
    z = ((z ^ (z >> 30)) * MIX_1) & _WORD
    z = ((z ^ (z >> 27)) * MIX_2) & _WORD
    return z ^ (z >> 31)


@dataclass(frozen=True, slots=True)
class Stream:
    """An endless sequence of random numbers that can be entered anywhere.

    Parameters
    ----------
    key
        64 bits that name the stream; make it with :func:`stream`.

    Examples
    --------
    >>> s = stream(7, "order", 0)
    >>> s.permutation(5).tolist() == stream(7, "order", 0).permutation(5).tolist()
    True
    """

    key: int

    def bits(self, count: int) -> NDArray[np.uint64]:
        """Return the first ``count`` 64-bit words."""
        return self.bits_at(np.arange(count, dtype=np.uint64))

    def bits_at(self, places: NDArray[np.uint64]) -> NDArray[np.uint64]:
        """Return the words at some places, such as hashes: what :meth:`bits` has at i is here at i."""
        z = places + np.uint64(1)
        z *= np.uint64(GAMMA)
        z += np.uint64(self.key)
        z ^= z >> np.uint64(30)
        z *= np.uint64(MIX_1)
        z ^= z >> np.uint64(27)
        z *= np.uint64(MIX_2)
        z ^= z >> np.uint64(31)
        return z

    def uniform(self, count: int) -> NDArray[np.float64]:
        """Return ``count`` numbers in the open interval (0, 1), spaced 2⁻⁵³."""
        return ((self.bits(count) >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53

    def normal(self, count: int) -> NDArray[np.float64]:
        """Return ``count`` standard normal numbers, by inversion of the distribution function."""
        return normal_quantile(self.uniform(count))

    def integers(self, high: int, count: int) -> NDArray[np.int64]:
        """Return ``count`` integers in 0 … high − 1, high at most 2³²; the bias is below high · 2⁻³²."""
        product = (self.bits(count) >> np.uint64(32)) * np.uint64(high)
        return (product >> np.uint64(32)).astype(np.int64)

    def permutation(self, count: int) -> NDArray[np.int32]:
        """Return 0 … count − 1 in random order.

        The low bits of every word are replaced by its index and the words are sorted: no two are equal, so
        the order is the same whatever sorting algorithm a platform uses.
        """
        low = np.uint64((1 << max(1, (count - 1).bit_length())) - 1)
        words = self.bits(count)
        words &= ~low
        words |= np.arange(count, dtype=np.uint64)
        words.sort()
        words &= low
        return words.astype(np.int32)


def stream(seed: int, purpose: str, *path: int) -> Stream:
    """Name the stream of one purpose of one seed.

    Parameters
    ----------
    seed
        The member's seed; any integer, negative ones too.
    purpose
        One of :data:`PURPOSES`, so that a member's weights and its batch order never share numbers.
    path
        Further indices, such as the epoch or the layer.

    Returns
    -------
    Stream
        Streams of different (seed, purpose, path) are unrelated.

    Raises
    ------
    KeyError
        If the purpose is unknown.

    Examples
    --------
    >>> stream(0, "init").bits(1) == stream(1, "init").bits(1)
    array([False])
    """
    key = _mix((seed + GAMMA) & _WORD)
    for part in (PURPOSES[purpose], *path):
        key = _mix((key + (part + 1) * GAMMA) & _WORD)
    return Stream(key)


def derived_seed(seed: int, purpose: str, *path: int, bits: int = 62) -> int:
    """Return a seed for one place of a design, such as a fold or a member; different places get unrelated ones.

    Parameters
    ----------
    seed, purpose, path
        As for :func:`stream`.
    bits
        Size of the seed; scikit-learn takes 32.

    Returns
    -------
    int
        In 0 … 2^bits − 1.

    Examples
    --------
    >>> derived_seed(0, "split", 1) == derived_seed(0, "split", 2)
    False
    >>> derived_seed(0, "split", bits=32) < 2**32
    True
    """
    return int(stream(seed, purpose, *path).bits(1)[0] >> np.uint64(64 - bits))
