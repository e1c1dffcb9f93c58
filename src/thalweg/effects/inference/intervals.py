"""From scores to answers: standard errors, clustered or not, joint intervals, adjusted p-values, the best."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from thalweg.base.arrays import FloatArray, IntArray
from thalweg.base.checks import check_choice, check_count, check_number

DRAWS = 4000
ADJUSTMENTS = ("max-t", "step-down", "bonferroni", "holm")


def influence(scores: FloatArray, clusters: IntArray | None = None, weights: FloatArray | None = None) -> FloatArray:
    """Return what every independent unit adds to the error of the mean score.

    Parameters
    ----------
    scores
        ψ [N L].
    clusters
        Codes of clusters [N], whose rows are summed; or of two crossed sets of clusters [N 2].
    weights
        Row weights [N]; the estimate is Σ w ψ / Σ w.

    Returns
    -------
    numpy.ndarray
        Rows [U L], U units or clusters; the square root of the sum of squares is the standard error, and products of
        columns are covariances.

    Notes
    -----
    For two sets of clusters the covariance is V₁ + V₂ − V₁₂ (Cameron, Gelbach & Miller 2011, Journal of Business &
    Economic Statistics 29, equation 2.13), V₁₂ by their intersections; negative eigenvalues are set to zero as they
    do, variances below those of V₁₂ are raised to them, and the rows are those of a root of it.

    Examples
    --------
    >>> rows = influence(np.array([[1.0], [3.0]]))
    >>> rows.ravel().round(3).tolist()
    [-0.707, 0.707]
    """
    share = np.full(len(scores), 1.0 / len(scores)) if weights is None else weights / weights.sum()
    rows = (scores - share @ scores) * share[:, None]
    if clusters is None:
        return _independent(rows)
    return _summed(rows, clusters) if clusters.ndim == 1 else _crossed(rows, clusters)


def _independent(rows: FloatArray) -> FloatArray:
    """Scale rows of independent units for the degree of freedom that the mean costs."""
    return np.asarray(rows * np.sqrt(len(rows) / max(len(rows) - 1, 1)))


def _summed(rows: FloatArray, clusters: IntArray) -> FloatArray:
    """Sum rows within clusters."""
    _, codes = np.unique(clusters, return_inverse=True)
    sums = np.zeros((codes.max() + 1, rows.shape[1]))
    np.add.at(sums, codes, rows)
    return _independent(sums)


def _crossed(rows: FloatArray, clusters: IntArray) -> FloatArray:
    """Return a root of the covariance under two crossed sets of clusters."""
    first, second = (_summed(rows, column) for column in clusters.T)
    both = _summed(rows, np.unique(clusters, axis=0, return_inverse=True)[1].ravel())
    values, vectors = np.linalg.eigh(first.T @ first + second.T @ second - both.T @ both)
    root = np.sqrt(np.maximum(values, 0.0))[:, None] * vectors.T
    lacking = np.sqrt(np.maximum((both**2).sum(0) - (root**2).sum(0), 0.0))
    return np.vstack([root, np.diag(lacking)[lacking > 0.0]])


def mean_score(scores: FloatArray, weights: FloatArray | None = None) -> FloatArray:
    """Return the weighted mean of the scores [L].

    Examples
    --------
    >>> mean_score(np.array([[1.0], [3.0]]), np.array([3.0, 1.0]))
    array([1.5])
    """
    return np.asarray(np.average(scores, axis=0, weights=weights))


@dataclass(frozen=True, slots=True, eq=False)
class Joint:
    """Estimates that are looked at together.

    Parameters
    ----------
    estimate, error
        Estimates and standard errors [L].
    correlation
        Of the estimates [L L].
    draws
        Draws of the studentised errors [draws L].
    """

    estimate: FloatArray
    error: FloatArray
    correlation: FloatArray
    draws: FloatArray

    def critical(self, level: float, *, sides: int = 2) -> float:
        """Return the quantile of the largest studentised error: estimate ± it · error covers all at once."""
        largest = np.abs(self.draws).max(1) if sides == 2 else self.draws.max(1)
        return float(np.quantile(largest, level))

    @property
    def statistics(self) -> FloatArray:
        """Estimates over their errors [L]; 0 where an estimate is 0 by definition."""
        return np.divide(self.estimate, self.error, out=np.zeros_like(self.estimate), where=self.error > 0)

    def adjusted(self, how: str = "step-down") -> FloatArray:
        """Return p-values adjusted for looking at all of them [L].

        Parameters
        ----------
        how
            ``max-t``: the share of draws whose largest statistic exceeds this one. ``step-down``: the same against
            the statistics not yet rejected, made monotone (Romano & Wolf 2005, Econometrica 73, 1237, Algorithm 4.1).
            ``bonferroni`` and ``holm`` need no draws.

        Raises
        ------
        SettingError
            If there is no such adjustment.
        """
        check_choice("adjust", how, ADJUSTMENTS)
        statistic = np.abs(self.statistics)
        plain = two_sided(self.statistics)
        count = len(statistic)
        order = np.argsort(-statistic)
        if how == "bonferroni":
            return np.asarray(np.minimum(plain * count, 1.0))
        if how == "max-t":
            largest = np.abs(self.draws).max(1)
            return np.array([_tail(largest, value) for value in statistic])
        if how == "holm":
            return holm(plain)
        adjusted = np.empty(count)
        before = 0.0
        for place, number in enumerate(order):
            here = _tail(np.abs(self.draws[:, order[place:]]).max(1), statistic[number])
            adjusted[number] = before = max(before, here)
        return adjusted


def joint(estimate: FloatArray, error: FloatArray, rows: FloatArray, *, draws: int = DRAWS, seed: int = 0) -> Joint:
    """Draw the joint distribution of the studentised errors.

    The Gaussian multiplier bootstrap Σ ξ_u r_u with ξ standard normal (Chernozhukov, Chetverikov & Kato 2013, Annals
    of Statistics 41, doi:10.1214/13-AOS1161) has, given the rows, the normal law with covariance Σ r rᵀ; it is drawn
    from that law, which costs L² per draw instead of L U.

    Parameters
    ----------
    estimate, error
        Estimates and their standard errors [L].
    rows
        Influence [U L], for the correlation.
    draws
        Number of draws.
    seed
        Decides them.

    Returns
    -------
    Joint
        The estimates with their draws.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> rows = influence(rng.normal(size=(500, 3)))
    >>> answer = joint(np.zeros(3), np.sqrt((rows**2).sum(0)), rows)
    >>> 2.2 < answer.critical(0.95) < 2.6
    True
    """
    check_count("draws", draws, low=100)
    spread = np.sqrt((rows**2).sum(0))
    unit = np.divide(rows, spread, out=np.zeros_like(rows), where=spread > 0)
    correlation = unit.T @ unit
    values, vectors = np.linalg.eigh(correlation)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    normal = np.random.default_rng([seed, 7]).standard_normal((draws, len(estimate)))
    return Joint(estimate, error, correlation, normal @ root.T)


def best_set(estimate: FloatArray, rows: FloatArray, *, level: float = 0.95, seed: int = 0) -> NDArray[np.bool_]:
    """Return which targets may be the best [L]: a set that holds the best one with the given probability.

    Target t is left out if some other is better by more than chance allows: max_s (μ̂_s − μ̂_t) / se(s − t) above the
    quantile of its own multiplier draws. Testing each t at 1 − level makes the set cover the best (inversion of
    tests; Hansen, Lunde & Nason 2011, Econometrica 79, is the step-down version).

    Parameters
    ----------
    estimate
        Mean outcomes, or effects against one common baseline [L].
    rows
        Their influence [U L].
    level
        Probability to cover.
    seed
        Decides the draws.

    Returns
    -------
    numpy.ndarray
        True where the target cannot be ruled out; the largest estimate always is.

    Examples
    --------
    >>> rows = influence(np.random.default_rng(0).normal(size=(400, 3)))
    >>> best_set(np.array([1.0, 0.99, 0.0]), rows).tolist()
    [True, True, False]
    """
    check_number("level", level, low=0.0, high=1.0, open_low=True, open_high=True)
    covariance = rows.T @ rows
    values, vectors = np.linalg.eigh(covariance)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    normal = np.random.default_rng([seed, 8]).standard_normal((DRAWS, len(estimate))) @ root.T
    variance = np.diag(covariance)
    kept = np.ones(len(estimate), dtype=bool)
    # the quantile of a maximum lies between that of one term and Bonferroni's: most targets need no draws
    surely_in, surely_out = norm.ppf(level), norm.isf((1.0 - level) / len(estimate))
    floor = 1e-12 * max(float(variance.max()), 1e-300)
    for t in range(len(estimate)):
        error = np.sqrt(np.maximum(variance + variance[t] - 2.0 * covariance[t], 0.0))
        others = error > np.sqrt(floor)
        if others.any():
            statistic = ((estimate[others] - estimate[t]) / error[others]).max()
            kept[t] = statistic <= surely_out
            if surely_in < statistic <= surely_out:
                largest = ((normal[:, others] - normal[:, [t]]) / error[others]).max(1)
                kept[t] = statistic <= np.quantile(largest, level)
    kept[int(np.argmax(estimate))] = True
    return kept


def median_over_repeats(estimates: FloatArray, errors: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return one answer from repeated sample splitting: the median estimate, and an error that adds the splits.

    se² = median_r (se_r² + (μ̂_r − μ̂)²) (Chernozhukov et al. 2018, Econometrics Journal 21, C1, definition 3.3).

    Parameters
    ----------
    estimates, errors
        Per repeat [R L].

    Examples
    --------
    >>> median_over_repeats(np.array([[1.0], [2.0], [3.0]]), np.array([[0.1], [0.1], [0.1]]))[0]
    array([2.])
    """
    centre = np.median(estimates, axis=0)
    return centre, np.sqrt(np.median(errors**2 + (estimates - centre) ** 2, axis=0))


def two_sided(statistic: FloatArray) -> FloatArray:
    """Return two-sided p-values of standard normal statistics.

    Examples
    --------
    >>> round(float(two_sided(np.array(1.96))), 3)
    0.05
    """
    return np.asarray(2.0 * norm.sf(np.abs(statistic)))


def holm(p: FloatArray) -> FloatArray:
    """Return p-values adjusted for looking at all of them [L] (Holm 1979, Scandinavian Journal of Statistics 6, 65).

    Examples
    --------
    >>> holm(np.array([0.5, 0.01, 0.02]))
    array([0.5 , 0.03, 0.04])
    """
    order = np.argsort(p, kind="stable")
    adjusted = np.empty(len(p))
    adjusted[order] = np.maximum.accumulate(np.minimum((len(p) - np.arange(len(p))) * p[order], 1.0))
    return adjusted


def _tail(draws: FloatArray, value: float) -> float:
    """Share of draws at or above a value; never exactly zero."""
    return float((1 + (draws >= value).sum()) / (1 + len(draws)))
