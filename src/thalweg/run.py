"""From a table to an answer in one call, and everything that can be done with the run afterwards."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from thalweg.base.errors import SettingError, TrainingError
from thalweg.base.version import __version__
from thalweg.data.new_rows import encode_new_rows
from thalweg.data.notes import Note as DataNote
from thalweg.data.problem import Problem, pose
from thalweg.report.page import render_page
from thalweg.report.terminal import leaderboard_text
from thalweg.select.about import about_run
from thalweg.select.answer import Answer, build_answer
from thalweg.select.compare_models import (
    Trained,
    choose_networks,
    compare_models,
    held_out_rows,
    search_curves,
    statuses,
)
from thalweg.select.crossval import CrossValidation, cross_validation
from thalweg.select.export import members_table, predictions_table
from thalweg.select.folder import ANSWER_FILE, REPORT_FILE, RunFolder, versions
from thalweg.select.predictor import Predictor, build_predictor
from thalweg.select.record import to_plain
from thalweg.select.settings import make_settings
from thalweg.train.fit import Progress, fit_population
from thalweg.train.population import Member
from thalweg.train.slots import predicted_seconds
from thalweg.train.store import MemberStore

Watch = Callable[[str, Progress], None]


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """A finished comparison of models.

    Parameters
    ----------
    answer
        Leaderboard, verdict, curves, notes: everything a report prints.
    predictor
        The models learned from all rows.
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
    predictor: Predictor
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
        return self.predictor.names

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
        x, notes = encode_new_rows(self.predictor.encoder, source, query=query)
        found = self.predictor.predict(x, model)
        if self.predictor.task == "regression":
            frame = pd.DataFrame({"prediction": found.values[:, 0]})
            sd = None if found.seed_sd is None else found.seed_sd[:, 0]
        else:
            best = found.values.argmax(axis=1)
            frame = pd.DataFrame({"prediction": np.array(self.predictor.classes, dtype=object)[best]})
            for number, name in enumerate(self.predictor.classes):
                frame[f"probability {name}"] = found.values[:, number]
            sd = None if found.seed_sd is None else found.seed_sd[np.arange(len(best)), best]
        if sd is not None:
            frame["seed_sd"] = sd
        return frame, notes

    def __repr__(self) -> str:
        return leaderboard_text(self.answer)


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
    return Run(RunFolder(path).answer(), Predictor.read(path), path)


def fit(
    source: object = None,
    *,
    target: str | None = None,
    query: str | None = None,
    formula: str | None = None,
    features: Sequence[str] | None = None,
    weights: str | None = None,
    groups: str | None = None,
    ignore: Sequence[str] = (),
    task: str | None = None,
    out: str | Path | None = None,
    workers: int | None = None,
    watch: Watch | None = None,
    command: str | None = None,
    **settings: Any,
) -> Run:
    """Compare linear models and networks on a table, every number with its uncertainty.

    Networks of a small grid are trained over folds x seeds as one population; the network of each fold is chosen by
    validation rows that are never the held-out ones; linear models and a baseline stand beside them.

    Parameters
    ----------
    source
        Path of a CSV, Parquet or JSON file, ``example:NAME``, or a pandas, polars or pyarrow frame, a numpy matrix,
        a mapping of columns.
    target
        Column to predict; examples have one by default.
    query
        SQL over files instead of a source, or over ``data``, the source.
    formula
        ``"y ~ x1 + log(x2) + C(region)"`` instead of target and features.
    features, ignore
        Columns to predict from (all others by default), columns to leave out.
    weights, groups
        Columns of row weights, and of groups no fold may cut.
    task
        ``regression``, ``binary`` or ``multiclass``; inferred and said otherwise.
    out
        Folder to keep the run in. Interrupted or killed, the same call continues it to the same numbers.
    workers
        Processes; None for one per core. The numbers do not depend on it.
    watch
        Called a few times a second with the stage and how far it has come.
    command
        How to repeat the run, for the report.
    settings
        Fields of :class:`thalweg.select.settings.Settings`: ``folds``, ``seeds``, ``seed``, ``networks`` (settings or
        mappings such as ``{"hidden": [64, 64], "learning_rate": 0.003, "dropout": 0.2}``), ``epochs``, ``patience``,
        ``validation``, ``batch``, ``level``.

    Returns
    -------
    Run
        Leaderboard, verdict, report, predictions.

    Raises
    ------
    DataError, SettingError
        If table or settings make no sense; the message says where and what to do.
    RunFolderError
        If the folder cannot be used.
    TrainingError
        If it was interrupted before the end.

    Examples
    --------
    >>> import thalweg as tw
    >>> run = tw.fit("example:wine", folds=3, seeds=2, networks=[{"hidden": [8]}], epochs=30)
    >>> run.answer.leaderboard.reference
    'softmax regression'
    """
    chosen = make_settings(settings)
    roles: dict[str, Any] = {"target": target, "features": features, "weights": weights, "groups": groups}
    problem = pose(source, query=query, formula=formula, ignore=ignore, task=task, **roles)
    plan = cross_validation(problem, chosen)
    question = {
        "target": problem.target if formula is None else None,
        "formula": formula,
        "weights": weights,
        "groups": groups,
        "ignore": list(ignore),
        "features": None if features is None else list(features),
        "task": task,
    }
    config = {
        "question": question,
        "settings": to_plain(chosen),
        "data": {
            "source": str(source) if isinstance(source, (str, Path)) else None,
            "query": query,
            "fingerprint": problem.fingerprint,
            "rows": len(problem),
        },
        "versions": versions(__version__),
    }
    if out is None:
        return _compare(problem, plan, None, config, workers, watch, command)
    folder = RunFolder(Path(out))
    folder.open(config)
    try:
        if folder.finished:
            return load_run(out)
        return _compare(problem, plan, folder, config, workers, watch, command)
    finally:
        folder.close()


