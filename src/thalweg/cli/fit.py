"""``thalweg fit``: compare linear models and networks on a table."""

import argparse
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from thalweg.cli.parsing import add_config, add_options, add_printing, given
from thalweg.cli.speaking import remark, say, say_json
from thalweg.data.files.formats import file_names


def add_fit(commands: Any) -> None:
    """Add the command to what ``ArgumentParser.add_subparsers`` returned.

    Examples
    --------
    >>> parser = argparse.ArgumentParser()
    >>> add_fit(parser.add_subparsers())
    >>> parser.parse_args(["fit", "t.csv", "--hidden", "32", "64-64"]).hidden
    [(32,), (64, 64)]
    """
    text = "compare linear models and networks on a table"
    parser = commands.add_parser(
        "fit",
        help=text,
        description=f"{text.capitalize()}, all seeds and settings as one population; several values make a grid.",
    )
    parser.set_defaults(run=_run)
    add_options(parser, "fit", source=f"{file_names()} file, or example:NAME")
    add_config(parser)
    add_printing(parser)


def _run(options: argparse.Namespace, words: Sequence[str]) -> int:
    asked = given(options, "fit")
    from thalweg.base.run_folder import RunFolder
    from thalweg.jobs.compare import fit
    from thalweg.report.progress import watcher

    silent = options.quiet or options.json
    finished = "out" in asked and RunFolder(Path(asked["out"])).over
    with watcher(quiet=silent) as watch:
        run = fit(asked.pop("source", None), watch=watch or False, command=shlex.join(["thalweg", *words]), **asked)
    if finished and not silent:
        remark(f"{run.folder} is already finished; nothing is trained again.")
    if options.json:
        say_json(run.to_dict())
    else:
        say(run.sentence if options.quiet else run.text())
    if run.folder is not None and not silent:
        say(f"\nRun: {run.folder}\nReport: {run.folder / 'report.html'}")
    return 0
