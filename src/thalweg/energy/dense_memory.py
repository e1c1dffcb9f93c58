"""Modern Hopfield networks: continuous states, and recall that is a step of attention."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import logsumexp, softmax

from thalweg.base.arrays import FloatArray
from thalweg.base.checks import check_count, check_number
from thalweg.base.errors import DataError
from thalweg.energy.input_rows import as_rows


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
        return StoredPatterns(_finite(as_rows(patterns, "patterns")), self.beta)


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
        z = as_rows(states, "states", self.patterns.shape[1])
        pull = logsumexp(self._scores(z), axis=1) / self.beta
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
        z = as_rows(probes, "probes", self.patterns.shape[1])
        energies = [self.energy(z)]
        for _ in range(steps):
            attention = softmax(self._scores(z), axis=1)  # [K M]
            before, z = z, attention @ self.patterns
            energies.append(self.energy(z))
            if np.abs(z - before).max() <= tolerance:
                break
        return DenseRecall(z, np.array(energies), attention)

    def _scores(self, z: FloatArray) -> FloatArray:
        """β ξ_μ′z [K M].

        Raises
        ------
        DataError
            If one is not finite.
        """
        with np.errstate(over="ignore", invalid="ignore"):
            return _finite(self.beta * (z @ self.patterns.T))


def _finite(values: FloatArray) -> FloatArray:
    if not np.isfinite(values).all():
        raise DataError("Patterns, probes and β times their products must be finite.", "Scale them down, or β.")
    return values
