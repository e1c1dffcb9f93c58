"""Measures what steps cost on this machine: some twenty small populations, two seconds, least squares."""

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

import numpy as np
from scipy.optimize import nnls

from thalweg.loss.squared import Squared
from thalweg.net.spec import mlp
from thalweg.planning.machine.step_costs import PARTS, StepCosts, amounts_of_work
from thalweg.train.fit import fit_population
from thalweg.train.population import Member, TrainingTable, training_table

SECONDS: Final = 2.0
"""What a calibration takes at most, about."""
_BUSY: Final = 1.3  # clock time over processor time of one thread from which others are at work here
_ROWS: Final = 5000
_FEWEST: Final = 4  # epochs


class _Design(NamedTuple):
    inputs: int
    hidden: tuple[int, ...]
    batch: int
    rows: int
    each: int  # members per core
    checked: bool  # whether rows are set aside to validate


_DESIGNS: Final = (
    _Design(5, (4,), 16, 200, 1, False),
    _Design(5, (4,), 16, 200, 8, True),
    _Design(5, (8, 8), 32, 1000, 1, False),
    _Design(5, (32,), 32, 400, 4, True),
    _Design(10, (32, 32), 64, 1000, 1, False),
    _Design(10, (32, 32), 16, 400, 2, True),
    _Design(10, (16, 16, 16), 64, 2000, 1, True),
    _Design(20, (64, 64), 128, 2000, 1, False),
    _Design(20, (64, 64), 32, 1000, 2, True),
    _Design(20, (64,), 256, 4000, 1, False),
    _Design(20, (128,), 128, 1000, 1, True),
    _Design(40, (128, 128), 128, 2000, 1, False),
    _Design(40, (128, 128), 32, 400, 1, True),
    _Design(40, (256,), 256, 2000, 1, True),
    _Design(100, (256, 256), 256, 2000, 1, False),
    _Design(100, (32,), 64, 2000, 2, False),
    _Design(100, (64, 32), 128, 1000, 1, True),
    _Design(200, (128,), 64, 1000, 1, False),
    _Design(200, (16,), 32, 2000, 1, True),
    _Design(5, (64, 64, 64), 64, 400, 1, False),
)


@dataclass(frozen=True, slots=True)
class MachineCalibration:
    """What was measured.

    Parameters
    ----------
    costs
        The constants.
    error
        Standard deviation of the logarithm of fitted over measured seconds.
    busy
        Whether others took the cores meanwhile.
    seconds
        It took.

    Examples
    --------
    >>> MachineCalibration(StepCosts(), 0.2, False, 1.9).busy
    False
    """

    costs: StepCosts
    error: float
    busy: bool
    seconds: float


def calibrate(seconds: float = SECONDS) -> MachineCalibration:
    """Train small populations of many shapes, and fit what each part of a step costs.

    The constants are least squares of relative errors, none below 0.

    Parameters
    ----------
    seconds
        To spend, about.

    Returns
    -------
    MachineCalibration
        For this processor with all its cores at work, and the steps that run on it.

    Examples
    --------
    >>> found = calibrate(seconds=0.2)
    >>> found.costs.seconds(np.ones(len(PARTS))) > 0
    True
    """
    began, share = time.perf_counter(), seconds / len(_DESIGNS)
    crew = os.cpu_count() or 1
    tables = {inputs: _table(inputs) for inputs in sorted({design.inputs for design in _DESIGNS})}
    busy = _is_busy(tables[min(tables)])
    amounts, took = [], []
    for design in _DESIGNS:
        table = tables[design.inputs]
        members, clock = _longest(table, _members(crew, design), crew, share)
        amounts.append(amounts_of_work(table, members, crew))
        took.append(clock)
    work, measured = np.array(amounts), np.array(took)
    found, _ = nnls(work / measured[:, None], np.ones(len(measured)))
    error = float(np.std(np.log(work @ found / measured)))
    costs = StepCosts(**dict(zip(PARTS, map(float, found), strict=True)))
    return MachineCalibration(costs, error, busy, time.perf_counter() - began)


def _table(inputs: int) -> TrainingTable:
    return training_table(np.random.default_rng(0).standard_normal((_ROWS, inputs)), np.zeros(_ROWS))


def _members(crew: int, design: _Design) -> list[Member]:
    rows = np.arange(design.rows + design.rows // 5, dtype=np.int32)
    learned, watched = rows[: design.rows], rows[design.rows :] if design.checked else None
    like = Member(mlp(design.hidden), Squared(), learned, validation=watched, batch=design.batch, epochs=_FEWEST)
    return [replace(like, seed=seed) for seed in range(crew * design.each)]


def _longest(table: TrainingTable, members: Sequence[Member], crew: int, share: float) -> tuple[list[Member], float]:
    """Train members for as many epochs as fit into a share of the time; return them, and what they took."""
    short = _clock(table, members, crew)
    epochs = max(_FEWEST, round(_FEWEST * share / 2 / short))
    longer = [replace(member, epochs=epochs) for member in members]
    return longer, _clock(table, longer, crew)


def _clock(table: TrainingTable, members: Sequence[Member], workers: int) -> float:
    begun = time.perf_counter()
    fit_population(table, members, workers=workers)
    return time.perf_counter() - begun


def _is_busy(table: TrainingTable) -> bool:
    used = time.process_time()
    clock = _clock(table, [replace(_members(1, _Design(5, (32,), 32, 1000, 1, False))[0], epochs=20)], 1)
    return clock > _BUSY * (time.process_time() - used)
