"""Weights, groups and other metadata of a search: who gets what, row by row."""

import numbers
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn import get_config
from sklearn.base import is_classifier
from sklearn.model_selection import GroupKFold, StratifiedGroupKFold, check_cv
from sklearn.utils import _safe_indexing, indexable
from sklearn.utils.metadata_routing import process_routing
from sklearn.utils.multiclass import type_of_target
from sklearn.utils.validation import column_or_1d

from thalweg.base.arrays import FloatArray, IntArray
from thalweg.base.errors import SettingError
from thalweg.estimators.ensemble.frame_encoding import FrameEncoder, frame_of, learn_encoder
from thalweg.estimators.ensemble.inputs import Classes, find_classes
from thalweg.select.learning.observations import check_groups, check_weights

if TYPE_CHECKING:
    from thalweg.estimators.search.trials import SearchFold


@dataclass(frozen=True, slots=True)
class Routed:
    """Metadata by receiver, one entry per row each.

    Parameters
    ----------
    fit
        For the estimator: ``sample_weight``, ``groups``, or nothing.
    score, split
        For the scorer and the splitter.
    """

    fit: Mapping[str, Any] = field(default_factory=dict)
    score: Mapping[str, Any] = field(default_factory=dict)
    split: Mapping[str, Any] = field(default_factory=dict)


def route(search: Any, sample_weight: Any, params: Mapping[str, Any], method: str = "fit") -> Routed:
    """Return who gets which metadata.

    Without scikit-learn's metadata routing weights go to training and scores, ``groups`` to the splitter and to
    training, where rows set aside for patience never cut one.

    Parameters
    ----------
    search
        A :class:`~thalweg.estimators.search.net_search.NetSearch`.
    sample_weight, params
        What its ``fit`` or ``score`` was given.
    method
        ``fit`` or ``score``.

    Returns
    -------
    Routed
        By receiver.

    Raises
    ------
    SettingError
        If nobody takes a parameter.

    Examples
    --------
    >>> routed = route(None, [1.0, 2.0], {"groups": [0, 1]})
    >>> list(routed.fit), list(routed.score), list(routed.split)
    (['sample_weight', 'groups'], ['sample_weight'], ['groups'])
    """
    params = {key: indexable(value)[0] for key, value in params.items()}
    weights = {} if sample_weight is None else {"sample_weight": indexable(sample_weight)[0]}
    if get_config()["enable_metadata_routing"]:
        found = process_routing(search, method, **weights, **params)
        taken = dict(found.estimator.fit) if method == "fit" else {}
        split = dict(found.splitter.split) if method == "fit" else {}
        if set(taken) - {"sample_weight", "groups"}:
            raise SettingError(
                f"A search cannot hand {', '.join(sorted(set(taken) - {'sample_weight', 'groups'}))} to its fits.",
                "Request sample_weight and groups alone; patience watches rows of each training part.",
            )
        return Routed(taken, dict(found.scorer.score), split)
    unknown = sorted(set(params) - ({"groups"} if method == "fit" else set()))
    if unknown:
        raise SettingError(
            f"{method} does not know {', '.join(unknown)}.", "Enable scikit-learn's metadata routing and request it."
        )
    return Routed(weights | (params if method == "fit" else {}), weights, dict(params))


def split_rows(cv: Any, estimator: Any, X: Any, y: Any, routed: Routed) -> list[tuple[Any, Any]]:
    """Return training and held-out rows of every fold; a number of folds never cuts groups.

    Parameters
    ----------
    cv
        Number of folds, or a splitter.
    estimator
        If it is a classifier, classes are dealt evenly.
    X, y, routed
        Rows, outcomes, and the metadata that goes with them.

    Examples
    --------
    >>> from thalweg.estimators import NetRegressor
    >>> x, routed = np.arange(4.0)[:, None], Routed(split={"groups": ["a", "b", "a", "c"]})
    >>> [held.tolist() for _, held in split_rows(2, NetRegressor(), x, x[:, 0], routed)]
    [[0, 2], [1, 3]]
    """
    classes, groups = is_classifier(estimator), routed.split.get("groups", routed.fit.get("groups"))
    if groups is None or not isinstance(cv, numbers.Integral):
        return list(check_cv(cv, y, classifier=classes).split(X, y, **routed.split))
    stratified = classes and type_of_target(y) in {"binary", "multiclass"}
    return list((StratifiedGroupKFold if stratified else GroupKFold)(int(cv)).split(X, y, groups))


def encoder_of(X: Any) -> FrameEncoder | None:
    """Return what encodes a table; None for a matrix of numbers."""
    frame = frame_of(X)
    return None if frame is None else learn_encoder(frame)


def search_splits(
    search: Any,
    X: Any,
    y: Any,
    routed: Routed,
    positions: IntArray | None = None,
    encoder: FrameEncoder | None = None,
) -> tuple[list["SearchFold"], list[tuple[Any, Any]]]:
    """Let copies of the estimator read the training rows of every fold; return them with the folds.

    Parameters
    ----------
    search
        A :class:`~thalweg.estimators.search.net_search.NetSearch`.
    X, y, routed
        Rows, outcomes, and the metadata that goes with them.
    positions
        Of the rows in the table the user gave, for errors; None if it is the same.
    encoder
        Of a larger table these rows are part of; None to learn it from these.
    """
    from thalweg.estimators.search.trials import read_fold  # noqa: PLC0415 - loads torch

    numbers = np.arange(len(y)) if positions is None else positions
    weights = check_weights(routed.fit.get("sample_weight"), len(y))
    groups = check_groups(routed.fit.get("groups"), len(y))
    folds = split_rows(search.cv, search.estimator, X, y, routed)

    own, classes = encoder or encoder_of(X), _classes(search, y, weights)

    def part(rows: Any) -> tuple[Any, Any]:
        return _safe_indexing(X, rows), _safe_indexing(y, rows)

    splits = [
        read_fold(
            search.estimator,
            (*part(train), None if weights is None else weights[train], None if groups is None else groups[train]),
            (*part(test), chosen_rows(routed.score, test)),
            numbers[train],
            own,
            classes,
        )
        for train, test in folds
    ]
    return splits, folds


def _classes(search: Any, y: Any, weights: FloatArray | None) -> Classes | None:
    """Return the classes of rows that count, which a fold alone may not show; None for numbers and sets of labels."""
    if not is_classifier(search.estimator) or type_of_target(y) not in {"binary", "multiclass"}:
        return None
    outcome = column_or_1d(y)
    return find_classes(outcome if weights is None else outcome[weights > 0])


def chosen_rows(values: Mapping[str, Any], rows: Sequence[int]) -> dict[str, Any]:
    """Return the entries of some rows."""
    return {key: _safe_indexing(value, rows) for key, value in values.items()}
