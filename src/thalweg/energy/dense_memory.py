"""Modern Hopfield networks: continuous states, and recall that is a step of attention."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import logsumexp, softmax

from thalweg.base.arrays import FloatArray
from thalweg.base.checks import check_count, check_number
from thalweg.base.errors import DataError


@dataclass(frozen=True, slots=True, eq=False)
class DenseRecall:
    """Where continuous probes came to rest.

    Parameters
    ----------
    states
        Last states [K D].
    energies
        E by step [steps+1 K]; it never rises.
    attention
        Softmax weights of the patterns in the last step [K M].

    Examples
    --------
    >>> DenseMemory(8.0).store(np.eye(3)).recall([[0.9, 0.1, 0.0]]).attention.argmax(axis=1).tolist()
    [0]
    """

    states: FloatArray = field(repr=False)
    energies: FloatArray = field(repr=False)
    attention: FloatArray = field(repr=False)


@dataclass(frozen=True, slots=True)
class DenseMemory:
    """A continuous Hopfield network, E(z) = −(1/β) log Σ_μ exp(β ξ_μ′z) + ½ z′z, up to a constant.

    Its update z ← Ξ′ softmax(β Ξ z) is attention with the patterns Ξ [M D] as keys and values. It holds exponentially
    many patterns if β times their separation is large; if it is small, states rest between patterns.

    Parameters
    ----------
    beta
        Inverse temperature β.

    Raises
    ------
    SettingError
        If β is not above zero.

    Notes
    -----
    Ramsauer et al. (2021), *Hopfield Networks is All You Need*, arXiv:2008.02217, equations 2 and 3.

    Examples
    --------
    >>> found = DenseMemory(beta=4.0).store([[1.0, 1.0], [-1.0, 1.0]]).recall([[0.8, 0.7]])
    >>> found.states.round(2).tolist()
    [[1.0, 1.0]]
    """

    beta: float = 1.0

    def __post_init__(self) -> None:
        check_number("beta", self.beta, low=0, open_low=True)

    def store(self, patterns: ArrayLike) -> "StoredPatterns":
        """Return the memory that holds patterns [M D], any finite numbers.

        Raises
        ------
        DataError
            If they are no finite numbers in rows.
        """
        found = np.asarray(patterns, dtype=np.float64)
        if found.ndim != 2 or not found.size or not np.isfinite(found).all():
            raise DataError(f"Expected finite patterns [M D], got shape {found.shape}.", "Give one row per pattern.")
        return StoredPatterns(found, self.beta)


@dataclass(frozen=True, slots=True, eq=False)
class StoredPatterns:
    """Patterns of a dense memory; made by :meth:`DenseMemory.store`.

    Parameters
    ----------
    patterns
        Ξ [M D].
    beta
        Inverse temperature.

    Examples
    --------
    >>> DenseMemory(1.0).store([[0.0, 1.0]]).energy([[0.0, 1.0]]).tolist()
    [-0.5]
    """

    patterns: FloatArray = field(repr=False)
    beta: float

    def energy(self, states: ArrayLike) -> FloatArray:
        """Return E [K] of states [K D]."""
        z = np.asarray(states, dtype=np.float64)
        pull = logsumexp(self.beta * z @ self.patterns.T, axis=1) / self.beta
        energy: FloatArray = 0.5 * np.einsum("kd,kd->k", z, z) - pull
        return energy

    def recall(self, probes: ArrayLike, *, steps: int = 20, tolerance: float = 1e-10) -> DenseRecall:
        """Let states fall for some steps, or until none moves more than the tolerance.

        Parameters
        ----------
        probes
            Where to start [K D].
        steps
            Most steps; one is an attention layer.
        tolerance
            Largest change of a coordinate that counts as rest.

        Returns
        -------
        DenseRecall
            States, energies and attention.

        Raises
        ------
        SettingError, DataError
            If a setting makes no sense or widths differ.
        """
        check_count("steps", steps)
        check_number("tolerance", tolerance, low=0)
        z = np.asarray(probes, dtype=np.float64)
        if z.ndim != 2 or z.shape[1] != self.patterns.shape[1]:
            raise DataError(
                f"Expected probes [K {self.patterns.shape[1]}], got shape {z.shape}.", "Give one row per probe."
            )
        energies = [self.energy(z)]
        for _ in range(steps):
            attention = softmax(self.beta * z @ self.patterns.T, axis=1)  # [K M]
            before, z = z, attention @ self.patterns
            energies.append(self.energy(z))
            if np.abs(z - before).max() <= tolerance:
                break
        return DenseRecall(z, np.array(energies), attention)
