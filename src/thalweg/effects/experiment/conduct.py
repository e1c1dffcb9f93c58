"""Whether the experiment was run as planned: shares of cells, balance of covariates, columns made afterwards."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.stats import chi2, chisquare, rankdata
from scipy.stats import f as fisher

from thalweg.base.arrays import FloatArray, IntArray
from thalweg.effects.experiment.experiment import Experiment, combination_label

LEVEL: Final = 1e-3
LARGE_DIFFERENCE: Final = 0.1
PREDICTS: Final = 0.6
FEW_ROWS: Final = 30
FEW_CLUSTERS: Final = 20


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
    """Test the counts of the cells against planned shares [J]; with clusters, by what the clusters hold.

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
        _planned_p(experiment, planned / planned.sum(), counts, expected),
    )


def _planned_p(experiment: Experiment, shares: FloatArray, counts: IntArray, expected: FloatArray) -> float:
    """Return the p-value of counts as they are under a plan."""
    if experiment.clusters is None:
        return float(chisquare(counts, expected).pvalue)
    return _by_clusters(experiment, np.ones(len(experiment)), shares)


def _by_clusters(experiment: Experiment, values: FloatArray, shares: FloatArray) -> float:
    """Return the p-value of Σ_i (1[unit i received j] − ν_j) v_i being zero but for chance, clusters being independent.

    Where all units of a cluster received one cell, the variance is that of the assignment of clusters,
    Σ_g (Σ_i v_i)² (diag ν − ν ν'), and the test χ². Elsewhere the sums of G clusters tell their variance, and the test
    is Hotelling's T². Of two sets of clusters that cross, the larger p-value counts.
    """
    assert experiment.clusters is not None
    terms = (np.eye(len(shares))[experiment.received] - shares) * values[:, None]
    found = []
    for codes in experiment.clusters.reshape(len(experiment), -1).T:
        groups = np.unique(codes, return_inverse=True)[1].reshape(-1)
        count = int(groups.max()) + 1
        sums = np.zeros((count, len(shares)))
        np.add.at(sums, groups, terms)
        if len(np.unique(np.column_stack([groups, experiment.received]), axis=0)) == count:
            weight = np.bincount(groups, values)
            spread = float(weight @ weight) * (np.diag(shares) - np.outer(shares, shares))
            found.append(float(chi2.sf(_length(sums, spread), len(shares) - 1)))
            continue
        spread = sums.T @ sums
        rank = int(np.linalg.matrix_rank(spread, hermitian=True))
        if rank == 0 or count <= rank:
            found.append(1.0)
            continue
        about_zero = _length(sums, spread)  # at most G
        squared = (count - 1) * about_zero / max(count - about_zero, np.finfo(float).tiny)
        found.append(float(fisher.sf((count - rank) / (rank * (count - 1)) * squared, rank, count - rank)))
    return max(found)


def _length(sums: FloatArray, spread: FloatArray) -> float:
    """Return the squared length of the total of sums [G J], by their covariance [J J]."""
    total = sums.sum(axis=0)
    return float(total @ np.linalg.pinv(spread, hermitian=True) @ total)


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
        p_value = _equal_means(experiment, values, counts, means, spread)
        place = int(np.abs(difference).argmax())
        answers.append(
            Imbalance(
                name,
                float(difference[place]),
                combination_label(experiment.cells[place]),
                p_value,
            )
        )
    return sorted(answers, key=lambda found: -abs(found.largest))


def _equal_means(
    experiment: Experiment, values: FloatArray, counts: IntArray, means: FloatArray, spread: float
) -> float:
    """Return the p-value of equal means in all cells."""
    centred = values - values.mean()
    if experiment.clusters is None:
        statistic = float((counts * (means - values.mean()) ** 2).sum() / spread**2)
        return float(chi2.sf(statistic, (counts > 0).sum() - 1))
    return _by_clusters(experiment, centred, counts / counts.sum())


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
            area, error = _area(ranks, treated[:, k], experiment.clusters)
            if area > PREDICTS and area - 0.5 > 4.0 * error and area > told.get(name, 0.0):
                told[name] = area
    return told


def _area(ranks: FloatArray, treated: IntArray, clusters: IntArray | None) -> tuple[float, float]:
    """Return max(AUC, 1 − AUC) and its standard error if treatment and ranks are independent."""
    n1 = int(treated.sum())
    n0 = len(treated) - n1
    if n0 == 0 or n1 == 0:
        return 0.5, 1.0
    area = (float(ranks[treated == 1].sum()) - n1 * (n1 + 1) / 2.0) / (n0 * n1)
    error = float(np.sqrt((n0 + n1 + 1) / (12.0 * n0 * n1)))
    for codes in () if clusters is None else clusters.reshape(len(clusters), -1).T:
        terms = (treated - treated.mean()) * (ranks - ranks.mean())
        sums = np.bincount(np.unique(codes, return_inverse=True)[1].reshape(-1), terms)
        error = max(error, float(np.sqrt(sums @ sums)) / (n0 * n1))
    return max(area, 1.0 - area), error


def conduct_notes(
    experiment: Experiment, names: Sequence[str], compared: Sequence[Imbalance], ratio: SampleRatio | None
) -> list[str]:
    """Return warnings about small cells, few clusters, imbalance, telling covariates, and a mismatch allowed.

    Examples
    --------
    >>> from thalweg.effects.experiment.simulate import simulate
    >>> experiment, _ = simulate(0, rows=600, features=1)
    >>> conduct_notes(experiment, ["age"], [], None)
    []
    """
    notes = []
    if ratio is not None and ratio.mismatch:
        notes.append(f"The counts contradict the planned shares (p = {ratio.p_value:.1g}).")
    small = [combination_label(c) for c, n in zip(experiment.cells, experiment.counts, strict=True) if n < FEW_ROWS]
    if small:
        notes.append(f"Cells with fewer than {FEW_ROWS} units: {', '.join(small)}.")
    if experiment.clusters is not None:
        ways = experiment.clusters.reshape(len(experiment), -1).T
        if (count := min(len(np.unique(way)) for way in ways)) < FEW_CLUSTERS:
            notes.append(f"Only {count} clusters: clustered standard errors are too small on average.")
    notes += [
        f"Covariate {found.covariate!r} is out of balance: cell {found.cell} is off by {found.largest:+.2f} standard "
        f"deviations (p = {found.p_value:.1g})."
        for found in imbalanced(compared)[:3]
    ]
    notes += [
        f"Covariate {name!r} tells who was treated (AUC {area:.2f}), as hardly happens by chance where treatment was "
        "random. Why is not tested here: find out whether units chose, or whether it was measured afterwards."
        for name, area in telling_covariates(experiment, names).items()
    ]
    return notes
