"""``thalweg linear``: estimate a linear model with standard errors and a certificate."""

import argparse
import shlex
from collections.abc import Sequence
from typing import Any

from thalweg.cli.page import page_asked
from thalweg.cli.parsing import add_config, add_options, add_printing, given
from thalweg.cli.speaking import say, say_json
from thalweg.data.files.formats import file_names


def add_linear(commands: Any) -> None:
    """Add the command to what ``ArgumentParser.add_subparsers`` returned.

    Examples
    --------
    >>> parser = argparse.ArgumentParser()
    >>> add_linear(parser.add_subparsers())
    >>> parser.parse_args(["linear", "t.csv", "--search", "best-subset"]).search
    'best-subset'
    """
    parser = commands.add_parser(
        "linear",
        help="estimate a linear model with standard errors and a certificate",
        description="Estimate a linear model of a table, and say how exact and how certain its coefficients are.",
    )
    parser.set_defaults(run=_run)
    add_options(parser, "linear", source=f"{file_names()} file, or example:NAME")
    add_config(parser)
    add_printing(parser)
    parser.add_argument("--latex", action="store_true", help="print the coefficients as LaTeX")


def _run(options: argparse.Namespace, words: Sequence[str]) -> int:
    asked = given(options, "linear")
    page = page_asked(asked)
    from thalweg.jobs.linear import fit_linear

    run = fit_linear(asked.pop("source", None), command=shlex.join(["thalweg", *words]), **asked)
    if options.json:
        say_json(run.to_dict())
    elif options.latex:
        from thalweg.report.drawing.table import to_latex
        from thalweg.report.linear.tables import coefficient_table

        say(to_latex(coefficient_table(run.answer)), end="")
    elif options.quiet:
        say(run.sentence)
    else:
        say(run.text())
        if run.folder is not None:
            say(f"\nRun: {run.folder}\nReport: {run.folder / 'report.html'}")
    if page is not None:
        run.report(page)
        if not options.json and not options.latex and not options.quiet:
            say(f"\nReport: {page}")
    return 0 if run.has_maximum else 3
