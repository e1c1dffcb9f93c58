"""From a table to an answer in one call: pose the question, cut folds, train, compare, keep."""

import math
import time as clock
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, Literal

from thalweg.answers.comparison import COMPARISON, Run, read_run
from thalweg.answers.saving import Origin, write_run
from thalweg.base.checks import check_count
from thalweg.base.durations import seconds_of
from thalweg.base.errors import TrainingError, setting
from thalweg.base.machine.free_memory import memory_told
from thalweg.base.naming import name_of, names_of
from thalweg.base.run_folder import RunFolder, folder_at
from thalweg.data.notes import Note
from thalweg.data.problem import Problem, pose
from thalweg.data.profile import ColumnProfile
from thalweg.jobs.columns import rows_of
from thalweg.jobs.in_time.comparison import Means, Networks, train_networks
from thalweg.jobs.in_time.time_limit import TimeLimit
from thalweg.jobs.networks import with_networks
from thalweg.jobs.planned.machine import forecast_of, machine_words
from thalweg.jobs.sources import data_of_run, with_outcome
from thalweg.planning.machine.audit import ACTUAL, recorded
from thalweg.report.progress import Watch, watching
from thalweg.select.boosting import train_boosting
from thalweg.select.certify import linear_certificates, network_certificate
from thalweg.select.class_weight import with_class_weight
from thalweg.select.compare_models import (
    compare_models,
    fit_linear_models,
    held_out_rows,
    linear_model_predictions,
    search_curves,
    statuses,
)
from thalweg.select.comparison_answer import About, build_answer
from thalweg.select.crossval import CrossValidation, cross_validation
from thalweg.select.explaining.explain import explain
from thalweg.select.export import members_table, predictions_table, search_places
from thalweg.select.learning.boosted_trees import BoostedTrees
from thalweg.select.predictor import build_predictor
from thalweg.select.record import to_plain
from thalweg.select.settings import make_settings
from thalweg.train.remote.executors import work_on
from thalweg.train.versions import versions

BOOSTING_SHARE: Final = 0.25
"""Of a time limit, in which gradient boosting is fitted or left out."""


