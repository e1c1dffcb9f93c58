"""Boosted trees: scikit-learn's histogram gradient boosting, tuned on training rows and kept as plain arrays."""

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from thalweg.base.arrays import FloatArray, IntArray
from thalweg.select.learning.best_splits import best_columns
from thalweg.select.learning.outputs import class_predictions
from thalweg.select.settings import TREES

BOOSTING: Final = "gradient boosting"
LEAVES: Final = (4, 16)  # of a tree: without interactions of more than two columns, and with
LEARNING_RATE: Final = 0.1
PATIENCE: Final = 20  # trees without a better validation loss
_LEAST_IN_LEAF: Final = 20
_BLOCK: Final = 2_000_000  # numbers at once while predicting

Split = tuple[IntArray, IntArray]


@dataclass(frozen=True, slots=True, eq=False)
class BoostedTrees:
    """A sum of regression trees.

    Parameters
    ----------
    task
        Decides how scores become predictions.
    feature, threshold, left, right
        Of every node of all trees [M]: a row goes left if its feature is at most the threshold. A leaf leads to itself.
    value
        What a leaf adds to the score [M].
    roots
        First node of every tree [T C].
    start
        Score before the first tree [C]; C = 1 for regression and binary.
    depth
        Of the deepest tree.
    leaves
        Most leaves of a tree, as chosen on validation rows.
    offered
        How many columns trees could choose from, and how many there are.

    Examples
    --------
    >>> x = np.arange(40.0)[:, None]
    >>> splits = [(np.arange(0, 40, 2), np.arange(1, 40, 2))]
    >>> trees = fit_boosted_trees("regression", x, (x[:, 0] > 19) * 1.0, None, splits, most=30)
    >>> trees.predict(np.array([[0.0], [39.0]])).round(1).tolist()
    [[0.0], [1.0]]
    """

    task: str
    feature: IntArray
    threshold: FloatArray
    left: IntArray
    right: IntArray
    value: FloatArray
    roots: IntArray
    start: FloatArray
    depth: int
    leaves: int
    offered: tuple[int, int]

    @property
    def note(self) -> str:
        """What was chosen on the training rows."""
        some, columns = self.offered
        among = "" if some == columns else f", from the {some:,} of {columns:,} columns whose one best split says most"
        return f"{len(self.roots)} trees of at most {self.leaves} leaves{among}"

    def scores(self, x: FloatArray) -> FloatArray:
        """Return scores of rows [N C]."""
        found = np.empty((len(x), len(self.start)))
        step = max(1, _BLOCK // max(1, self.roots.size))
        for begin in range(0, len(x), step):
            block = x[begin : begin + step]
            rows = np.arange(len(block))[:, None]
            node = np.broadcast_to(self.roots.ravel(), (len(block), self.roots.size))
            for _ in range(self.depth):
                goes_left = block[rows, self.feature[node]] <= self.threshold[node]
                node = np.where(goes_left, self.left[node], self.right[node])
            values = self.value[node].reshape(len(block), *self.roots.shape)
            found[begin : begin + step] = self.start + values.sum(axis=1)
        return found

    def predict(self, x: FloatArray) -> FloatArray:
        """Return predictions [N 1] in units of the outcome, or probabilities [N C]."""
        return class_predictions(self.scores(x), self.task)

    def tensors(self) -> dict[str, NDArray[Any]]:
        """Return the numbers by name."""
        shape = np.array([self.depth, self.leaves, *self.offered], dtype=np.int64)
        return {name: getattr(self, name) for name in _ARRAYS} | {"shape": shape}

    @classmethod
    def of_tensors(cls, task: str, tensors: Mapping[str, NDArray[Any]]) -> "BoostedTrees":
        """Rebuild from :meth:`tensors`."""
        depth, leaves, *offered = tensors["shape"].tolist()
        arrays = {name: tensors[name] for name in _ARRAYS}
        return cls(task, **arrays, depth=depth, leaves=leaves, offered=(offered[0], offered[1]))


_ARRAYS: Final = ("feature", "threshold", "left", "right", "value", "roots", "start")


def fit_boosted_trees(
    task: str,
    x: FloatArray,
    y: NDArray[Any],
    weights: FloatArray | None,
    splits: Sequence[Split],
    *,
    most: int = TREES,
    until: float = math.inf,
) -> BoostedTrees:
    """Fit boosted trees with as many trees and leaves as validation rows ask for.

    For each number of leaves trees are added until the loss on the watched rows of a split has not fallen for
    :data:`PATIENCE` trees. The leaves of least validation loss, mean over splits, are fitted to all rows, with the mean
    number of trees at which it was least. Of a wide table trees are offered the columns whose one best split in the
    rows to learn from says most (:mod:`thalweg.select.learning.best_splits`). One thread computes, so that every sum
    has one order.

    Parameters
    ----------
    task
        ``regression``, ``binary`` or ``multiclass``.
    x, y
        Features [N D], and numbers or codes of classes [N].
    weights
        Of the rows [N]; None for 1.
    splits
        Rows to learn from and rows to watch, once or several times.
    most
        Trees at most.
    until
        Moment of ``time.monotonic`` after which no further fit begins.

    Returns
    -------
    BoostedTrees
        As arrays.

    Raises
    ------
    TimeoutError
        If time was over before the last fit.

    References
    ----------
    Friedman (2001), doi:10.1214/aos/1013203451; Ke et al. (2017), LightGBM, NeurIPS: histograms of binned features.

    Examples
    --------
    >>> x = np.arange(60.0)[:, None] % 10
    >>> splits = [(np.arange(0, 60, 2), np.arange(1, 60, 2))]
    >>> fit_boosted_trees("regression", x, x[:, 0], None, splits, most=5).note
    '5 trees of at most 16 leaves'
    """
    from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]  # noqa: PLC0415 - untyped, loaded here

    controller = ThreadpoolController()
    best: tuple[float, int, int] | None = None
    for leaves in LEAVES:
        with controller.limit(limits=1, user_api="openmp"):
            stops = np.array(
                [_stopped(task, x, y, weights, split, leaves=leaves, most=most, until=until) for split in splits]
            )
        loss, trees = stops.mean(axis=0).tolist()
        if best is None or loss < best[0]:
            best = loss, leaves, max(1, round(trees))
    assert best is not None, "there are leaves to choose from"
    _, leaves, trees = best
    _check_time(until)
    model = _boosting(task, len(x), leaves, trees, early_stopping=False)
    kept = best_columns(task, x, y, weights)
    with controller.limit(limits=1, user_api="openmp"):
        model.fit(x[:, kept], y, sample_weight=weights)
    return _as_arrays(model, task, leaves, kept, x.shape[1])


