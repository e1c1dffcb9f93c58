"""Errors of estimators name rows as the caller counts them, from 1, whatever was dropped, sorted or cut on the way."""

import numpy as np
import pytest
from sklearn.model_selection import KFold

from thalweg.base.errors import DataError
from thalweg.estimators import LinearRegressor, NetClassifier, NetRegressor, NetSearch, nested_scores

X = np.random.default_rng(0).normal(size=(60, 2))
Y = X @ [1.0, 2.0]
NET = NetRegressor(hidden=(2,), seeds=1, epochs=1, patience=None, standardise=False)
SOME = np.ones(60)
SOME[:10] = 0.0


def with_value(values, place, value):
    changed = values.copy()
    changed[place] = value
    return changed


@pytest.mark.parametrize("model", [NET, LinearRegressor()])
def test_a_negative_weight(model):
    with pytest.raises(DataError, match=r"sample_weight of row 42 is negative: -1\b"):
        model.fit(X, Y, sample_weight=with_value(SOME, 41, -1.0))


def test_a_negative_weight_in_a_fold_of_a_search():
    search = NetSearch(NET, {"ridge": [0.0]}, cv=KFold(2))
    for fit in (search.fit, lambda *rows, **given: nested_scores(search, *rows, cv=2, **given)):
        with pytest.raises(DataError, match="row 42 "):
            fit(X, Y, sample_weight=with_value(SOME, 41, -1.0))


def test_a_number_too_large_for_the_networks():
    large = with_value(X, (41, 1), 1e39)
    with pytest.raises(DataError, match="Row 42,"):
        NET.fit(large, Y, sample_weight=SOME)
    search = NetSearch(NET, {"ridge": [0.0]}, cv=KFold(2))
    with pytest.raises(DataError, match="Row 42,"):
        search.fit(large, Y, sample_weight=SOME)
    with pytest.raises(DataError, match="Row 42,"):
        nested_scores(search, large, Y, cv=2)


def test_a_number_too_large_in_validation_rows():
    with pytest.raises(DataError, match="Row 42 of X_val"):
        NET.fit(X, Y, X_val=with_value(X, (41, 0), 1e39), y_val=Y)


def test_an_unknown_class():
    model = NetClassifier(hidden=(2,), seeds=1, epochs=1)
    classes = np.where(Y > 0, "yes", "no")
    model.partial_fit(X, classes)
    unknown = with_value(classes.astype(object), 41, "?")
    with pytest.raises(DataError, match=r"Row 42 has the unknown class '\?'"):
        model.partial_fit(X, unknown, sample_weight=SOME)
