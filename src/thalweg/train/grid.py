"""Populations from one member: every combination of seeds, settings, folds and bootstrap samples."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thalweg.base.checks import check_choice
from thalweg.base.elementary import logarithm, ordered_sum
from thalweg.base.seeds import stream
from thalweg.train.population import Member, Rows, Weights


def combinations(base: Member, **axes: Sequence[Any]) -> list[Member]:
    """Return a member for every combination of values.

    Parameters
    ----------
    base
        What the members have in common.
    axes
        Values by field of :class:`~thalweg.train.population.Member`, such as ``seed=range(10)`` or
        ``optimizer=[Adam(1e-3), Adam(1e-2)]``. A mapping as value sets several fields together, under any name:
        ``fold=[{"rows": train, "validation": held}, ...]``.

    Returns
    -------
    list of Member
        The last axis varies fastest; each label says which value of every axis the member has, by number.

    Examples
    --------
    >>> from thalweg.loss.squared import Squared
    >>> from thalweg.net.spec import mlp
    >>> base = Member(mlp((8,)), Squared(), np.arange(10))
    >>> members = combinations(base, seed=range(2), epochs=[5, 10])
    >>> [(m.seed, m.epochs) for m in members]
    [(0, 5), (0, 10), (1, 5), (1, 10)]
    >>> dict(members[1].label)
    {'seed': 0, 'epochs': 1}
    """
    members = []
    for numbers in product(*(range(len(values)) for values in axes.values())):
        fields: dict[str, Any] = {}
        for (name, values), number in zip(axes.items(), numbers, strict=True):
            value = values[number]
            fields |= dict(value) if isinstance(value, Mapping) else {name: value}
        label = {**base.label, **dict(zip(axes, numbers, strict=True))}
        members.append(replace(base, **fields, label=label))
    return members


def bootstrap_rows(rows: Rows, seed: int) -> Rows:
    """Draw as many rows with replacement: the bootstrap by resampling (Efron 1979, Annals of Statistics 7).

    Parameters
    ----------
    rows
        Rows to draw from [n].
    seed
        Names the draw.

    Returns
    -------
    numpy.ndarray
        Rows [n], in random order, repeats included.

    Examples
    --------
    >>> drawn = bootstrap_rows(np.arange(100, dtype=np.int32), seed=1)
    >>> len(drawn), 50 < len(set(drawn.tolist())) < 75
    (100, True)
    """
    drawn: Rows = rows[stream(seed, "bootstrap").integers(len(rows), len(rows))]
    return drawn


def bootstrap_weights(count: int, seed: int, kind: str = "counts") -> Weights:
    """Draw weights that stand for a bootstrap sample; every row keeps its place.

    Parameters
    ----------
    count
        Number of rows n.
    seed
        Names the draw; ``counts`` are those of :func:`bootstrap_rows` of the same seed.
    kind
        ``counts``: how often each row is drawn; ``exponential``: Exp(1) weights with sum n, the Bayesian bootstrap
        (Rubin 1981, Annals of Statistics 9), under which no row is lost.

    Returns
    -------
    numpy.ndarray
        Weights [n] with mean 1.

    Raises
    ------
    SettingError
        If the kind is unknown.

    Examples
    --------
    >>> bootstrap_weights(5, seed=3).sum()
    np.float64(5.0)
    """
    check_choice("kind", kind, ["counts", "exponential"])
    if kind == "counts":
        drawn: NDArray[np.int64] = stream(seed, "bootstrap").integers(count, count)
        return np.bincount(drawn, minlength=count).astype(np.float64)
    waiting: Weights = -logarithm(stream(seed, "bootstrap").uniform(count))
    scaled: Weights = waiting * (count / ordered_sum(waiting))
    return scaled
