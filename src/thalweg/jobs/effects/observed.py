"""From a table of units that chose their treatment to its average effects in one call: read, estimate, report, keep."""

import time as clock
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Literal

from thalweg.answers.observed import OBSERVED, ObservedRun, read_observed
from thalweg.answers.saving import Origin, write_run
from thalweg.answers.showing import page_place, report_beside
from thalweg.base.checks import check_count, check_number, plain_value
from thalweg.base.durations import seconds_of
from thalweg.base.errors import SettingError, TrainingError, setting
from thalweg.base.machine.free_memory import memory_told
from thalweg.base.naming import name_of, names_of
from thalweg.base.run_folder import RunFolder, folder_at
from thalweg.base.wording import listed
from thalweg.data.reading.fingerprint import table_fingerprint
from thalweg.data.reading.table import RawTable, read_table
from thalweg.effects.one_treatment.average import QUIET
from thalweg.effects.one_treatment.effort import Effort
from thalweg.effects.one_treatment.observed import observe
from thalweg.jobs.columns import check_columns, one_or_several, unnamed
from thalweg.jobs.in_time.observed import lessons_in_time, observe_in_time
from thalweg.jobs.in_time.time_limit import TimeLimit
from thalweg.jobs.options import refuse_unknown
from thalweg.jobs.populations import Keeper
from thalweg.jobs.sources import data_of_run
from thalweg.report.progress import Watch, watching
from thalweg.train.remote.executors import work_on
from thalweg.train.versions import versions


