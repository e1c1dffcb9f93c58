"""Whether the experiment was run as planned: shares of cells, balance of covariates, columns made afterwards."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.stats import chi2, chisquare, rankdata

from thalweg.base.arrays import FloatArray, IntArray
from thalweg.effects.experiment.experiment import Experiment, combination_label

LEVEL: Final = 1e-3
LARGE_DIFFERENCE: Final = 0.1
PREDICTS: Final = 0.6


@dataclass(frozen=True, slots=True)
class SampleRatio:
    """Observed against planned counts: χ² = Σ (n_j − n ν_j)² / (n ν_j).

    Parameters
    ----------
    observed, expected
        Units per cell, by combination.
    p_value
        Of the χ² test; small means that units were lost or assigned otherwise than planned.

    Examples
    --------
    >>> SampleRatio({"0": 90, "1": 10}, {"0": 50.0, "1": 50.0}, 1e-15).mismatch
    True
    """

    observed: Mapping[str, int]
    expected: Mapping[str, float]
    p_value: float

    @property
    def mismatch(self) -> bool:
        """Whether the shares contradict the plan at the 0.1 % level."""
        return self.p_value < LEVEL


def sample_ratio(experiment: Experiment, planned: FloatArray) -> SampleRatio:
    """Test the counts of the cells against planned shares [J].

    Examples
    --------
    >>> from thalweg.effects.experiment.simulate import simulate
    >>> experiment, _ = simulate(0, rows=600)
    >>> sample_ratio(experiment, experiment.shares).mismatch
    False
    """
    counts = experiment.counts
    expected = planned / planned.sum() * counts.sum()
    labels = [combination_label(cell) for cell in experiment.cells]
    return SampleRatio(
        {label: int(count) for label, count in zip(labels, counts, strict=True)},
        {label: float(count) for label, count in zip(labels, expected, strict=True)},
        float(chisquare(counts, expected).pvalue),
    )


@dataclass(frozen=True, slots=True)
class Imbalance:
    """A covariate whose means differ between cells.

    Parameters
    ----------
    covariate
        Its name.
    largest
        Largest difference of a cell's mean from that of all others, in standard deviations.
    cell
        Where.
    p_value
        Of equal means in all cells.
    """

    covariate: str
    largest: float
    cell: str
    p_value: float


def balance(experiment: Experiment, names: Sequence[str]) -> list[Imbalance]:
    """Compare the means of every covariate between cells, largest difference first.

    Parameters
    ----------
    experiment
        The experiment.
    names
        Names of the covariates [D].

    Returns
    -------
    list of Imbalance
        One per covariate.

    Examples
    --------
    >>> from thalweg.effects.experiment.simulate import simulate
    >>> experiment, _ = simulate(0, rows=600, features=3)
    >>> sorted(found.covariate for found in balance(experiment, ["age", "size", "visits"]))
    ['age', 'size', 'visits']
    """
    answers = []
    counts = experiment.counts
    for column, name in enumerate(names):
        values = experiment.x[:, column]
        spread = float(values.std(ddof=1))
        if spread == 0.0:
            continue
        sums = np.bincount(experiment.received, weights=values, minlength=len(counts))
        means = sums / np.maximum(counts, 1)
        others = (sums.sum() - sums) / np.maximum(counts.sum() - counts, 1)
        difference = np.where(counts > 0, (means - others) / spread, 0.0)
        statistic = float((counts * (means - values.mean()) ** 2).sum() / spread**2)
        place = int(np.abs(difference).argmax())
        answers.append(
            Imbalance(
                name,
                float(difference[place]),
                combination_label(experiment.cells[place]),
                float(chi2.sf(statistic, (counts > 0).sum() - 1)),
            )
        )
    return sorted(answers, key=lambda found: -abs(found.largest))


def imbalanced(found: Sequence[Imbalance]) -> list[Imbalance]:
    """Return covariates off by more than 0.1 standard deviations, and more than chance allows.

    With cells of some hundred units chance alone makes differences of 0.1; only those count that a test at 0.1 %,
    shared among the covariates, rejects.

    Examples
    --------
    >>> off, chance = Imbalance("age", 0.4, "01", 1e-9), Imbalance("size", 0.12, "01", 0.3)
    >>> [found.covariate for found in imbalanced([off, chance])]
    ['age']
    """
    return [i for i in found if abs(i.largest) > LARGE_DIFFERENCE and i.p_value < LEVEL / len(found)]


def telling_covariates(experiment: Experiment, names: Sequence[str]) -> dict[str, float]:
    """Return covariates that tell who was treated: area under the ROC curve above 0.6 for some treatment.

    Under random assignment no column from before the treatment can do that; one that does was made afterwards.

    Examples
    --------
    >>> from thalweg.effects.experiment.simulate import simulate
    >>> experiment, _ = simulate(0, rows=600, features=2)
    >>> telling_covariates(experiment, ["age", "size"])
    {}
    """
    told: dict[str, float] = {}
    treated = experiment.cells[experiment.received]
    for column, name in enumerate(names):
        ranks = rankdata(experiment.x[:, column])
        for k in range(experiment.treatments):
            area, error = _area(ranks, treated[:, k])
            if area > PREDICTS and area - 0.5 > 4.0 * error and area > told.get(name, 0.0):
                told[name] = area
    return told


def _area(ranks: FloatArray, treated: IntArray) -> tuple[float, float]:
    """Return max(AUC, 1 − AUC) and its standard error under independence."""
    n1 = int(treated.sum())
    n0 = len(treated) - n1
    if n0 == 0 or n1 == 0:
        return 0.5, 1.0
    area = (float(ranks[treated == 1].sum()) - n1 * (n1 + 1) / 2.0) / (n0 * n1)
    return max(area, 1.0 - area), float(np.sqrt((n0 + n1 + 1) / (12.0 * n0 * n1)))
