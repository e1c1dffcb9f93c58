"""From a table to a study in one call: pose the question, turn rows into numbers, carry it out, keep it."""

import time as clock
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final, Literal

from thalweg.answers.saving import Origin, write_run
from thalweg.answers.showing import page_place, report_beside
from thalweg.answers.study import STUDY, StudyRun, read_study
from thalweg.base.checks import check_choice, check_count, check_number, plain_value
from thalweg.base.durations import seconds_of
from thalweg.base.errors import SettingError, setting
from thalweg.base.machine.free_memory import memory_told
from thalweg.base.naming import name_of, names_of
from thalweg.base.run_folder import RunFolder, folder_at
from thalweg.data.problem import Problem, pose
from thalweg.jobs.columns import rows_of
from thalweg.jobs.in_time.study import study_in_time
from thalweg.jobs.in_time.time_limit import TimeLimit
from thalweg.jobs.option import read_widths
from thalweg.jobs.options import refuse_unknown
from thalweg.jobs.populations import Keeper
from thalweg.jobs.sources import data_of_run, with_outcome
from thalweg.net.activation import RULES
from thalweg.report.progress import Watch, watching
from thalweg.study.catalogue import STUDIES
from thalweg.study.sample import StudySample, sample_of
from thalweg.train.remote.executors import work_on
from thalweg.train.versions import versions

_COUNTS: Final = {"batch": 1, "epochs": 1, "keep": 1, "permutations": 1, "seeds": 2, "resamples": 2}


@memory_told(f"Select rows or columns by a {setting('query')}, or ask for fewer or smaller networks.")
def run_study(
    study: str,
    source: object = None,
    y: object = None,
    *,
    target: str | None = None,
    query: str | None = None,
    formula: str | None = None,
    features: str | Sequence[str] | None = None,
    ignore: str | Sequence[str] = (),
    groups: str | None = None,
    task: str | None = None,
    hidden: object = None,
    activation: str | None = None,
    batch: int | None = None,
    epochs: int | None = None,
    seeds: int | None = None,
    keep: int | None = None,
    permutations: int | None = None,
    resamples: int | None = None,
    level: float | None = None,
    seed: int = 0,
    out: str | Path | None = None,
    time_limit: str | float | None = None,
    workers: int | None = None,
    executor: object = None,
    cluster: str | None = None,
    watch: Watch | Literal[False] | None = None,
    command: str | None = None,
    **others: Any,
) -> StudyRun:
    """Show what training does on a table: numbers, figures and a page.

    Parameters
    ----------
    study
        One of :data:`thalweg.study.catalogue.STUDIES`, such as ``race``.
    source, query
        The table, as for :func:`thalweg.data.reading.table.read_table`, or a problem that was posed.
    y
        The outcome, where features and outcome come apart as ``(X, y)``, or the name of its column.
    target
        Column to predict; examples have one by default.
    formula
        ``"y ~ x1 + log(x2) + C(region)"`` instead of target and features.
    features, ignore
        Columns to predict from (all others by default), columns to leave out.
    groups
        Column of groups that no half cuts, for studies that cut the rows.
    task
        ``regression``, ``binary`` or ``multiclass``; inferred otherwise.
    hidden
        Widths of the hidden layers, such as 32, ``"64-64"`` or (64, 64); 0 for none.
    activation
        relu, tanh, sigmoid, …
    batch, epochs
        Rows of a mini-batch, passes over the rows.
    seeds
        Networks that differ by chance alone.
    keep
        Columns that a guided study retrains on.
    permutations, resamples
        Networks that learn a permuted outcome, and resampled sets of rows.
    level
        Nominal coverage of intervals.
    seed
        Names all randomness.
    out
        Folder to keep the run in, or a file ending in .html for the report alone. Interrupted or killed, the same call
        with a folder goes on from the networks that were trained.
    time_limit
        How long it may take: seconds, or text such as ``"10m"``. The study is then that of as many seeds as could be
        completed; with a folder, the same call goes on from there.
    workers
        Most networks at work at once; None for one per core. The numbers do not depend on it, but times do.
    executor, cluster
        Where networks are trained, if not here, as for :func:`thalweg.fit`.
    watch
        Called with the stage and how far it has come; None shows progress where somebody looks, False nothing.
    command
        How to repeat it, for the report.
    others
        Refused in words: what another job takes, or a setting that is misspelt.

    Returns
    -------
    StudyRun
        What was found, with its figures.

    Raises
    ------
    DataError
        If the table cannot be used.
    SettingError
        If settings make no sense, or the study does not take them.
    RunFolderError
        If the folder cannot be used.
    TrainingError
        If it was interrupted, or a time limit was over before its smallest form was complete.

    Examples
    --------
    >>> import thalweg as tw
    >>> run = tw.run_study("race", "example:iris", hidden=4, epochs=2, seeds=2)
    >>> run.answer.rows, len(run.answer.tracks)
    (150, 7)
    """
    began = clock.monotonic()
    limit = None if time_limit is None else TimeLimit(seconds_of("time_limit", time_limit), began)
    refuse_unknown(STUDY, others, ())
    check_choice("study", study, tuple(STUDIES))
    settings = _settings(
        study,
        {"hidden": hidden, "activation": activation, "batch": batch, "epochs": epochs, "seeds": seeds}
        | {"keep": keep, "permutations": permutations, "resamples": resamples, "level": level},
    )
    if groups is not None and not STUDIES[study].groups:
        raise SettingError(f"The study {study!r} cuts no rows, so {setting('groups')} say nothing.", "Leave it out.")
    check_count("seed", seed, low=0)
    if workers is not None:
        check_count("workers", workers)
    place, page = work_on(executor, cluster), page_place(out)
    source, target = with_outcome(source, y, target)
    roles: dict[str, Any] = {"target": name_of("target", target), "formula": formula, "task": task}
    roles |= {"groups": name_of("groups", groups)}
    roles |= {"features": None if features is None else names_of(features), "ignore": names_of(ignore)}
    problem = pose(source, query=query, **roles)
    for name in ("weights", "time"):
        if getattr(problem, name) is not None:
            raise SettingError(
                f"The problem was posed with {setting(name)}, which studies do not take: all rows count alike.",
                f"Pose it without {setting(name)}.",
            )
    config = {
        "job": STUDY,
        "question": roles,
        "settings": {"study": study, "seed": seed, **settings},
        "data": data_of_run(source, query, problem.fingerprint, len(problem)),
        "versions": versions(),
    }
    repeat = _repeat(problem, config, command)

    def studied(folder: RunFolder | None = None) -> StudyRun:
        keeper = Keeper(folder, STUDY)
        with place, watching(watch) as told, rows_of(problem):
            sample: StudySample = sample_of(problem)
            answer, early = study_in_time(
                study,
                partial(STUDIES[study].function(), sample, seed=seed, workers=workers, watch=told),
                settings,
                keeper.of_study,
                limit,
                kept=folder is not None,
            )
        if folder is not None:
            folder.end_early(early)
        facts = {"time limit": early} if early else {}
        facts |= {"work": keeper.work.sentence} if keeper.work.networks else {}
        return StudyRun(study, answer, repeat | facts, None if folder is None else folder.path, Origin(config))

    if out is None or page is not None:
        run = studied()
        report_beside(run, page)
        return run
    folder = folder_at(out)
    with folder.opened(config):
        if folder.over:
            return read_study(folder)
        run = studied(folder)
        write_run(run, folder)
    return run


