"""How far splits, methods, cells and weights lie from each other: what a report points at."""

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from thalweg.base.arrays import FloatArray
from thalweg.effects.answer import EffectsAnswer
from thalweg.effects.effect import Effect
from thalweg.effects.inference.weights import WEIGHT_STEPS
from thalweg.effects.summary import EffectsSummary


def split_distances(answer: EffectsAnswer, effects: Sequence[Effect]) -> FloatArray:
    """Return how far each split into folds is from the reported median, in standard errors [L R].

    Parameters
    ----------
    answer
        The fitted answer; R splits.
    effects
        L effects that are shown.

    Examples
    --------
    >>> from thalweg.effects.dedl import DeDL
    >>> columns = {"y": [0, 1, 2, 3, 0, 2, 2, 3] * 10, "a": [0, 1, 0, 1] * 20, "b": [0, 0, 1, 1] * 20, "x": range(80)}
    >>> quick = DeDL(link="linear", epochs=5, folds=2, repeats=2, workers=1)
    >>> answer = quick.fit(columns, target="y", treatments=["a", "b"])
    >>> split_distances(answer, answer.effects()).shape
    (3, 2)
    """
    estimates = answer.evaluation.estimates
    rows = [
        (estimates[:, answer.number(e.combination)] - (math.nan if e.estimate is None else e.estimate))
        / (e.error or math.nan)
        for e in effects
    ]
    return np.array(rows, dtype=np.float64).reshape(len(effects), len(estimates))


def largest_split_spread(summary: EffectsSummary) -> float:
    """Return the largest standard deviation over splits, in standard errors of its effect; NaN for one split."""
    frame = summary.frame()
    return float((frame["split_sd"].astype(float) / frame["std_error"].astype(float)).max())


def farthest_addition(comparison: pd.DataFrame) -> tuple[str, float, float] | None:
    """Return where adding up single effects is farthest from DeDL: the combination, the sum, and DeDL's effect.

    None if one of the two did not answer, or they never differ.

    Examples
    --------
    >>> found = {"combination": ["10", "11"], "linear addition": [1.0, 3.0], "DeDL": [1.0, 2.0]}
    >>> farthest_addition(pd.DataFrame(found))
    ('11', 3.0, 2.0)
    """
    if not {"linear addition", "DeDL"} <= set(comparison):
        return None
    gap = (comparison["linear addition"] - comparison["DeDL"]).abs()
    if not gap.notna().any() or float(gap.max()) == 0.0:
        return None
    row = comparison.loc[gap.idxmax()]
    return str(row["combination"]), float(row["linear addition"]), float(row["DeDL"])


def largest_residual(summary: EffectsSummary) -> float:
    """Return the largest mean residual of a cell, in standard deviations of the target."""
    return max(abs(cell.mean) for cell in summary.residuals) / float(summary.answer.reading.experiment.y.std())


def share_beyond(shares: Sequence[float], weight: float) -> float:
    """Return which share of the units counts at least so many times.

    Parameters
    ----------
    shares
        Shares of the units below, between and beyond the steps 1, 3, 10, 30, 100 of the weight.
    weight
        One of those steps.

    Examples
    --------
    >>> share_beyond((0.5, 0.25, 0.125, 0.125, 0.0, 0.0), 10.0)
    0.125
    """
    return sum(shares[WEIGHT_STEPS.index(weight) + 1 :])
