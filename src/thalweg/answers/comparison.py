"""What is returned by a comparison of models: its leaderboard, its report, its predictions."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from thalweg.answers.explaining import effect_frame, explanation_of, importance_frame, slopes_frame
from thalweg.answers.export.bundle import write_bundle
from thalweg.answers.export.pictures import Picture, pictures_of
from thalweg.answers.export.sheets import Sheet, sheets_of
from thalweg.answers.saving import Origin, save_run
from thalweg.answers.showing import named, printed, write_report
from thalweg.base.arrays import FloatArray
from thalweg.base.errors import SettingError
from thalweg.base.keeping.json_files import readable
from thalweg.base.run_folder import ANSWER_FILE, MODEL_FILE, REPORT_FILE, RunFolder
from thalweg.data.new_rows import encode_new_rows
from thalweg.data.notes import Note
from thalweg.report.comparison.blocks import comparison_blocks
from thalweg.report.comparison.page import comparison_page
from thalweg.report.drawing.document import Page, first_figure, page_html
from thalweg.report.drawing.fragment import fragment
from thalweg.report.drawing.text import to_text
from thalweg.select.comparison_answer import Answer
from thalweg.select.predictor import Predictor

COMPARISON: Final = "comparison"
ESTIMATOR: Final = "estimator"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
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
    origin
        What was asked, for :meth:`save`; None for a run that was read from a folder.

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
    origin: Origin | None = None

    @property
    def sentence(self) -> str:
        """What the comparison shows."""
        return self.answer.verdict

    @property
    def recommended(self) -> str:
        """The model to use."""
        return self.answer.recommended

    @property
    def models(self) -> tuple[str, ...]:
        """Models that can predict."""
        return () if self.predictor is None else self.predictor.names

    def frame(self) -> pd.DataFrame:
        """Return the leaderboard: one row per model, metrics with their spread by source."""
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

    def importance(self, model: str | None = None) -> pd.DataFrame:
        """Return by how much predictions of held-out rows worsen where each column is shuffled, most important first.

        Parameters
        ----------
        model
            One that was explained: that to use, if None, or the network the verdict is about.

        Returns
        -------
        frame
            ``rise of`` the primary metric with its interval, ``seed sd`` of one training, and ``redundancy``, R² of the
            column on the others: what they hold too is not lost by shuffling. A column whose ``low`` is not above 0 is
            not shown to matter.

        Raises
        ------
        SettingError
            If the model was not explained.
        """
        return importance_frame(explanation_of(self.answer.explanations, model))

    def effect_of(self, column: str, model: str | None = None) -> pd.DataFrame:
        """Return how predictions change with a column, of itself; what causes what, no prediction tells.

        Parameters
        ----------
        column
            Its name.
        model
            As for :meth:`importance`.

        Returns
        -------
        frame
            A row per value: of a number, accumulated local effects, of mean 0; of a category, the mean change if all
            rows had that level in place of the first; with intervals. For more than two classes a block per class.

        Raises
        ------
        SettingError
            If the column or the model is unknown.
        """
        return effect_frame(explanation_of(self.answer.explanations, model), column)

    def marginal_effects(self, model: str | None = None) -> pd.DataFrame:
        """Return average marginal effects on predictions, per unit of a number and per level, with intervals.

        Parameters
        ----------
        model
            As for :meth:`importance`.

        Raises
        ------
        SettingError
            If the model was not explained.
        """
        return slopes_frame(explanation_of(self.answer.explanations, model))

    def to_dict(self) -> dict[str, Any]:
        """Return the answer as plain values that JSON can hold; missing numbers become None."""
        return self.answer.to_dict()

    def text(self, width: int | None = None) -> str:
        """Return verdict and leaderboard as text, in lines of so many letters; None asks the terminal."""
        return to_text(comparison_blocks(self.answer), width)

    @property
    def page(self) -> Page:
        """What its report is made of."""
        return comparison_page(self.answer)

    @property
    def figures(self) -> tuple[Picture, ...]:
        """All figures of the report."""
        return pictures_of(self.page)

    @property
    def tables(self) -> tuple[Sheet, ...]:
        """All tables of the report."""
        return sheets_of(self.page)

    def figure(self, name: str) -> Picture:
        """Return one of :attr:`figures`, to be saved for a paper or drawn on.

        Raises
        ------
        SettingError
            If there is none of that name; the message lists them.
        """
        return named("figure", self.figures, name)

    def table(self, name: str) -> Sheet:
        """Return one of :attr:`tables`, to be saved for a paper.

        Raises
        ------
        SettingError
            If there is none of that name; the message lists them.
        """
        return named("table", self.tables, name)

    def bundle(self, path: str | Path) -> Path:
        """Write report, tables, figures, their numbers and how to repeat it into one zip archive, and return where.

        Raises
        ------
        RunFolderError
            If the file cannot be written.
        """
        return write_bundle(self, path)

    def report(self, path: str | Path | None = None) -> Path:
        """Write the report, one self-contained HTML file, and return where.

        Raises
        ------
        SettingError
            If no path is given and the run has no folder.
        RunFolderError
            If the file cannot be written.
        """
        return write_report(page_html(self.page), path, self.folder)

    def predict(
        self, source: object = None, *, model: str | None = None, query: str | None = None, level: float | None = None
    ) -> pd.DataFrame:
        """Predict new rows; see :meth:`predict_with_notes` for what was unusual in them."""
        return self.predict_with_notes(source, model=model, query=query, level=level)[0]

    def predict_with_notes(
        self, source: object = None, *, model: str | None = None, query: str | None = None, level: float | None = None
    ) -> tuple[pd.DataFrame, tuple[Note, ...]]:
        """Predict new rows, and say what was unusual in them.

        Parameters
        ----------
        source, query
            The rows, as for :func:`fit`, or a single one as a record; the target is not needed.
        model
            One of :attr:`models`; None takes the recommended one.
        level
            Of an interval for a numeric outcome, such as 0.9: columns ``low`` and ``high``, from how far held-out rows
            lay from their predictions. None for no interval.

        Returns
        -------
        frame
            One row per row given, with the index of a pandas frame. Regression: ``prediction``; classification:
            ``prediction``, of the type the target has, and the probability of every class. Networks add ``seed_sd``,
            the spread over trainings, which is no interval for the outcome.
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
        x, notes, index = encode_new_rows(predictor.encoder, source, query=query)
        reach = None if level is None else predictor.reach(level, model)
        frame = pd.DataFrame(predicted_columns(predictor, x, model, reach), index=index)
        return frame, notes

    def _predictor(self) -> Predictor:
        if self.predictor is None:
            raise SettingError(
                f"{self.folder} is the run of an estimator, which reads features as it was given them.",
                f"Use thalweg.estimators.load_estimator(folder / {MODEL_FILE!r}).",
            )
        return self.predictor

    def save(self, folder: str | Path) -> Path:
        """Write the run into a new folder, which may be moved and which :func:`thalweg.load` opens; return where.

        Raises
        ------
        SettingError, RunFolderError
            As for :func:`~thalweg.answers.saving.save_run`.
        """
        return save_run(self, folder)

    def save_onnx(self, path: str | Path, *, model: str | None = None) -> Path:
        """Write a model, the recommended one unless another is named, as one ONNX file; return where.

        It has an input [rows 1] for every column of the table, see
        :func:`~thalweg.estimators.keeping.portable_run.save_run_onnx`.

        Raises
        ------
        MissingExtraError
            If onnx or onnxscript is not installed.
        SettingError
            If the model is unknown, or the run has a formula.
        RunFolderError
            If the file cannot be written.
        """
        from thalweg.estimators.keeping.portable_run import save_run_onnx  # noqa: PLC0415 - what nobody else needs

        return save_run_onnx(self._predictor(), path, model)

    def files(self) -> Mapping[str, bytes]:
        """Return the files of its folder, but for configuration and answer, by name."""
        return {**self._predictor().files(), REPORT_FILE: page_html(self.page).encode()}

    def _repr_html_(self) -> str:
        return fragment(comparison_blocks(self.answer), first_figure(self.page))

    def __str__(self) -> str:
        return printed(self.text())

    def __repr__(self) -> str:
        about, board = self.answer.about, self.answer.leaderboard
        return f"<Run: {about.outcome} in {about.table}, {len(board.rows)} models, use {self.recommended}>"


