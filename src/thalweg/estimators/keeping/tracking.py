"""A run folder for a fit: what was asked, every model, out-of-fold predictions, the answer; loads torch."""

import hashlib
import json
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from thalweg.base.arrays import FloatArray, IntArray
from thalweg.base.errors import RunFolderError, SettingError
from thalweg.base.run_folder import MEMBERS_FOLDER, MODEL_FILE, RunFolder
from thalweg.data.notes import Note
from thalweg.estimators.ensemble.linear_group import LinearGroup, fit_view
from thalweg.estimators.ensemble.model_population import ModelPopulation
from thalweg.estimators.ensemble.network_group import NetworkGroup
from thalweg.estimators.ensemble.networks import NetworkFit, plan_networks, train_lessons
from thalweg.estimators.ensemble.own_validation import Validation
from thalweg.estimators.keeping.boosting_beside import boosting_beside
from thalweg.estimators.keeping.estimator_file import save_estimator
from thalweg.estimators.keeping.plain_settings import settings_to_plain
from thalweg.select.compare_models import ENSEMBLE
from thalweg.select.comparison_answer import About, Answer, build_answer
from thalweg.select.export import held_out_table, members_table
from thalweg.select.learning.linear_models import BASELINE, LINEAR, reference_name
from thalweg.select.learning.observations import Observations
from thalweg.select.learning.views import FOLD, View
from thalweg.select.scoring.predictions import HeldOutRows, ModelPredictions, ensemble, held_out_predictions
from thalweg.train.progress import Progress
from thalweg.train.store import MemberStore
from thalweg.train.versions import versions

NETWORK = "network"
UNTRACKED = {"out", "workers", "executor", "verbose"}  # settings that change no number


def tracked_fit(
    model: Any,
    rows: Observations,
    task: str,
    settings: Mapping[str, Any],
    *,
    seed: int,
    validation: Validation | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    before: ModelPopulation | None = None,
) -> tuple[NetworkFit, Path]:
    """Train a population and keep every network in a run folder as it finishes; a killed fit goes on where it was.

    Parameters
    ----------
    model
        The estimator; its ``out`` is the folder of runs.
    rows, task, settings, seed, validation, on_progress, before
        As for :func:`~thalweg.estimators.ensemble.networks.fit_networks`.

    Returns
    -------
    NetworkFit
        Models and curves.
    Path
        The run's folder, named by the estimator and a hash of settings, data and versions: equal fits share one.

    Raises
    ------
    RunFolderError
        If the folder cannot be used.

    Examples
    --------
    >>> import tempfile
    >>> from thalweg.estimators import NetRegressor
    >>> x = np.linspace(-1.0, 1.0, 40)[:, None]
    >>> model = NetRegressor(hidden=(4,), seeds=1, epochs=2, out=tempfile.mkdtemp()).fit(x, x[:, 0])
    >>> sorted(path.name for path in model.run_folder_.iterdir() if path.suffix in {".csv", ".safetensors"})
    ['members.csv', 'model.safetensors']
    """
    folder = _open_run(model, rows, task, seed, validation, before)
    started = time.perf_counter()
    try:
        plan = plan_networks(rows, task, settings, seed=seed, validation=validation, before=before)
        store = MemberStore(
            folder.path / MEMBERS_FOLDER / "all", run=folder.identity("all"), guard=folder.refuse_replaced
        )
        fits = train_lessons(
            plan.lessons,
            on_progress=on_progress,
            store=store,
            workers=settings["workers"],
            executor=settings["executor"],
        )
        folder.write("members.csv", members_table(view_places(plan.views, plan.sizes), fits))
        _write_seconds(folder, time.perf_counter() - started)
        return plan.collect(fits), folder.path
    finally:
        folder.close()


