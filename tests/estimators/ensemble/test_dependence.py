"""Rows that hang together are pointed out where folds or samples part them, and nowhere else."""

import warnings

import numpy as np
import pandas as pd
import pytest

from thalweg.estimators import LinearRegressor, LogisticClassifier, NetClassifier, NetRegressor, marginal_effects
from thalweg.estimators.ensemble.dependence import DependenceWarning

RANDOM = np.random.default_rng(0)
PERSON = np.repeat(np.arange(40), 5)
FRAME = pd.DataFrame({"person": PERSON, "year": np.tile(np.arange(5), 40), "x": RANDOM.normal(size=200)})
NEAR = np.repeat(RANDOM.normal(size=(50, 3)), 4, axis=0) + 0.001 * RANDOM.normal(size=(200, 3))
WALK = RANDOM.normal(size=(200, 3))
NOISE = RANDOM.normal(size=200)
QUICK = {"hidden": (4,), "seeds": 1, "epochs": 2, "workers": 1}
CASES = {
    "repeated_units": (FRAME, NOISE),
    "near_copies": (NEAR, NOISE),
    "order_in_time": (WALK, np.cumsum(NOISE)),
}


@pytest.mark.parametrize("code", CASES)
@pytest.mark.parametrize(
    "model",
    [
        LinearRegressor(folds=4),
        LogisticClassifier(bootstrap=3),
        NetRegressor(**QUICK),
        NetClassifier(**QUICK, patience=None, folds=3),
    ],
)
def test_dependence_is_pointed_out(model, code):
    X, y = CASES[code]
    y = y > np.median(y) if hasattr(model, "predict_proba") else y
    with pytest.warns(DependenceWarning, match="groups"):
        model.fit(X, y)
    assert [note.code for note in model.notes_] == [code]


@pytest.mark.parametrize(
    ("model", "X", "groups"),
    [
        (LinearRegressor(), FRAME, None),
        (NetRegressor(**QUICK, patience=None), FRAME, None),
        (LinearRegressor(folds=4), FRAME, PERSON),
        (LinearRegressor(folds=4), WALK, None),
    ],
)
def test_nothing_is_said_where_nothing_rests_on_it(model, X, groups):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert model.fit(X, NOISE, groups=groups).notes_ == ()


def test_effects_without_clusters_say_what_was_seen():
    with pytest.warns(DependenceWarning):
        model = LinearRegressor(bootstrap=20).fit(FRAME, NOISE)
    assert "Column 'person' has 5 rows per value" in marginal_effects(model).summary()
    assert "Column 'person'" not in marginal_effects(model, clusters=PERSON).summary()
