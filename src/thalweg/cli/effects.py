"""What ``thalweg effects`` does: options become calls, results become what the command line prints."""

import argparse
import shlex
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import duckdb
import pandas as pd

from thalweg.answers.effects import EffectsRun
from thalweg.answers.loading import load
from thalweg.base.checks import check_number
from thalweg.base.errors import DataError, RunFolderError, SettingError
from thalweg.base.files import write_whole
from thalweg.data.reading.table import Table, read_table
from thalweg.effects.answer import METHODS, EffectsAnswer
from thalweg.effects.dedl import SETTINGS, DeDL
from thalweg.effects.experiment.cell_folds import stratified_folds
from thalweg.effects.experiment.experiment import all_combinations, combination_label
from thalweg.effects.experiment.simulate import simulate, standard_cells
from thalweg.effects.identification.check import Check
from thalweg.effects.summary import plain_rows
from thalweg.effects.training import Watch
from thalweg.jobs.effect_groups import group_effects, group_map, table_of_run
from thalweg.jobs.effects import csv_of, fit_effects
from thalweg.report.drawing.blocks import Blocks
from thalweg.report.drawing.text import to_text
from thalweg.report.effects.blocks import check_blocks
from thalweg.report.effects.experiment_tables import next_table, ratio_sentence
from thalweg.report.effects.groups import Groups, mapped_combinations
from thalweg.report.effects.groups_page import render_groups_page
from thalweg.report.effects.tables import (
    best_sentences,
    comparison_table,
    groups_table,
    withheld_count,
)
from thalweg.select.record import to_plain

COLUMNS: Final = ("outcome", "treatments", "covariates", "cluster", "weights", "query", "targets", "allow_mismatch")
PARAMETERS: Final = {"outcome": "target", "covariates": "features", "cluster": "clusters"}
SHOWN: Final = ("level", "adjust", "allow_unidentified", "leave_out")
NAMES: Final = dict(zip(("LA", "LR", "PDL", "SDL", "AIPW", "DeDL"), METHODS, strict=True))
SIMULATED: Final = (
    ("rows", 1, 10**8),
    ("treatments", 2, 16),  # the truth of all combinations is written
    ("covariates", 1, 10**4),
    ("cluster_rows", 1, 10**8),
    ("cluster_share", 0, 1),
    ("scale_slope", 0, 1),
    ("misfit", 0, 100),
)


@dataclass(frozen=True, slots=True)
class Printed:
    """What is printed: the answer as JSON, as text, or its main sentence; and what speaks against going on.

    Parameters
    ----------
    plain, text, brief
        For ``--json``, for readers, for ``--quiet``.
    complaints
        Reasons to mend the data first; the exit code is then 2.
    """

    plain: Mapping[str, Any]
    text: str
    brief: str
    complaints: tuple[str, ...] = ()


def run_action(options: argparse.Namespace, words: Sequence[str], *, width: int, watch: Watch | None = None) -> Printed:
    """Do what the command asks.

    Parameters
    ----------
    options
        As :mod:`thalweg.cli.effects_arguments` reads them.
    words
        The command, for the report.
    width
        Letters in a line of the terminal.
    watch
        Called with the progress of training.

    Returns
    -------
    Printed
        The answer in the forms that can be asked for.

    Examples
    --------
    See ``tests/cli/test_effects.py``.
    """
    return ACTIONS[options.action](options, shlex.join(["thalweg", *words]), width, watch)


def _given(options: argparse.Namespace, names: Sequence[str]) -> dict[str, Any]:
    """Return the options that were given, by name."""
    return {name: getattr(options, name) for name in names if getattr(options, name, None) is not None}


def _question(options: argparse.Namespace) -> dict[str, Any]:
    """Return the columns of a question about a table."""
    for name in ("outcome", "treatments"):
        if getattr(options, name) is None:
            raise SettingError(
                f"No {name} is named.", f"Name it: --{name} {'COLUMN …' if name[-1] == 's' else 'COLUMN'}."
            )
    found = _given(options, COLUMNS)
    if len(found.get("cluster", ())) == 1:
        [found["cluster"]] = found["cluster"]
    return {PARAMETERS.get(name, name): value for name, value in found.items()}


