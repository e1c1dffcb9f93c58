"""What ``thalweg effects`` does: options become calls, results become what the command line prints."""

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import pandas as pd

from thalweg.answers.effects import EffectsRun
from thalweg.answers.loading import load
from thalweg.base.errors import DataError, RunFolderError, SettingError, setting
from thalweg.base.files import writable_place
from thalweg.cli.page import page_asked
from thalweg.cli.parsing import given
from thalweg.cli.printed import PageFile, Printed
from thalweg.cli.simulate import simulate_table
from thalweg.data.reading.table import RawTable, read_table
from thalweg.effects.answer import METHODS, EffectsAnswer
from thalweg.effects.dedl import SETTINGS, DeDL
from thalweg.effects.differing import combination_heterogeneity
from thalweg.effects.experiment.cell_folds import stratified_folds
from thalweg.effects.experiment.experiment import combination_label
from thalweg.effects.identification.check import Check
from thalweg.effects.summary import plain_rows, spelled
from thalweg.jobs.effects.experiment import fit_effects, make_dedl, question_of, roles_of
from thalweg.jobs.effects.groups import group_effects, group_map, table_of_run
from thalweg.jobs.effects.power import power_before
from thalweg.report.drawing.blocks import Blocks
from thalweg.report.drawing.document import page_html
from thalweg.report.drawing.text import to_text
from thalweg.report.effects.blocks import check_blocks
from thalweg.report.effects.differing_parts import differing_sentence, differing_table, projection_table
from thalweg.report.effects.experiment_tables import next_table, ratio_sentence
from thalweg.report.effects.groups import (
    Groups,
    groups_sentence,
    link_note,
    mapped_combinations,
    pairs_table,
)
from thalweg.report.effects.groups_page import render_groups_page, render_sorted_page
from thalweg.report.effects.power_table import power_blocks
from thalweg.report.effects.tables import (
    best_sentences,
    comparison_table,
    groups_table,
    withheld_count,
)
from thalweg.report.progress import Watch
from thalweg.select.record import to_plain

POWER: Final = ("units", "mean", "deviation", "shares", "cluster_rows", "cluster_share", "effect", "power")
NAMES: Final = dict(zip(("LA", "LR", "PDL", "SDL", "AIPW", "DeDL"), METHODS, strict=True))


def _asked(options: argparse.Namespace) -> dict[str, Any]:
    """Return what is asked of a table, by the names of :func:`thalweg.fit_effects`."""
    found = given(options, "effects")
    if "assignment" in found:
        found["assignment"] = _assignment(found["assignment"])
    return found


def _parted(asked: Mapping[str, Any]) -> tuple[DeDL, RawTable, dict[str, Any]]:
    """Return the estimator, the table and its columns by the names of :meth:`thalweg.DeDL.fit`."""
    known = set(SETTINGS)
    dedl = make_dedl({name: value for name, value in asked.items() if name in known})
    question = question_of({name: value for name, value in asked.items() if name not in known})
    table = read_table(asked.get("source"), query=asked.get("query"))
    return dedl, table, roles_of(question, table, dedl)


def _assignment(words: Sequence[str]) -> str | dict[str, float]:
    """Read ``00=0.5 10=0.5`` as planned shares; a single word is the name of a rule."""
    if len(words) == 1 and "=" not in words[0]:
        return words[0]
    shares = {}
    for word in words:
        combination, _, share = word.rpartition("=")
        try:
            shares[combination] = float(share)
        except ValueError:
            raise SettingError(
                f"A planned share is written 101=0.25, got {word!r}.", "Write one combination=share for every cell."
            ) from None
    return shares


def _answer(options: argparse.Namespace, watch: Watch | None) -> tuple[EffectsAnswer, RawTable | None]:
    """Return the answer of a finished run, or fit the table that was given (and return it too)."""
    asked = _asked(options)
    source = asked.get("source")
    if isinstance(source, str) and Path(source).is_dir():
        settled = [name for name in asked if name not in {"source", "level", "out"}]
        if settled:
            raise SettingError(
                f"{source} is a finished run, so {setting(settled[0])} is settled there.", "Leave it out."
            )
        run = load(source)
        if not isinstance(run, EffectsRun):
            raise RunFolderError(f"{source} holds a run, but not of effects.", "Name a run of effects.")
        return run.answer, None
    if isinstance(source, str) and not {"target", "formula"} & asked.keys() and not Path(source).is_file():
        raise RunFolderError(
            f"{source} is no folder of a run.",
            f"Check the path, or name {setting('target')} and {setting('treatments')} of a table.",
        )
    dedl, table, roles = _parted(asked)
    return dedl.fit(table.frame, **roles, watch=watch), table


def _check(options: argparse.Namespace, command: str, width: int, watch: Watch | None) -> Printed:  # noqa: ARG001 - all actions are called alike
    dedl, table, roles = _parted(_asked(options))
    found = dedl.check(table.frame, **roles | {"allow_mismatch": True})
    reading = found.reading
    complaints = _complaints(found, dedl, allowed=bool(roles.get("allow_mismatch")))
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
    asked = _asked(options)
    run = fit_effects(asked.pop("source", None), watch=watch or False, command=command, **asked)
    text = run.text(width)
    if run.folder is not None:
        text += f"\n\nRun: {run.folder}\nReport: {run.folder / 'report.html'}"
    return Printed(run.to_dict(), text, run.sentence)


