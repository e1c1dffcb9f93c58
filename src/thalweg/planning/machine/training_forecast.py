"""How long networks would train on a machine that was calibrated, before a single step is run."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from thalweg.planning.likely_range import LikelyRange, even_range
from thalweg.planning.machine.kept import KnownMachine
from thalweg.planning.machine.step_costs import PARTS, amounts_of_work
from thalweg.train.population import Member, TrainingTable

STOPPING: Final = 0.55
"""Share of the epochs allowed that networks are supposed to run where they may stop early."""
_BEST: Final = 0.7  # of these, until the best epoch
_BEGIN: Final = np.isin(PARTS, ("call", "member", "start"))


@dataclass(frozen=True, slots=True)
class TrainingForecast:
    """What training would take.

    Parameters
    ----------
    seconds
        With what runs on this machine taught, an 80 % range.
    by_calibration
        Seconds by its constants alone.
    search
        Of the middle, what the population takes before networks are trained again.

    Examples
    --------
    >>> TrainingForecast(even_range(60.0, 0.36), 55.0, 50.0).by_calibration
    55.0
    """

    seconds: LikelyRange
    by_calibration: float
    search: float


def forecast_training(
    known: KnownMachine, table: TrainingTable, members: Sequence[Member], workers: int | None = None, *, again: int = 0
) -> TrainingForecast:
    """Return what a population would take: amounts of work times costs, and early stopping as it is supposed.

    Parameters
    ----------
    known
        The machine.
    table, members
        What is to be trained, at least one.
    workers
        Cores; None for all.
    again
        Networks that are trained again afterwards, for as many epochs as were best.

    Returns
    -------
    TrainingForecast
        Where members may stop early they are supposed to run 0.55 of their epochs; what runs on this machine taught
        corrects it.

    Examples
    --------
    >>> from thalweg.loss.squared import Squared
    >>> from thalweg.net.spec import mlp
    >>> from thalweg.planning.machine.calibration import MachineCalibration
    >>> from thalweg.planning.machine.step_costs import StepCosts
    >>> from thalweg.train.population import training_table
    >>> known = KnownMachine({}, MachineCalibration(StepCosts(epoch=1e-3), 0.1, False, 2.0), 0.0)
    >>> x = np.linspace(-1, 1, 64)[:, None]
    >>> members = [Member(mlp((8,)), Squared(), np.arange(64), seed=s, epochs=50) for s in range(4)]
    >>> round(forecast_training(known, training_table(x, x**2), members, 2).by_calibration, 3)
    0.1
    """
    crew = max(1, min(workers or os.cpu_count() or 1, len(members)))
    amounts, costs = amounts_of_work(table, members, crew), known.calibration.costs
    begin, going = costs.seconds(amounts * _BEGIN), costs.seconds(amounts * ~_BEGIN)
    share = STOPPING if any(member.patience is not None for member in members) else 1.0
    first = begin + going * share
    alone = first + again / len(members) * (begin + going * share * (_BEST if share < 1 else 1.0))
    lesson = float(np.exp(known.bias))
    return TrainingForecast(even_range(alone * lesson, known.spread), alone, first * lesson)