def _settings(options: argparse.Namespace) -> dict[str, Any]:
    """Return the settings of the estimator that were given."""
    found = _given(options, SETTINGS)
    if "assignment" in found:
        found["assignment"] = _assignment(found["assignment"])
    for name in ("link", "ridges"):
        if name in found:
            found[name] = tuple(found[name])
    return found


def _assignment(words: Sequence[str]) -> str | dict[str, float]:
    """Read ``00=0.5 10=0.5`` as planned shares; a single word is the name of a rule."""
    if len(words) == 1 and "=" not in words[0]:
        return words[0]
    shares = {}
    for word in words:
        combination, _, share = word.partition("=")
        try:
            shares[combination] = float(share)
        except ValueError:
            raise SettingError(
                f"A planned share is written 101=0.25, got {word!r}.", "Write one combination=share for every cell."
            ) from None
    return shares


def _answer(options: argparse.Namespace, watch: Watch | None) -> tuple[EffectsAnswer, Table | None]:
    """Return the answer of a finished run, or fit the table that was given (and return it too)."""
    if options.source is not None and Path(options.source).is_dir():
        given = [name for name in (*COLUMNS, *SETTINGS) if getattr(options, name, None) is not None]
        if given:
            flag = f"--{given[0].replace('_', '-')}"
            raise SettingError(f"{options.source} is a finished run, so {flag} is settled there.", "Leave it out.")
        run = load(options.source)
        if not isinstance(run, EffectsRun):
            raise RunFolderError(f"{options.source} holds a run, but not of effects.", "Name a run of effects.")
        return run.answer, None
    if options.source is not None and options.outcome is None and not Path(options.source).is_file():
        raise RunFolderError(
            f"{options.source} is no folder of a run.", "Check the path, or name --outcome and --treatments of a table."
        )
    columns = _question(options)
    table = read_table(options.source, query=columns.pop("query", None))
    return DeDL(**_settings(options)).fit(table.frame, **columns, watch=watch), table


def _check(options: argparse.Namespace, command: str, width: int, watch: Watch | None) -> Printed:  # noqa: ARG001 - all actions are called alike
    dedl = DeDL(**_settings(options))
    columns = _question(options) | {"allow_mismatch": True}
    found = dedl.check(options.source, **columns)
    reading = found.reading
    complaints = _complaints(found, dedl, allowed=bool(options.allow_mismatch))
    plain = to_plain(
        {
            "units": len(reading.experiment),
            "cells": {
                combination_label(cell): int(count)
                for cell, count in zip(reading.experiment.cells, reading.experiment.counts, strict=True)
            },
            "parameters_needed": found.structure.needed,
            "parameters_determined": found.structure.rank,
            "targets": [
                {"combination": combination_label(t)} | asdict(s)
                for t, s in zip(found.targets, found.supports, strict=True)
            ],
            "run_in_addition": found.remedies,
            "sample_ratio": None if reading.ratio is None else asdict(reading.ratio),
            "balance": [asdict(one) for one in reading.balance],
            "notes": reading.notes,
            "complaints": complaints,
        }
    )
    told = check_blocks(found)
    return Printed(plain, to_text(told, width), told.sentences[0], complaints)


def _complaints(found: Check, dedl: DeDL, *, allowed: bool) -> tuple[str, ...]:
    """Return why a fit would be refused."""
    reasons = []
    ratio = found.reading.ratio
    if ratio is not None and ratio.mismatch and not allowed:
        reasons.append(f"{ratio_sentence(ratio)} Find out which units were lost; --allow-mismatch goes on regardless.")
    if not found.complete:
        more = f" Run one of {', '.join(found.remedies)} too, or choose another link." if found.remedies else ""
        reasons.append(
            f"The link has {found.structure.needed} parameters, the cells determine {found.structure.rank}.{more}"
        )
    try:
        stratified_folds(found.reading.experiment, dedl.training.folds, dedl.seed)
    except DataError as error:
        reasons.append(str(error))
    return tuple(reasons)


