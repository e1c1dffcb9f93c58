"""From a table of an experiment to the effects of all combinations in one call: read, check, train, report, keep."""

import time as clock
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Literal

from thalweg.answers.effects import EFFECTS, EffectsRun, read_effects
from thalweg.answers.effects_store import named_link
from thalweg.answers.saving import Origin, write_run
from thalweg.base.checks import check_choice, check_number, plain_value
from thalweg.base.durations import seconds_of
from thalweg.base.errors import SettingError, setting
from thalweg.base.machine.free_memory import memory_told
from thalweg.base.naming import name_of, names_of
from thalweg.base.run_folder import RunFolder, folder_at
from thalweg.data.reading.fingerprint import table_fingerprint
from thalweg.data.reading.table import RawTable, read_table
from thalweg.effects.dedl import SETTINGS, DeDL
from thalweg.effects.experiment.experiment import named_combination
from thalweg.effects.inference.intervals import ADJUSTMENTS
from thalweg.effects.summary import EffectsSummary, summarise
from thalweg.effects.training import STAGE
from thalweg.jobs.columns import check_columns, one_or_several, unnamed
from thalweg.jobs.effects.formula import roles_of_formula
from thalweg.jobs.in_time.time_limit import TimeLimit
from thalweg.jobs.option import read_widths
from thalweg.jobs.options import refuse_unknown
from thalweg.jobs.sources import data_of_run
from thalweg.report.progress import Watch, watching
from thalweg.select.record import to_plain
from thalweg.train.remote.executors import work_on
from thalweg.train.versions import versions


