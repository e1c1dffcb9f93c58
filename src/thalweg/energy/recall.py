"""Dynamics of Hopfield networks: many probes fall at once."""

from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from thalweg.base.arrays import FloatArray, IntArray
from thalweg.base.checks import check_choice, check_count, check_number
from thalweg.base.errors import SettingError

Fields = NDArray[Any]
"""float32 where nothing is rounded, else float64."""

UPDATES = ("asynchronous", "synchronous", "glauber")
COLDEST: Final = 1e30
"""Where an inverse temperature has long become a threshold, and products with fields are still finite."""
BLOCK: Final = 16
"""Units whose fields are computed in one product, and which are then updated one after the other."""
EXACT: Final = float(1 << 22)
"""Up to here every quarter is a float32, and every field and change of energy of whole couplings."""


@dataclass(frozen=True, slots=True, eq=False)
class Recall:
    """Where probes came to rest.

    Parameters
    ----------
    states
        Last states [K D], in the coding of the patterns.
    energies
        E by sweep [sweeps+1 K], from the probes on.
    converged
        Whether the last sweep changed nothing [K].
    sweeps
        Sweeps done.
    overlaps
        Σ_d ξ_d s_d / D of every last state with every pattern, as signs [K M].

    Examples
    --------
    >>> from thalweg.energy import Hopfield
    >>> found = Hopfield().store([[1, 1, -1, -1]]).recall([[1, 1, 1, -1]])
    >>> found.overlaps.tolist(), found.converged.tolist(), bool((np.diff(found.energies[:, 0]) <= 0).all())
    ([[1.0]], [True], True)
    """

    states: FloatArray = field(repr=False)
    energies: FloatArray = field(repr=False)
    converged: NDArray[np.bool_] = field(repr=False)
    sweeps: int
    overlaps: FloatArray = field(repr=False)

    @property
    def nearest(self) -> IntArray:
        """Number of the pattern each state overlaps most with [K]."""
        return np.asarray(self.overlaps.argmax(axis=1))