def keep_linear(model: Any, task: str, *, seed: int, seconds: float) -> Path:
    """Write a fitted linear model's run folder; fitting is exact and quick, so a killed fit simply starts again.

    Parameters
    ----------
    model
        The estimator; its ``out`` is the folder of runs.
    task, seed
        As for :func:`~thalweg.estimators.ensemble.linear_group.fit_linear`.
    seconds
        What the fit took.

    Returns
    -------
    Path
        The run's folder, named as by :func:`tracked_fit`.

    Raises
    ------
    RunFolderError
        If the folder cannot be used.

    Examples
    --------
    >>> import tempfile
    >>> from thalweg.estimators import LinearRegressor
    >>> x = np.linspace(-1.0, 1.0, 40)[:, None]
    >>> model = LinearRegressor(folds=3, out=tempfile.mkdtemp()).fit(x, x[:, 0])
    >>> (model.run_folder_ / "answer.json").exists()
    True
    """
    folder = _open_run(model, model.population_.rows, task, seed, None)
    try:
        _write_seconds(folder, seconds)
        keep_results(model, task, model.population_, folder.path)
    finally:
        folder.close()
    return folder.path


def keep_stream(model: Any, rows: Observations, task: str, *, seed: int) -> Path:
    """Write an estimator as it is after a call of ``partial_fit``; its folder is named by the first call's rows.

    Returns
    -------
    Path
        A folder with the file that :func:`~thalweg.estimators.keeping.estimator_file.load_estimator` reads.

    Raises
    ------
    RunFolderError
        If it cannot be written.
    """
    place = getattr(model, "run_folder_", None)
    if place is None:
        place = Path(model.out) / f"{type(model).__name__}-stream-{_digest(run_config(model, rows, task, seed, None))}"
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RunFolderError(f"{place} cannot be written: {error.strerror}.", "Choose another out.") from error
    save_estimator(model, place / MODEL_FILE)
    return Path(place)


def _digest(config: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(config, sort_keys=True).encode()).hexdigest()[:10]


def _open_run(
    model: Any,
    rows: Observations,
    task: str,
    seed: int,
    validation: Validation | None,
    before: ModelPopulation | None = None,
) -> RunFolder:
    """Open the folder named by the estimator and a hash of settings, data, versions and networks to start from."""
    config = run_config(model, rows, task, seed, validation)
    if before is not None:
        assert isinstance(before.final, NetworkGroup)
        numbers = b"".join(network.fit.parameters.tobytes() for network in before.final.networks)
        config["start"] = hashlib.sha256(numbers).hexdigest()
    folder = RunFolder(Path(model.out) / f"{type(model).__name__}-{_digest(config)}")
    folder.open(config)
    return folder


def _write_seconds(folder: RunFolder, seconds: float) -> None:
    folder.write_json("cost.json", {"actual seconds": round(seconds, 3)})


def run_config(model: Any, rows: Observations, task: str, seed: int, validation: Validation | None) -> dict[str, Any]:
    """Return what a run was asked, in plain values."""
    parts = [rows.x, rows.y, rows.weights, rows.origin, rows.places, *([] if rows.groups is None else [rows.groups])]
    parts += [] if rows.time is None else [None, rows.time]
    parts += [] if validation is None else [validation.x, validation.y]
    digest = hashlib.sha256()
    for part in parts:
        digest.update(b"none" if part is None else str(part.shape).encode() + np.ascontiguousarray(part).tobytes())
    chosen = {key: value for key, value in model.get_params(deep=False).items() if key not in UNTRACKED}
    return {
        "job": "estimator",
        "question": {"estimator": type(model).__name__, "task": task, "columns": rows.x.shape[1]},
        "settings": {key: _plain_or_words(value) for key, value in chosen.items()} | {"seed": seed},
        "data": {"fingerprint": digest.hexdigest(), "rows": len(rows)},
        "versions": versions(),
    }


def _plain_or_words(value: Any) -> Any:
    try:
        return settings_to_plain(value)
    except SettingError:  # a splitter or a module of the user: its words have to do
        return repr(value)


def view_places(views: Sequence[View], sizes: Sequence[int]) -> list[dict[str, object]]:
    """Return where every network stands, for :func:`~thalweg.select.export.members_table`."""
    pairs = zip(views, sizes, strict=True)
    return [
        {"part": view.part, "number": view.number + 1, "seed": seed} for view, size in pairs for seed in range(size)
    ]


