"""Checking what users give an estimator, the same way for all of them."""

import numbers
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import issparse
from sklearn.utils import check_random_state, check_X_y, compute_sample_weight
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import column_or_1d, validate_data

from thalweg.base.arrays import FloatArray
from thalweg.base.checks import shown
from thalweg.base.errors import row, rows_at
from thalweg.estimators.ensemble.frame_encoding import frame_of, learn_encoder
from thalweg.select.learning.observations import (
    InputError,
    Observations,
    canonical_rows,
    check_groups,
    check_time,
    check_weights,
)
from thalweg.select.learning.views import strata_of


@dataclass(frozen=True, slots=True, eq=False)
class Classes:
    """The classes of an outcome.

    Parameters
    ----------
    labels
        Class labels [C], sorted; label numbers for multilabel outcomes.
    task
        ``binary``, ``multiclass`` or ``multilabel``.
    """

    labels: NDArray[Any]
    task: str

    def encode(self, y: NDArray[Any]) -> FloatArray:
        """Return the outcome as the loss wants it [N C], or [N 1] for two classes.

        Raises
        ------
        InputError
            If a class is unknown.
        """
        if self.task == "multilabel":
            return np.asarray(y, dtype=np.float64)
        codes = np.minimum(np.searchsorted(self.labels, y), len(self.labels) - 1)
        unknown = np.flatnonzero(self.labels[codes] != y)
        if len(unknown):
            raise InputError(
                f"Row {row(unknown[0])} has the unknown class {shown(y[unknown[0]])}.", "Use known classes."
            )
        found: FloatArray = (
            codes[:, None].astype(np.float64) if self.task == "binary" else np.eye(len(self.labels))[codes]
        )
        return found


def regression_rows(
    estimator: Any,
    X: Any,
    y: Any,
    sample_weight: Any,
    *,
    groups: Any = None,
    time: Any = None,
    reset: bool = True,
) -> tuple[Observations, bool]:
    """Check the input of a regressor and put it in canonical order; say whether the outcome is one column [N].

    Raises
    ------
    ValueError
        As scikit-learn's contract wants it.
    """
    x, outcome = _features_and_outcomes(estimator, X, y, reset=reset, multi_output=True, y_numeric=True)
    outcome = np.asarray(outcome, dtype=np.float64)
    columns = outcome[:, None] if outcome.ndim == 1 else outcome
    weights = check_weights(sample_weight, len(x))
    found = canonical_rows(
        x,
        columns,
        weights,
        kind=estimator.weights_kind,
        folds=_fold_count(estimator),
        groups=check_groups(groups, len(x)),
        time=check_time(time, len(x)),
    )
    return found, outcome.ndim == 1


def classification_rows(
    estimator: Any,
    X: Any,
    y: Any,
    sample_weight: Any,
    class_weight: Any,
    *,
    groups: Any = None,
    time: Any = None,
    multilabel: bool = False,
    known: Classes | None = None,
    reset: bool = True,
) -> tuple[Observations, Classes]:
    """Check the input of a classifier and put it in canonical order.

    Classes are those of rows with a positive weight, unless they are known from before.

    Raises
    ------
    ValueError
        As scikit-learn's contract wants it.
    """
    x, outcome = _features_and_outcomes(
        estimator, X, y.toarray() if issparse(y) else y, reset=reset, multi_output=multilabel
    )
    check_classification_targets(outcome)
    weights = check_weights(sample_weight, len(x))
    if multilabel and type_of_target(outcome) == "multilabel-indicator":
        classes = Classes(np.arange(outcome.shape[1]), "multilabel")
    else:
        outcome = column_or_1d(outcome, warn=True)
        classes = known or find_classes(outcome if weights is None else outcome[weights > 0])
    counted, factors = np.ones(len(x)) if weights is None else weights, None
    if class_weight is not None:
        factors = _class_weights(class_weight, outcome, counted)
        counted = counted * factors
    kept = np.flatnonzero(counted > 0)
    with rows_at(kept):
        codes = classes.encode(outcome[kept])
    coded = np.zeros((len(x), codes.shape[1]))
    coded[kept] = codes
    found = canonical_rows(
        x,
        coded,
        weights,
        kind=estimator.weights_kind,
        factors=factors,
        strata=strata_of(coded, classes.task) if coded.size else None,
        folds=_fold_count(estimator),
        groups=check_groups(groups, len(x)),
        time=check_time(time, len(x)),
    )
    return found, classes


def _fold_count(estimator: Any) -> int:
    """Return how many random folds an estimator asks for; a splitter cuts rows as it likes."""
    folds = estimator.folds
    return int(folds) if isinstance(folds, numbers.Integral) else 0


