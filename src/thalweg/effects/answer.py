"""What a fitted DeDL answers: effects, contrasts, groups, policies and the best, all from one set of scores."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.stats import norm

from thalweg.base.arrays import FloatArray, IntArray
from thalweg.base.checks import check_choice, check_number
from thalweg.base.errors import DataError, SettingError, setting
from thalweg.effects.benchmarks import Benchmark, linear_addition, linear_regression
from thalweg.effects.best import find_best
from thalweg.effects.effect import Best, Effect
from thalweg.effects.experiment.experiment import combination_label, named_combination
from thalweg.effects.experiment.reading import Reading
from thalweg.effects.experiment.unit_rows import labels_of_rows
from thalweg.effects.identification.next_cells import NextCell, next_cells
from thalweg.effects.identification.support import Support
from thalweg.effects.inference.cross_fitted import CrossFit
from thalweg.effects.inference.estimate import Estimate, normal_estimate
from thalweg.effects.inference.evaluate import Evaluation, error_rows, scale_shifts
from thalweg.effects.inference.intervals import (
    ADJUSTMENTS,
    Joint,
    influence,
    joint,
    mean_score,
    median_over_repeats,
    two_sided,
)
from thalweg.effects.inference.link_spread import LinkSpread
from thalweg.effects.inference.scale_choice import ScaleChoice
from thalweg.effects.training import Training

METHODS = ("linear addition", "linear regression", "plain network", "structured", "AIPW", "DeDL")


@dataclass(frozen=True, slots=True, eq=False)
class EffectsAnswer:
    """The answer of :meth:`thalweg.effects.dedl.DeDL.fit`.

    Parameters
    ----------
    reading
        The experiment with its names and notes.
    targets
        Combinations asked for [L m].
    fit, evaluation
        Cross-fitted parameters and scores of the model chosen.
    supports
        Status of every target.
    scale_choice
        Why the scale is common or own; None where there was no choice.
    link_losses
        Out-of-fold loss of every link that was tried.
    link_spread
        What other links would say that the observed cells do not contradict.
    training, seed
        How it was trained.
    notes
        Warnings and remarks in words.

    Examples
    --------
    >>> from thalweg.effects import DeDL
    >>> columns = {"y": [0, 1, 2, 3, 0, 2, 2, 3] * 10, "a": [0, 1, 0, 1] * 20, "b": [0, 0, 1, 1] * 20, "x": range(80)}
    >>> quick = DeDL(link="linear", epochs=5, folds=2, repeats=1, workers=1)
    >>> answer = quick.fit(columns, target="y", treatments=["a", "b"])
    >>> answer.best().combination, answer.labels
    ('11', ('00', '01', '10', '11'))
    >>> answer.contrast("11", "01").name
    '11 − 01'
    """

    reading: Reading
    targets: IntArray
    fit: CrossFit
    evaluation: Evaluation
    supports: tuple[Support, ...]
    scale_choice: ScaleChoice | None
    link_losses: Mapping[str, float]
    link_spread: LinkSpread
    training: Training
    seed: int
    notes: tuple[str, ...]

    @property
    def labels(self) -> tuple[str, ...]:
        """Combinations as texts."""
        return tuple(combination_label(t) for t in self.targets)

    @property
    def baseline(self) -> str:
        """The combination effects are measured against."""
        return combination_label(self.reading.baseline)

    @property
    def baseline_cell(self) -> int:
        """Number of the observed cell that effects are measured against."""
        return int(np.flatnonzero((self.reading.experiment.cells == self.reading.baseline).all(1))[0])

    @property
    def scores(self) -> FloatArray:
        """Scores of effects against the baseline, rows as in the table [N L]: means over units, NaN without any."""
        scores, order, rows = self.evaluation.scores, self.reading.order, self.reading.rows
        total = np.zeros((rows, scores.shape[1]))
        np.add.at(total, order, scores)
        units = np.bincount(order, minlength=rows)[:, None]
        return np.divide(total, units, out=np.full_like(total, np.nan), where=units > 0)

    def number(self, combination: str | Sequence[int]) -> int:
        """Return the place of a combination in the list of targets.

        Raises
        ------
        SettingError
            If it is no combination of these treatments, as digits or by their names, or was not asked for.
        """
        label = combination_label(named_combination(combination, self.reading.treatments))
        if label not in self.labels:
            raise SettingError(
                f"Combination {label} was not among the targets.", f"Name it in {setting('combinations')} when fitting."
            )
        return self.labels.index(label)

    def effects(
        self,
        *,
        level: float = 0.95,
        at_once: bool = False,
        adjust: str | None = None,
        allow_unidentified: bool = False,
    ) -> tuple[Effect, ...]:
        """Return the effect of every combination against the baseline.

        Parameters
        ----------
        level
            Of the intervals.
        at_once
            Whether all intervals shown cover together with that probability.
        adjust
            One of ``max-t``, ``step-down``, ``bonferroni``, ``holm``; None for no adjusted p-values.
        allow_unidentified
            Show estimates of weak and unidentified targets too.

        Returns
        -------
        tuple of Effect
            In the order of the targets, the baseline left out.

        Raises
        ------
        SettingError
            If the level is outside (0, 1) or there is no such adjustment.
        """
        check_number("level", level, low=0.0, high=1.0, open_low=True, open_high=True)
        if adjust is not None:
            check_choice("adjust", adjust, ADJUSTMENTS)
        estimate, error = median_over_repeats(self.evaluation.estimates, self.evaluation.errors)
        shown = np.array([s.usable or allow_unidentified for s in self.supports])
        base = self.number(self.baseline)
        shown[base] = False
        together = self._joint(shown) if (at_once or adjust) and shown.any() else None
        factor = together.critical(level) if at_once and together else float(norm.ppf(0.5 + level / 2.0))
        adjusted = dict(
            zip(np.flatnonzero(shown), together.adjusted(adjust) if together and adjust else (), strict=False)
        )
        p = two_sided(np.divide(estimate, error, out=np.zeros_like(estimate), where=error > 0))
        aipw, aipw_error = median_over_repeats(
            self.evaluation.unstructured_estimates, self.evaluation.unstructured_errors
        )
        cells = {combination_label(c): j for j, c in enumerate(self.reading.experiment.cells)}
        rows = []
        for k, label in enumerate(self.labels):
            if k == base:
                continue
            cell, show = cells.get(label), bool(shown[k])
            half = factor * float(error[k])
            wide = half + self.link_spread.doubt(k)
            rows.append(
                Effect(
                    combination=label,
                    observed=cell is not None,
                    count=0 if cell is None else int(self.reading.experiment.counts[cell]),
                    estimate=float(estimate[k]) if show else None,
                    error=float(error[k]) if show else None,
                    low=float(estimate[k]) - half if show else None,
                    high=float(estimate[k]) + half if show else None,
                    low_any_link=float(estimate[k]) - wide if show else None,
                    high_any_link=float(estimate[k]) + wide if show else None,
                    p_value=float(p[k]) if show else None,
                    p_adjusted=float(adjusted[k]) if k in adjusted else None,
                    plug_in=float(self.evaluation.plug_in[k]) if show else None,
                    correction=float(estimate[k] - self.evaluation.plug_in[k]) if show else None,
                    unstructured=None if cell is None else float(aipw[cell]),
                    unstructured_error=None if cell is None else float(aipw_error[cell]),
                    support=self.supports[k],
                )
            )
        return tuple(rows)

    def frame(self, **settings: Any) -> pd.DataFrame:
        """Return :meth:`effects` as a data frame, one row per combination; the same settings."""
        rows = []
        for effect in self.effects(**settings):
            row = {name: getattr(effect, name) for name in Effect.__slots__ if name != "support"}
            row |= {name: getattr(effect.support, name) for name in Support.__slots__}
            rows.append(row)
        return pd.DataFrame(rows)

    def scores_of(self, combination: str | Sequence[int]) -> tuple[FloatArray, int]:
        """Return scores of the effect of a combination that may be shown [N], units as read, and its place."""
        place = self._usable(combination)
        return self.evaluation.scores[:, place], place

    def contrast(self, first: str, second: str, *, level: float = 0.95) -> Estimate:
        """Return the effect of one combination less that of another, from paired scores.

        Raises
        ------
        SettingError
            If either is unidentified or weak.
        """
        a, b = self._usable(first), self._usable(second)
        scores = self.evaluation.scores[:, [a]] - self.evaluation.scores[:, [b]]
        estimates = (self.evaluation.estimates[:, a] - self.evaluation.estimates[:, b])[:, None]
        doubts = self.evaluation.doubts.mean(0)
        return self._estimate(
            f"{self.labels[a]} − {self.labels[b]}", scores, estimates, level, doubt=float(doubts[a] - doubts[b])
        )

    def best(self, *, level: float = 0.95) -> Best:
        """Return the best combination among those that may be shown, its lead, and what else may be the best.

        Its effect is corrected for having been picked, and its interval holds although it was; where nobody received
        it, both allow for other links that the observed cells do not contradict.

        Raises
        ------
        DataError
            If nothing but the baseline may be shown.
        """
        return find_best(self, level=level)

    def groups(
        self, labels: ArrayLike, combination: str | Sequence[int], *, level: float = 0.95
    ) -> tuple[Estimate, ...]:
        """Return the effect of a combination within groups of units.

        Parameters
        ----------
        labels
            Group of every row of the table [N]; from before the treatment.
        combination
            Such as ``101``, or treatments by name, ``"price + mail"``.
        level
            Of the intervals, each for itself.

        Raises
        ------
        DataError
            If there is not one label per row, one is missing, or a group has fewer than two units.
        """
        k = self._usable(combination)
        given = labels_of_rows(labels, self.reading.rows)
        mine = given[self.reading.order]
        answers = []
        for label in pd.unique(pd.Series(given[np.unique(self.reading.order)])):
            rows = mine == label
            if rows.sum() < 2:
                raise DataError(f"Group {str(label)!r} has fewer than two units.", "Join it with another group.")
            scores = self.evaluation.scores[rows][:, [k]]
            doubt = self._doubt(np.full(len(mine), k), rows)
            answers.append(self._estimate(str(label), scores, None, level, rows, doubt=doubt))
        return tuple(answers)

    def policy(self, rule: ArrayLike, *, level: float = 0.95) -> Estimate:
        """Return the mean gain, against the baseline for all, of giving every unit the combination a rule names.

        Parameters
        ----------
        rule
            Combination of every row of the table [N], as texts; the rule must not have been learned from these
            outcomes, or its value is too good.
        level
            Of the interval.

        Raises
        ------
        DataError
            If there is not one combination per row.
        """
        given = np.asarray(rule)
        if given.shape != (self.reading.rows,):
            raise DataError(
                f"Expected one combination for each of {self.reading.rows:,} rows, got {given.shape}.",
                "Give one text such as '101' per row.",
            )
        place = {str(label): self._usable(str(label)) for label in np.unique(given)}
        columns = np.array([place[str(label)] for label in given[self.reading.order]])
        scores = self.evaluation.scores[np.arange(len(columns)), columns][:, None]
        everybody = np.ones(len(columns), dtype=bool)
        return self._estimate("policy", scores, None, level, doubt=self._doubt(columns, everybody))

    def compare(self, methods: Sequence[str] = METHODS[:2]) -> pd.DataFrame:
        """Return estimates and standard errors of other methods beside ours, one row per combination.

        Parameters
        ----------
        methods
            Of ``linear addition``, ``linear regression``, ``plain network`` (which trains networks), ``structured``
            (the networks' own answer, no correction), ``AIPW`` and ``DeDL``. Only the last two have errors that
            cover; plug-in answers of networks are given without.
        """
        experiment, targets, base = self.reading.experiment, self.targets, self.reading.baseline
        estimate, error = median_over_repeats(self.evaluation.estimates, self.evaluation.errors)
        cells = [self.number(combination_label(cell)) for cell in experiment.cells]
        aipw, aipw_error = np.full((2, len(targets)), np.nan)
        aipw[cells], aipw_error[cells] = median_over_repeats(
            self.evaluation.unstructured_estimates, self.evaluation.unstructured_errors
        )
        hidden = np.array([not s.usable for s in self.supports])
        makers: dict[str, Callable[[], Benchmark]] = {
            "linear addition": lambda: linear_addition(experiment, targets, base),
            "linear regression": lambda: linear_regression(experiment, targets, base),
            "plain network": self._plain_network,
            "structured": lambda: Benchmark("structured", self.evaluation.plug_in, None),
            "AIPW": lambda: Benchmark("AIPW", aipw, aipw_error),
            "DeDL": lambda: Benchmark("DeDL", np.where(hidden, np.nan, estimate), np.where(hidden, np.nan, error)),
        }
        columns: dict[str, object] = {"combination": list(self.labels)}
        for method in methods:
            found = makers[check_choice("methods", method, METHODS)]()
            columns[method] = found.estimate
            if found.error is not None:
                columns[f"{method} se"] = found.error
        return pd.DataFrame(columns)

    def design(self, *, following: int = 1) -> tuple[NextCell, ...]:
        """Return which unobserved combinations to run next: those that make the effects most precise."""
        return next_cells(self.reading.experiment, self.fit, self.targets, self.reading.baseline, following)

    def _plain_network(self) -> Benchmark:
        from thalweg.effects.plain_network import plain_network  # noqa: PLC0415 - an answer is read without torch

        return plain_network(
            self.reading.experiment, self.targets, self.reading.baseline, self.training, seed=self.seed
        )

    def _usable(self, combination: str | Sequence[int]) -> int:
        k = self.number(combination)
        if not self.supports[k].usable:
            raise SettingError(
                f"The effect of {self.labels[k]} is {self.supports[k].status}: {self.supports[k].reason}.",
                "Run one of the cells that design() names, or use a link with fewer parameters.",
            )
        return k

    def _joint(self, shown: np.ndarray) -> Joint:
        estimate, error = median_over_repeats(self.evaluation.estimates, self.evaluation.errors)
        rows = error_rows(self.reading.experiment, self.evaluation, shown)
        return joint(estimate[shown], error[shown], rows, seed=self.seed)

    def _doubt(self, columns: np.ndarray, rows: np.ndarray) -> float:
        """Return what an undetermined scale adds to the error of the mean over some rows."""
        experiment = self.reading.experiment
        shifts = scale_shifts(experiment, self.fit, self.evaluation, self.targets[columns], self.reading.baseline)
        return float(np.average(shifts[rows], weights=None if experiment.weights is None else experiment.weights[rows]))

    def _estimate(
        self,
        name: str,
        scores: FloatArray,
        estimates: FloatArray | None,
        level: float,
        rows: np.ndarray | None = None,
        *,
        doubt: float = 0.0,
    ) -> Estimate:
        """Return the mean of scores [N 1] with its error; the median over repeats where there are such."""
        check_number("level", level, low=0.0, high=1.0, open_low=True, open_high=True)
        e = self.reading.experiment
        keep = np.ones(len(e), dtype=bool) if rows is None else rows
        clusters = None if e.clusters is None else e.clusters[keep]
        weights = None if e.weights is None else e.weights[keep]
        error = float(np.hypot(np.sqrt((influence(scores, clusters, weights) ** 2).sum()), doubt))
        value = float(mean_score(scores, weights)[0])
        if estimates is not None:
            centre, spread = median_over_repeats(estimates, np.full_like(estimates, error))
            value, error = float(centre[0]), float(spread[0])
        return normal_estimate(name, value, error, count=int(keep.sum()), level=level)
