"""``thalweg report``: write the report of a finished run."""

import argparse
from collections.abc import Sequence
from typing import Any

from thalweg.cli.speaking import say


def add_report(commands: Any) -> None:
    """Add the command to what ``ArgumentParser.add_subparsers`` returned.

    Examples
    --------
    >>> parser = argparse.ArgumentParser()
    >>> add_report(parser.add_subparsers())
    >>> parser.parse_args(["report", "runs/first", "--out", "first.html"]).out
    'first.html'
    """
    parser = commands.add_parser("report", help="write the report of a finished run and say where it is")
    parser.set_defaults(run=_run, names={"path": "--out"})
    parser.add_argument("folder", help="folder of the run")
    parser.add_argument("--out", metavar="FILE", help="where to write it (report.html in the folder)")
    parser.add_argument("--open", action="store_true", help="open it in the browser")


def _run(options: argparse.Namespace, words: Sequence[str]) -> int:  # noqa: ARG001 - all commands are called alike
    from thalweg.answers.loading import load

    path = load(options.folder).report(options.out)
    say(str(path))
    if options.open:
        import webbrowser

        webbrowser.open(path.resolve().as_uri())
    return 0
