"""Hopfield networks: patterns stored in couplings, found again by descent of an energy."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike

from thalweg.base.arrays import FloatArray
from thalweg.base.checks import check_choice
from thalweg.base.errors import DataError, row
from thalweg.energy.input_rows import as_rows
from thalweg.energy.recall import Recall, settle

RULES: Final = ("hebb", "pseudo-inverse", "storkey")


@dataclass(frozen=True, slots=True)
class Hopfield:
    """A rule that stores patterns of ±1 (or of 0 and 1) in symmetric couplings W [D D].

    With M patterns ξ over D units, ``hebb`` is W = (1/D) Σ ξ ξ′; ``pseudo-inverse`` is W = (1/D) Σ_μν ξ^μ (C⁻¹)_μν ξ^ν′
    with C = Ξ Ξ′/D, which makes every pattern a fixed point as long as they are linearly independent; ``storkey`` adds
    one pattern after the other, W += (1/D)(ξ ξ′ − ξ h′ − h ξ′) with the fields h of the other units.

    Parameters
    ----------
    rule
        ``hebb``, ``pseudo-inverse`` or ``storkey``.
    zero_diagonal
        Whether units are uncoupled from themselves. It enlarges the basins of the pseudo-inverse; with couplings to
        oneself the energy need not tell which states are stable.

    Raises
    ------
    SettingError
        If the rule is unknown.

    Notes
    -----
    Hopfield (1982), PNAS 79, 2554, equations 2 and 7; Personnaz, Guyon & Dreyfus (1985), J. Physique Lett. 46, L359;
    Storkey & Valabregue (1999), Pattern Recognition 32, 869, equation 4.

    Examples
    --------
    >>> memory = Hopfield().store([[1, 1, 1, -1, -1, -1], [1, -1, 1, -1, 1, -1]])
    >>> memory.recall([[1, 1, 1, -1, -1, 1]]).states.astype(int).tolist()
    [[1, 1, 1, -1, -1, -1]]
    """

    rule: str = "hebb"
    zero_diagonal: bool = True

    def __post_init__(self) -> None:
        check_choice("rule", self.rule, RULES)

    def store(self, patterns: ArrayLike, bias: ArrayLike | None = None) -> "HopfieldMemory":
        """Return the memory that holds some patterns.

        Parameters
        ----------
        patterns
            Rows [M D] of −1 and 1, or of 0 and 1; what is recalled comes back in the same coding.
        bias
            b [D] of every unit, none by default; in the units of the energy below.

        Returns
        -------
        HopfieldMemory
            With the energy E(s) = −½ s′W s − b′s.

        Raises
        ------
        DataError
            If a value is none of these, or the pseudo-inverse is asked for patterns that depend on each other.
        """
        found = as_rows(patterns, "patterns")
        zero_one = bool((found == 0).any())
        signs = to_signs(found, zero_one)
        couplings, scale = _STORE[self.rule](signs)
        if self.zero_diagonal:
            np.fill_diagonal(couplings, 0.0)
        units = signs.shape[1]
        biases: Any = [np.zeros(units) if bias is None else bias]
        extra = as_rows(biases, "biases", units)[0]
        if not np.isfinite(extra).all():
            raise DataError(f"Expected finite biases, got {extra[~np.isfinite(extra)][0]:g}.", "Give numbers.")
        return HopfieldMemory(self.rule, signs, couplings, extra / scale, scale, zero_one)


@dataclass(frozen=True, slots=True, eq=False)
class HopfieldMemory:
    """Patterns stored in couplings; made by :meth:`Hopfield.store`.

    Parameters
    ----------
    rule
        How they were stored.
    patterns
        The patterns as signs [M D].
    couplings
        W in units of ``scale`` [D D]: whole numbers for Hebb's rule, so that no field is ever rounded.
    bias
        b in units of ``scale`` [D].
    scale
        What couplings and energies are multiplied by.
    zero_one
        Whether patterns were given, and states come back, as 0 and 1.

    Examples
    --------
    >>> memory = Hopfield().store([[1, 1, -1, -1]])
    >>> float(memory.energy([[1, 1, -1, -1]])[0])
    -1.5
    """

    rule: str
    patterns: FloatArray
    couplings: FloatArray
    bias: FloatArray
    scale: float
    zero_one: bool

    def energy(self, states: ArrayLike) -> FloatArray:
        """Return E(s) = −½ s′W s − b′s of states [K D]: [K]."""
        signs = to_signs(as_rows(states, "states", len(self.couplings)), self.zero_one)
        half = 0.5 * signs @ self.couplings + self.bias
        return np.asarray(-self.scale * np.einsum("kd,kd->k", signs, half))

    def recall(
        self,
        probes: ArrayLike,
        *,
        update: str = "asynchronous",
        beta: float | None = None,
        sweeps: int = 200,
        seed: int = 0,
    ) -> Recall:
        """Let states fall from some probes until none changes.

        Parameters
        ----------
        probes
            States to start from [K D], in the coding of the patterns.
        update
            ``asynchronous``: one unit after the other, in a random order for each sweep that all probes share; no
            flip raises the energy, and a unit without a field stays. ``synchronous``: all units at once, which may
            end in a cycle of two. ``glauber``: one unit after the other, 1 with probability 1/(1 + exp(−2β h)).
        beta
            Inverse temperature of ``glauber``.
        sweeps
            Most updates of every unit. Near the capacity 30 to 60 are needed.
        seed
            Names the orders, and what is drawn.

        Returns
        -------
        Recall
            States, energies by sweep, and which probes came to rest.

        Raises
        ------
        SettingError, DataError
            If a setting makes no sense or a probe is no state of this memory.
        """
        states = as_rows(probes, "probes", len(self.couplings))
        return settle(
            to_signs(states, self.zero_one),
            self.couplings,
            self.bias,
            scale=self.scale,
            whole=self.rule == "hebb",
            zero_one=self.zero_one,
            patterns=self.patterns,
            update=update,
            beta=beta,
            sweeps=sweeps,
            seed=seed,
        )


def to_signs(states: FloatArray, zero_one: bool) -> FloatArray:
    """Return states of 0 and 1, or of −1 and 1, as −1 and 1.

    Raises
    ------
    DataError
        With the first value that is neither.
    """
    low = 0.0 if zero_one else -1.0
    wrong = np.argwhere((states != low) & (states != 1.0))
    if len(wrong):
        place = tuple(wrong[0].tolist())
        raise DataError(
            f"Expected {low:g} and 1, got {states[place]:g} in column {place[-1]} of row {row(place[0])}.",
            "Code every unit by one of the two; a threshold turns numbers into them.",
        )
    return 2.0 * states - 1.0 if zero_one else states.copy()


def _hebb(signs: FloatArray) -> tuple[FloatArray, float]:
    """W = Σ ξ ξ′ in units of 1/D."""
    return signs.T @ signs, 1.0 / signs.shape[1]


def _pseudo_inverse(signs: FloatArray) -> tuple[FloatArray, float]:
    """W = Ξ⁺Ξ, the projection on the span of the patterns, by an orthonormal basis of their rows."""
    rank = int(np.linalg.matrix_rank(signs))
    if rank < len(signs):
        raise DataError(
            f"The pseudo-inverse needs patterns that are linearly independent; {len(signs)} patterns have rank {rank}.",
            "Leave out repeated or opposite patterns, or store them by another rule.",
        )
    basis = np.linalg.qr(signs.T)[0]  # [D M]
    return basis @ basis.T, 1.0


def _storkey(signs: FloatArray) -> tuple[FloatArray, float]:
    """One pattern after the other; h_ij of the rule is h_i − W_ij ξ_j, which gives the term 2 W."""
    units = signs.shape[1]
    couplings = np.zeros((units, units))
    for pattern in signs:
        fields = couplings @ pattern
        crossed = np.outer(pattern, fields)
        couplings += (np.outer(pattern, pattern) - crossed - crossed.T + 2.0 * couplings) / units
        np.fill_diagonal(couplings, 0.0)
    return couplings, 1.0


_STORE: Final = {"hebb": _hebb, "pseudo-inverse": _pseudo_inverse, "storkey": _storkey}