@memory_told(f"Select rows or columns by a {setting('query')}, or ask for fewer or smaller networks.")
def fit(
    source: object = None,
    y: object = None,
    *,
    target: str | None = None,
    query: str | None = None,
    formula: str | None = None,
    features: str | Sequence[str] | None = None,
    weights: str | None = None,
    weights_kind: str | None = None,
    class_weight: str | None = None,
    groups: str | None = None,
    clusters: str | None = None,
    time: str | None = None,
    ignore: str | Sequence[str] = (),
    task: str | None = None,
    out: str | Path | None = None,
    time_limit: str | float | None = None,
    workers: int | None = None,
    executor: object = None,
    cluster: str | None = None,
    watch: Watch | Literal[False] | None = None,
    command: str | None = None,
    **settings: Any,
) -> Run:
    """Compare linear models, gradient boosting and networks on a table, every number with its uncertainty.

    Networks of a small grid are trained over folds x seeds as one population; the network of each fold is chosen by
    validation rows that are never the held-out ones; linear models, gradient boosting and a baseline stand beside them.

    Parameters
    ----------
    source
        Path of a CSV, Parquet or JSON file, ``example:NAME``, or a pandas, polars or pyarrow frame, a numpy matrix,
        a mapping of columns.
    y
        The outcome, where features and outcome come apart as ``(X, y)``, or the name of its column.
    target
        Column to predict; examples have one by default.
    query
        SQL over files instead of a source, or over ``data``, the source.
    formula
        ``"y ~ x1 + log(x2) + C(region)"`` instead of target and features.
    features, ignore
        Columns to predict from (all others by default), columns to leave out.
    weights, groups
        Columns of row weights, and of groups no fold may cut; the clusters if None.
    weights_kind
        What the weights mean: ``frequency`` (the row stands for that many rows), ``analytic`` (a precision) or
        ``probability`` (the inverse of the chance to be sampled). None is ``analytic``, with a note where it matters.
    class_weight
        ``balanced``: every class counts alike, in training and in scores. None for rows as they are.
    clusters
        Column of clusters that the interval counts in place of rows; the groups if None.
    time
        Column of numbers or dates. Folds are then blocks in its order: each is predicted from those before it, and the
        last is held out from everything. ``gap`` of the settings leaves so many times between.
    task
        ``regression``, ``binary`` or ``multiclass``; inferred and said otherwise.
    out
        Folder to keep the run in. Interrupted or killed, the same call continues it to the same numbers.
    time_limit
        How long it may take: seconds, or text such as ``"10m"``. The answer is then that of as many seeds as could be
        completed, number by number what asking for so many gives; with a folder, the same call goes on from there.
        Linear models are fitted whatever it takes, boosting if a quarter of the time suffices, and what is left for
        scores and report is an estimate.
    workers
        Most networks at work at once; None for one per core. The numbers do not depend on it.
    executor, cluster
        Where networks are trained, if not here: an executor of ``concurrent.futures`` or a ``distributed.Client``; or
        ``local:4`` or the address of a Dask scheduler, see :func:`thalweg.train.remote.executors.work_on`. The numbers
        do not depend on it.
    watch
        Called a few times a second with the stage and how far it has come; None shows progress where somebody looks,
        False nothing.
    command
        How to repeat the run, for the report.
    settings
        ``folds``, ``gap``, ``seeds``, ``seed``, ``epochs``, ``patience``, ``validation``, ``batch``, ``level``,
        ``ramps``, ``trees``, ``metric``, as in :class:`thalweg.select.settings.Settings`. ``hidden`` (widths such as
        ``(64, 64)`` or ``"64-64"``), ``activation``, ``learning_rate``, ``dropout``, ``ridge``, ``optimizer``: one
        value, or a list of several, of which all combinations are tried. Or ``networks``: a list of mappings with these
        names.

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
    limit = None if time_limit is None else TimeLimit(seconds_of("time_limit", time_limit), clock.monotonic())
    chosen = make_settings(with_networks(settings))
    workers, place = None if workers is None else check_count("workers", workers), work_on(executor, cluster)
    source, target = with_outcome(source, y, target)
    roles: dict[str, Any] = {"target": target, "features": features, "weights": weights, "groups": groups}
    roles["weights_kind"] = weights_kind
    roles |= {"clusters": name_of("clusters", clusters), "time": name_of("time", time)}
    posed = pose(source, query=query, formula=formula, ignore=ignore, task=task, **roles)
    problem = with_class_weight(posed, class_weight)
    with rows_of(problem):
        plan = cross_validation(problem, chosen)
    question = {
        "target": problem.target if formula is None else None,
        "formula": formula,
        "weights": name_of("weights", weights),
        "weights_kind": weights_kind,
        "class_weight": class_weight,
        "groups": name_of("groups", groups),
        "clusters": name_of("clusters", clusters),
        "time": name_of("time", time),
        "ignore": names_of(ignore),
        "features": None if features is None else names_of(features),
        "task": task,
    }
    config = {
        "job": COMPARISON,
        "question": question,
        "settings": to_plain(chosen),
        "data": data_of_run(source, query, problem.fingerprint, len(problem)),
        "versions": versions(),
    }
    if out is None:
        with place, watching(watch) as told:
            return _compare(problem, plan, None, config, command, Means(workers, told, limit))
    folder = folder_at(out)
    with folder.opened(config):
        if folder.over:
            return read_run(folder)
        with place, watching(watch) as told:
            return _compare(problem, plan, folder, config, command, Means(workers, told, limit))


def _compare(
    problem: Problem,
    plan: CrossValidation,
    folder: RunFolder | None,
    config: Mapping[str, Any],
    command: str | None,
    means: Means,
) -> Run:
    started = clock.perf_counter()
    with rows_of(problem):
        fitted = fit_linear_models(plan)
        by_linear, linear = linear_model_predictions(plan, fitted), fitted[-1]
        boosted = _boosted(plan, means)
    members = plan.search_members()
    foreseen = forecast_of(plan, members, means.workers)
    began = clock.perf_counter()
    networks = train_networks(plan, folder, means if foreseen is None else means.expecting(foreseen.search))
    if plan.settings.trees and not boosted:
        networks = _without_boosting(networks, folder, means)
    trained = clock.perf_counter()
    plan, search, chosen = networks.plan, networks.search, networks.chosen
    models = compare_models(plan, search, chosen, boosted, by_linear)
    cost = {
        **({} if foreseen is None else recorded(foreseen)),
        ACTUAL: round(trained - began, 2),
        "actual seconds in all": round(clock.perf_counter() - started, 2),
    }
    about = _about(problem, config, command, statuses(plan, search, chosen), cost, networks)
    curves, certificates = search_curves(plan, search, networks.choices), linear_certificates(models, linear)
    judged = held_out_rows(plan)
    answer = build_answer(judged, models, about, curves, plan.settings.level, certificates, plan.settings.metric)
    board = answer.leaderboard
    answer = replace(
        answer,
        network_certificate=network_certificate(plan, chosen, board),
        explanations=explain(plan, judged, board, answer.recommended, chosen, fitted, boosted),
    )
    predictor = build_predictor(
        plan, networks.choices, chosen, linear, answer.recommended, boosted=boosted, judged=judged, models=models
    )
    files = {
        "predictions.parquet": predictions_table(plan, models),
        "members.csv": members_table(search_places(plan, search), networks.searched),
    }
    run = Run(answer, predictor, None if folder is None else folder.path, Origin(config, files))
    if folder is not None:
        folder.end_early(networks.early)
        write_run(run, folder)
    return run


def _boosted(plan: CrossValidation, means: Means) -> list[BoostedTrees]:
    """Fit gradient boosting; in a limited time, of which networks need the most, perhaps not."""
    watch, limit = means.watch, means.limit
    until = math.inf if limit is None else limit.started + BOOSTING_SHARE * (limit.moment - limit.started)
    told = None if watch is None else lambda done: watch("boosting", done)
    try:
        return train_boosting(plan, means.workers, told, until)
    except KeyboardInterrupt:
        raise TrainingError("Interrupted while gradient boosting was fitted.", "Give the same command again.") from None


def _without_boosting(networks: Networks, folder: RunFolder | None, means: Means) -> Networks:
    """Say that time was over before gradient boosting was fitted: the same command goes on with it."""
    assert means.limit is not None, "only a time limit ends it early"
    told = means.limit.told("left no room for gradient boosting.", kept=folder is not None)
    return replace(networks, early=" ".join(filter(None, (networks.early, told))))


def _about(
    problem: Problem,
    config: Mapping[str, Any],
    command: str | None,
    status: Mapping[str, Mapping[str, int]],
    cost: Mapping[str, float],
    networks: Networks,
) -> About:
    settings, asked, reached = config["settings"], config["question"], networks.plan.settings
    in_time = "" if asked["time"] is None else f" in order of {asked['time']}, gap {settings['gap']},"
    repeat = {
        **({"command": command} if command else {}),
        "data fingerprint": problem.fingerprint,
        "rows": f"{len(problem):,}",
        **({} if problem.weights_kind is None else {"weights": problem.weights_kind}),
        "design": f"{settings['folds']} folds{in_time} x {reached.seeds} seeds x {len(reached.networks)} networks",
        "seed": str(settings["seed"]),
        "stopping": (
            f"at most {settings['epochs']} epochs, patience {settings['patience']}, "
            f"{settings['validation']:.0%} of the training rows to validate"
        ),
        **({"work": networks.work.sentence} if networks.work.networks else {}),
        "machine": machine_words(),
        "versions": ", ".join(f"{name} {version}" for name, version in config["versions"].items()),
    }
    labelled = any(column.label for column in problem.profile)
    profile = tuple(_profile_line(column, labelled=labelled) for column in problem.profile)
    notes = (*problem.notes, *([Note("time_limit", networks.early)] if networks.early else []))
    return About(problem.name, problem.target, profile, notes, status, cost, repeat, problem.rows_read)


def _profile_line(column: ColumnProfile, *, labelled: bool) -> Mapping[str, str | int | float | None]:
    top = ", ".join(f"{value} ({count:,})" for value, count in column.top)
    called = {"label": column.label} if labelled else {}
    facts = {"column": column.name, **called, "role": column.role, "kind": column.kind}
    counts = {"missing": column.missing, "distinct": column.distinct}
    return {**facts, **counts, "min": column.minimum, "mean": column.mean, "max": column.maximum, "most frequent": top}
