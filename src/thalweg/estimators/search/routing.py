"""Weights, groups and other metadata of a search: who gets what, row by row."""

import numbers
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from sklearn import get_config
from sklearn.base import is_classifier
from sklearn.model_selection import GroupKFold, StratifiedGroupKFold, check_cv
from sklearn.utils import _safe_indexing, indexable
from sklearn.utils.metadata_routing import process_routing
from sklearn.utils.multiclass import type_of_target
from sklearn.utils.validation import column_or_1d

from thalweg.base.arrays import FloatArray, IntArray
from thalweg.base.errors import SettingError, setting
from thalweg.data.dependence.time_folds import read_time, time_folds
from thalweg.estimators.ensemble.frame_encoding import FrameEncoder, frame_of, learn_encoder
from thalweg.estimators.ensemble.inputs import Classes, find_classes
from thalweg.select.learning.observations import InputError, check_groups, check_time, check_weights

if TYPE_CHECKING:
    from thalweg.estimators.search.trials import SearchFold

READ = ("sample_weight", "groups", "time")  # what estimators read beside features and outcomes


@dataclass(frozen=True, slots=True)
class Routed:
    """Metadata by receiver, one entry per row each.

    Parameters
    ----------
    fit
        For the estimator: ``sample_weight``, ``groups``, ``time``, or nothing.
    score, split
        For the scorer and the splitter.
    """

    fit: Mapping[str, Any] = field(default_factory=dict)
    score: Mapping[str, Any] = field(default_factory=dict)
    split: Mapping[str, Any] = field(default_factory=dict)


def route(search: Any, sample_weight: Any, params: Mapping[str, Any], method: str = "fit") -> Routed:
    """Return who gets which metadata.

    Without scikit-learn's metadata routing weights go to training and scores, ``groups`` to the splitter and to
    training, where rows set aside for patience never cut one, and ``time`` to training, in whose order a number of
    folds is.

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
        other = sorted(set(taken) - {*READ})
        if other:
            raise SettingError(
                f"A search cannot hand {', '.join(other)} to its fits.",
                f"Request {', '.join(READ)} alone; patience watches rows of each training part.",
            )
        return Routed(taken, dict(found.scorer.score), split)
    unknown = sorted(set(params) - ({"groups", "time"} if method == "fit" else set()))
    if unknown:
        raise SettingError(
            f"{method} does not know {', '.join(unknown)}.", "Enable scikit-learn's metadata routing and request it."
        )
    split = {name: value for name, value in params.items() if name == "groups"}
    return Routed(weights | (params if method == "fit" else {}), weights, split)


def split_rows(cv: Any, estimator: Any, X: Any, y: Any, routed: Routed) -> list[tuple[Any, Any]]:
    """Return training and held-out rows of every fold; a number of folds never cuts groups, and is in order of time.

    A number of folds deals observations, as a fit does: rows of weight 0 are in none, and equal rows in one.

    Parameters
    ----------
    cv
        Number of folds, or a splitter.
    estimator
        If it is a classifier, classes are dealt evenly; its ``gap`` lies between times.
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
    time, weights = check_time(routed.fit.get("time"), len(y)), check_weights(routed.fit.get("sample_weight"), len(y))
    if not isinstance(cv, numbers.Integral):
        found = list(check_cv(cv, y, classifier=classes).split(X, y, **routed.split))
        if time is not None:
            _check_order(found, read_time(time), cv)
        return found
    kept = np.arange(len(y)) if weights is None else np.flatnonzero(weights)
    if not len(kept):
        raise InputError("Every row has weight zero.", f"Give positive weights as {setting('sample_weight')}.")
    if time is not None:
        folds = time_folds(read_time(time.iloc[kept]), int(cv), estimator.gap)
        return [(kept[fold.learned], kept[fold.held_out]) for fold in folds]
    outcome = _safe_indexing(y, kept)
    if groups is not None:
        stratified = classes and type_of_target(y) in {"binary", "multiclass"}
        splitter = (StratifiedGroupKFold if stratified else GroupKFold)(int(cv))
        return [(kept[a], kept[b]) for a, b in splitter.split(kept, outcome, _safe_indexing(groups, kept))]
    unit, first = _units(_safe_indexing(X, kept), outcome, int(cv), classes=classes)
    parts = check_cv(int(cv), _safe_indexing(outcome, first), classifier=classes).split(
        first, _safe_indexing(outcome, first)
    )
    return [(kept[np.isin(unit, a)], kept[np.isin(unit, b)]) for a, b in parts]


def _units(X: Any, y: Any, folds: int, *, classes: bool) -> tuple[IntArray, IntArray]:
    """Return the unit each row is in [N], and the first row of every unit, both in order of the rows.

    Equal rows are one unit, as in a fit, unless their features come with another outcome too, or there were too few.
    """
    frame, everyone = frame_of(X, always=True), np.arange(len(y))
    if frame is None:
        return everyone, everyone
    features = pd.util.hash_pandas_object(frame.astype("category"), index=False).to_numpy()
    outcomes = pd.DataFrame(np.asarray(y).reshape(len(y), -1))
    both = features ^ (pd.util.hash_pandas_object(outcomes, index=False).to_numpy() * np.uint64(3))
    pairs = pd.DataFrame({"features": features, "both": both})
    several = pairs.groupby("features")["both"].transform("nunique").to_numpy() > 1
    keys = list(zip(np.where(several, everyone, -1).tolist(), both.tolist(), strict=True))
    unit: IntArray = pd.factorize(pd.Series(keys))[0].astype(np.int64)
    first = np.unique(unit, return_index=True)[1]
    largest = pd.Series(np.asarray(y)[first].tolist()).value_counts().max() if classes else len(first)
    return (everyone, everyone) if largest < folds else (unit, first)


def _check_order(found: Sequence[tuple[Any, Any]], time: IntArray, cv: Any) -> None:
    """Raise if a splitter learns from anything that is not earlier than what it holds out."""
    for number, (learned, held_out) in enumerate(found):
        if time[learned].max() >= time[held_out].min():
            raise InputError(
                f"Fold {number + 1} of {cv!r} learns from rows that are not earlier than all it holds out.",
                f"Set {setting('cv')} to a number: folds are then in order of {setting('time')}.",
            )


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
    groups, time = check_groups(routed.fit.get("groups"), len(y)), check_time(routed.fit.get("time"), len(y))
    given = {"sample_weight": weights, "groups": groups, "time": time}
    beside = {name: value for name, value in given.items() if value is not None}
    folds = split_rows(search.cv, search.estimator, X, y, routed)

    own, classes = encoder or encoder_of(X), _classes(search, y, weights)

    def part(rows: Any) -> tuple[Any, Any]:
        return _safe_indexing(X, rows), _safe_indexing(y, rows)

    splits = [
        read_fold(
            search.estimator,
            (*part(train), chosen_rows(beside, train)),
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
