"""``thalweg predict``: predict new rows with a finished run."""

import argparse
from collections.abc import Sequence
from typing import Any

from thalweg.cli.parsing import sources_of
from thalweg.cli.speaking import remark, say_data
from thalweg.data.files.formats import file_names


def add_predict(commands: Any) -> None:
    """Add the command to what ``ArgumentParser.add_subparsers`` returned.

    Examples
    --------
    >>> parser = argparse.ArgumentParser()
    >>> add_predict(parser.add_subparsers())
    >>> parser.parse_args(["predict", "runs/first", "new.csv"]).source
    ['new.csv']
    """
    parser = commands.add_parser("predict", help="predict new rows with a finished run, as CSV on standard output")
    parser.set_defaults(run=_run)
    parser.add_argument("folder", help="folder of the run")
    parser.add_argument("source", nargs="*", help=f"{file_names()} files with the new rows; - for standard input")
    parser.add_argument("--query", metavar="SQL", help="SQL over files, or over the source as table 'data'")
    parser.add_argument("--model", help="a model of the leaderboard (the recommended one)")
    parser.add_argument("--level", type=float, help="of an interval for a numeric outcome, such as 0.9 (none)")
    parser.add_argument("--quiet", action="store_true", help="no remarks about the rows")


def _run(options: argparse.Namespace, words: Sequence[str]) -> int:  # noqa: ARG001 - all commands are called alike
    from thalweg.answers.comparison import Run
    from thalweg.answers.linear import LinearRun
    from thalweg.answers.loading import load
    from thalweg.base.errors import RunFolderError, SettingError, setting

    run = load(options.folder)
    asked = {"query": options.query, "level": options.level}
    if isinstance(run, LinearRun):
        if options.model is not None:
            raise SettingError(f"{setting('model')} chooses among several, and {options.folder} holds one.", "Drop it.")
        known = {name: value for name, value in asked.items() if value is not None}
        frame, notes = run.predict_with_notes(sources_of(options.source), **known)
    elif isinstance(run, Run):
        frame, notes = run.predict_with_notes(sources_of(options.source), model=options.model, **asked)
    else:
        told = f"{options.folder} holds no models that predict."
        raise RunFolderError(told, "Name a run of thalweg fit or thalweg linear.")
    if not options.quiet:
        for note in notes:
            remark(f"{note.text}")
    say_data(frame.to_csv(index=False, lineterminator="\n"))
    return 0