@memory_told(f"Select rows or columns by a {setting('query')}, or ask for fewer or smaller networks.")
def fit_effects(
    source: object = None,
    *,
    target: str | None = None,
    treatments: str | Sequence[str] | None = None,
    formula: str | None = None,
    query: str | None = None,
    features: str | Sequence[str] | None = None,
    ignore: str | Sequence[str] = (),
    clusters: str | Sequence[str] | None = None,
    groups: str | None = None,
    time: str | None = None,
    weights: str | None = None,
    weights_kind: str | None = None,
    combinations: str | Sequence[str] | None = None,
    allow_mismatch: bool = False,
    level: float = 0.95,
    adjust: str = "step-down",
    allow_unidentified: bool = False,
    leave_out: bool = False,
    out: str | Path | None = None,
    time_limit: str | float | None = None,
    executor: object = None,
    cluster: str | None = None,
    watch: Watch | Literal[False] | None = None,
    command: str | None = None,
    **settings: Any,
) -> EffectsRun:
    """Estimate the effect of every combination of treatments, and report it.

    Parameters
    ----------
    source, query
        The table, as for :func:`thalweg.data.reading.table.read_table`.
    target
        Column of the outcome.
    treatments
        Columns of 0 and 1.
    formula
        In place of target, treatments and features: ``"y ~ t1 + t2 | x1 + x2"``, names of columns alone.
    features, ignore
        Columns from before the treatment (all others by default), columns to leave out.
    clusters
        Column of clusters for the standard errors, or two that cross; no fold cuts one. The groups if None.
    groups
        Column of groups that no fold may cut.
    time
        Column of numbers or dates. Folds are then blocks of time, each answered by networks that learned from the
        others but for ``gap`` times on either side; where all units of one time received the same, times are the
        clusters if none are named.
    weights
        Column of row weights.
    weights_kind
        ``frequency``: the row stands for that many units, which are written out. ``analytic`` and ``probability``:
        only ratios matter; standard errors are robust. None is ``analytic``, with a note where it matters.
    combinations
        Those wanted, such as ``["101", "111"]``; None for all.
    allow_mismatch
        Go on although the counts contradict the planned shares.
    level, adjust
        Of all intervals; how p-values allow for looking at all effects.
    allow_unidentified
        Show weak and unidentified effects too.
    leave_out
        Predict every observed cell from the others as well, which trains the networks once more per cell.
    out
        Folder to keep the run in. Interrupted or killed, the same call continues it to the same numbers.
    time_limit
        How long it may take: seconds, or text such as ``"10m"``. The answer is then that of as many splits as could be
        completed, number by number what asking for so many ``repeats`` gives; with a folder, the same call goes on.
    executor, cluster
        Where networks are trained, if not here, as for :func:`thalweg.fit`.
    watch
        Called a few times a second with the stage and how far it has come; None shows progress where somebody looks,
        False nothing.
    command
        How to repeat the run, for the report.
    settings
        Fields of :class:`thalweg.DeDL`: ``link``, ``scale``, ``folds``, ``repeats``, ``seed`` and so on.

    Returns
    -------
    EffectsRun
        Effects with both intervals, the best combination, other methods beside it, and the fitted answer.

    Raises
    ------
    DataError, SettingError
        If table or settings make no sense; the message says where and what to do.
    RunFolderError
        If the folder cannot be used.
    TrainingError
        If networks diverge however small the steps, or a time limit is over before one split is done.

    Examples
    --------
    >>> columns = {"y": [0, 1, 2, 3, 0, 2, 2, 3] * 10, "a": [0, 1, 0, 1] * 20, "b": [0, 0, 1, 1] * 20, "x": range(80)}
    >>> quick = {"link": "linear", "epochs": 5, "folds": 2, "repeats": 1, "workers": 1}
    >>> fit_effects(columns, target="y", treatments=["a", "b"], **quick).best.combination
    '11'
    """
    began = clock.monotonic()
    level = check_number("level", level, low=0.0, high=1.0, open_low=True, open_high=True)
    check_choice("adjust", adjust, ADJUSTMENTS)
    dedl, place = make_dedl(settings), work_on(executor, cluster)
    table = read_table(source, query=query)
    question = question_of(
        {
            "target": target,
            "treatments": treatments,
            "formula": formula,
            "features": features,
            "ignore": ignore,
            "clusters": clusters,
            "groups": groups,
            "time": time,
            "weights": weights,
            "weights_kind": weights_kind,
            "combinations": combinations,
            "allow_mismatch": allow_mismatch,
        }
    )
    shown: dict[str, Any] = {"level": level, "adjust": adjust, "allow_unidentified": allow_unidentified}
    mark = table_fingerprint(table.frame)
    limit = None if time_limit is None else TimeLimit(seconds_of("time_limit", time_limit), began)

    def fitted(folder: RunFolder | None) -> EffectsSummary:
        from thalweg.jobs.in_time.effects import fit_in_time  # noqa: PLC0415 - a design is checked without torch
        from thalweg.jobs.populations import Keeper  # noqa: PLC0415 - the same

        started = clock.perf_counter()
        roles = roles_of(question, table, dedl)
        with place, watching(watch) as seen:
            keeper, workers = Keeper(folder, STAGE), dedl.training.workers
            train = partial(keeper.train, stage=STAGE, workers=workers, watch=seen)
            reached = fit_in_time(
                dedl, table.frame, roles, train, leave_out=leave_out, limit=limit, kept=folder is not None
            )
        took = {"seconds": f"{clock.perf_counter() - started:.1f}", "work": keeper.work.sentence}
        if folder is not None:
            folder.end_early(reached.early)
        repeat = _repeat(reached.dedl, table, mark, command, question["time"]) | took
        return summarise(reached.answer, table=table.name, **shown, left_out=reached.left_out, repeat=repeat)

    def config() -> dict[str, Any]:
        return {
            "job": EFFECTS,
            "question": question,
            "shown": shown | {"leave_out": leave_out},
            "settings": _plain_settings(dedl),
            "data": {"table": table.name} | data_of_run(source, query, mark, len(table.frame)),
            "versions": versions(),
        }

    if out is None:
        summary = fitted(None)
        try:
            return EffectsRun(summary, origin=Origin(config()))
        except SettingError:  # a link of one's own, which no folder can keep
            return EffectsRun(summary)
    folder, asked = folder_at(out), config()
    with folder.opened(asked):
        if folder.over:
            return read_effects(folder)
        run = EffectsRun(fitted(folder), folder.path, Origin(asked))
        write_run(run, folder)
    return run


