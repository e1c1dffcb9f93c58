"""What the models of every fold predict for rows that are not those of the table."""

from collections.abc import Callable, Sequence

import numpy as np

from thalweg.base.arrays import FloatArray
from thalweg.select.compare_models import ENSEMBLE, Trained, network_values
from thalweg.select.crossval import CrossValidation
from thalweg.select.learning.boosted_trees import BOOSTING, BoostedTrees
from thalweg.select.reference import ReferenceModel

FoldModel = Callable[[int, FloatArray], FloatArray]
"""From a fold and encoded rows [n D] to what its models predict, a layer per seed [R n C]; NaN of no use."""


def fold_model(
    name: str,
    plan: CrossValidation,
    chosen: Trained | None,
    linear: Sequence[Sequence[ReferenceModel]],
    boosted: Sequence[BoostedTrees],
) -> FoldModel:
    """Return a model of the leaderboard as a function of fold and rows.

    Parameters
    ----------
    name
        Linear model, boosting, the chosen network, or its ensemble, whose seeds stay apart here.
    plan
        The folds.
    chosen
        The chosen networks of every fold; None without networks.
    linear, boosted
        Linear models and boosted trees of every view.

    Examples
    --------
    >>> from thalweg.data.problem import pose
    >>> from thalweg.select.compare_models import fit_linear_models
    >>> from thalweg.select.crossval import cross_validation
    >>> from thalweg.select.settings import Settings
    >>> plan = cross_validation(pose("example:iris"), Settings(folds=3, networks=()))
    >>> model = fold_model("softmax regression", plan, None, fit_linear_models(plan), [])
    >>> model(0, plan.views[0].x_held_out).shape
    (1, 50, 3)
    """
    if name == BOOSTING:
        return lambda fold, x: boosted[fold].predict(x)[None]
    place = next((k for k, model in enumerate(linear[0]) if model.name == name), None)
    if place is not None:
        return lambda fold, x: linear[fold][place].predict(x)[None]
    assert chosen is not None, "what is neither boosted nor linear is a network"

    def networks(fold: int, x: FloatArray) -> FloatArray:
        part = plan.views[fold]
        return network_values(plan, part, chosen, chosen.of(fold=fold), part.sample.scaling.features(x))

    return networks


def averaged(name: str, values: FloatArray) -> FloatArray:
    """Return predictions [R n C] as the model makes them: an ensemble averages over seeds that are of use.

    Examples
    --------
    >>> averaged("network ensemble", np.array([[[1.0]], [[3.0]]])).tolist()
    [[[2.0]]]
    """
    usable = values[np.isfinite(values).all(axis=(1, 2))]
    return usable.mean(axis=0, keepdims=True) if name == ENSEMBLE and len(usable) else usable
