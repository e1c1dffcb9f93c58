"""An outcome as it was before an experiment: mean, spread, what covariates explain, what clusters share."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.linear_model import RidgeCV
from sklearn.model_selection import GroupKFold, KFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from thalweg.base.errors import DataError
from thalweg.base.naming import names_of
from thalweg.data.encode import fit_encoder
from thalweg.effects.experiment.named_columns import check_clusters, outcome_numbers, pose_features
from thalweg.effects.experiment.power import Clusters, outcome_clusters

FOLDS = 5


@dataclass(frozen=True, slots=True)
class Before:
    """What a table says about an outcome before anything is tried.

    Parameters
    ----------
    mean, deviation
        Of the outcome.
    explained
        Share R² of its variance that a ridge regression on the covariates predicts out of fold; never negative.
    clusters
        Their sizes, and the share they have in common of what is left; None if none were named.

    Examples
    --------
    >>> frame = pd.DataFrame({"y": np.arange(40.0), "x": np.arange(40.0) % 7})
    >>> found = outcome_before(frame, "y")
    >>> found.mean, found.explained < 0.2
    (19.5, True)
    """

    mean: float
    deviation: float
    explained: float
    clusters: Clusters | None


def outcome_before(
    frame: pd.DataFrame, target: str, *, features: Sequence[str] | None = None, clusters: str | None = None
) -> Before:
    """Return mean, spread, explained share and clusters of an outcome.

    Parameters
    ----------
    frame
        Rows that are like the units of the experiment to come.
    target
        Column of the outcome.
    features
        Covariates that will be known before the treatment; None for all other columns, an empty list for none.
    clusters
        Column of what will be assigned whole.

    Raises
    ------
    DataError
        If the outcome is no number, or there are fewer than ten rows.

    Examples
    --------
    >>> outcome_before(pd.DataFrame({"y": [1.0, 2.0]}), "y")
    Traceback (most recent call last):
    thalweg.base.errors.DataError: 2 rows tell too little about an outcome. Give ten or more.
    """
    if len(frame) < 2 * FOLDS:
        raise DataError(f"{len(frame)} rows tell too little about an outcome.", "Give ten or more.")
    y, _ = outcome_numbers(frame[target], target, binary=False)
    check_clusters(frame, names_of(clusters))
    codes = None if clusters is None else pd.factorize(frame[clusters])[0]
    others = [str(name) for name in frame.columns if name not in {target, clusters}]
    rest, explained = y - y.mean(), 0.0
    if others if features is None else features:
        problem = pose_features(frame, target, (), features, names_of(clusters), None)
        x = fit_encoder(problem.features, np.arange(len(y))).transform(problem.features)
        number = 1 if codes is None else len(np.unique(codes))
        whole = number > 1  # no fold cuts a cluster, unless there is one alone
        splitter = GroupKFold(min(FOLDS, number)) if whole else KFold(FOLDS, shuffle=True, random_state=0)
        model = make_pipeline(StandardScaler(), RidgeCV(np.logspace(-3, 6, 19)))
        left = y - cross_val_predict(model, x, y, groups=codes if whole else None, cv=splitter)
        explained = 1.0 - float(left @ left) / float(rest @ rest)
        rest, explained = (left, explained) if explained > 0.0 else (rest, 0.0)
    found = None if codes is None else outcome_clusters(rest, codes)
    return Before(float(y.mean()), float(y.std(ddof=1)), explained, found)
