"""What training takes on this machine, from what its programs do and constants that were measured here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from math import prod
from typing import Final

import numpy as np

from thalweg.base.arrays import FloatArray
from thalweg.base.contracts import Op
from thalweg.train.backend import backend_of
from thalweg.train.population import Crowd, Member, TrainingTable, crowds_of
from thalweg.train.steps.program import Program

NARROW: Final = 16
"""A matrix product with a side below this leaves parts of a processor's vectors idle."""
_FORWARD: Final = 1 / 3  # of a step's products; validation has no more


@dataclass(frozen=True, slots=True)
class StepCosts:
    r"""Seconds of one core, all cores at work, that each part of training takes.

    A population takes the sum over its members of :math:`c \cdot w`, divided among the cores: costs :math:`c` of this
    class, amounts of work :math:`w` of :func:`amounts_of_work`.

    Parameters
    ----------
    call
        Around a population.
    member
        To begin and to end a member.
    start
        To draw one parameter.
    epoch
        Around an epoch.
    row
        To shuffle and weigh one row of an epoch.
    operation
        To begin one operation of a step.
    wide, narrow
        A floating-point operation of matrix products with and without sides that fill a vector.
    moved
        A byte that all other operations read or write.

    Examples
    --------
    >>> costs = StepCosts(operation=1e-7, wide=1e-11)
    >>> round(costs.seconds(np.array([0, 0, 0, 0, 0, 1000, 1e9, 0, 0])), 6)
    0.0101
    """

    call: float = 0.0
    member: float = 0.0
    start: float = 0.0
    epoch: float = 0.0
    row: float = 0.0
    operation: float = 0.0
    wide: float = 0.0
    narrow: float = 0.0
    moved: float = 0.0

    def seconds(self, amounts: FloatArray) -> float:
        """Return the seconds that amounts of work take [the parts of this class]."""
        return float(np.array([getattr(self, part.name) for part in fields(self)]) @ amounts)


PARTS: Final = tuple(part.name for part in fields(StepCosts))


def amounts_of_work(table: TrainingTable, members: Sequence[Member], workers: int) -> FloatArray:
    """Return how much of every part of :class:`StepCosts` a core does if its share of members runs all epochs.

    Parameters
    ----------
    table, members
        A population of planned networks.
    workers
        Cores that share the members.

    Returns
    -------
    array
        One amount per part. Torch modules, which have no program, are left out.

    Examples
    --------
    >>> from thalweg.loss.squared import Squared
    >>> from thalweg.net.spec import mlp
    >>> from thalweg.train.population import training_table
    >>> x = np.linspace(-1, 1, 64)[:, None]
    >>> members = [Member(mlp((8,)), Squared(), np.arange(64), seed=s, epochs=5, batch=32) for s in range(4)]
    >>> found = dict(zip(PARTS, amounts_of_work(training_table(x, x**2), members, 2), strict=True))
    >>> [int(found[part]) for part in ("member", "start", "epoch", "row")]
    [2, 50, 10, 640]
    """
    total = np.zeros(len(PARTS))
    for crowd, numbers in crowds_of(members, table).items():
        if backend_of(crowd.network).lockstep:
            total += _of_crowd(table, crowd, [members[number] for number in numbers])
    total[1:] /= workers
    total[0] = 1.0
    return total


def _of_crowd(table: TrainingTable, crowd: Crowd, members: Sequence[Member]) -> FloatArray:
    program = backend_of(crowd.network).program(crowd, members[0], table)
    step = np.array(list(step_amounts(program).values()))
    count = len(members)
    epochs = sum(member.epochs for member in members)
    rows = sum(member.epochs * len(member.rows) for member in members)
    steps = sum(member.epochs * member.steps for member in members)
    checked = sum(0 if member.validation is None else member.epochs * len(member.validation) for member in members)
    size = crowd.network.count(crowd.inputs, crowd.outputs)
    return np.array([0.0, count, count * size, epochs, rows, *(step * (steps + _FORWARD * checked / crowd.batch))])


def step_amounts(program: Program) -> Mapping[str, float]:
    """Return the amounts of one step: operations begun, operations of wide and narrow products, other bytes moved.

    Examples
    --------
    >>> wide = Op("z = x W", print, (1, 64, 32), 2 * 64 * 32 * 20, 0, "b0", True)
    >>> _is_narrow(wide), _is_narrow(Op("z = x W", print, (1, 64, 1), 2 * 64 * 20, 0, "b0", True))
    (False, True)
    """
    products = [op for op in program.ops if op.product]
    narrow = sum(op.flops for op in products if _is_narrow(op))
    return {
        "operation": len(program.ops),
        "wide": sum(op.flops for op in products) - narrow,
        "narrow": narrow,
        "moved": sum(op.bytes for op in program.ops if not op.product),
    }


def _is_narrow(op: Op) -> bool:
    inner = op.flops // (2 * max(prod(op.shape), 1))
    return min(*op.shape[-2:], inner) < NARROW
