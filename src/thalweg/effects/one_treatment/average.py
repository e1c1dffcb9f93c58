"""What one treatment did on average: nuisances that earn their place, overlap before estimates, targets by name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from scipy.stats import t as student

from thalweg.base.arrays import FloatArray
from thalweg.base.checks import check_number
from thalweg.base.errors import DataError, SettingError, rows_at, setting
from thalweg.data.dependence.look import dependence_notes
from thalweg.data.remarks.duplicates import duplicates
from thalweg.effects.benchmarks import adjusted_difference, difference_of_means
from thalweg.effects.experiment.experiment import Experiment
from thalweg.effects.experiment.overlap import ArmOverlap, judge_overlap
from thalweg.effects.inference.intervals import median_over_repeats
from thalweg.effects.one_treatment.effort import Effort
from thalweg.effects.one_treatment.estimands import ATE, ATO, LEAST, level_scores, ratios
from thalweg.effects.one_treatment.levels import planned_chances, read_levels
from thalweg.effects.one_treatment.nuisances import NuisanceChoice, Nuisances, learn_nuisances
from thalweg.effects.one_treatment.sensitivity import MOST, Sensitivity, confounding, strongest_covariate
from thalweg.effects.one_treatment.shown import units_behind, why_withheld
from thalweg.effects.one_treatment.unit_arrays import read_units
from thalweg.effects.training import Training

QUIET: Final = Training(ridge=(1e-3, 1e-2), batch=64, learning_rate=0.01, epochs=60)
"""Outcomes of observational studies are noisier than those the defaults of links are made for: more ridge."""
LEARNED, EQUAL = "model", "empirical"


@dataclass(frozen=True, slots=True)
class TreatmentEffect:
    """An average effect, and whom it is about.

    Parameters
    ----------
    name
        Level against the baseline, such as ``b − a``.
    target
        The units it is an average over, or the name of the method.
    estimate, error, low, high, p_value
        With the interval at the level asked for; None if withheld.
    units
        How many units the average rests on.
    reason
        Why it is withheld; empty if it is not.

    Examples
    --------
    >>> found = TreatmentEffect("b − a", "all units", 1.0, 0.1, 0.8, 1.2, 1e-20, units=400, reason="")
    >>> found.low < found.estimate < found.high
    True
    """

    name: str
    target: str
    estimate: float | None
    error: float | None
    low: float | None
    high: float | None
    p_value: float | None
    units: int
    reason: str


@dataclass(frozen=True, slots=True, eq=False)
class AverageEffects:
    """Average effects of one treatment, and what speaks for and against them.

    Parameters
    ----------
    levels
        Names of the levels, the baseline first.
    effects
        Of every level against the baseline, over all units, and over those that can be compared.
    beside
        Other methods: difference of means, regression adjustment.
    choices
        What predicts outcome and assignment.
    overlap
        Of every level.
    sensitivity
        Of the effect over all units; None with more than two levels, where chances are known, or where it is withheld.
    learned
        Whether chances were learned, as for units that chose: nothing unobserved may then move both treatment and
        outcome.
    baseline_mean
        Mean outcome had all units received the baseline; None where an average over all units is withheld.
    raised
        Share of units that count with a chance raised to :data:`~thalweg.effects.one_treatment.estimands.LEAST`.
    level
        Of the intervals.
    notes
        Remarks in words.
    trial, nuisances
        The units and their out-of-fold predictions.
    """

    levels: tuple[str, ...]
    effects: tuple[TreatmentEffect, ...]
    beside: tuple[TreatmentEffect, ...]
    choices: tuple[NuisanceChoice, ...]
    overlap: tuple[ArmOverlap, ...]
    sensitivity: Sensitivity | None
    learned: bool
    baseline_mean: float | None
    raised: float
    level: float
    notes: tuple[str, ...]
    trial: Experiment
    nuisances: Nuisances

    @property
    def main(self) -> tuple[TreatmentEffect, ...]:
        """One effect per level: over all units, or where that is withheld over the units in the overlap."""
        found = []
        for level in self.levels[1:]:
            mine = [e for e in self.effects if e.name == _named(level, self.levels[0]) and e.target in {ATE, ATO}]
            found.append(next((e for e in mine if e.estimate is not None), mine[0]))
        return tuple(found)

    def frame(self) -> pd.DataFrame:
        """Return effects and other methods, one row each."""
        return pd.DataFrame(
            [{name: getattr(e, name) for name in TreatmentEffect.__slots__} for e in (*self.effects, *self.beside)]
        )


def average_effects(
    x: object,
    y: object,
    treatment: object,
    *,
    baseline: object = None,
    assignment: str | Mapping[str, float] | FloatArray = LEARNED,
    clusters: object = None,
    weights: object = None,
    weights_kind: str | None = None,
    training: Training = QUIET,
    level: float = 0.95,
    seed: int = 0,
) -> AverageEffects:
    """Return the average effect of every level of a treatment against the baseline.

    Parameters
    ----------
    x, y
        Covariates from before the treatment [N D], and outcomes [N].
    treatment
        Level of every unit [N]; two or more.
    baseline
        Level to measure against; None for one that reads as no treatment, else the first in order.
    assignment
        ``model``: units chose, chances are learned from the covariates. ``empirical``: the treatment was randomised
        with the same chances for all. Or the known shares, by level, [J] or [N J].
    clusters
        Cluster of every unit [N], or two that cross [N 2]; folds do not cut them, and errors allow for them.
    weights, weights_kind
        Row weights [N], and what they mean: "frequency", "analytic" (if None) or "probability".
    training
        Folds, repeats, and how the networks among the learners are trained.
    level
        Of the intervals.
    seed
        Decides everything random.

    Returns
    -------
    AverageEffects
        Effects over all units, over treated ones and over the overlap, and what they rest on.

    Raises
    ------
    DataError, SettingError
        If there is one level only, a level has fewer units than folds, or a value is missing or no finite number.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> x, t = rng.normal(size=(400, 2)), rng.integers(0, 2, 400)
    >>> quick = Training(epochs=20, folds=2, repeats=1, workers=1)
    >>> [effect] = average_effects(x, x[:, 0] + t + 0.1 * rng.normal(size=400), t, training=quick).main
    >>> effect.target, abs(effect.estimate - 1.0) < 0.2
    ('all units', True)
    """
    given = np.asarray(treatment)
    count = len(given)
    units = read_units(x, y, count, clusters=clusters, weights=weights, weights_kind=weights_kind)
    with rows_at(units.rows):
        names, received, notes = read_levels(given[units.rows], baseline)
    notes = [*units.notes, *notes]
    if clusters is None:
        table = pd.DataFrame(np.column_stack([units.x, received]), columns=[*units.names, "the treatment"])
        notes = [*notes, *seen_dependence(table, units.y, "average_effects")]
    shares = np.bincount(received) / len(received)
    if not isinstance(assignment, str):
        shares = planned_chances(assignment, names, count)
        shares = shares[units.rows] if shares.ndim > 1 else shares
    elif assignment not in {LEARNED, EQUAL}:
        raise SettingError(
            f"{setting('assignment')} must be {LEARNED!r}, {EQUAL!r} or shares, got {assignment!r}.",
            f"Give {LEARNED!r} where units chose their treatment.",
        )
    cells = np.arange(len(names))[:, None]
    trial = Experiment(units.x, units.y, cells, received, shares, units.clusters, units.weights)
    learned = isinstance(assignment, str) and assignment == LEARNED
    return estimate_effects(
        trial, names, units.names, learned=learned, training=training, level=level, seed=seed, notes=notes
    )


def seen_dependence(table: pd.DataFrame, outcome: FloatArray, door: str) -> list[str]:
    """Return what makes units doubtful as independent ones: copies, repeated units, near-copies, order in time.

    Parameters
    ----------
    table, outcome
        What describes the units [N D], and outcomes [N].
    door
        The function that takes clusters.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> table = pd.DataFrame(rng.normal(size=(50, 3)).repeat(4, axis=0), columns=["a", "b", "c"])
    >>> seen_dependence(table, table["a"].to_numpy(), "average_effects")[0].endswith("average_effects(clusters=...).")
    True
    """
    whole = table.assign(**{"the outcome": outcome})
    found = duplicates(table, outcome, whole) or dependence_notes(table, table, table, outcome, "the outcome", leave=())
    return [f"{note.text} Clusters go into {door}(clusters=...)." for note in found]


def estimate_effects(
    trial: Experiment,
    levels: tuple[str, ...],
    features: tuple[str, ...],
    *,
    learned: bool,
    training: Training = QUIET,
    level: float = 0.95,
    seed: int = 0,
    notes: Sequence[str] = (),
    effort: Effort | None = None,
) -> AverageEffects:
    """Return the effects of the levels of a trial that was read already, as :func:`average_effects` does.

    Parameters
    ----------
    trial
        Units whose cells are the levels [J 1], the baseline first.
    levels, features
        Names of levels and of the columns of x; those of one name, such as the levels of a category, are one covariate.
    learned
        Whether chances are learned from the covariates; otherwise they are the trial's.
    training, level, seed
        As for :func:`average_effects`.
    notes
        What was noticed before.
    effort
        With what nuisances are learned.
    """
    check_number("level", level, low=0.0, high=1.0, open_low=True, open_high=True)
    found = learn_nuisances(trial, training, seed=seed, known=not learned, effort=effort)
    middle = np.median(found.chances, axis=0)
    overlap = judge_overlap(trial, middle, levels)
    effects = [
        effect for number in range(1, len(levels)) for effect in _against(trial, found, levels, number, overlap, level)
    ]
    beside = []
    for number in range(1, len(levels)):
        name, units = _named(levels[number], levels[0]), int(np.isin(trial.received, (0, number)).sum())
        plain, adjusted = difference_of_means(trial, number), (0.0, 0.0)
        beside.append(effect_of(name, "difference of means", *plain, trial, level=level, units=units))
        reason = "; ".join(arm.reason for arm in (overlap[0], overlap[number]) if arm.lacking)
        try:
            adjusted = adjusted_difference(trial, number)
        except DataError as error:  # more covariates than units, which penalised learners take
            reason = reason or error.problem.rstrip(".")
        beside.append(effect_of(name, "regression", *adjusted, trial, level=level, units=units, reason=reason))
    own = found.chances[:, np.arange(len(trial)), trial.received]
    return AverageEffects(
        levels=levels,
        effects=tuple(effects),
        beside=tuple(beside),
        choices=found.choices,
        overlap=overlap,
        sensitivity=_sensitivity(trial, found, features, level)
        if learned and effects[0].estimate is not None
        else None,
        learned=learned,
        baseline_mean=None if overlap[0].lacking else _baseline_mean(trial, found),
        raised=float((own < LEAST).mean()) if learned else 0.0,
        level=level,
        notes=(*notes, *(f"{arm.reason}." for arm in overlap if arm.lacking)),
        trial=trial,
        nuisances=found,
    )


def _against(
    trial: Experiment,
    found: Nuisances,
    levels: tuple[str, ...],
    number: int,
    overlap: tuple[ArmOverlap, ...],
    level: float,
) -> list[TreatmentEffect]:
    """Return the effects of one level against the baseline, over each of the targets."""
    splits = [ratios(trial, m, e, number, 0) for m, e in zip(found.means, found.chances, strict=True)]
    name = _named(levels[number], levels[0])
    effects = []
    for target in splits[0]:
        estimates = np.array([[one[target].estimate(trial.weights)] for one in splits])
        rests = units_behind(target, np.median([one[target].b for one in splits], axis=0), found.chances)
        reason = why_withheld(target, overlap, number, rests)
        if not np.isfinite(estimates).all():
            reason = reason or "no unit is left"
        errors = np.array([[0.0 if reason else one[target].error(trial)] for one in splits])
        estimate, error = median_over_repeats(estimates, errors)
        effects.append(
            effect_of(name, target, float(estimate[0]), float(error[0]), trial, level=level, units=rests, reason=reason)
        )
    return effects


def effect_of(
    name: str,
    target: str,
    estimate: float,
    error: float,
    trial: Experiment,
    *,
    level: float,
    units: int,
    reason: str = "",
) -> TreatmentEffect:
    """Return an effect with its interval, by Student's t with one degree of freedom less than independent units.

    Examples
    --------
    >>> trial = Experiment(np.zeros((50, 1)), np.arange(50.0), np.array([[0]]), np.zeros(50, dtype=int), np.ones(1))
    >>> round(effect_of("b − a", "all units", 1.0, 0.5, trial, level=0.95, units=50).high, 2)
    2.0
    """
    if reason:
        return TreatmentEffect(name, target, None, None, None, None, None, units, reason)
    freedom = _independent(trial) - 1
    half = float(student.ppf(0.5 + level / 2.0, freedom)) * error
    p = float(2.0 * student.sf(abs(estimate) / error, freedom)) if error > 0.0 else 1.0
    return TreatmentEffect(name, target, estimate, error, estimate - half, estimate + half, p, units, "")


def _independent(trial: Experiment) -> int:
    """Return the number of units, or of clusters, of the smaller set if two cross."""
    if trial.clusters is None:
        return len(trial)
    return min(len(np.unique(codes)) for codes in trial.clusters.reshape(len(trial), -1).T)


def _sensitivity(trial: Experiment, found: Nuisances, features: tuple[str, ...], level: float) -> Sensitivity | None:
    """Return the median over splits of the robustness values."""
    if len(trial.cells) != 2:
        return None
    splits = []
    for means, chances in zip(found.means, found.chances, strict=True):
        scores = level_scores(trial, means, chances)
        splits.append(confounding(trial, means, chances, scores[:, 1] - scores[:, 0]))
    explaining, doubting = np.median([one.robustness(level=level) for one in splits], axis=0)
    name, outcome, treatment = strongest_covariate(trial, features)
    bounds = None
    if outcome is not None and treatment is not None:
        share = min(treatment, MOST)
        every = np.median([one.bounds(outcome, share, level=level) for one in splits], axis=0)
        bounds = (float(every[0]), float(every[1]), float(every[2]), float(every[3]))
    return Sensitivity(float(explaining), float(doubting), name, outcome, treatment, bounds)


def _baseline_mean(trial: Experiment, found: Nuisances) -> float:
    """Return the median over splits of the mean outcome under the baseline."""
    splits = zip(found.means, found.chances, strict=True)
    return float(np.median([np.average(level_scores(trial, *one)[:, 0], weights=trial.weights) for one in splits]))


def _named(level: str, baseline: str) -> str:
    return f"{level} − {baseline}"
