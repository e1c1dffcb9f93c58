"""Restricted Boltzmann machines trained side by side: seeds x settings x weights of rows."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import ArrayLike

from thalweg.base.arrays import FloatArray
from thalweg.base.checks import check_choice, check_count, check_number
from thalweg.base.errors import DataError, SettingError, row
from thalweg.energy.restricted.learning import CrowdSettings, learn
from thalweg.energy.restricted.model import RBMParameters

if TYPE_CHECKING:
    import pandas as pd

LEARNERS: Final = ("pcd", "cd", "exact")
VISIBLE: Final = ("bernoulli", "gaussian")
CACHE: Final = 1 << 15
"""Couplings of the machines that are trained side by side: as many as stay in a processor's nearer memory."""


@dataclass(frozen=True, slots=True)
class RBMMember:
    """One machine to train: everything that may differ inside a population.

    Parameters
    ----------
    hidden
        Hidden units H.
    visible
        ``bernoulli`` for values between 0 and 1, ``gaussian`` for any numbers.
    learner
        ``pcd``: chains that go on from update to update (persistent contrastive divergence). ``cd``: chains that start
        at the batch each time. ``exact``: the gradient by enumeration over the smaller layer, for binary units and all
        rows at once.
    steps
        Gibbs steps k of an update.
    chains
        Persistent chains M. Few chains and a constant rate let the likelihood fall apart late in training.
    learning_rate
        Of the first update.
    schedule
        ``linear``: the rate falls to 0 over the updates; ``constant``.
    momentum
        μ of the velocity.
    ridge
        Penalty λ: the gradient of W gets −λ W.
    batch
        Rows of an update; None for all. Rows are dealt in a random order without end, so that no batch is short.
    epochs
        Passes over the rows.
    seed
        Names the start, the order of rows and the chains.

    Raises
    ------
    SettingError
        If a setting makes no sense.

    Notes
    -----
    Tieleman (2008), ICML (persistent chains); Hinton (2002), Neural Computation 14, 1771 (contrastive divergence).

    Examples
    --------
    >>> RBMMember(16, learner="cd").chains
    128
    """

    hidden: int = 64
    visible: str = "bernoulli"
    learner: str = "pcd"
    steps: int = 1
    chains: int = 128
    learning_rate: float = 0.2
    schedule: str = "linear"
    momentum: float = 0.5
    ridge: float = 0.0
    batch: int | None = 32
    epochs: int = 50
    seed: int = 0

    def __post_init__(self) -> None:
        check_choice("visible", self.visible, VISIBLE)
        check_choice("learner", self.learner, LEARNERS)
        check_choice("schedule", self.schedule, ("linear", "constant"))
        for name in ("hidden", "steps", "chains", "epochs"):
            check_count(name, getattr(self, name))
        if self.batch is not None:
            check_count("batch", self.batch)
        check_number("learning_rate", self.learning_rate, low=0, open_low=True)
        check_number("momentum", self.momentum, low=0, high=1, open_high=True)
        check_number("ridge", self.ridge, low=0)
        if self.learner == "exact" and self.visible == "gaussian":
            raise SettingError(
                "The exact gradient is computed for binary visible units, got visible='gaussian'.",
                "Use learner='pcd'.",
            )

    @property
    def crowd(self) -> tuple[object, ...]:
        """What members that are trained together must share."""
        return self.hidden, self.visible, self.learner, self.steps, self.chains, self.batch, self.epochs


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
    measure
        Which of the three the curves show.

    Examples
    --------
    >>> found = fit_rbm_population([[0, 1], [1, 0]], [RBMMember(2, seed=s, epochs=3) for s in range(2)])
    >>> len(found.parameters), found.measure
    (2, 'log-likelihood')
    """

    members: tuple[RBMMember, ...]
    parameters: tuple[RBMParameters, ...] = field(repr=False)
    curves: tuple[FloatArray, ...] = field(repr=False)
    measure: str

    def frame(self) -> "pd.DataFrame":
        """Return settings and last value of the curve, a row per member."""
        import pandas as pd  # noqa: PLC0415 - only frames need it

        names = RBMMember.__dataclass_fields__
        rows = [{name: getattr(member, name) for name in names} for member in self.members]
        return pd.DataFrame(rows).assign(**{self.measure: [curve[-1, 1] for curve in self.curves]})


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
        Weight of every row, [N] or one set per member [P N]; 1 by default. A row of weight 0 is absent, and only
        ratios matter.

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
    x = np.asarray(X, dtype=np.float64)
    if x.ndim != 2 or not x.size:
        raise DataError(f"Expected rows [N D], got shape {x.shape}.", "Give one row per observation.")
    if not members:
        raise SettingError("There is no machine to train.", "Give at least one member.")
    for kind in {member.visible for member in members}:
        check_values(x, kind)
    weight = _weights(weights, len(members), len(x))
    found: dict[int, tuple[RBMParameters, FloatArray]] = {}
    measure = ""
    for crowd in sorted({member.crowd for member in members}, key=repr):
        alike = [place for place, member in enumerate(members) if member.crowd == crowd]
        size = max(1, CACHE // (x.shape[1] * members[alike[0]].hidden))
        for places in (alike[first : first + size] for first in range(0, len(alike), size)):
            together = [members[place] for place in places]
            machines, curves, measure = learn(_crowd(together), x, None if weight is None else weight[places])
            found |= dict(zip(places, zip(machines, curves, strict=True), strict=True))
    ordered = [found[place] for place in range(len(members))]
    return RBMPopulation(
        tuple(members), tuple(machine for machine, _ in ordered), tuple(curve for _, curve in ordered), measure
    )


def check_values(x: FloatArray, kind: str) -> None:
    """Raise for the first value that visible units of a kind cannot take.

    Raises
    ------
    DataError
        With its row and column.
    """
    good = np.isfinite(x) if kind == "gaussian" else (x >= 0) & (x <= 1)
    wrong = np.argwhere(~good)
    if len(wrong):
        place, column = wrong[0].tolist()
        wanted = "finite numbers" if kind == "gaussian" else "values between 0 and 1"
        remedy = "Drop or impute it." if kind == "gaussian" else "Scale the columns, or use visible='gaussian'."
        raise DataError(f"Expected {wanted}, got {x[place, column]:g} in column {column} of row {row(place)}.", remedy)


def _weights(weights: ArrayLike | None, members: int, rows: int) -> FloatArray | None:
    if weights is None:
        return None
    found = np.asarray(weights, dtype=np.float64)
    if found.shape not in ((rows,), (members, rows)):
        raise DataError(
            f"Expected weights of shape ({rows},) or ({members}, {rows}), got {found.shape}.", "Give one per row."
        )
    if not np.isfinite(found).all() or (found < 0).any() or (found.sum(axis=-1) == 0).any():
        raise DataError("Weights must be finite, at least 0, and not all 0.", "Correct the column of weights.")
    return np.broadcast_to(found, (members, rows))


def _crowd(members: Sequence[RBMMember]) -> CrowdSettings:
    first = members[0]
    return CrowdSettings(
        hidden=first.hidden,
        gaussian=first.visible == "gaussian",
        learner=first.learner,
        steps=first.steps,
        chains=first.chains,
        batch=first.batch,
        epochs=first.epochs,
        learning_rates=np.array([member.learning_rate for member in members]),
        falling=np.array([member.schedule == "linear" for member in members]),
        momentum=np.array([member.momentum for member in members]),
        ridge=np.array([member.ridge for member in members]),
        seeds=tuple(member.seed for member in members),
    )
