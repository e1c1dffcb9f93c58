"""A finished run: its answer, its report, its predictions."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from thalweg.base.errors import SettingError
from thalweg.data.new_rows import encode_new_rows
from thalweg.data.notes import Note as DataNote
from thalweg.report.comparison.blocks import comparison_blocks
from thalweg.report.comparison.page import render_page
from thalweg.report.drawing.text import to_text
from thalweg.select.answer import Answer
from thalweg.select.folder import MODEL_FILE, REPORT_FILE, RunFolder
from thalweg.select.predictor import Predictor


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """A finished comparison of models.

    Parameters
    ----------
    answer
        Leaderboard, verdict, curves, notes: everything a report prints.
    predictor
        The models learned from all rows; None for the run of an estimator, whose models are its own.
    folder
        Where the run is kept; None if it lives in memory only.

    Examples
    --------
    >>> import thalweg as tw
    >>> run = tw.fit("example:longley", folds=4, seeds=2, networks=[{"hidden": [4]}], epochs=20)
    >>> run.recommended in run.models
    True
    """

    answer: Answer
    predictor: Predictor | None
    folder: Path | None = None

    @property
    def verdict(self) -> str:
        """What the comparison shows, in one sentence."""
        return self.answer.verdict

    @property
    def recommended(self) -> str:
        """The model to use."""
        return self.answer.recommended

    @property
    def models(self) -> tuple[str, ...]:
        """Models that can predict."""
        return () if self.predictor is None else self.predictor.names

    def leaderboard(self) -> pd.DataFrame:
        """Return the leaderboard as a frame: one row per model, metrics with their spread by source."""
        board = self.answer.leaderboard
        rows = []
        for row in board.rows:
            entry: dict[str, object] = {"model": row.model, "family": row.family}
            for name, score in row.scores.items():
                entry[name] = score.value
                entry[f"{name} split sd"], entry[f"{name} seed sd"] = score.spread.split_sd, score.spread.seed_sd
            difference = board.difference(row.model, board.reference)
            if difference is not None:
                entry[f"{board.metric} difference"] = difference.estimate
                entry["low"], entry["high"] = difference.low, difference.high
            rows.append(entry)
        return pd.DataFrame(rows)

    def report(self, path: str | Path | None = None) -> Path:
        """Write the report, one self-contained HTML file, and return where.

        Raises
        ------
        SettingError
            If no path is given and the run has no folder.
        RunFolderError
            If the file cannot be written.
        """
        if path is None:
            if self.folder is None:
                raise SettingError("report needs a path: this run has no folder.", 'Call run.report("report.html").')
            path = self.folder / REPORT_FILE
        target = Path(path)
        RunFolder(target.parent).write(target.name, render_page(self.answer).encode())
        return target

    def predict(self, source: object = None, *, model: str | None = None, query: str | None = None) -> pd.DataFrame:
        """Predict new rows; see :meth:`predict_with_notes` for what was unusual in them."""
        return self.predict_with_notes(source, model=model, query=query)[0]

    def predict_with_notes(
        self, source: object = None, *, model: str | None = None, query: str | None = None
    ) -> tuple[pd.DataFrame, tuple[DataNote, ...]]:
        """Predict new rows, and say what was unusual in them.

        Parameters
        ----------
        source, query
            The rows, as for :func:`fit`; the target is not needed.
        model
            One of :attr:`models`; None takes the recommended one.

        Returns
        -------
        frame
            Regression: ``prediction``; classification: ``prediction`` and the probability of every class. Networks
            add ``seed_sd``, the spread over trainings, which is no interval for the outcome.
        notes
            Unseen categories, missing values, columns not used.

        Raises
        ------
        DataError
            If columns are missing or cannot be read.
        SettingError
            If the model is unknown.
        """
        predictor = self._predictor()
        x, notes = encode_new_rows(predictor.encoder, source, query=query)
        found = predictor.predict(x, model)
        if predictor.task == "regression":
            frame = pd.DataFrame({"prediction": found.values[:, 0]})
            sd = None if found.seed_sd is None else found.seed_sd[:, 0]
        else:
            best = found.values.argmax(axis=1)
            frame = pd.DataFrame({"prediction": np.array(predictor.classes, dtype=object)[best]})
            for number, name in enumerate(predictor.classes):
                frame[f"probability {name}"] = found.values[:, number]
            sd = None if found.seed_sd is None else found.seed_sd[np.arange(len(best)), best]
        if sd is not None:
            frame["seed_sd"] = sd
        return frame, notes

    def _predictor(self) -> Predictor:
        if self.predictor is None:
            raise SettingError(
                f"{self.folder} is the run of an estimator, which reads features as it was given them.",
                f"Use thalweg.estimators.load_estimator(folder / {MODEL_FILE!r}).",
            )
        return self.predictor

    def __repr__(self) -> str:
        return to_text(comparison_blocks(self.answer))


def load_run(folder: str | Path) -> Run:
    """Read a finished run from its folder.

    Parameters
    ----------
    folder
        What ``out`` was.

    Returns
    -------
    Run
        As :func:`fit` returned it.

    Raises
    ------
    RunFolderError
        If the folder holds no finished run.

    Examples
    --------
    >>> load_run("no/such/folder")
    Traceback (most recent call last):
    thalweg.base.errors.RunFolderError: no/such/folder holds no finished run: answer.json is missing. ...
    """
    path = Path(folder)
    answer = RunFolder(path).answer()
    return Run(answer, None if (path / MODEL_FILE).exists() else Predictor.read(path), path)
