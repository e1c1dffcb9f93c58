"""Many weightings of one likelihood at once: "chord" Newton with the curvature of the fit to all rows.

A step of all members is two matrix products and no Hessian. Steps are mixed with earlier ones (Anderson); a member
that does not halve its decrement gets a Newton of its own.
"""

from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy import linalg

from thalweg.base.arrays import FloatArray
from thalweg.linear.numerics.newton import NewtonFit

_STEPS: Final = 40
_MEMORY: Final = 5
_ARRIVED: Final = 1e-6  # standard errors; the step in hand is still taken and leaves about a tenth of it

SOLVED: Final = "solved"
Places = NDArray[np.int64]


class WeightedLikelihood(Protocol):
    """One likelihood over K parameters and N rows, to be fitted to several weightings of them."""

    @property
    def base(self) -> FloatArray:
        """How often each row counts in the fit whose curvature is shared, shape [N]."""

    def penalty(self, ridge: float) -> FloatArray:
        """Return the factor of ½ θ² for each parameter, shape [K]."""

    def fit(self, ridge: float, start: FloatArray | None = None, weights: FloatArray | None = None) -> NewtonFit:
        """Minimise by Newton's method, rows counting as in :attr:`base` if no weights [N] are given."""

    def scores(self, theta: FloatArray) -> FloatArray:
        """Return the unpenalised gradient of each row at one θ, shape [N K]."""

    def gradients(self, theta: FloatArray, weights: FloatArray, members: Places) -> FloatArray:
        """Return unpenalised gradients of some members, shape [P K], each at its θ [P K]; weights are of all."""

    def far(self, theta: FloatArray) -> bool:
        """Whether fitted values are where only a likelihood without maximum goes, or outliers lead."""

    def separated(self, weights: FloatArray) -> bool:
        """Whether a direction improves the likelihood of rows weighted so, shape [N], for ever."""


def fit_crowd(crowd: WeightedLikelihood, weights: FloatArray, ridges: FloatArray) -> tuple[FloatArray, list[str]]:
    """Return the parameters of every member, shape [P K], and a word or sentence on each.

    Parameters
    ----------
    crowd
        The likelihood.
    weights
        Of every member, shape [P N].
    ridges
        Of every member, shape [P].
    """
    theta, solved = _descend(crowd, weights, ridges)
    status = [SOLVED] * len(weights)
    for p in np.flatnonzero(~solved):
        found = crowd.fit(float(ridges[p]), weights=weights[p])
        theta[p] = found.theta
        if ridges[p] == 0 and crowd.far(found.theta) and crowd.separated(weights[p]):
            status[p] = "no finite maximum: the answers are separated"
        elif not found.converged:
            status[p] = "not converged"
    return theta, status


def _descend(
    crowd: WeightedLikelihood, weights: FloatArray, ridges: FloatArray
) -> tuple[FloatArray, NDArray[np.bool_]]:
    """Parameters [P K] after chord steps as long as they halve a member's decrement, and which members arrived."""
    share = weights.sum(axis=1) / crowd.base.sum()
    theta = np.zeros((len(weights), len(crowd.penalty(0.0))))
    group = np.full(len(weights), -1)  # which inverse belongs to a member; none if the fit to all rows has no maximum
    inverses: list[FloatArray] = []
    gradient = np.zeros_like(theta)
    start: FloatArray | None = None
    for ridge in np.unique(ridges)[::-1]:
        whole = crowd.fit(float(ridge), start)
        start, penalty = whole.theta, np.diag(crowd.penalty(float(ridge)))
        if not whole.converged or (ridge == 0 and crowd.far(start)):
            continue
        members = np.flatnonzero(ridges == ridge)
        theta[members] = start
        gradient[members] = weights[members] @ crowd.scores(start) + np.diag(penalty) * start
        curvature = whole.local.hessian - penalty
        for value in np.unique(share[members]):
            group[members[share[members] == value]] = len(inverses)
            inverses.append(np.asarray(linalg.pinvh(value * curvature + penalty)))
    penalties = ridges[:, None] * crowd.penalty(1.0)
    active = np.flatnonzero(group >= 0)
    solved = np.zeros(len(weights), dtype=bool)
    last = np.full(len(weights), np.inf)
    history = _History()
    gradient = gradient[active]
    for _ in range(_STEPS):
        with np.errstate(invalid="ignore", over="ignore"):
            step = _steps(gradient, group[active], inverses)
            decrement = np.sqrt(np.maximum(0.0, -np.einsum("pk,pk->p", gradient, step)))
        arrived = decrement <= _ARRIVED
        theta[active[arrived]] += step[arrived]
        solved[active[arrived]] = True
        moving = ~arrived & (decrement < last[active] / 2)
        last[active] = decrement
        active = active[moving]
        if not len(active):
            break
        history.keep(moving)
        theta[active] += history.mix(step[moving], gradient[moving])
        with np.errstate(invalid="ignore", over="ignore"):  # a member that overshoots has no decrement, and stops
            gradient = crowd.gradients(theta[active], weights, active) + penalties[active] * theta[active]
    return theta, solved


def _steps(gradient: FloatArray, group: Places, inverses: list[FloatArray]) -> FloatArray:
    """Return -H⁻¹ g of each member, shape [P K]."""
    step = np.empty_like(gradient)
    for g in np.unique(group):
        here = group == g
        step[here] = -gradient[here] @ inverses[g]
    return step


class _History:
    """Anderson mixing (1965, J. ACM 12, 547-560) in the metric of the shared curvature, member by member."""

    def __init__(self) -> None:
        self.moves: list[FloatArray] = []  # changes of the parameters
        self.steps: list[FloatArray] = []  # changes of the steps -H^-1 g
        self.bends: list[FloatArray] = []  # changes of the gradients
        self.before: tuple[FloatArray, FloatArray, FloatArray] | None = None

    def keep(self, moving: NDArray[np.bool_]) -> None:
        """Forget the members that do not move any more."""
        for table in (self.moves, self.steps, self.bends):
            table[:] = [rows[moving] for rows in table]
        if self.before is not None:
            move, step, gradient = self.before
            self.before = move[moving], step[moving], gradient[moving]

    def mix(self, step: FloatArray, gradient: FloatArray) -> FloatArray:
        """Return the move that the steps so far recommend, shape [P K]."""
        if self.before is not None:
            move, old_step, old_gradient = self.before
            for table, new in zip(
                (self.moves, self.steps, self.bends),
                (move, step - old_step, gradient - old_gradient),
                strict=True,
            ):
                table.append(new)
                del table[:-_MEMORY]
        move = step
        if self.steps:
            S, G = np.stack(self.steps, axis=1), np.stack(self.bends, axis=1)
            M = -S @ G.transpose(0, 2, 1)
            M += 1e-14 * np.trace(M, axis1=1, axis2=2)[:, None, None] * np.eye(len(self.steps))
            weights = np.linalg.solve(M, -(S @ gradient[:, :, None]))
            earlier = S + np.stack(self.moves, axis=1)
            move = step - (earlier.transpose(0, 2, 1) @ weights)[:, :, 0]
        self.before = move, step, gradient
        return move