def _fit(options: argparse.Namespace, command: str, width: int, watch: Watch | None) -> Printed:
    summary = fit_effects(
        options.source,
        **_question(options),
        **_given(options, SHOWN),
        **_settings(options),
        out=options.out,
        watch=None if watch is None else lambda _, progress: watch(progress),
        command=command,
    )
    text = summary.text(width)
    if options.out is not None:
        text += f"\n\nRun: {options.out}\nReport: {Path(options.out) / 'report.html'}"
    return Printed(summary.to_dict(), text, summary.sentence)


def _best(options: argparse.Namespace, command: str, width: int, watch: Watch | None) -> Printed:  # noqa: ARG001 - all actions are called alike
    answer, _ = _answer(options, watch)
    best, hidden = answer.best(level=options.level), withheld_count(answer.supports)
    sentences = best_sentences(best, answer.reading.treatments, options.level, hidden)
    plain = to_plain(asdict(best) | {"level": options.level, "withheld": hidden})
    return Printed(plain, to_text(Blocks(sentences), width), sentences[0])


def _groups(options: argparse.Namespace, command: str, width: int, watch: Watch | None) -> Printed:
    if options.out is not None and Path(options.out).suffix != ".html":
        raise SettingError(f"--out must end in .html, got {options.out!r}.", "Write --out groups.html.")
    answer, table = _answer(options, watch)
    known = table if table is not None else table_of_run(options.source, options.table)
    chosen, found = group_effects(answer, known, options.by, options.combination, level=options.level)
    shown = groups_table(found, options.by, chosen, answer.reading.target, options.level)
    plain = to_plain(
        {"by": options.by, "combination": chosen, "level": options.level, "groups": [asdict(g) for g in found]}
    )
    low, high = (end(found, key=lambda g: g.estimate) for end in (min, max))
    brief = f"The effect of {chosen} goes from {low.estimate:.4g} ({low.name}) to {high.estimate:.4g} ({high.name})."
    text = to_text(Blocks(tables=(shown,)), width)
    if options.out is not None:
        drawn = mapped_combinations(answer.effects(level=options.level), chosen)
        groups = Groups(
            known.name, options.by, chosen, group_map(answer, known, options.by, drawn, level=options.level)
        )
        write_whole(Path(options.out), render_groups_page(answer, groups, options.level, command).encode())
        text += f"\n\nPage: {options.out}"
    return Printed(plain, text, brief)


def _compare(options: argparse.Namespace, command: str, width: int, watch: Watch | None) -> Printed:  # noqa: ARG001 - all actions are called alike
    methods = [NAMES.get(name, name) for name in options.methods or NAMES]
    truth = None if options.truth is None else _truth(options.truth)
    answer, _ = _answer(options, watch)
    frame = answer.compare(methods)
    reading = answer.reading
    told = comparison_table(frame, reading.treatments, reading.target, answer.baseline)
    text = to_text(Blocks(tables=(told,)), width)
    plain: dict[str, Any] = {"comparison": plain_rows(frame)}
    brief = f"{len(methods)} methods, {len(frame) - 1} combinations."
    if truth is not None:
        errors = _errors(frame, methods, truth, answer.baseline)
        plain["mean_absolute_error"] = errors
        sentences = [f"{name}: {text}" for name, text in _error_words(errors).items()]
        text += "\n\n" + to_text(Blocks((f"Mean absolute error against {options.truth}:", *sentences)), width)
        brief = f"Mean absolute error: {'; '.join(sentences)}"
    return Printed(to_plain(plain), text, brief)


def _truth(path: str) -> pd.Series:
    """Read true effects: columns ``combination`` and ``effect``."""
    frame = read_table(path).frame
    for name in ("combination", "effect"):
        if name not in frame:
            raise DataError(f"{path} has no column {name!r}.", "Give a file that thalweg effects simulate wrote.")
    return frame.set_index(frame["combination"].astype(str))["effect"].astype(float)


def _errors(
    frame: pd.DataFrame, methods: Sequence[str], truth: pd.Series, baseline: str
) -> dict[str, dict[str, float | int | None]]:
    """Return the mean absolute error of every method, and over how many combinations it answers."""
    effects = truth.rename(index=lambda label: label.zfill(len(baseline)))
    asked = frame[frame["combination"] != baseline]
    true = asked["combination"].map(effects - effects.get(baseline, 0.0))
    found: dict[str, dict[str, float | int | None]] = {}
    for name in methods:
        away = (asked[name] - true).abs().dropna()
        found[name] = {"error": float(away.mean()) if len(away) else None, "combinations": len(away)}
    return found


