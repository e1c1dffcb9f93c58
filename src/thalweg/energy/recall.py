"""Dynamics of Hopfield networks: many probes fall at once."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from thalweg.base.arrays import FloatArray, IntArray
from thalweg.base.checks import check_choice, check_count, check_number
from thalweg.base.errors import SettingError

UPDATES = ("asynchronous", "synchronous", "glauber")


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
    if (update == "glauber") != (beta is not None):
        raise SettingError(
            f"beta is the inverse temperature of glauber updates, got {beta} for {update} ones.",
            "Give beta with update='glauber', and leave it out otherwise.",
        )
    if beta is not None:
        check_number("beta", beta, low=0)
    states = signs.copy()
    fields = states @ couplings + bias  # [K D]
    energies = [_energy(states, fields, bias, scale)]
    generator = np.random.default_rng(seed)
    moved = np.ones(len(states), dtype=np.bool_)
    for _ in range(sweeps):
        before = states.copy()
        if update == "synchronous":
            _flip(states, fields, states * fields < 0, couplings)
        else:
            rate = None if beta is None else 2.0 * beta * scale
            _sweep(states, fields, couplings, generator.permutation(states.shape[1]), rate, generator)
        energies.append(_energy(states, fields, bias, scale))
        moved = (states != before).any(axis=1)
        if not moved.any() and update != "glauber":
            break
    return Recall(
        (states + 1) / 2 if zero_one else states,
        np.array(energies),
        ~moved,
        len(energies) - 1,
        states @ patterns.T / states.shape[1],
    )


def _energy(states: FloatArray, fields: FloatArray, bias: FloatArray, scale: float) -> FloatArray:
    """E = −½ s′(h + b) with h = W s + b [K]."""
    return np.asarray(-0.5 * scale * np.einsum("kd,kd->k", states, fields + bias))


def _flip(states: FloatArray, fields: FloatArray, wrong: NDArray[np.bool_], couplings: FloatArray) -> None:
    """Turn all wrong units at once."""
    change = np.where(wrong, -2.0 * states, 0.0)
    states += change
    fields += change @ couplings


def _sweep(
    states: FloatArray,
    fields: FloatArray,
    couplings: FloatArray,
    order: IntArray,
    rate: float | None,
    generator: np.random.Generator,
) -> None:
    """Update one unit after the other, of all probes; fields follow the flips alone."""
    for unit in order:
        state = states[:, unit]
        if rate is None:
            flips = np.flatnonzero(fields[:, unit] * state < 0)
        else:
            up = generator.random(len(states)) < expit(rate * fields[:, unit])
            flips = np.flatnonzero(up != (state > 0))
        if len(flips):
            change = -2.0 * state[flips]
            state[flips] += change
            fields[flips] += change[:, None] * couplings[unit]
