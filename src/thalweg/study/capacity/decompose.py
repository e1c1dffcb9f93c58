"""Bias and variance of a population's predictions, unbiased, and what of the variance is chance of training."""

from dataclasses import dataclass

import numpy as np

from thalweg.base.arrays import FloatArray, IntArray


@dataclass(frozen=True, slots=True)
class Decomposition:
    """The parts of a mean loss.

    Parameters
    ----------
    risk
        Mean loss over members and rows.
    bias
        What the mean member loses, corrected for the members being few; noise of the outcome included.
    variance
        What members lose by differing; with ``bias`` it adds up to ``risk`` exactly.
    data, seed
        Parts of the variance from the rows learned from and from the start; NaN where they are not told apart.
    """

    risk: float
    bias: float
    variance: float
    data: float = float("nan")
    seed: float = float("nan")


def squared_decomposition(predictions: FloatArray, y: FloatArray) -> Decomposition:
    """Split the mean squared error of members that learned from D sets of rows with S starts each.

    With the mean of squares within sets MS_w and the variance of the sets' means MS_b the seed's part is MS_w, that of
    the rows MS_b − MS_w / S, and bias² is (f̄ − y)² − MS_b / D. What is left of the risk is exact.

    Parameters
    ----------
    predictions
        [D S N], D and S at least 2.
    y
        Outcomes, or the noiseless function where it is known [N].

    Examples
    --------
    >>> f = np.array([[[1.0], [3.0]], [[1.0], [3.0]]])
    >>> parts = squared_decomposition(f, np.array([2.0]))
    >>> parts.risk, parts.seed, parts.data + 1
    (1.0, 2.0, 0.0)
    """
    sets, starts, _ = predictions.shape
    means = predictions.mean(axis=1)
    within = float(predictions.var(axis=1, ddof=1).mean())
    between = float(means.var(axis=0, ddof=1).mean())
    data = between - within / starts
    risk = float(((predictions - y) ** 2).mean())
    bias = float(((means.mean(axis=0) - y) ** 2).mean()) - between / sets
    return Decomposition(risk, bias, risk - bias, data, within)


def cross_entropy_decomposition(chances: FloatArray, codes: IntArray) -> Decomposition:
    """Split the mean cross entropy of members: E CE = CE(y, π̄) + E KL(π̄ ‖ π̂), π̄ ∝ exp(mean log π̂).

    The second part is −log Σ exp(mean log π̂) (Heskes 1998, Neural Computation 10, 1425-1433; Yang et al. 2020,
    arXiv:2002.11328, section 2).

    Parameters
    ----------
    chances
        Probabilities [R N C].
    codes
        Class of each row [N].

    Examples
    --------
    >>> same = np.full((3, 1, 2), 0.5)
    >>> cross_entropy_decomposition(same, np.array([0])).variance
    0.0
    """
    logs = np.log(np.clip(chances, 1e-300, None)).mean(axis=0)
    total = np.exp(logs).sum(axis=1)
    variance = float(-np.log(total).mean()) + 0.0
    own = np.take_along_axis(logs, codes[:, None], axis=1)[:, 0]
    risk = float(-own.mean())
    return Decomposition(risk, risk - variance, variance)


def zero_one_decomposition(votes: IntArray, codes: IntArray) -> Decomposition:
    """Split the mean share of wrong votes (Domingos 2000, ICML): bias where the most frequent vote is wrong.

    Variance counts where it hurts, on rows whose main vote is right, less where it helps: E L = B + V_u − V_b with
    V_b the share of votes for the true class on the other rows.

    Parameters
    ----------
    votes
        Predicted classes [R N].
    codes
        Class of each row [N].

    Examples
    --------
    >>> zero_one_decomposition(np.array([[0, 1], [0, 0], [1, 0]]), np.array([0, 1])).bias
    0.5
    """
    classes = int(max(votes.max(), codes.max())) + 1
    counts = np.stack([(votes == c).mean(axis=0) for c in range(classes)])
    main = counts.argmax(axis=0)
    right = np.take_along_axis(counts, codes[None], axis=0)[0]
    biased = main != codes
    helps = float(np.where(biased, right, 0.0).mean())
    hurts = float(np.where(biased, 0.0, 1 - right).mean())
    return Decomposition(float((votes != codes).mean()), float(biased.mean()), hurts - helps)


def ridgeless_risk(rows: int, columns: FloatArray, size: float, noise: float) -> FloatArray:
    """Return the squared error of least squares of least norm on isotropic normal columns, beyond the noise.

    For p < n − 1 σ² p / (n − p − 1); for p > n + 1 r² (1 − n/p) + σ² n / (p − n − 1): it peaks where p is n and falls
    again (Hastie, Montanari, Rosset & Tibshirani 2022, Annals of Statistics 50, 949-986; Belkin et al. 2020).

    Parameters
    ----------
    rows
        n.
    columns
        p, each not within 1 of n.
    size, noise
        r, the length of the coefficients, and σ.

    Examples
    --------
    >>> ridgeless_risk(60, np.array([30.0, 120.0]), 1.0, 0.5).round(4).tolist()
    [0.2586, 0.7542]
    """
    p = np.asarray(columns, dtype=np.float64)
    with np.errstate(divide="ignore"):
        under = noise**2 * p / (rows - p - 1)
        over = size**2 * (1 - rows / p) + noise**2 * rows / (p - rows - 1)
    found = np.where(p < rows - 1, under, np.where(p > rows + 1, over, np.inf))
    return np.asarray(found)
