"""Where the spread of a score comes from: which rows were held out, or which seed was used."""

import math
from dataclasses import dataclass

import numpy as np

from thalweg.base.arrays import FloatArray
from thalweg.base.errors import SettingError


@dataclass(frozen=True, slots=True)
class Spread:
    """Standard deviations of a single fit's score by source.

    Parameters
    ----------
    split_sd
        Between folds: other rows held out (and trained on), same seed.
    seed_sd
        Within a fold: another seed, same rows. NaN with one seed.
    total_sd
        √(split² + seed²): another split and another seed.

    Examples
    --------
    >>> Spread(split_sd=0.02, seed_sd=0.01, total_sd=0.0224).dominant
    'split'
    """

    split_sd: float
    seed_sd: float
    total_sd: float

    @property
    def dominant(self) -> str:
        """'split' or 'seed', whichever is larger; 'unknown' if either could not be estimated."""
        if math.isnan(self.split_sd) or math.isnan(self.seed_sd):
            return "unknown"
        return "split" if self.split_sd >= self.seed_sd else "seed"


def decompose(scores: FloatArray) -> Spread:
    """Split the variance of a score into folds and seeds by the one-way random-effects analysis of variance.

    Model: score_rf = μ + split_f + seed_rf. With S seeds in each of F folds, mean squares MSB between and
    MSW within folds, the estimates are seed² = MSW and split² = max(0, (MSB − MSW)/S); with unequal numbers
    n_f of seeds S is replaced by (n − Σ n_f²/n)/(F − 1), n = Σ n_f. The seed part includes its interaction
    with the fold.

    Parameters
    ----------
    scores
        ``[R F]``; NaN where a fit diverged or the metric is undefined.

    Returns
    -------
    Spread
        ``seed_sd`` is NaN if no fold has two seeds; ``split_sd`` then contains both sources. All NaN with
        one fold.

    Raises
    ------
    SettingError
        If the scores do not have two axes.

    References
    ----------
    Searle, Casella & McCulloch (1992), Variance Components, chapter 3 (ANOVA estimators).

    Examples
    --------
    >>> decompose(np.array([[1.0, 3.0], [1.0, 3.0]])).seed_sd
    0.0
    """
    if scores.ndim != 2:
        raise SettingError(f"scores must have the axes [R F], got shape {scores.shape}.", "Add the missing axis.")
    columns = [column[~np.isnan(column)] for column in scores.T]
    columns = [column for column in columns if len(column)]
    counts = np.array([len(column) for column in columns], dtype=np.float64)
    n, folds = counts.sum(), len(columns)
    if folds < 2:
        return Spread(math.nan, math.nan, math.nan)
    means = np.array([column.mean() for column in columns])
    between = float(counts @ (means - counts @ means / n) ** 2) / (folds - 1)
    if n == folds:
        return Spread(math.sqrt(between), math.nan, math.sqrt(between))
    within = sum(float(((column - column.mean()) ** 2).sum()) for column in columns) / float(n - folds)
    seeds = float(n - (counts**2).sum() / n) / (folds - 1)
    split = max(0.0, (between - within) / seeds)
    return Spread(math.sqrt(split), math.sqrt(within), math.sqrt(split + within))
