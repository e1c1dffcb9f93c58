"""How the chances of a treatment are distributed by what units received: what a picture of overlap shows."""

from typing import Final

import numpy as np

from thalweg.base.arrays import FloatArray
from thalweg.effects.experiment.overlap import RARE
from thalweg.effects.one_treatment.average import AverageEffects

BINS: Final = 20


def chance_shares(found: AverageEffects) -> tuple[FloatArray, FloatArray, float]:
    """Return edges [B + 1], shares of the units by chance [2 B], and the share of units with hardly any choice.

    Chances are medians over splits, of the level that is no baseline. The first row of shares is of units that received
    it, the second of those that did not.

    Examples
    --------
    >>> from thalweg.effects.one_treatment.average import average_effects
    >>> from thalweg.effects.training import Training
    >>> draw = np.random.default_rng(0)
    >>> x, t = draw.normal(size=(200, 1)), np.arange(200) % 2
    >>> quick = Training(epochs=2, folds=2, repeats=1, workers=1)
    >>> edges, shares, rare = chance_shares(average_effects(x, x[:, 0] + t, t, training=quick))
    >>> len(edges), np.round(shares.sum(axis=1), 6).tolist(), rare
    (21, [1.0, 1.0], 0.0)
    """
    chance, received = np.median(found.nuisances.chances, axis=0)[:, 1], found.trial.received
    edges = np.linspace(0.0, 1.0, BINS + 1)
    counts = np.array([np.histogram(chance[received == k], edges)[0] for k in (1, 0)], dtype=np.float64)
    rare = float(np.mean((chance < RARE) | (chance > 1.0 - RARE)))
    return edges, counts / np.maximum(counts.sum(axis=1, keepdims=True), 1.0), rare


def chance_ranges(found: AverageEffects) -> FloatArray:
    """Return 5, 50 and 95 % quantiles of the chances of every level [2 J 3]: of units that received it, and of others.

    Examples
    --------
    >>> from thalweg.effects.one_treatment.average import average_effects
    >>> from thalweg.effects.training import Training
    >>> draw = np.random.default_rng(0)
    >>> x, t = draw.normal(size=(300, 1)), np.arange(300) % 3
    >>> quick = Training(epochs=2, folds=2, repeats=1, workers=1)
    >>> chance_ranges(average_effects(x, x[:, 0] + t, t, training=quick)).shape
    (2, 3, 3)
    """
    chances, received = np.median(found.nuisances.chances, axis=0), found.trial.received
    return np.array(
        [
            [np.quantile(chances[(received == k) == same, k], (0.05, 0.5, 0.95)) for k in range(len(found.levels))]
            for same in (True, False)
        ]
    )