def _observe(options: argparse.Namespace, command: str, width: int, watch: Watch | None) -> Printed:
    from thalweg.jobs.effects.observed import fit_observed  # it trains

    asked = given(options, "observed")
    place = page_asked(asked)
    run = fit_observed(asked.pop("source", None), watch=watch or False, command=command, **asked)
    text = run.text(width)
    if run.folder is not None:
        text += f"\n\nRun: {run.folder}\nReport: {run.folder / 'report.html'}"
    page = None if place is None else PageFile("Report", place, page_html(run.page).encode())
    return Printed(run.to_dict(), text, run.sentence, page=page)


def _level(options: argparse.Namespace) -> float:
    return float(given(options, "effects").get("level", 0.95))


def _best(options: argparse.Namespace, command: str, width: int, watch: Watch | None) -> Printed:  # noqa: ARG001 - all actions are called alike
    answer, _ = _answer(options, watch)
    best, hidden = answer.best(level=_level(options)), withheld_count(answer.supports)
    sentences = best_sentences(best, answer.reading.treatments, _level(options), hidden)
    plain = to_plain(asdict(best) | {"level": _level(options), "withheld": hidden})
    return Printed(plain, to_text(Blocks(sentences), width), sentences[0])


def _groups(options: argparse.Namespace, command: str, width: int, watch: Watch | None) -> Printed:
    if options.out is not None and Path(options.out).suffix != ".html":
        raise SettingError(f"{setting('out')} must end in .html, got {options.out!r}.", "Write groups.html.")
    place = None if options.out is None else writable_place("out", options.out)
    answer, table = _answer(options, watch)
    level = _level(options)
    if options.by is None:
        return _sorted_units(options, command, width, answer, place)
    known = table if table is not None else table_of_run(options.source[0], options.table)
    asked = group_effects(answer, known, options.by, options.combination, level=level)
    target, chosen, found = answer.reading.target, asked.combination, asked.groups
    differ, follows = groups_sentence(asked, options.by), link_note(answer, chosen)
    shown = (
        groups_table(found, options.by, chosen, target, level),
        pairs_table(asked, options.by, target, level),
    )
    plain = to_plain({"by": options.by, "level": level, **asdict(asked)})
    low, high = (end(found, key=lambda g: g.estimate) for end in (min, max))
    brief = f"The effect of {chosen} goes from {low.estimate:.4g} ({low.name}) to {high.estimate:.4g} ({high.name})."
    text = to_text(Blocks((f"{differ} {follows}".strip(),), shown if asked.pairs else shown[:1]), width)
    page = None
    if place is not None:
        drawn = mapped_combinations(answer.effects(level=level), chosen)
        groups = Groups(known.name, options.by, asked, group_map(answer, known, options.by, drawn, level=level))
        page = PageFile("Page", place, render_groups_page(answer, groups, level, command).encode())
    return Printed(plain, text, f"{brief} {differ}", page=page)


def _sorted_units(
    options: argparse.Namespace, command: str, width: int, answer: EffectsAnswer, place: Path | None
) -> Printed:
    """Return for whom a combination does more, units sorted by their predicted effect."""
    level = _level(options)
    asked = answer.best(level=level).combination if options.combination is None else options.combination
    chosen = answer.labels[answer.number(asked)]
    found = combination_heterogeneity(answer, chosen, level=level)
    sentence = f"{chosen} ({spelled(chosen, answer.reading.treatments)}): {differing_sentence(found)}"
    said = f"{sentence} {link_note(answer, chosen)}".strip()
    text = to_text(Blocks((said,), (differing_table(found, level), projection_table(found, level))), width)
    page = None
    if place is not None:
        name = str(options.source[0])
        page = PageFile("Page", place, render_sorted_page(answer, name, chosen, found, level, command).encode())
    return Printed(to_plain({"combination": chosen, "level": level, **asdict(found)}), text, sentence, page=page)


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


def _power(options: argparse.Namespace, width: int) -> Printed:
    """Return what an experiment could see that is still to be run."""
    asked = given(options, "effects")
    known = {"source", "query", "target", "features", "ignore", "clusters", "level"}
    for name in asked:
        if name not in known:
            raise SettingError(f"{setting(name)} says nothing about an experiment still to be run.", "Leave it out.")
    ways = asked.pop("clusters", [None])
    if len(ways) > 1:
        raise SettingError(f"{setting('clusters')} must be one column here.", "Name what is assigned whole.")
    numbers = {name: getattr(options, name) for name in POWER if getattr(options, name) is not None}
    found = power_before(asked.pop("source", None), clusters=ways[0], **asked, **numbers)
    asking: dict[str, Any] = {
        "units": found.units,
        "level": found.level,
        "power": found.power,
        "effect": found.effect,
    }
    told = power_blocks(found.arms, found.before, **asking)
    plain = to_plain({"arms": [asdict(arm) for arm in found.arms], "before": asdict(found.before)} | asking)
    return Printed(plain, to_text(told, width), told.sentences[0])


def _design(options: argparse.Namespace, command: str, width: int, watch: Watch | None) -> Printed:  # noqa: ARG001 - all actions are called alike
    if options.units is not None:
        return _power(options, width)
    answer, _ = _answer(options, watch)
    cells = answer.design(following=options.next)
    if not cells:
        raise DataError("Every combination asked for was observed.", "There is nothing left to run.")
    table = next_table([(cell.combination, cell.noise) for cell in cells], answer.reading.treatments)
    brief = f"Run next: {', '.join(cell.combination for cell in cells)}."
    return Printed({"next": [asdict(cell) for cell in cells]}, to_text(Blocks(tables=(table,)), width), brief)


ACTIONS: Final[Mapping[str, Callable[[argparse.Namespace, str, int, Watch | None], Printed]]] = {
    "check": _check,
    "fit": _fit,
    "observe": _observe,
    "best": _best,
    "groups": _groups,
    "compare": _compare,
    "design": _design,
    "simulate": simulate_table,
}
