"""What the scores of a comparison add to the remarks on its table: too few rows, scores too good to be true."""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from thalweg.base.arrays import FloatArray
from thalweg.data.notes import Note
from thalweg.select.certificate_records import LinearCertificate
from thalweg.select.scoring.leaderboard import Leaderboard, Row
from thalweg.select.scoring.predictions import HeldOutRows, ModelPredictions

FEWEST_ROWS: Final = 100  # of the designs in studies/interval_coverage.py
FEWEST_GROUPS: Final = 20  # the same
HEAVY: Final = 0.5
"""Share of the reference's squared error made up by 1 % of the rows from which on outliers decide."""

SQUARED: Final = ("rmse", "r2")
"""Metrics that a few far outliers of the outcome decide."""

EXACT: Final = {"regression": ("r2", 0.9999), "binary": ("accuracy", 1.0), "multiclass": ("accuracy", 1.0)}
"""Metric of each task, and the value from which on a score is called exact."""


def remarks(
    held_out: HeldOutRows,
    models: Sequence[ModelPredictions],
    board: Leaderboard,
    certificates: Sequence[LinearCertificate],
) -> list[Note]:
    """Return what a reader of the scores must not miss.

    Parameters
    ----------
    held_out
        The rows the scores are of.
    models
        Predictions for them, the reference among them.
    board
        The scores.
    certificates
        How exactly each linear model was fitted.

    Examples
    --------
    >>> held_out = HeldOutRows("regression", np.arange(4.0), np.array([0, 1, 0, 1]), "ridge regression")
    >>> board = Leaderboard("regression", "rmse", (), "ridge regression", "", "", (), 2, 4)
    >>> ridge = ModelPredictions("ridge regression", "linear", np.zeros((1, 4, 1)))
    >>> [note.code for note in remarks(held_out, [ridge], board, ())]
    ['few_rows']
    """
    exact = list(_exact(board))
    heavy = _heavy(held_out, models) if board.metric in SQUARED else ()
    return [*_few(held_out), *heavy, *(exact or _separated(certificates, len(held_out.outcome)))]


def _few(held_out: HeldOutRows) -> Iterator[Note]:
    rows = len(held_out.outcome)
    if rows < FEWEST_ROWS:
        yield Note(
            "few_rows",
            f"There are {rows} rows: how often the interval covers was tried with {FEWEST_ROWS} and more.",
            doubt=f"{rows} rows are fewer than the interval was tried with ({FEWEST_ROWS})",
        )
    groups = FEWEST_GROUPS if held_out.groups is None else len(np.unique(held_out.groups))
    if groups < FEWEST_GROUPS:
        yield Note(
            "few_rows",
            f"There are {groups} groups: how often the interval covers was tried with {FEWEST_GROUPS} and more.",
            doubt=f"{groups} groups are fewer than the interval was tried with ({FEWEST_GROUPS})",
        )


def concentration(losses: FloatArray) -> float:
    """Return the share of the sum that the 1 % of losses make up that are largest; bell-shaped errors squared: 0.08.

    Examples
    --------
    >>> concentration(np.append(np.ones(99), 99.0))
    0.5
    """
    ordered, total = np.sort(losses), float(losses.sum())
    return float(ordered[-max(1, len(losses) // 100) :].sum()) / total if total > 0 else 0.0


def _heavy(held_out: HeldOutRows, models: Sequence[ModelPredictions]) -> Iterator[Note]:
    """Tell of outliers that decide a comparison of squared errors."""
    values = next(model.values for model in models if model.name == held_out.reference)
    if held_out.task != "regression" or len(held_out.outcome) < FEWEST_ROWS:
        return
    errors = held_out.outcome - values[0, :, 0]
    share = concentration(np.square(errors[np.isfinite(errors)]) * held_out.row_weights[np.isfinite(errors)])
    if share < HEAVY:
        return
    yield Note(
        "heavy_rows",
        f"One row in a hundred makes up {share:.0%} of the squared error of {held_out.reference}: look for outliers in "
        "the outcome. They decide the comparison, and how often the interval covers hangs on them.",
        doubt=f"one row in a hundred makes up {share:.0%} of the squared error of {held_out.reference}",
    )


def _exact(board: Leaderboard) -> Iterator[Note]:
    """Tell of the simplest model that predicts rows it has not seen as if it knew the outcome."""
    families = ("linear", "boosting", "network", "ensemble")
    rows = sorted((row for row in board.rows if row.family in families), key=lambda row: families.index(row.family))
    row = next((row for row in rows if _is_exact(board.task, row)), None)
    if row is None:
        return
    told = "its R² is at least 0.9999" if board.task == "regression" else "every class is named right"
    yield Note(
        "exact_model",
        f"{row.model[:1].upper()}{row.model[1:]} predicts rows it has not seen all but exactly ({told}): look for "
        "columns that are known only after the outcome, or are computed from it, and leave them out (ignore).",
        doubt=f"{row.model} predicts held-out rows all but exactly, as if a column knew the outcome",
    )


def _is_exact(task: str, row: Row) -> bool:
    name, least = EXACT[task]
    return name in row.scores and row.scores[name].value >= least


def _separated(certificates: Sequence[LinearCertificate], rows: int) -> Iterator[Note]:
    for one in certificates:
        if "completely" in one.separation:
            why = f", as {one.columns - 1:,} columns can do with any {rows:,} rows" if one.columns > rows else ""
            yield Note(
                "separated_classes",
                f"Some linear function of the columns separates the classes of all rows{why}: the penalty of "
                f"{one.model} alone keeps its coefficients finite, and its probabilities and log loss depend on it.",
            )