def finish_tracked(model: Any, task: str, population: ModelPopulation, path: Path) -> None:
    """Write the results of a tracked fit into its folder, while nobody else works there.

    Raises
    ------
    RunFolderError
        If the folder is in use or cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from thalweg.estimators import NetRegressor
    >>> x = np.linspace(-1.0, 1.0, 40)[:, None]
    >>> model = NetRegressor(hidden=(4,), seeds=1, epochs=2, folds=2, out=tempfile.mkdtemp()).fit(x, x[:, 0])
    >>> finish_tracked(model, "regression", model.population_, model.run_folder_)
    >>> RunFolder(model.run_folder_).finished
    True
    """
    folder = RunFolder(path)
    with folder.opened(folder.config()):
        keep_results(model, task, population, path)


def keep_results(model: Any, task: str, population: ModelPopulation, path: Path) -> None:
    """Write the models, and with folds the out-of-fold predictions and the answer beside other models; answer last."""
    folder = RunFolder(path)
    with suppress(SettingError):  # torch modules of the user are kept under members/ alone
        save_estimator(model, path / MODEL_FILE)
    if not population.folds or (population.rows.y.shape[1] > 1 and task != "multiclass"):
        return
    classes = () if task == "regression" else tuple(map(str, model.classes_))
    judged = judged_rows(population, task, classes)
    linear = isinstance(population.final, LinearGroup)
    own = own_linear(model.ridge, population, judged) if linear else own_networks(population, judged)
    gap = getattr(model, "gap", 0)
    boosted, notes = boosting_beside(population, judged, _outcome(population.rows, task), gap)
    models = [*own, *linear_predictions(population, judged), *boosted]
    folder.write("predictions.parquet", _by_row(judged, population, models))
    folder.finish(_answer(model, folder, judged, models, notes).to_dict())


def _by_row(judged: HeldOutRows, population: ModelPopulation, models: Sequence[ModelPredictions]) -> bytes:
    """Write out-of-fold predictions row by row as the user gave them; those of weight 0 have none."""
    rows, judged_places = population.rows, _judged_places(population)
    places = np.argsort(rows.origin) if rows.places is None else rows.places
    position = np.append(np.full(len(rows), -1), -1)  # the last is of rows of weight 0
    position[judged_places] = np.arange(len(judged_places))
    present = np.flatnonzero(position[places] >= 0)
    seen = position[places[present]]
    weights = None if judged.weights is None else judged.weights[seen]
    groups = None if judged.groups is None else judged.groups[seen]
    given = replace(judged, outcome=judged.outcome[seen], fold=judged.fold[seen], weights=weights, groups=groups)
    return held_out_table(given, present + 1, [replace(model, values=model.values[:, seen]) for model in models])


def judged_rows(population: ModelPopulation, task: str, classes: Sequence[str]) -> HeldOutRows:
    """Return the rows all models are judged on: those that some fold holds out."""
    rows, seen = population.rows, _judged_places(population)
    return HeldOutRows(
        task,
        _outcome(rows, task)[seen],
        population.fold[seen],
        reference_name(task),
        tuple(classes),
        None if rows.weights is None else rows.weights[seen],
        groups=None if rows.groups is None else rows.groups[seen],
        in_time=population.in_time,
    )


def _judged_places(population: ModelPopulation) -> IntArray:
    return np.flatnonzero(population.fold >= 0)


def _outcome(rows: Observations, task: str) -> FloatArray | IntArray:
    """Return numbers, or codes of classes [N]."""
    if task == "multiclass":
        return np.asarray(rows.y.argmax(axis=1))
    return rows.y[:, 0] if task == "regression" else rows.y[:, 0].astype(np.int64)


def fold_predictions(population: ModelPopulation, judged: HeldOutRows) -> FloatArray:
    """Return out-of-fold predictions of the models of a population, one per seed [R N C]."""
    pairs = zip(population.held_out, population.folds, strict=True)
    parts = ((held, group.predict(population.rows.x[held])) for held, group in pairs)
    return _table(parts, population, judged, max(map(len, population.folds)))


