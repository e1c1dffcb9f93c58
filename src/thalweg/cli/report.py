"""``thalweg report``: write the report of a finished run."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from thalweg.base.files import writable_place
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
    names = {name: f"--{name}" for name in ("out", "figures", "kind", "width", "tables", "bundle")}
    parser.set_defaults(run=_run, names=names | {"path": "--out"})
    parser.add_argument("folder", help="folder of the run")
    parser.add_argument("--out", metavar="FILE", help="where to write it (report.html in the folder)")
    parser.add_argument("--figures", metavar="FOLDER", help="write every figure for a paper into a folder")
    parser.add_argument("--kind", default="pdf", help="of the figures: pdf, svg or png (pdf)")
    parser.add_argument("--width", help="of the figures, in millimetres or a journal's, such as nature (142)")
    parser.add_argument("--tables", metavar="FOLDER", help="write every table as CSV, LaTeX, Markdown, Typst and HTML")
    parser.add_argument("--bundle", metavar="FILE.zip", help="write report, tables, figures and their numbers")
    parser.add_argument("--open", action="store_true", help="open it in the browser")


def _run(options: argparse.Namespace, words: Sequence[str]) -> int:  # noqa: ARG001 - all commands are called alike
    from thalweg.answers.loading import load

    width = options.width and _width(options.width)
    _refuse_places(options, width)
    answer = load(options.folder)
    path = answer.report(options.out)
    say(str(path))
    if options.figures is not None:
        from thalweg.answers.export.pictures import save_pictures

        written = save_pictures(answer.figures, options.figures, options.kind, width=width)
        say(f"{len(written)} figures are in {options.figures}.")
    if options.tables is not None:
        from thalweg.answers.export.sheets import save_sheets

        written = save_sheets(answer.tables, options.tables)
        say(f"{len(written)} files of {len(answer.tables)} tables are in {options.tables}.")
    if options.bundle is not None:
        say(str(answer.bundle(options.bundle)))
    if options.open:
        import webbrowser

        webbrowser.open(path.resolve().as_uri())
    return 0


def _refuse_places(options: argparse.Namespace, width: float | str | None) -> None:
    """Refuse what cannot be written before anything is."""
    from thalweg.answers.export.pictures import check_pictures
    from thalweg.answers.showing import ending_of

    for part, kind in (("out", "file"), ("bundle", "file"), ("figures", "folder"), ("tables", "folder")):
        if getattr(options, part) is not None:
            writable_place(part, getattr(options, part), kind)
    if options.bundle is not None:
        ending_of(Path(options.bundle), ("zip",), "bundle")
    if options.figures is not None:
        check_pictures(options.kind, width)


def _width(text: str) -> float | str:
    """Return millimetres as a number, and leave the name of a journal as it is."""
    try:
        return float(text)
    except ValueError:
        return text
