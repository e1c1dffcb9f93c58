"""Restricted Boltzmann machines trained side by side: seeds x settings x weights of rows."""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import ArrayLike

from thalweg.base.arrays import FloatArray
from thalweg.base.errors import DataError, SettingError, row
from thalweg.base.machine.free_memory import refuse_oversized
from thalweg.energy.input_rows import as_rows
from thalweg.energy.restricted.dealing import pass_length
from thalweg.energy.restricted.learning import learn
from thalweg.energy.restricted.member import RBMMember
from thalweg.energy.restricted.model import RBMParameters

if TYPE_CHECKING:
    import pandas as pd

LARGEST: Final = 1e100
"""Of the numbers that Gaussian units take; their squares must be finite."""
CACHE: Final = 1 << 17
"""Couplings of machines trained side by side: they share every call of numpy, and half a megabyte stays near."""

_NUMBER: Final = 8  # bytes


@dataclass(frozen=True, slots=True, eq=False)
class RBMPopulation:
    """Trained machines, in the order of their members.

    Parameters
    ----------
    members
        What was asked for.
    parameters
        One machine for each.
    curves
        (epochs done, mean log-likelihood of training rows) of each, where it can be enumerated cheaply, else the mean
        pseudo-log-likelihood (binary units) or minus the reconstruction's mean squared error (Gaussian units).
    measures
        Which of the three each curve shows.

    Examples
    --------
    >>> found = fit_rbm_population([[0, 1], [1, 0]], [RBMMember(2, seed=s, epochs=3) for s in range(2)])
    >>> len(found.parameters), found.measures[0]
    (2, 'log-likelihood')
    """

    members: tuple[RBMMember, ...]
    parameters: tuple[RBMParameters, ...] = field(repr=False)
    curves: tuple[FloatArray, ...] = field(repr=False)
    measures: tuple[str, ...]

    def frame(self) -> "pd.DataFrame":
        """Return settings and last value of the curve, a row per member."""
        import pandas as pd  # noqa: PLC0415 - only frames need it

        rows = [{one.name: getattr(member, one.name) for one in fields(member)} for member in self.members]
        return pd.DataFrame(rows).assign(measure=self.measures, value=[curve[-1, 1] for curve in self.curves])


def fit_rbm_population(
    X: ArrayLike, members: Sequence[RBMMember], *, weights: ArrayLike | None = None
) -> RBMPopulation:
    """Train machines at once; each is bit for bit what it would be alone.

    Parameters
    ----------
    X
        Rows [N D]: between 0 and 1 for binary visible units (grey values count as chances), finite for Gaussian ones.
    members
        Machines to train; those of equal shapes share every call.
    weights
        How many rows each stands for, [N] or one set per member [P N]; 1 by default. A row of weight 0 is absent; one
        of weight 3 is, bit for bit but for the exact learner's rounding, three rows. Weights that sum to less than the
        number of rows are scaled up to it.

    Returns
    -------
    RBMPopulation
        Machines and curves.

    Raises
    ------
    DataError, SettingError
        If a value is outside its range, there are no members, or enumeration would be too large.
    TrainingError
        If a machine leaves the finite numbers.

    Examples
    --------
    >>> from thalweg.energy import bars_and_stripes
    >>> members = [RBMMember(16, seed=seed, learner="exact", batch=None, epochs=200) for seed in range(2)]
    >>> fit_rbm_population(bars_and_stripes(3), members).curves[0][-1, 1] > -6.24
    np.True_
    """
    x = as_rows(X, "rows")
    if not members:
        raise SettingError("There is no machine to train.", "Give at least one member.")
    for crowd in {member.crowd: member for member in members}.values():
        refuse_large_machines(crowd, sum(member.crowd == crowd.crowd for member in members), x.shape[1])
    for kind in {member.visible for member in members}:
        check_values(x, kind)
    weight = _weights(weights, len(members), len(x))
    found: dict[int, tuple[RBMParameters, FloatArray, str]] = {}
    for places in _crowds(members, x.shape[1], weight):
        present = weight[places[0]] > 0
        trained = learn([members[place] for place in places], x[present], weight[places][:, present])
        found |= dict(zip(places, trained, strict=True))
    parameters, curves, measures = zip(*(found[place] for place in range(len(members))), strict=True)
    return RBMPopulation(tuple(members), parameters, curves, measures)


def _crowds(members: Sequence[RBMMember], visible: int, weights: FloatArray) -> list[list[int]]:
    """Return the places of members to train side by side: alike in shapes and in how many of which rows are there."""
    alike: dict[object, list[int]] = {}
    for place, (member, weight) in enumerate(zip(members, weights, strict=True)):
        present = weight > 0
        alike.setdefault((member.crowd, present.tobytes(), pass_length(weight[present])), []).append(place)
    crowds = []
    for places in alike.values():
        size = max(1, CACHE // (visible * members[places[0]].hidden))
        crowds += [places[first : first + size] for first in range(0, len(places), size)]
    return crowds


def refuse_large_machines(member: RBMMember, count: int, visible: int) -> None:
    """Refuse machines that do not fit into memory, before any of them is made.

    Parameters
    ----------
    member
        What they are all like.
    count
        How many.
    visible
        D.

    Raises
    ------
    SettingError
        If they do not fit; the message says what is needed and what takes it.

    Examples
    --------
    >>> refuse_large_machines(RBMMember(10**15), 2, 9)
    Traceback (most recent call last):
    thalweg.base.machine.free_memory.OversizedError: This needs about ... are free: 2 machines ... Ask for fewer ...
    """
    numbers = visible * member.hidden + visible + member.hidden
    refuse_oversized(
        {
            f"{count:,} machines with gradients and momentum": 3 * _NUMBER * count * numbers,
            "their chains": _NUMBER * count * member.chains * (visible + member.hidden),
            "their curves": 2 * _NUMBER * count * member.epochs,
        },
        "Ask for fewer machines, or for fewer units, chains or epochs.",
    )


def check_values(x: FloatArray, kind: str) -> None:
    """Raise for the first value that visible units of a kind cannot take.

    Raises
    ------
    DataError
        With its row and column.
    """
    good = np.abs(x) < LARGEST if kind == "gaussian" else (x >= 0) & (x <= 1)
    wrong = np.argwhere(~good)
    if len(wrong):
        place, column = wrong[0].tolist()
        wanted = f"finite numbers below {LARGEST:g}" if kind == "gaussian" else "values between 0 and 1"
        remedy = "Drop, impute or scale it." if kind == "gaussian" else "Scale the columns, or use visible='gaussian'."
        raise DataError(f"Expected {wanted}, got {x[place, column]:g} in column {column} of row {row(place)}.", remedy)


def _weights(weights: ArrayLike | None, members: int, rows: int) -> FloatArray:
    """Return the weight of every row for every member [P N]."""
    found = np.ones(rows) if weights is None else np.asarray(weights, dtype=np.float64)
    if found.shape not in ((rows,), (members, rows)):
        raise DataError(
            f"Expected weights of shape ({rows},) or ({members}, {rows}), got {found.shape}.", "Give one per row."
        )
    if not np.isfinite(found).all() or (found < 0).any() or (found.sum(axis=-1) == 0).any():
        raise DataError("Weights must be finite, at least 0, and not all 0.", "Correct the column of weights.")
    return np.broadcast_to(found, (members, rows))