def guide(source: object = None, y: object = None, **settings: Any) -> StudyRun:
    """Ask a population of networks which columns matter, on one half of the rows, and confirm it on the other.

    The steps of Davies et al. (2021, Nature 600, 70-74), each with its chance: whether there is anything to learn, by
    networks that learned a permuted outcome; which columns the networks use, by saliency, integrated gradients and
    shuffled columns, with intervals over resampled rows and starts, and false discovery rates by knockoffs; and whether
    networks that learned from the first columns alone do as well on rows that took no part.

    Parameters
    ----------
    source, y
        As for :func:`run_study`.
    settings
        Of :func:`run_study`: ``target``, ``groups``, ``hidden``, ``seeds``, ``keep``, ``permutations``, ``resamples`` …

    Returns
    -------
    StudyRun
        ``run.frame()`` has a row per column.

    Raises
    ------
    DataError, SettingError
        As for :func:`run_study`.

    Examples
    --------
    >>> import thalweg as tw
    >>> run = tw.guide("example:iris", hidden=4, epochs=5, seeds=2, permutations=3, resamples=2)
    >>> len(run.frame()), run.answer.held
    (4, 75)
    """
    return run_study("guide", source, y, **settings)


def _settings(study: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings that were given, checked; refuse those the study does not take."""
    takes = STUDIES[study].takes
    found = {name: plain_value(value) for name, value in given.items() if value is not None}
    for name in found:
        if name not in takes:
            raise SettingError(f"The study {study!r} takes no {setting(name)}.", "Leave it out.")
    if "hidden" in found:
        widths = read_widths(found["hidden"])
        found["hidden"] = () if widths == (0,) else widths
        for width in found["hidden"]:
            check_count("hidden", width)
    if "activation" in found:
        check_choice("activation", found["activation"], list(RULES))
    for name, least in _COUNTS.items():
        if name in found:
            check_count(name, found[name], low=least)
    if "level" in found:
        check_number("level", found["level"], low=0.5, high=1.0, open_high=True)
    return found


def _repeat(problem: Problem, config: Mapping[str, Any], command: str | None) -> dict[str, str]:
    settings = {name: value for name, value in config["settings"].items() if name not in {"study", "seed"}}
    return {
        **({"command": command} if command else {}),
        "data fingerprint": problem.fingerprint,
        "rows": f"{len(problem):,}",
        "seed": str(config["settings"]["seed"]),
        **{name: str(value) for name, value in settings.items()},
        "versions": ", ".join(f"{name} {version}" for name, version in config["versions"].items()),
    }