def _error_words(errors: Mapping[str, Mapping[str, float | int | None]]) -> dict[str, str]:
    return {
        name: "no answer" if e["error"] is None else f"{e['error']:.4g} over {e['combinations']} combinations"
        for name, e in errors.items()
    }


def _design(options: argparse.Namespace, command: str, width: int, watch: Watch | None) -> Printed:  # noqa: ARG001 - all actions are called alike
    answer, _ = _answer(options, watch)
    cells = answer.design(following=options.next)
    if not cells:
        raise DataError("Every combination asked for was observed.", "There is nothing left to run.")
    table = next_table([(cell.combination, cell.noise) for cell in cells], answer.reading.treatments)
    brief = f"Run next: {', '.join(cell.combination for cell in cells)}."
    return Printed({"next": [asdict(cell) for cell in cells]}, to_text(Blocks(tables=(table,)), width), brief)


def _simulate(options: argparse.Namespace, command: str, width: int, watch: Watch | None) -> Printed:  # noqa: ARG001 - all actions are called alike
    place = Path(options.out)
    if place.suffix not in {".csv", ".parquet"}:
        raise SettingError(f"--out must end in .csv or .parquet, got {options.out!r}.", "Write --out trial.csv.")
    for name, low, high in SIMULATED:
        check_number(name, getattr(options, name), low=low, high=high)
    names = ("rows", "treatments", "shape", "noise", "scale_slope", "misfit")
    cells = standard_cells(options.treatments, extra=options.all_on)
    experiment, truth = simulate(
        options.seed,
        cells=cells,
        features=options.covariates,
        **{name: getattr(options, name) for name in names},
        cluster_rows=options.cluster_rows,
        cluster_share=options.cluster_share,
    )
    received = experiment.cells[experiment.received]
    columns: dict[str, Any] = {"y": experiment.y}
    columns |= {f"t{k + 1}": received[:, k] for k in range(experiment.treatments)}
    columns |= {f"x{k + 1}": experiment.x[:, k] for k in range(experiment.x.shape[1])}
    columns |= {} if experiment.clusters is None else {"cluster": experiment.clusters}
    every = all_combinations(options.treatments)
    labels = [combination_label(cell) for cell in every]
    seen = {combination_label(cell) for cell in cells}
    true = pd.DataFrame(
        {"combination": labels, "effect": truth.effects(every), "observed": [label in seen for label in labels]}
    )
    beside = place.with_name(f"{place.stem}-truth.csv")
    write_whole(place, _file_of(pd.DataFrame(columns), place.suffix))
    write_whole(beside, csv_of(true))
    treatments = " ".join(f"t{k + 1}" for k in range(options.treatments))
    more = " --cluster cluster" if experiment.clusters is not None else ""
    question = f"{shlex.quote(options.out)} --outcome y --treatments {treatments}{more}"
    brief = f"Table: {place}, {options.rows:,} units in {len(cells)} of {len(every)} cells. Truth: {beside}"
    text = f"{brief}\n\nTry: thalweg effects check {question}\n     thalweg effects fit {question} --out runs/trial"
    plain = {
        "table": str(place),
        "truth": str(beside),
        "effects": dict(zip(labels, true["effect"].tolist(), strict=True)),
    }
    return Printed(plain, text, brief)


def _file_of(frame: pd.DataFrame, suffix: str) -> bytes:
    if suffix == ".csv":
        return csv_of(frame)
    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as connection:
        path = Path(folder) / "table.parquet"
        connection.from_df(frame).write_parquet(str(path))
        return path.read_bytes()


ACTIONS: Final[Mapping[str, Callable[[argparse.Namespace, str, int, Watch | None], Printed]]] = {
    "check": _check,
    "fit": _fit,
    "best": _best,
    "groups": _groups,
    "compare": _compare,
    "design": _design,
    "simulate": _simulate,
}
