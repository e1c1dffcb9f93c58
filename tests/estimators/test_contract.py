"""scikit-learn's own checks, with no failure allowed."""

import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from thalweg.estimators import LinearRegressor, LogisticClassifier, NetClassifier, NetRegressor

SMALL = {"hidden": (32,), "seeds": 2, "epochs": 120}


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.DataConversionWarning")
@parametrize_with_checks(
    [
        NetRegressor(**SMALL),
        NetClassifier(**SMALL),
        LinearRegressor(),
        LogisticClassifier(),
        LinearRegressor(ridge=None),
        LinearRegressor(folds=3),
        LogisticClassifier(folds=5, calibrate=True),
    ]
)
def test_scikit_learn_check(estimator, check):
    check(estimator)