def _compare(
    problem: Problem,
    plan: CrossValidation,
    folder: RunFolder | None,
    config: Mapping[str, Any],
    workers: int | None,
    watch: Watch | None,
    command: str | None,
) -> Run:
    started = time.perf_counter()
    members = plan.search_members()
    predicted = predicted_seconds(members, plan.table, workers)
    search = _train(plan, members, "search", folder, workers, watch)
    choices = choose_networks(plan, search)
    chosen = _train(plan, plan.chosen_members(choices), "chosen", folder, workers, watch) if choices else None
    models = compare_models(plan, search, chosen)
    cost = {
        "predicted seconds, at most": round(predicted, 2),
        "actual seconds": round(time.perf_counter() - started, 2),
    }
    about = about_run(problem, config, command, statuses(plan, search, chosen), cost)
    answer = build_answer(held_out_rows(plan), models, about, search_curves(plan, search, choices), plan.settings.level)
    predictor = build_predictor(plan, choices, chosen, answer.recommended)
    run = Run(answer, predictor, None if folder is None else folder.path)
    if folder is not None:
        folder.write("predictions.parquet", predictions_table(plan, models))
        folder.write("members.csv", members_table(plan, search))
        _keep(run, folder)
    return run


def _train(
    plan: CrossValidation,
    members: Sequence[Member],
    stage: str,
    folder: RunFolder | None,
    workers: int | None,
    watch: Watch | None,
) -> Trained:
    """Train one population, keeping what is done; an interrupted run raises after all is on disk."""
    if not members:
        return Trained([], [])
    store: MemberStore | None = None if folder is None else folder.members(stage)
    done = [] if store is None else store.read()
    try:
        found = fit_population(
            plan.table,
            members,
            workers=workers,
            done=done,
            on_member=None if store is None else store.add,
            on_progress=None if watch is None else lambda progress: watch(stage, progress),
        )
    finally:
        if store is not None:
            store.flush()
    if found.interrupted:
        kept = f"{len(found.members)} of {len(members)} networks are done"
        if folder is None:
            raise TrainingError(f"Interrupted: {kept}, and nothing is kept.", "Give out=FOLDER to be able to continue.")
        raise TrainingError(
            f"Interrupted: {kept} and kept in {folder.path}.", "Give the same command again to continue."
        )
    return Trained(members, found.members)


def _keep(run: Run, folder: RunFolder) -> None:
    """Write models, report and answer; the answer last, for it says that the run is complete."""
    for name, content in run.predictor.files().items():
        folder.write(name, content)
    folder.write(REPORT_FILE, render_page(run.answer).encode())
    folder.write_json(ANSWER_FILE, run.answer.to_dict())
