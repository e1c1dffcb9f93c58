"""The best combination: its effect after having been picked, and the best of those observed beside it."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy.stats import norm

from thalweg.base.arrays import FloatArray
from thalweg.base.errors import DataError
from thalweg.effects.effect import Best
from thalweg.effects.experiment.experiment import Experiment
from thalweg.effects.experiment.reading import Reading
from thalweg.effects.identification.support import OK, Support
from thalweg.effects.inference.estimate import Estimate
from thalweg.effects.inference.evaluate import Evaluation, error_rows
from thalweg.effects.inference.intervals import best_set, joint, median_over_repeats, two_sided
from thalweg.effects.inference.link_spread import LinkSpread
from thalweg.effects.inference.specification import received_probability
from thalweg.effects.inference.winner import SHARE, after_selection


class Answered(Protocol):
    """What is asked of an answer: :class:`thalweg.effects.answer.EffectsAnswer` has it."""

    @property
    def reading(self) -> Reading:
        """The experiment."""

    @property
    def evaluation(self) -> Evaluation:
        """Estimates and scores."""

    @property
    def supports(self) -> tuple[Support, ...]:
        """How firmly every target stands."""

    @property
    def link_spread(self) -> LinkSpread:
        """What the choice of the link leaves open."""

    @property
    def seed(self) -> int:
        """Decides draws."""

    @property
    def labels(self) -> tuple[str, ...]:
        """Combinations as texts."""

    @property
    def baseline_cell(self) -> int:
        """Number of the observed cell that effects are measured against."""

    def contrast(self, first: str, second: str, *, level: float = 0.95) -> Estimate:
        """Return the effect of one combination less that of another."""


@dataclass(frozen=True, slots=True, eq=False)
class _Estimates:
    """Estimates [L] with the covariance of what was sampled, scaled to the errors that allow for splits too."""

    estimate: FloatArray
    error: FloatArray
    rows: FloatArray

    @property
    def covariance(self) -> FloatArray:
        spread = np.sqrt((self.rows**2).sum(axis=0))
        factor = np.divide(self.error, spread, out=np.ones_like(spread), where=spread > 0.0)
        scaled = self.rows * factor
        return np.asarray(scaled.T @ scaled)


def find_best(answer: Answered, *, level: float) -> Best:
    """Return the best combination among those that may be shown, as :meth:`EffectsAnswer.best` does.

    Raises
    ------
    DataError
        If nothing but the baseline may be shown.
    """
    usable = np.flatnonzero([s.usable for s in answer.supports])
    if len(usable) < 2:
        raise DataError("No effect may be shown, so none is best.", "See effects() for what is missing.")
    estimate, _ = median_over_repeats(answer.evaluation.estimates, answer.evaluation.errors)
    order = usable[np.argsort(-estimate[usable], kind="stable")]
    top, runner = int(order[0]), int(order[1])
    rows = error_rows(answer.reading.experiment, answer.evaluation, usable)
    kept = best_set(estimate[usable], rows, level=level, seed=answer.seed)
    doubts = np.array([answer.link_spread.doubt(top, int(k)) for k in usable])
    apart = np.sqrt(((rows - rows[:, usable == top]) ** 2).sum(axis=0))
    strict = float(norm.isf((1.0 - level) / len(usable)))
    kept |= (doubts > 0.0) & (estimate[top] - estimate[usable] - doubts <= strict * apart)
    names = tuple(answer.labels[k] for k in usable[kept])
    seen = np.array([s.status == OK for s in answer.supports])
    others = usable[seen[usable]]
    observed = None if seen[top] else _picked(answer, others, level)
    gap = answer.contrast(answer.labels[top], answer.labels[runner], level=level)
    return Best(
        combination=answer.labels[top],
        effect=_picked(answer, usable, level),
        as_estimated=float(estimate[top]),
        extrapolated=not seen[top],
        observed=observed,
        gap=_widened(gap, answer.link_spread.doubt(top, runner)),
        candidates=names,
        baseline_mean=baseline_mean(answer.reading.experiment, answer.baseline_cell),
    )


def _picked(answer: Answered, among: np.ndarray, level: float) -> Estimate:
    """Return the largest of some effects, corrected for having been picked from them, wide enough for other links."""
    estimate, error = median_over_repeats(answer.evaluation.estimates, answer.evaluation.errors)
    rows = error_rows(answer.reading.experiment, answer.evaluation, among)
    found = _Estimates(estimate[among], error[among], rows)
    some = found.error > 0.0
    strict = 1.0 - SHARE * (1.0 - level)
    critical = joint(found.estimate[some], found.error[some], rows[:, some], seed=answer.seed).critical(strict)
    value, low, high = after_selection(found.estimate, found.covariance, critical, level=level)
    top = int(among[np.argmax(found.estimate)])
    p = float(two_sided(np.array(value / error[top] if error[top] > 0.0 else 0.0)))
    count = len(answer.reading.experiment)
    one = Estimate(answer.labels[top], value, float(error[top]), low, high, p, count)
    return _widened(one, answer.link_spread.doubt(top))


def _widened(one: Estimate, doubt: float) -> Estimate:
    """Return an estimate whose interval is wider by what the choice of the link leaves open, on either side."""
    low, high = one.low - doubt, one.high + doubt
    if doubt == 0.0:
        return one
    return Estimate(one.name, one.estimate, one.error, low, high, _p_beyond(one, doubt), one.count)


def _p_beyond(one: Estimate, doubt: float) -> float:
    """Return the two-sided p-value of an effect that must be larger than a doubt to be told from zero."""
    beyond = max(abs(one.estimate) - doubt, 0.0)
    return float(2.0 * norm.sf(beyond / one.error)) if one.error > 0.0 else 0.0


def baseline_mean(experiment: Experiment, cell: int) -> float:
    """Return the mean outcome under a cell, units weighted by the inverse of the chance to receive it.

    Examples
    --------
    >>> from thalweg.effects.experiment.simulate import simulate
    >>> experiment, _ = simulate(0, rows=600)
    >>> bool(np.isclose(baseline_mean(experiment, 0), experiment.y[experiment.received == 0].mean()))
    True
    """
    mine = experiment.received == cell
    weights = np.ones(len(experiment)) if experiment.weights is None else experiment.weights
    return float(np.average(experiment.y[mine], weights=(weights / received_probability(experiment))[mine]))
