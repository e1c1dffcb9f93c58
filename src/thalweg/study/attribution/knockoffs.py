"""Gaussian knockoffs: columns that are correlated as the real ones are and know nothing of the outcome."""

import numpy as np
from sklearn.covariance import ledoit_wolf

from thalweg.base.arrays import FloatArray
from thalweg.base.seeds import stream


def gaussian_knockoffs(x: FloatArray, seed: int, covariance: FloatArray | None = None) -> FloatArray:
    """Return knockoffs of columns that are jointly normal [N D].

    X̃ given X is N(X − X Σ⁻¹ S, 2S − S Σ⁻¹ S) with S = min(1, 2 λ_min) I on the scale of correlations (Candès, Fan,
    Janson & Lv 2018, arXiv:1610.02351, section 3.4.1). Swapping a column that has no part in the outcome with its
    knockoff then changes no distribution.

    Parameters
    ----------
    x
        Features [N D].
    seed
        Of the draw.
    covariance
        Σ [D D], if it is known; else that of Ledoit & Wolf (2004).

    Examples
    --------
    >>> x = np.random.default_rng(0).normal(size=(4000, 2))
    >>> copies = gaussian_knockoffs(x, 0)
    >>> np.cov(np.hstack([x, copies]).T).round(1)[2].tolist()
    [0.0, 0.0, 1.0, 0.0]
    """
    centre, scale = x.mean(axis=0), x.std(axis=0)
    scale = np.where(scale > 0, scale, 1.0)
    z = (x - centre) / scale
    sigma = ledoit_wolf(z, assume_centered=True)[0] if covariance is None else covariance / np.outer(scale, scale)
    spread = np.sqrt(np.diag(sigma))
    sigma = sigma / np.outer(spread, spread)
    z = z / spread
    least = float(np.linalg.eigvalsh(sigma)[0])
    s = np.eye(len(sigma)) * min(1.0, 2 * max(least, 0.0)) * 0.999  # inside the edge, where the root below exists
    solved = np.linalg.solve(sigma, s)
    rest = 2 * s - s @ solved
    values, vectors = np.linalg.eigh((rest + rest.T) / 2)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    noise = stream(seed, "data", 4).normal(x.size).reshape(x.shape)
    return np.asarray(centre + scale * spread * (z - z @ solved + noise @ root.T))


def q_values(statistics: FloatArray) -> FloatArray:
    """Return for every column the smallest false discovery rate at which the knockoff filter selects it [D].

    At a threshold t the rate is estimated by (1 + #{W ≤ −t}) / #{W ≥ t} (knockoff+, Barber & Candès 2015,
    arXiv:1404.5609); columns with W ≤ 0 are never selected, and a rate above 1 is 1.

    Parameters
    ----------
    statistics
        W, importance of each column less that of its knockoff [D].

    Examples
    --------
    >>> q_values(np.array([5.0, 4.0, 3.0, 2.0, -1.0])).tolist()
    [0.25, 0.25, 0.25, 0.25, 1.0]
    """
    found = np.ones(len(statistics))
    best = 1.0
    for t in np.unique(np.abs(statistics[statistics != 0])):
        chosen = int((statistics >= t).sum())
        if chosen:
            best = min(best, (1 + int((statistics <= -t).sum())) / chosen)
        found[statistics >= t] = np.minimum(best, found[statistics >= t])
    return found
