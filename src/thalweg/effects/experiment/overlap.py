"""Whether units that received a level are like all others: what cannot be compared is not estimated."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from thalweg.base.arrays import FloatArray
from thalweg.base.errors import DataError, setting
from thalweg.effects.experiment.experiment import Experiment, combination_label

RARE: Final = 0.02
"""A chance below it: fewer than one of fifty such units received the level."""
MOST_RARE: Final = 0.02
"""Share of units of rare chance from which on an average over all units is withheld."""
LEAST_EFFECTIVE: Final = 20.0
"""Effective units below which a weighted mean is withheld."""


@dataclass(frozen=True, slots=True)
class ArmOverlap:
    """Whether the units that received a level can stand for all.

    Parameters
    ----------
    level
        Name of the level.
    units, effective
        That received it, and how many equally weighted ones are as informative: (Σ w)² / Σ w², w = 1 / chance.
    least, low, middle
        Least chance of the level among all units, its 5 % quantile and its median.
    rare
        Share of all units whose chance of the level is below :data:`RARE`.

    Examples
    --------
    >>> ArmOverlap("1", units=400, effective=350.0, least=0.08, low=0.2, middle=0.5, rare=0.0).lacking
    False
    """

    level: str
    units: int
    effective: float
    least: float
    low: float
    middle: float
    rare: float

    @property
    def lacking(self) -> bool:
        """Whether an average over all units would rest on units that nothing compares with."""
        return self.rare > MOST_RARE or self.effective < min(LEAST_EFFECTIVE, 0.5 * self.units)

    @property
    def reason(self) -> str:
        """Why it is lacking, in words; empty if it is not."""
        if self.rare > MOST_RARE:
            rare = f"{100 * self.rare:.0f} % of the units had a chance of {self.level} below {100 * RARE:g} %"
            return f"{rare}: hardly anybody like them received it"
        if self.lacking:
            return f"{self.units:,} units of {self.level} count like {self.effective:.0f}"
        return ""


def judge_overlap(trial: Experiment, chances: FloatArray, names: tuple[str, ...]) -> tuple[ArmOverlap, ...]:
    """Judge every level by the chances [N J] of all units, whatever they received.

    Examples
    --------
    >>> t = np.arange(200) % 2
    >>> trial = Experiment(np.zeros((200, 1)), np.arange(200.0), np.array([[0], [1]]), t, np.array([0.5, 0.5]))
    >>> fine = np.full((200, 2), 0.5)
    >>> [arm.lacking for arm in judge_overlap(trial, fine, ("0", "1"))]
    [False, False]
    >>> [arm.lacking for arm in judge_overlap(trial, np.eye(2)[t], ("0", "1"))]
    [True, True]
    """
    found = []
    total = np.ones(len(trial)) if trial.weights is None else trial.weights
    for level, name in enumerate(names):
        chance = chances[:, level]
        mine = trial.received == level
        w = (total / np.maximum(chance, 1e-6))[mine]
        found.append(
            ArmOverlap(
                name,
                int(mine.sum()),
                float(w.sum() ** 2 / (w**2).sum()),
                float(chance.min()),
                float(np.quantile(chance, 0.05)),
                float(np.median(chance)),
                float(np.average(chance < RARE, weights=total)),
            )
        )
    return tuple(found)


def check_overlap(experiment: Experiment) -> None:
    """Refuse an experiment whose modelled chances say that some units could hardly have received some cell.

    Raises
    ------
    DataError
        If an average over all units would rest on units that nothing compares with.

    Examples
    --------
    >>> t = np.arange(200) % 2
    >>> trial = Experiment(np.zeros((200, 1)), np.arange(200.0), np.array([[0], [1]]), t, np.eye(2)[t])
    >>> check_overlap(trial)
    Traceback (most recent call last):
    thalweg.base.errors.DataError: 50 % of the units had a chance of cell 0 below 2 %: hardly anybody like them ...
    """
    names = tuple(f"cell {combination_label(cell)}" for cell in experiment.cells)
    for arm in judge_overlap(experiment, experiment.probabilities, names):
        if arm.lacking:
            raise DataError(
                f"{arm.reason}.",
                f"An average over all units is not in these data. Leave out units or {setting('features')} that decide "
                "who receives what, or ask average_effects for the units in the overlap.",
            )