def settle(
    signs: FloatArray,
    couplings: FloatArray,
    bias: FloatArray,
    *,
    scale: float,
    whole: bool,
    zero_one: bool,
    patterns: FloatArray,
    update: str,
    beta: float | None,
    sweeps: int,
    seed: int,
) -> Recall:
    """Run one kind of update on states ±1 [K D]; see :meth:`~thalweg.energy.hopfield.HopfieldMemory.recall`.

    Raises
    ------
    SettingError
        If a setting makes no sense.
    """
    check_choice("update", update, UPDATES)
    check_count("sweeps", sweeps)
    check_count("seed", seed, low=0)
    if (update == "glauber") != (beta is not None):
        raise SettingError(
            f"beta is the inverse temperature of glauber updates, got {beta} for {update} ones.",
            "Give beta with update='glauber', and leave it out otherwise.",
        )
    if beta is not None:
        check_number("beta", beta, low=0)
    exact = whole and len(patterns) * len(bias) + np.abs(bias).max() < EXACT and bool((bias == np.rint(bias)).all())
    kind = np.float32 if exact else np.float64
    states: Fields = np.ascontiguousarray(signs.T, dtype=kind)  # [D K]
    factor = patterns.astype(kind) if exact and 2 * len(patterns) < len(bias) else None
    pull = _Pull(couplings.astype(kind, copy=False), bias.astype(kind)[:, None], factor)
    fields = _Fields(pull, states).of(slice(None))
    energies = [-0.5 * np.einsum("dk,dk->k", states, fields + pull.bias, dtype=np.float64)]
    generator = np.random.default_rng(seed)
    moving = np.arange(states.shape[1])
    for _ in range(sweeps):
        falling = states if len(moving) == states.shape[1] else states[:, moving]
        if update == "synchronous":
            risen, moved = _together(falling, pull)
        else:
            rate = None if beta is None else min(2.0 * beta * scale, COLDEST)
            risen, moved = _sweep(falling, pull, generator.permutation(len(states)), rate, generator)
        states[:, moving] = falling
        energies.append(energies[-1].copy())
        energies[-1][moving] += risen
        if update != "glauber":  # a probe at rest stays there, whatever the order
            moving = moving[moved]
            if not len(moving):
                break
    at_rest = np.ones(len(signs), dtype=np.bool_)
    at_rest[moving] = ~moved if update == "glauber" else False
    last = np.ascontiguousarray(states.T, dtype=np.float64)
    together: Fields = patterns.astype(kind) @ states  # [M K]
    return Recall(
        (last + 1) / 2 if zero_one else last,
        scale * np.array(energies),
        at_rest,
        len(energies) - 1,
        together.T / np.float64(len(states)),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Pull:
    """What makes a field: couplings W [D D], biases [D 1], and patterns Ξ [M D] if W is Ξ′Ξ but for its diagonal."""

    couplings: Fields
    bias: Fields
    factor: Fields | None


class _Fields:
    """Fields h = W s + b of states [D K], for a block of units at a time, while blocks change.

    Where there are few patterns, Ξ′(Ξ s) costs M products for each unit instead of D.
    """

    def __init__(self, pull: _Pull, states: Fields) -> None:
        self._pull, self._states = pull, states
        self._overlaps: Fields = states if pull.factor is None else pull.factor @ states

    def of(self, block: IntArray | slice) -> Fields:
        """Return the fields of some units [B K]."""
        couplings, factor = self._pull.couplings, self._pull.factor
        if factor is None:
            fields: Fields = couplings[block] @ self._states
        else:
            fields = factor[:, block].T @ self._overlaps
            beside = len(factor) - np.diag(couplings)[block]
            fields -= beside[:, None] * self._states[block]
        fields += self._pull.bias[block]
        return fields

    def set(self, block: IntArray, signs: Fields) -> None:
        """Put the states of some units [B K]."""
        if self._pull.factor is not None:
            self._overlaps += self._pull.factor[:, block] @ (signs - self._states[block])
        self._states[block] = signs


def _together(states: Fields, pull: _Pull) -> tuple[FloatArray, NDArray[np.bool_]]:
    """Turn all wrong units of states [D K] at once; return what that adds to the energies, and who moved [K]."""
    fields = _Fields(pull, states).of(slice(None))
    change = np.where(states * fields < 0, -2 * states, 0).astype(states.dtype)
    states += change
    risen = -0.5 * np.einsum("dk,dk->k", change, fields + _Fields(pull, states).of(slice(None)), dtype=np.float64)
    return risen, np.asarray(change.any(axis=0))


def _sweep(
    states: Fields, pull: _Pull, order: IntArray, rate: float | None, generator: np.random.Generator
) -> tuple[FloatArray, NDArray[np.bool_]]:
    """Update one unit after the other, of all states [D K]; return what that adds to the energies, and who moved [K].

    Fields are computed for a block of units at a time, in one product, and follow every flip inside the block. That of
    a unit is left as it was when the unit had its turn, so that a flip by Δ adds −Δ (h + W_ii Δ/2) to the energy.
    """
    risen, moved = np.zeros(states.shape[1]), np.zeros(states.shape[1], dtype=np.bool_)
    all_fields = _Fields(pull, states)
    for first in range(0, len(order), BLOCK):
        block = order[first : first + BLOCK]
        among = pull.couplings[np.ix_(block, block)]
        fields, signs = all_fields.of(block), states[block]
        for place, (field_, sign) in enumerate(zip(fields, signs, strict=True)):
            if rate is None:
                flips = field_ * sign < 0
            else:
                flips = (generator.random(len(sign)) < expit(rate * field_)) != (sign > 0)
            if np.count_nonzero(flips):
                change = -2 * (flips * sign)
                np.add(sign, change, out=sign)
                fields[place + 1 :] += among[place + 1 :, place, None] * change
        change = signs - states[block]
        risen -= np.einsum("bk,bk->k", change, fields + among.diagonal()[:, None] / 2 * change, dtype=np.float64)
        moved |= change.any(axis=0)
        all_fields.set(block, signs)
    return risen, moved
