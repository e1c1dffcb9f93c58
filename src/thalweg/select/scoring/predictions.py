"""What models predicted for rows they had not seen, and the rows they are judged on."""

import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from thalweg.base.arrays import FloatArray, IntArray
from thalweg.base.checks import check_choice
from thalweg.base.errors import DataError, SettingError
from thalweg.linear.certificate import Certificate

TASKS: Final = ("regression", "binary", "multiclass")
FAMILIES: Final = ("baseline", "linear", "boosting", "network", "ensemble")


@dataclass(frozen=True, slots=True, eq=False)
class ModelPredictions:
    """Out-of-fold predictions of one model by all its seeds.

    A fit (one seed in one fold) that diverged has NaN in its rows; it is left out of every average and
    counted.

    Parameters
    ----------
    name
        How tables call the model; written so that "name's log loss" reads well, such as "logistic
        regression". Words in brackets at the end are left out of sentences.
    family
        One of :data:`FAMILIES`.
    values
        Predictions ``[R N C]`` of R seeds; R = 1 if the model has no seed. Regression: C = 1, in units of the
        outcome. Classification: one probability per class.
    note
        A remark for the reader, such as "3 of 50 members diverged".
    certificates
        How exactly a convex model was fitted in each fold; empty for others.

    Raises
    ------
    SettingError
        If the family is unknown or the values do not have three axes.

    Examples
    --------
    >>> ModelPredictions("ridge regression", "linear", np.zeros((1, 4, 1))).values.shape
    (1, 4, 1)
    """

    name: str
    family: str
    values: FloatArray
    note: str = ""
    certificates: tuple[Certificate, ...] = ()

    def __post_init__(self) -> None:
        check_choice("family", self.family, FAMILIES)
        if self.values.ndim != 3:
            raise SettingError(
                f"Predictions of {self.name!r} must have the axes [R N C], got shape {self.values.shape}.",
                "Add the missing axis: one seed is R = 1, one output is C = 1.",
            )


@dataclass(frozen=True, slots=True, eq=False)
class HeldOutRows:
    """The held-out rows on which all models are judged.

    Parameters
    ----------
    task
        One of :data:`TASKS`.
    outcome
        ``[N]``, floats for regression, class codes 0 … C − 1 otherwise.
    fold
        ``[N]``, number of the fold in which the row was held out, 0 … F − 1.
    reference
        Name of the linear model everything is compared with.
    classes
        Names of the classes in the order of their codes; empty for regression.
    weights
        ``[N]`` row weights, or None for equal ones.
    groups
        ``[N]`` groups of rows that depend on each other, or None.
    weights_kind
        What the weights mean, one of :data:`~thalweg.base.weighing.WEIGHTS_KINDS`; None without weights.
    in_time
        Whether folds are blocks in time order, each judged by what came before.

    Raises
    ------
    SettingError
        If the task is unknown or there are fewer than two folds.
    DataError
        If lengths differ, or an outcome is missing or no known class, or a weight is negative.

    Examples
    --------
    >>> held_out = HeldOutRows("regression", np.arange(4.0), np.array([0, 1, 0, 1]), "ridge regression")
    >>> held_out.folds
    2
    """

    task: str
    outcome: NDArray[np.float64] | NDArray[np.int64]
    fold: IntArray
    reference: str
    classes: tuple[str, ...] = ()
    weights: FloatArray | None = None
    groups: IntArray | None = None
    weights_kind: str | None = None
    in_time: bool = False

    def __post_init__(self) -> None:
        check_choice("task", self.task, TASKS)
        rows = len(self.outcome)
        for name, array in (("fold", self.fold), ("weights", self.weights), ("groups", self.groups)):
            if array is not None and array.shape != (rows,):
                raise DataError(
                    f"{name} must have one entry for each of the {rows} rows, got shape {array.shape}.",
                    "Give arrays of equal length.",
                )
        if rows == 0 or not np.isfinite(self.outcome).all():
            raise DataError("Every row must have an outcome, and there must be rows.", "Drop rows without outcome.")
        if self.task != "regression":
            self._check_codes()
        if self.folds < 2 or len(np.unique(self.fold)) != self.folds or self.fold.min() != 0:
            raise SettingError("fold must number the folds 0, 1, … and there must be at least two.", "Use more folds.")
        if self.weights is not None and not (np.isfinite(self.weights).all() and (self.weights >= 0).all()):
            raise DataError("weights must be finite and not negative.", "Drop rows with negative or missing weight.")

    def _check_codes(self) -> None:
        codes = np.arange(len(self.classes))
        if len(codes) < 2 or (self.task == "binary") != (len(codes) == 2) or not np.isin(self.outcome, codes).all():
            raise DataError(
                f"A {self.task} outcome must hold codes of its classes, got {len(codes)} classes and codes "
                f"{np.unique(self.outcome)[:8].tolist()}.",
                "Give the class names in the order of the codes 0, 1, ….",
            )

    @property
    def folds(self) -> int:
        """Number of folds F."""
        return int(self.fold.max()) + 1

    @property
    def row_weights(self) -> FloatArray:
        """Row weights ``[N]``, ones if none were given."""
        return np.ones(len(self.outcome)) if self.weights is None else self.weights

    def check(self, model: ModelPredictions) -> None:
        """Raise :class:`SettingError` if a model's predictions do not fit these rows and classes."""
        expected = (len(self.outcome), max(1, len(self.classes)))
        if model.values.shape[1:] != expected or len(model.values) == 0:
            raise SettingError(
                f"The predictions of {model.name!r} must have shape [R, {expected[0]}, {expected[1]}], "
                f"got {model.values.shape}.",
                "Give one prediction per seed, row and class.",
            )


def held_out_predictions(
    parts: Iterable[tuple[IntArray, FloatArray]], *, rows: int, columns: int, models: int = 1
) -> FloatArray:
    """Lay predictions of held-out rows into one table [R N C]; NaN where a model did not predict.

    Parameters
    ----------
    parts
        Per fold its held-out rows [n] and what the models that did not see them predict [r n C].
    rows, columns
        N and C.
    models
        R, at least the r of every fold.

    Examples
    --------
    >>> parts = [(np.array([1]), np.ones((1, 1, 1))), (np.array([0]), np.zeros((1, 1, 1)))]
    >>> held_out_predictions(parts, rows=3, columns=1)[0, :, 0].tolist()
    [0.0, 1.0, nan]
    """
    table = np.full((models, rows, columns), np.nan)
    for held_out, values in parts:
        table[: len(values), held_out] = values
    return table


def ensemble(model: ModelPredictions, name: str) -> ModelPredictions:
    """Average a model's predictions over its seeds: one forecaster made of all of them.

    The average is ``(1/R) Σ_r values[r]``, of probabilities in classification; diverged fits are left out
    row by row.

    Parameters
    ----------
    model
        The model whose seeds are averaged.
    name
        Name of the new row in the leaderboard.

    Returns
    -------
    ModelPredictions
        Family "ensemble", values ``[1 N C]``; NaN where no seed predicted.

    References
    ----------
    Hansen & Salamon (1990), IEEE Transactions on Pattern Analysis and Machine Intelligence 12, 993-1001.

    Examples
    --------
    >>> two = ModelPredictions("network", "network", np.array([[[1.0]], [[3.0]]]))
    >>> ensemble(two, "ensemble of 2 networks").values
    array([[[2.]]])
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Mean of empty slice", RuntimeWarning)
        mean = np.nanmean(model.values, axis=0, keepdims=True)
    return ModelPredictions(name, "ensemble", mean, f"average of {len(model.values)} seeds of {model.name}")