def _stopped(
    task: str,
    x: FloatArray,
    y: NDArray[Any],
    weights: FloatArray | None,
    split: Split,
    *,
    leaves: int,
    most: int,
    until: float,
) -> tuple[float, int]:
    """Return the least validation loss, and after how many trees."""
    _check_time(until)
    learned, watched = split
    model = _boosting(task, len(learned), leaves, most, early_stopping=True)
    parts = (None, None) if weights is None else (weights[learned], weights[watched])
    kept = best_columns(task, x[learned], y[learned], parts[0])
    model.fit(
        x[np.ix_(learned, kept)],
        y[learned],
        sample_weight=parts[0],
        X_val=x[np.ix_(watched, kept)],
        y_val=y[watched],
        sample_weight_val=parts[1],
    )
    losses = -np.asarray(model.validation_score_)  # the first is that of no tree
    return float(losses.min()), int(losses.argmin())


def _check_time(until: float) -> None:
    if time.monotonic() > until:
        raise TimeoutError


def _boosting(task: str, rows: int, leaves: int, trees: int, *, early_stopping: bool) -> Any:
    from sklearn.ensemble import (  # noqa: PLC0415 - takes a while to load
        HistGradientBoostingClassifier,
        HistGradientBoostingRegressor,
    )

    kind = HistGradientBoostingRegressor if task == "regression" else HistGradientBoostingClassifier
    return kind(
        learning_rate=LEARNING_RATE,
        max_iter=trees,
        max_leaf_nodes=leaves,
        min_samples_leaf=max(1, min(_LEAST_IN_LEAF, rows // 10)),
        early_stopping=early_stopping,
        n_iter_no_change=PATIENCE,
        scoring="loss",
        random_state=0,
        categorical_features=None,
    )


def _as_arrays(model: Any, task: str, leaves: int, kept: IntArray, columns: int) -> BoostedTrees:
    """Take the nodes out of a fitted model of scikit-learn, which knows the kept columns by their places among them."""
    trees = [[tree.nodes for tree in together] for together in model._predictors]  # noqa: SLF001 - no public way
    flat = [nodes for together in trees for nodes in together]
    first = np.cumsum([0, *(len(nodes) for nodes in flat)])[:-1]
    nodes = np.concatenate(flat)
    own, offset = np.arange(len(nodes)), np.repeat(first, [len(part) for part in flat])
    leaf = nodes["is_leaf"].astype(bool)
    return BoostedTrees(
        task=task,
        feature=np.where(leaf, 0, kept[np.where(leaf, 0, nodes["feature_idx"])]).astype(np.int64),
        threshold=np.where(leaf, 0.0, nodes["num_threshold"]).astype(np.float64),
        left=np.where(leaf, own, nodes["left"] + offset).astype(np.int64),
        right=np.where(leaf, own, nodes["right"] + offset).astype(np.int64),
        value=nodes["value"].astype(np.float64),
        roots=first.reshape(len(trees), -1).astype(np.int64),
        start=np.asarray(model._baseline_prediction, dtype=np.float64).reshape(-1),  # noqa: SLF001 - the same
        depth=int(nodes["depth"].max()),
        leaves=leaves,
        offered=(len(kept), columns),
    )
