"""The answer to "does a network predict better here?": everything a report prints, in plain values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from thalweg.data.notes import Note
from thalweg.select.certificate_records import LinearCertificate, NetworkCertificate
from thalweg.select.explaining.explanation import Explanation
from thalweg.select.record import from_plain, to_plain
from thalweg.select.remarks import remarks
from thalweg.select.scoring.curves import Curves
from thalweg.select.scoring.diagnostics import (
    Calibration,
    Confusion,
    Residuals,
    calibration,
    confusion,
    residuals,
)
from thalweg.select.scoring.leaderboard import Leaderboard, build_leaderboard
from thalweg.select.scoring.predictions import HeldOutRows, ModelPredictions
from thalweg.select.scoring.verdict import judge, verdict

_MOST_CLASSES = 20

Plain = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class About:
    """What the answer is about and what it took; filled by whoever ran the models.

    Parameters
    ----------
    table, outcome
        Names of the table and of its outcome column.
    profile
        One mapping per column of the table, all with the same keys, such as ``{"column": "age", "missing":
        3}``.
    notes
        Remarks and warnings about the data or the training.
    status
        Per model, how many members ended how: ``{"network": {"stopped early": 48, "diverged": 2}}``.
    cost
        Seconds and the like: ``{"predicted seconds": 3.1, "actual seconds": 3.4}``.
    repeat
        How to repeat it, label to text: command line, versions, seeds, configuration, fingerprint.
    rows_read
        How many rows the table has; 0 if that is not known.

    Examples
    --------
    >>> About("patients.csv", "relapse").notes
    ()
    """

    table: str
    outcome: str
    profile: tuple[Mapping[str, Plain], ...] = ()
    notes: tuple[Note, ...] = ()
    status: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    cost: Mapping[str, float] = field(default_factory=dict)
    repeat: Mapping[str, str] = field(default_factory=dict)
    rows_read: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer, ready to be printed, saved as JSON and compared.

    Parameters
    ----------
    about
        Table, outcome, data profile, warnings, cost and how to repeat it.
    verdict
        The sentence that comes first.
    recommended
        Name of the model to use.
    leaderboard
        All scores, spreads and differences.
    classes
        Class names; empty for regression.
    curves
        Learning curves of the networks.
    calibration, confusion
        Classification only.
    residuals
        Regression only.
    certificates
        How exactly each linear model was fitted.
    network_certificate
        What stands in its place for networks; None without networks.
    explanations
        Which columns matter, and how: to the recommended model first.

    Examples
    --------
    >>> board = Leaderboard("regression", "rmse", (), "ridge regression", "", "", (), 5, 100)
    >>> answer = Answer(About("t.csv", "y"), "Nothing to say.", "ridge regression", board)
    >>> Answer.from_dict(answer.to_dict()) == answer
    True
    """

    about: About
    verdict: str
    recommended: str
    leaderboard: Leaderboard
    classes: tuple[str, ...] = ()
    curves: tuple[Curves, ...] = ()
    calibration: tuple[Calibration, ...] = ()
    confusion: tuple[Confusion, ...] = ()
    residuals: tuple[Residuals, ...] = ()
    certificates: tuple[LinearCertificate, ...] = ()
    network_certificate: NetworkCertificate | None = None
    explanations: tuple[Explanation, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return plain values that JSON knows; NaN as None."""
        plain: dict[str, Any] = to_plain(self)
        return plain

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> "Answer":
        """Rebuild an answer from :meth:`to_dict`; raises :class:`RunFolderError` if it does not fit."""
        return from_plain(cls, dict(plain))


def build_answer(
    held_out: HeldOutRows,
    models: Sequence[ModelPredictions],
    about: About,
    curves: Sequence[Curves] = (),
    level: float = 0.95,
    certificates: Sequence[LinearCertificate] = (),
    metric: str | None = None,
) -> Answer:
    """Turn out-of-fold predictions into the answer.

    Calibration, residuals and confusions are kept of the network the verdict is about and of the linear
    model.

    Parameters
    ----------
    held_out
        The held-out rows.
    models
        Predictions of all models; see :func:`~thalweg.select.scoring.leaderboard.build_leaderboard` for the order.
    about
        What the answer is about.
    curves
        Learning curves of the networks.
    level
        Nominal coverage of the intervals.
    certificates
        How exactly each linear model was fitted.
    metric
        The primary one; None for the task's own.

    Returns
    -------
    Answer
        Its notes are those of ``about`` and what the scores add (:func:`~thalweg.select.remarks.remarks`).
        With explanations some 300 kB as JSON for a table of a hundred columns.

    Raises
    ------
    SettingError
        If predictions do not fit the rows or the reference is missing.

    Examples
    --------
    >>> held_out = HeldOutRows("regression", np.arange(4.0), np.array([0, 1, 0, 1]), "ridge regression")
    >>> ridge = ModelPredictions("ridge regression", "linear", np.arange(4.0)[None, :, None])
    >>> build_answer(held_out, [ridge], About("t.csv", "y")).recommended
    'ridge regression'
    """
    board = build_leaderboard(held_out, models, level, metric)
    notes = (*about.notes, *remarks(held_out, models, board, certificates))
    doubts = [note.doubt for note in notes if note.doubt]
    recommended = judge(board, doubts).recommended
    beside = [board.boosting] if recommended == board.boosting else []
    shown = [
        model
        for name in (board.challenger, *beside, board.reference)
        for model in models
        if model.name == name and np.isfinite(model.values.sum(2)).any()
    ]
    regression = held_out.task == "regression"
    few = len(held_out.classes) <= _MOST_CLASSES
    return Answer(
        replace(about, notes=notes),
        verdict(board, doubts),
        recommended,
        board,
        held_out.classes,
        tuple(curves),
        () if regression else tuple(calibration(held_out, model) for model in shown),
        () if regression or not few else tuple(confusion(held_out, model) for model in shown),
        tuple(residuals(held_out, model) for model in shown) if regression else (),
        tuple(certificates),
    )
