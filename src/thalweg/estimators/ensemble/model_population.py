"""The population behind an estimator: models of all rows, of every fold, of every bootstrap sample."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning

from thalweg.base.arrays import FloatArray, IntArray
from thalweg.base.errors import TrainingError
from thalweg.select.learning.observations import Observations
from thalweg.select.learning.views import ALL, BOOTSTRAP, FOLD, View, bag_counts, held_out_in
from thalweg.select.scoring.predictions import held_out_predictions


class ModelGroup(Protocol):
    """Models that predict the same outcome."""

    def predict(self, x: FloatArray) -> FloatArray:
        """Return predictions or probabilities of every model [P N C]."""
        ...

    def __len__(self) -> int:
        """Return the number of models P."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class ModelPopulation:
    """Everything an estimator has learned.

    Parameters
    ----------
    rows
        What was learned from, in canonical order; outcomes as the loss sees them.
    final
        Models of all rows, one per seed. They make the predictions.
    folds
        Models per fold, one per seed, that never saw its held-out rows.
    learned, held_out
        Rows each fold learned from, and those it holds out.
    bootstrap
        One model per bootstrap sample; None without.
    bags
        How often each sample holds each row [B N].
    out_of_fold, out_of_bag
        Mean prediction of every row by the models that did not see it [N C]; None without folds or samples, NaN for a
        row that is in every sample, or held out from none.
    """

    rows: Observations
    final: ModelGroup
    folds: Sequence[ModelGroup]
    learned: Sequence[IntArray]
    held_out: Sequence[IntArray]
    bootstrap: ModelGroup | None
    bags: NDArray[np.int32]
    out_of_fold: FloatArray | None
    out_of_bag: FloatArray | None

    def __reduce__(self) -> tuple[object, ...]:
        """Travel without the rows where nothing needs them: only intervals and effects, of folds or samples, do."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        if not self.folds and self.bootstrap is None:
            values["rows"] = Observations(
                self.rows.x[:0].copy(), self.rows.y[:0].copy(), None, self.rows.origin[:0].copy()
            )
            values["bags"] = self.bags[:, :0]
        return ModelPopulation, tuple(values.values())

    @property
    def fold(self) -> IntArray:
        """Fold in which each row is held out [N]; −1 for rows that are never held out, as all are without folds."""
        return held_out_in(self.held_out, len(self.rows))

    @property
    def in_time(self) -> bool:
        """Whether rows have an order: they were given a time, or folds leave rows that are never held out."""
        return self.rows.time is not None or (len(self.folds) > 0 and bool((self.fold < 0).any()))

    def predict(self, x: FloatArray) -> FloatArray:
        """Return the mean prediction of the models of all rows [N C]."""
        mean: FloatArray = self.final.predict(x).mean(axis=0)
        return mean


def gather(
    rows: Observations, views: Sequence[View], groups: Sequence[ModelGroup | None], *, lost: int = 0
) -> ModelPopulation:
    """Sort the models of all views into their parts.

    Parameters
    ----------
    rows, views
        What each group learned from.
    groups
        Usable models of each view; None if none is usable.
    lost
        How many models are not usable, for the warning.

    Returns
    -------
    ModelPopulation
        Bootstrap samples without a usable model are left out.

    Raises
    ------
    TrainingError
        If all rows, or a fold, have no usable model.
    """
    pairs = list(zip(views, groups, strict=True))
    for view, group in pairs:
        if group is None and view.part != BOOTSTRAP:
            where = "all rows" if view.part == ALL else f"the rows outside fold {view.number + 1}"
            raise TrainingError(f"Every network trained on {where} diverged.", "Lower the learning rate.")
    if lost:
        warnings.warn(
            f"{lost} of the networks diverged and are left out; lower the learning rate.",
            ConvergenceWarning,
            stacklevel=5,
        )
    samples = [(view, group) for view, group in pairs if view.part == BOOTSTRAP and group is not None]
    folds = [(view, group) for view, group in pairs if view.part == FOLD and group is not None]
    bags = bag_counts([view for view, _ in samples], len(rows))
    bootstrap = Joined([group for _, group in samples]) if samples else None
    final = groups[0]
    assert final is not None
    return ModelPopulation(
        rows=rows,
        final=final,
        folds=[group for _, group in folds],
        learned=[view.rows for view, _ in folds],
        held_out=[view.held_out for view, _ in folds],
        bootstrap=bootstrap,
        bags=bags,
        out_of_fold=_out_of_fold(rows, folds) if folds else None,
        out_of_bag=None if bootstrap is None else _out_of_bag(rows, bootstrap, bags),
    )


def _out_of_fold(rows: Observations, folds: Sequence[tuple[View, ModelGroup]]) -> FloatArray:
    """Return the mean prediction of every row by the models of its fold [N C]."""
    parts = [(view.held_out, group.predict(rows.x[view.held_out]).mean(axis=0)[None]) for view, group in folds]
    table: FloatArray = held_out_predictions(parts, rows=len(rows), columns=parts[0][1].shape[2])[0]
    return table


def _out_of_bag(rows: Observations, bootstrap: ModelGroup, bags: NDArray[np.int32]) -> FloatArray:
    values = bootstrap.predict(rows.x)
    free = bags == 0
    counts = free.sum(axis=0)[:, None]
    total = np.einsum("bn,bnc->nc", free, values)
    found: FloatArray = np.divide(total, counts, out=np.full(total.shape, np.nan), where=counts > 0)
    return found


@dataclass(frozen=True, slots=True, eq=False)
class Joined:
    """Several groups as one."""

    groups: Sequence[ModelGroup]

    def predict(self, x: FloatArray) -> FloatArray:
        """Return predictions or probabilities of all models [P N C]."""
        return np.concatenate([group.predict(x) for group in self.groups])

    def __len__(self) -> int:
        return sum(map(len, self.groups))