def question_of(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is asked of a table in plain values, everything there is to ask.

    Parameters
    ----------
    asked
        What was given, by the names of :func:`fit_effects`; other names are left aside.

    Raises
    ------
    SettingError
        If target or treatments are not named.

    Examples
    --------
    >>> question_of({"target": "y", "treatments": "a"})["treatments"]
    ['a']
    """
    if asked.get("formula") is not None:
        twice = [name for name in ("target", "treatments", "features") if asked.get(name)]
        if twice:
            others = " and ".join(setting(name) for name in twice)
            raise SettingError(
                f"{setting('formula')} names the columns, and {others} too.", f"Give {setting('formula')} alone."
            )
        asked = {**asked, **roles_of_formula(asked["formula"])}
    for name in ("target", "treatments"):
        if not asked.get(name):
            raise SettingError(f"{setting(name)} names no column.", "Give the name of one.")

    def several(name: str) -> list[str] | None:
        return None if asked.get(name) is None else names_of(asked[name])

    return {
        "target": name_of("target", asked["target"]),
        "treatments": several("treatments"),
        "features": several("features"),
        "ignore": several("ignore") or [],
        "clusters": one_or_several(asked.get("clusters")),
        "groups": name_of("groups", asked.get("groups")),
        "time": name_of("time", asked.get("time")),
        "weights": name_of("weights", asked.get("weights")),
        "weights_kind": asked.get("weights_kind"),
        "combinations": several("combinations"),
        "allow_mismatch": bool(asked.get("allow_mismatch")),
    }


def roles_of(question: Mapping[str, Any], table: RawTable, dedl: DeDL) -> dict[str, Any]:
    """Return a question as :meth:`thalweg.DeDL.fit` takes it, which knows no columns to ignore.

    Parameters
    ----------
    question
        As of :func:`question_of`.
    table
        The table.
    dedl
        The estimator.

    Raises
    ------
    SettingError
        If a column does not exist or has two parts, or a combination is none of these treatments.

    Examples
    --------
    >>> table = read_table({"y": [1, 2], "a": [0, 1], "x": [3, 4], "id": [5, 6]})
    >>> roles_of(question_of({"target": "y", "treatments": ["a"], "ignore": ["id"]}), table, DeDL())["features"]
    ['x']
    """
    roles = {name: value for name, value in question.items() if name not in {"ignore", "combinations"}}
    for part in ("target", "treatments", "features", "clusters", "groups", "time", "weights"):
        check_columns(table, part, names_of(roles[part]))
    named = (roles["target"], *roles["treatments"], *names_of(roles["clusters"]))
    named += (roles["groups"], roles["time"], roles["weights"])
    left = unnamed(table, question["ignore"], taken=(*named, *(roles["features"] or ())))
    if question["ignore"] and roles["features"] is None:
        roles["features"] = left
    wanted = {"combinations": question["combinations"] or [], "baseline": names_of(dedl.baseline)}
    for name, labels in wanted.items():
        for label in labels:
            try:
                named_combination(label, roles["treatments"])
            except SettingError as error:
                raise SettingError(f"{setting(name)}: {error.problem}", error.remedy) from error
    return roles | {"combinations": question["combinations"]}


def make_dedl(settings: Mapping[str, Any]) -> DeDL:
    """Return the estimator with some of its settings.

    Raises
    ------
    SettingError
        If there is no such setting, or its value makes no sense.

    Examples
    --------
    >>> make_dedl({"fold": 3})
    Traceback (most recent call last):
    thalweg.base.errors.SettingError: There is no setting 'fold'. Did you mean 'folds'?
    """
    refuse_unknown("effects", settings, SETTINGS)
    plain = plain_value(dict(settings))
    if "hidden" in plain:
        plain["hidden"] = read_widths(plain["hidden"])
    for name in ("link", "ridge"):
        if isinstance(plain.get(name), list):
            plain[name] = tuple(plain[name])
    return DeDL(**plain)


def _plain_settings(dedl: DeDL) -> dict[str, Any]:
    """Return the settings that decide the numbers; the number of processes does not."""
    found = {name: value for name, value in dedl.settings.items() if name != "workers"}
    links = [dedl.link] if isinstance(dedl.link, str) or not isinstance(dedl.link, Sequence) else list(dedl.link)
    plain: dict[str, Any] = to_plain(found | {"link": [named_link(link) for link in links]})
    return plain


def _repeat(dedl: DeDL, table: RawTable, mark: str, command: str | None, time: str | None) -> dict[str, str]:
    training = dedl.training
    folds = f"{training.folds} folds" if time is None else f"{training.folds} blocks of {time}, gap {training.gap},"
    return {
        **({"command": command} if command else {}),
        "data fingerprint": mark,
        "rows": f"{len(table.frame):,}",
        **({"reading": " ".join(note.text for note in table.notes)} if table.notes else {}),
        "design": f"{folds} x {training.repeats} splits x {training.seeds} seeds",
        "seed": str(dedl.seed),
        "versions": ", ".join(f"{name} {version}" for name, version in versions().items()),
    }