def _table(
    parts: Iterable[tuple[IntArray, FloatArray]], population: ModelPopulation, judged: HeldOutRows, models: int = 1
) -> FloatArray:
    columns = max(1, len(judged.classes))
    found = held_out_predictions(parts, rows=len(population.rows), columns=columns, models=models)
    return found[:, _judged_places(population)]


def own_networks(population: ModelPopulation, judged: HeldOutRows) -> list[ModelPredictions]:
    """Return out-of-fold predictions of each seed, and of their mean."""
    network = ModelPredictions(NETWORK, "network", fold_predictions(population, judged))
    return [network, *([ensemble(network, ENSEMBLE)] if len(network.values) > 1 else [])]


def own_linear(ridge: float | None, population: ModelPopulation, judged: HeldOutRows) -> list[ModelPredictions]:
    """Return those of a linear estimator, unless its penalty is that of a model it stands beside anyway."""
    if ridge in LINEAR[judged.task].values():
        return []
    name = f"{judged.reference}, penalty {ridge:g}"
    return [ModelPredictions(name, "linear", fold_predictions(population, judged))]


def linear_predictions(population: ModelPopulation, judged: HeldOutRows) -> list[ModelPredictions]:
    """Return out-of-fold predictions of a model without features and of the linear models of the task."""
    rows, task = population.rows, judged.task
    pairs = enumerate(zip(population.learned, population.held_out, strict=True))
    views = [View(FOLD, k, learned, held_out) for k, (learned, held_out) in pairs]
    baseline = ((view.held_out, _shares(rows, judged, view)) for view in views)
    found = [ModelPredictions(BASELINE[task], "baseline", _table(baseline, population, judged))]
    for name, penalty in LINEAR[task].items():
        lines = ((view.held_out, fit_view(rows, view, task, penalty).predict(rows.x[view.held_out])) for view in views)
        found.append(ModelPredictions(name, "linear", _table(lines, population, judged)))
    return found


def _shares(rows: Observations, judged: HeldOutRows, view: View) -> FloatArray:
    """Return the mean, or the shares of the classes, in a view as predictions for its held-out rows [1 n C]."""
    weights = None if rows.weights is None else rows.weights[view.rows]
    y = rows.y[view.rows]
    if judged.task != "regression":
        y = np.eye(len(judged.classes))[_outcome(rows, judged.task)[view.rows]]
    shares: FloatArray = np.average(y, axis=0, weights=weights)
    return np.tile(shares, (1, len(view.held_out), 1))


def _answer(
    model: Any,
    folder: RunFolder,
    judged: HeldOutRows,
    models: Sequence[ModelPredictions],
    added: Sequence[Note],
) -> Answer:
    config, status = folder.config(), {}
    if (folder.path / "members.csv").exists():
        lines = pd.read_csv(folder.path / "members.csv")
        status = {NETWORK: {str(k): int(v) for k, v in lines["status"].value_counts().items()}}
    repeat = {
        "estimator": f"{type(model).__name__}({', '.join(_changed(model))})",
        "data fingerprint": config["data"]["fingerprint"],
        "rows": f"{len(judged.outcome):,}",
        "versions": ", ".join(f"{name} {version}" for name, version in config["versions"].items()),
    }
    cost = folder.read_json("cost.json")
    note = Note("estimator", "Folds are those of the estimator; rows stand in canonical order, sorted by content.")
    remark = model.population_.rows.remark
    notes = (note, *getattr(model, "notes_", ()), *(() if remark is None else (Note("weights", remark),)), *added)
    about = About("the rows given to fit", "the outcome", (), notes, status, cost, repeat)
    return build_answer(judged, models, about)


def _changed(model: Any) -> list[str]:
    """Return the settings that are not the defaults, as they would be typed."""
    defaults = type(model)().get_params(deep=False)
    given = model.get_params(deep=False).items()
    return [f"{key}={value!r}" for key, value in given if repr(value) != repr(defaults[key])]