def predicted_columns(
    predictor: Predictor, x: FloatArray, model: str | None = None, reach: float | None = None
) -> dict[str, NDArray[Any]]:
    """Return predictions of encoded rows by name, as :meth:`Run.predict_with_notes` says them.

    Parameters
    ----------
    predictor
        Of the run.
    x
        Encoded rows [N D].
    model
        One of its models; None for the recommended one.
    reach
        How far intervals reach to either side; None for none.

    """
    found = predictor.predict(x, model)
    sd = found.seed_sd
    if predictor.task == "regression":
        columns: dict[str, NDArray[Any]] = {"prediction": found.values[:, 0]}
        spread = None if sd is None else sd[:, 0]
    else:
        best = found.values.argmax(axis=1)
        columns = {"prediction": _of_type(predictor.labels or predictor.classes)[best]}
        columns |= {f"probability {name}": found.values[:, number] for number, name in enumerate(predictor.classes)}
        spread = None if sd is None else sd[np.arange(len(best)), best]
    columns |= {} if spread is None else {"seed_sd": spread}
    if reach is not None:
        columns |= {"low": found.values[:, 0] - reach, "high": found.values[:, 0] + reach}
    return columns


def _of_type(labels: tuple[str | int | float | bool, ...]) -> NDArray[Any]:
    """Return the classes as an array of their own type; texts as objects."""
    texts = any(isinstance(label, str) for label in labels)
    return np.array(labels, dtype=object if texts else None)


def read_run(folder: RunFolder) -> Run:
    """Read a finished comparison, or the run of an estimator, from its folder.

    Raises
    ------
    RunFolderError
        If files are missing or damaged.

    Examples
    --------
    >>> read_run(RunFolder(Path("no/such/folder")))
    Traceback (most recent call last):
    thalweg.base.errors.RunFolderError: no/such/folder holds no finished run: answer.json is missing. ...
    """
    plain = folder.answer()
    with readable(folder.path / ANSWER_FILE):
        answer = Answer.from_dict(plain)
    own = folder.config().get("job") == COMPARISON
    return Run(answer, Predictor.read(folder.path) if own else None, folder.path)