@memory_told(f"Select rows or columns by a {setting('query')}.")
def fit_observed(
    source: object = None,
    *,
    target: str | None = None,
    treatments: str | Sequence[str] | None = None,
    query: str | None = None,
    features: str | Sequence[str] | None = None,
    ignore: str | Sequence[str] = (),
    clusters: str | Sequence[str] | None = None,
    groups: str | None = None,
    weights: str | None = None,
    weights_kind: str | None = None,
    baseline: object = None,
    folds: int = 5,
    repeats: int = 10,
    epochs: int = 60,
    seed: int = 0,
    level: float = 0.95,
    out: str | Path | None = None,
    time_limit: str | float | None = None,
    workers: int | None = None,
    executor: object = None,
    cluster: str | None = None,
    watch: Watch | Literal[False] | None = None,
    command: str | None = None,
    **others: Any,
) -> ObservedRun:
    """Estimate the average effect of one treatment that units chose, from what is known about them.

    Outcome and choice are predicted by whatever predicts units best that it never saw; units are compared where both
    choices were possible. It is an effect only if nothing unobserved moves both: the answer says how strong such a
    thing would have to be. For treatments that were randomised there is :func:`thalweg.fit_effects`.

    Parameters
    ----------
    source, query
        The table, as for :func:`thalweg.data.reading.table.read_table`.
    target
        Column of the outcome.
    treatments
        Column of the treatment, of two to twenty levels of any kind.
    features, ignore
        Columns from before the treatment (all others by default), columns to leave out.
    clusters
        Column of clusters for the standard errors, or two that cross; no fold cuts one. The groups if None.
    groups
        Column of groups that no fold may cut.
    weights, weights_kind
        Column of row weights; "frequency", "analytic" or "probability".
    baseline
        Level to measure against; None for one that reads as no treatment, such as 0, no or control.
    folds, repeats
        Folds of a split, and splits; the median over splits is told.
    epochs
        Of the networks among the learners.
    seed
        Names all randomness.
    level
        Nominal coverage of intervals.
    out
        Folder to keep the run in, or a file ending in .html for the report alone. Interrupted or killed, the same call
        with a folder goes on from the networks that were trained.
    time_limit
        How long it may take: seconds, or text such as ``"10m"``. The answer is then that of as many splits as could be
        completed, number by number what asking for so many ``repeats`` gives; with a folder, the same call goes on.
    workers
        The most networks at work at once.
    executor, cluster
        Where networks are trained, if not here, as for :func:`thalweg.fit`.
    watch
        Called a few times a second with the stage and how far it has come; None shows progress where somebody looks,
        False nothing.
    command
        How to repeat it, for the report.
    others
        Refused in words: what another job takes, or a setting that is misspelt.

    Returns
    -------
    ObservedRun
        Effects over all units and over those that can be compared, and what they rest on.

    Raises
    ------
    DataError, SettingError
        If table or settings make no sense; the message says where and what to do.
    RunFolderError
        If the folder cannot be used.
    TrainingError
        If it was interrupted, or a time limit is over before one split is done.

    Examples
    --------
    >>> columns = {"t": [0, 1] * 60, "x": [k % 7 for k in range(120)]}
    >>> columns["y"] = [2 * t + x + k % 3 for k, (t, x) in enumerate(zip(columns["t"], columns["x"]))]
    >>> run = fit_observed(columns, target="y", treatments="t", folds=2, repeats=1, epochs=5, workers=1)
    >>> run.effects.main[0].name
    '1 − 0'
    """
    began = clock.monotonic()
    refuse_unknown(OBSERVED, others, ())
    page = page_place(out)
    level = check_number("level", plain_value(level), low=0.0, high=1.0, open_low=True, open_high=True)
    check_count("seed", plain_value(seed), low=0)
    training = replace(QUIET, folds=folds, repeats=repeats, epochs=epochs, workers=workers)
    place = work_on(executor, cluster)
    limit = None if time_limit is None else TimeLimit(seconds_of("time_limit", time_limit), began)
    table = read_table(source, query=query)
    question: dict[str, Any] = {
        "target": _named("target", target),
        "treatments": _named("treatments", _alone(treatments)),
        "features": None if features is None else names_of(features),
        "ignore": names_of(ignore),
        "clusters": one_or_several(clusters),
        "groups": name_of("groups", groups),
        "weights": name_of("weights", weights),
        "weights_kind": weights_kind,
        "baseline": None if baseline is None else str(plain_value(baseline)),
    }
    roles = _roles(question, table)
    mark = table_fingerprint(table.frame)
    config: dict[str, Any] = {
        "job": OBSERVED,
        "question": question,
        "settings": {name: plain_value(getattr(training, name)) for name in ("folds", "repeats", "epochs")}
        | {"seed": plain_value(seed), "level": level},
        "data": {"table": table.name} | data_of_run(source, query, mark, len(table.frame)),
        "versions": versions(),
    }
    repeat = {
        **({"command": command} if command else {}),
        "data fingerprint": mark,
        **({"reading": " ".join(note.text for note in table.notes)} if table.notes else {}),
        "design": f"{folds} folds x {repeats} splits",
        "seed": str(seed),
        "versions": ", ".join(f"{name} {version}" for name, version in config["versions"].items()),
    }

    def estimated(folder: RunFolder | None = None) -> ObservedRun:
        started = clock.perf_counter()
        with place, watching(watch) as seen:
            keeper = Keeper(folder, OBSERVED)
            train = partial(keeper.train, stage=OBSERVED, workers=training.workers, watch=seen)
            effort = Effort(train, lessons_in_time(seen, OBSERVED))
            found, early = observe_in_time(
                lambda training: observe(
                    table.frame, **roles, training=training, level=level, seed=seed, table=table.name, effort=effort
                ),
                training,
                limit,
                kept=folder is not None,
            )
        took = {"seconds": f"{clock.perf_counter() - started:.1f}", "work": keeper.work.sentence}
        if folder is not None:
            folder.end_early(early)
        return ObservedRun(
            replace(found, repeat=repeat | took), None if folder is None else folder.path, Origin(config)
        )

    if out is None or page is not None:
        run = estimated()
        report_beside(run, page)
        return run
    folder = folder_at(out)
    with folder.opened(config):
        if folder.over:
            return read_observed(folder)
        try:
            run = estimated(folder)
        except KeyboardInterrupt:
            raise TrainingError(
                "Interrupted.", "The same command goes on from the networks that were trained by then."
            ) from None
        write_run(run, folder)
    return run


def _alone(treatments: str | Sequence[str] | None) -> str | None:
    """Return the single treatment; refuse several, whose combinations are for experiments."""
    names = names_of(treatments)
    if len(names) > 1:
        raise SettingError(
            f"{setting('treatments')} must name one column here, got {listed(names)}.",
            "Ask for one after the other; combinations of treatments that were randomised are for effects fit.",
        )
    return names[0] if names else None


def _named(part: str, column: str | None) -> str:
    name = name_of(part, column)
    if not name:
        raise SettingError(f"{setting(part)} names no column.", "Give the name of one.")
    return name


def _roles(question: Mapping[str, Any], table: RawTable) -> dict[str, Any]:
    """Return the question as :func:`observe` takes it, which knows no columns to ignore."""
    parts = ("target", "treatments", "features", "clusters", "groups", "weights")
    for part in parts:
        check_columns(table, part, names_of(question[part]))
    taken = [name for part in parts for name in names_of(question[part])]
    left = unnamed(table, question["ignore"], taken=taken)
    roles = {name: value for name, value in question.items() if name not in {"ignore", "treatments", "features"}}
    asked = left if question["ignore"] and question["features"] is None else question["features"]
    return roles | {"treatment": question["treatments"], "features": asked}