def find_classes(y: NDArray[Any]) -> Classes:
    """Return the classes that occur.

    Raises
    ------
    InputError
        If there are fewer than two.

    Examples
    --------
    >>> find_classes(np.array(["b", "a", "b"])).task
    'binary'
    """
    labels = np.unique(y)
    if len(y) and len(labels) < 2:
        raise InputError(
            f"A classifier needs at least 2 classes among rows that count, got 1 class: {shown(labels[0])}.",
            "Give rows of another class.",
        )
    return Classes(labels, "binary" if len(labels) == 2 else "multiclass")


def _class_weights(class_weight: Any, y: NDArray[Any], counted: FloatArray) -> FloatArray:
    """Return the weight of each row's class; balanced classes have equal sums of weights."""
    kept = counted > 0
    found = np.zeros(len(y))
    if isinstance(class_weight, str) and class_weight == "balanced" and y.ndim == 1:
        labels, codes = np.unique(y[kept], return_inverse=True)
        share = np.bincount(codes, weights=counted[kept])
        found[kept] = (share.sum() / (len(labels) * share))[codes]
    else:
        found[kept] = compute_sample_weight(class_weight, y[kept])
    return found


def new_rows(estimator: Any, X: Any) -> FloatArray:
    """Check and encode rows to predict [N D]; NaN where a number is missing."""
    if estimator.encoder_ is None:
        return X if _is_as_learned(estimator, X) else _matrix(estimator, X, reset=False)
    frame = frame_of(X, always=True)
    if frame is None:
        return np.asarray(validate_data(estimator, X, reset=False, dtype=np.float64))  # says what is wrong with it
    validate_data(estimator, X, reset=False, skip_check_array=True)
    return estimator.encoder_.transform(frame)  # type: ignore[no-any-return] # estimators have no common type


def _is_as_learned(estimator: Any, X: Any) -> bool:
    """Return whether rows need no further look, which takes longer than a small network on one of them."""
    if not _is_complete(X) or X.shape[1] != estimator.n_features_in_:
        return False
    return not hasattr(estimator, "feature_names_in_")


def _is_complete(X: Any) -> bool:
    """Return whether features are an array of finite numbers."""
    plain = type(X) is np.ndarray and X.dtype == np.float64 and X.ndim == 2 and X.size > 0
    return plain and bool(np.isfinite(X).all())


def _features_and_outcomes(
    estimator: Any, X: Any, y: Any, *, reset: bool, **checks: Any
) -> tuple[FloatArray, NDArray[Any]]:
    """Check features and outcomes; learn how a frame is encoded."""
    encoder = getattr(estimator, "_given_encoder", None) if reset else estimator.encoder_
    frame = None if encoder is None and _is_complete(X) else frame_of(X, always=encoder is not None)
    if frame is None:
        options = {"dtype": np.float64, "ensure_all_finite": True} | checks
        x, outcome = validate_data(estimator, X, y, reset=reset, **options)
        estimator.encoder_ = None
        return x, outcome
    validate_data(estimator, X, reset=reset, skip_check_array=True)
    if y is None:
        raise InputError(f"{type(estimator).__name__} requires y to be passed, but the target y is None.", "Give it.")
    _, outcome = check_X_y(np.zeros((len(frame), 1)), y, **checks)
    if encoder is None and not reset:
        return _matrix(estimator, X, reset=False), outcome
    estimator.encoder_ = encoder or learn_encoder(frame)
    return estimator.encoder_.transform(frame), outcome


def _matrix(estimator: Any, X: Any, *, reset: bool) -> FloatArray:
    """Check a matrix of numbers [N D], some of which may be missing."""
    options = {"dtype": np.float64, "ensure_all_finite": "allow-nan"}
    found: FloatArray = validate_data(estimator, X, reset=reset, **options)
    return found


def takes_frames(tags: Any) -> Any:
    """Return scikit-learn's tags of an estimator with what frames may hold."""
    tags.input_tags.allow_nan = tags.input_tags.categorical = tags.input_tags.string = True
    return tags


def given_validation(estimator: Any, X_val: Any, y_val: Any) -> tuple[FloatArray, NDArray[Any]] | None:
    """Check the user's own validation rows: features [N D] and outcomes [N] or [N C]; None if there are none.

    Raises
    ------
    InputError
        If features or outcomes are missing, or their numbers differ.
    """
    if X_val is None and y_val is None:
        return None
    if X_val is None or y_val is None:
        raise InputError("Validation rows need X_val and y_val, got one of them.", "Give both.")
    x, y = new_rows(estimator, X_val), np.asarray(y_val)
    if len(x) != len(y):
        raise InputError(f"X_val has {len(x)} rows and y_val {len(y)}.", "Give one outcome per row.")
    return x, y


def base_seed(random_state: Any) -> int:
    """Return the number that names all randomness of a fit.

    Examples
    --------
    >>> base_seed(7)
    7
    """
    if isinstance(random_state, numbers.Integral):
        return int(random_state)
    return int(check_random_state(random_state).randint(2**31 - 1))
