"""The held-out rows that models are asked about again, and the interval of what they answer."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from scipy.special import ndtri, stdtrit

from thalweg.base.arrays import FloatArray, IntArray
from thalweg.base.seeds import derived_seed, stream
from thalweg.base.weighing import FREQUENCY
from thalweg.select.crossval import CrossValidation
from thalweg.select.explaining.explanation import Change
from thalweg.select.scoring.difference import compare, variance_over_rows
from thalweg.select.scoring.predictions import HeldOutRows

COMMON: Final = 200  # rows that the models of every fold are asked about


@dataclass(frozen=True, slots=True, eq=False)
class RowsSeen:
    """The held-out rows that are predicted anew.

    Parameters
    ----------
    held_out
        Them, as all models were judged on them.
    places
        Their places in the table [n].
    level
        Nominal coverage of intervals.
    common
        Which of them the models of every fold predict [m]: on the same rows they differ by what they learned alone.
    """

    held_out: HeldOutRows
    places: IntArray
    level: float
    common: IntArray

    def of_fold(self, number: int) -> IntArray:
        """Return which of them were held out in a fold."""
        return np.flatnonzero(self.held_out.fold == number)

    def change(self, values: FloatArray, by_seed: FloatArray, by_fold: FloatArray) -> Change:
        """Return the mean of a row's values with an interval for what models of such tables do on average.

        With V_r the variance of the mean over independent rows or groups, and θ_f the same quantity by the models of
        fold f on the rows common to all, each learned without one of K parts (the jackknife over groups)::

            V_l  =  (K − 1)/K Σ_f (θ_f − θ̄)²,     mean ± (z √V_r + t √V_l)

        with z the quantile of the normal distribution and t that of Student's t with K − 1 degrees of freedom. The same
        rows are learned from and, by other models, asked about, so that both kinds of luck may come together: their
        reaches are added as if they always did. V_l holds the luck of the rows learned from and, enlarged, that of
        seeds. In order of time the folds' models are no such parts, and blocks are the witnesses (:func:`compare`).
        What the interval covers in simulation is in ``studies/column_intervals.txt``.

        Parameters
        ----------
        values
            Of every row [n], by models that did not learn from it; NaN for none.
        by_seed
            The mean by single seeds [R].
        by_fold
            θ_f [K]; NaN where there is none.

        References
        ----------
        Shao & Wu (1989), Annals of Statistics 17, 1176-1197, doi:10.1214/aos/1176347263: the jackknife over groups.
        """
        single = by_seed[np.isfinite(by_seed)]
        seed_sd = float(single.std(ddof=1)) if len(single) > 1 else None
        held, learned = self.held_out, by_fold[np.isfinite(by_fold)]
        if held.in_time:
            ends = compare(
                values, np.zeros(len(values)), held.fold, held.weights, self.level, held.groups, in_time=True
            )
            return Change(ends.estimate, ends.low, ends.high, seed_sd)
        usable = np.isfinite(values)
        if usable.sum() < 2 or len(learned) < 2:
            return Change(np.nan, np.nan, np.nan, seed_sd)
        weights = held.row_weights[usable]
        share = weights / weights.sum()
        mean = float(share @ values[usable])
        counted = held.weights_kind == FREQUENCY and held.groups is None
        groups = None if held.groups is None else held.groups[usable]
        by_rows = variance_over_rows(share * (values[usable] - mean), groups, weights if counted else None)
        count = len(learned)
        by_learning = (count - 1) ** 2 / count * float(learned.var(ddof=1))
        upper = 0.5 + self.level / 2
        half = float(ndtri(upper)) * float(np.sqrt(by_rows))
        half += float(stdtrit(count - 1, upper)) * float(np.sqrt(by_learning))
        return Change(mean, mean - half, mean + half, seed_sd)


def rows_seen(plan: CrossValidation, judged: HeldOutRows, most: int) -> RowsSeen:
    """Return the held-out rows, or an even sample of every fold if there are more than ``most``."""
    places = plan.judged
    order = stream(derived_seed(plan.settings.seed, "split", 30), "split").permutation(len(places))
    rank = np.empty(len(places), dtype=np.int64)
    rank[order] = np.arange(len(places))
    if len(places) > most:
        kept = np.zeros(len(places), dtype=bool)
        for number in range(judged.folds):
            here = np.flatnonzero(judged.fold == number)
            kept[here[np.argsort(rank[here])][: max(2, round(most / len(places) * len(here)))]] = True
        judged = replace(
            judged,
            outcome=judged.outcome[kept],
            fold=judged.fold[kept],
            weights=None if judged.weights is None else judged.weights[kept],
            groups=None if judged.groups is None else judged.groups[kept],
        )
        places, rank = places[kept], rank[kept]
    return RowsSeen(judged, places, plan.settings.level, np.sort(np.argsort(rank)[:COMMON]))
