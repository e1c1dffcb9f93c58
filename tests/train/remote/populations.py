"""Populations that are trained here and elsewhere, and compared bit for bit."""

import numpy as np

from thalweg.loss.squared import Squared
from thalweg.net.spec import mlp
from thalweg.train.fit import fit_population
from thalweg.train.population import Member, training_table

X = np.random.default_rng(0).normal(size=(120, 3))
TABLE = training_table(X, X[:, :1] + X[:, 1:2] ** 2)


def members_of(count, *, epochs=6, hidden=(8,), dropout=0.0, **settings):
    """Members with early stopping and rows of their own, in two crowds."""
    rows = [np.random.default_rng(seed).permutation(120).astype(np.int32) for seed in range(count)]
    return [
        Member(
            mlp(hidden if seed % 3 else (5,), dropout=dropout),
            Squared(),
            rows[seed][:90],
            validation=rows[seed][90:],
            patience=4,
            seed=seed,
            epochs=epochs,
            **settings,
        )
        for seed in range(count)
    ]


def same(found, expected):
    """Whether two populations have the same numbers bit for bit."""
    return [f.number for f in found.members] == [f.number for f in expected.members] and all(
        mine.same_numbers(theirs) for mine, theirs in zip(found.members, expected.members, strict=True)
    )


def here(members):
    """The population trained by this process alone."""
    return fit_population(TABLE, members, workers=1)
