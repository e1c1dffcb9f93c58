"""``thalweg study``: show what training does on a table."""

import argparse
import shlex
from collections.abc import Sequence
from typing import Any

from thalweg.base.files import writable_place
from thalweg.cli.page import page_asked
from thalweg.cli.parsing import add_config, add_options, add_printing, given
from thalweg.cli.speaking import remark, say, say_json
from thalweg.data.files.formats import file_names
from thalweg.jobs.options import options_of
from thalweg.study.catalogue import STUDIES


def add_study(commands: Any) -> None:
    """Add the command to what ``ArgumentParser.add_subparsers`` returned.

    Examples
    --------
    >>> parser = argparse.ArgumentParser()
    >>> add_study(parser.add_subparsers())
    >>> parser.parse_args(["study", "race", "t.csv", "--hidden", "32"]).hidden
    (32,)
    """
    text = "show what training does on a table"
    parser = commands.add_parser("study", help=text, description=f"{text.capitalize()}.")
    parser.set_defaults(run=_list)
    studies = parser.add_subparsers(dest="study", metavar="STUDY")
    known = {option.name for option in options_of("study")}
    training = {name for study in STUDIES.values() for name in study.takes}
    for name, study in STUDIES.items():
        found = studies.add_parser(name, help=study.question, description=f"Show {study.question}.")
        found.set_defaults(run=_run, names={"folder": "--figures"})
        leave = (*((known & training) - set(study.takes)), *(() if study.groups else ("groups",)))
        add_options(found, "study", source=f"{file_names()} file, or example:NAME", leave=leave)
        add_config(found)
        add_printing(found)
        found.add_argument("--figures", metavar="FOLDER", help="write every figure for a paper as PDF, by matplotlib")


def _list(options: argparse.Namespace, words: Sequence[str]) -> int:  # noqa: ARG001 - all commands are called alike
    from thalweg.report.drawing.blocks import Blocks
    from thalweg.report.drawing.table import Column, Table
    from thalweg.report.drawing.text import to_text

    rows = tuple((f"thalweg study {name}", study.question) for name, study in STUDIES.items())
    say(to_text(Blocks(tables=(Table("studies", "Studies.", (Column("command"), Column("shows")), rows),))))
    return 0


def _run(options: argparse.Namespace, words: Sequence[str]) -> int:
    asked = given(options, "study")
    page = page_asked(asked)
    figures = None if options.figures is None else writable_place("folder", options.figures, "folder")
    from thalweg.answers.export.pictures import check_pictures, save_pictures
    from thalweg.jobs.study import run_study
    from thalweg.report.progress import watcher

    if figures is not None:
        check_pictures("pdf", None)
    silent = options.quiet or options.json
    with watcher(quiet=silent) as watch:
        command = shlex.join(["thalweg", *words])
        run = run_study(options.study, asked.pop("source", None), watch=watch or False, command=command, **asked)
    if options.json:
        say_json(run.to_dict())
    else:
        say(run.sentence if options.quiet else run.text())
    if figures is not None:
        written = save_pictures(run.figures, figures)
        if not silent:
            remark(f"{len(written)} figures are in {figures}.")
    if page is not None:
        run.report(page)
    if not silent:
        if run.folder is not None:
            say(f"\nRun: {run.folder}\nReport: {run.folder / 'report.html'}")
        elif page is not None:
            say(f"\nReport: {page}")
    return 0
