"""``thalweg examples``: the tables to try things on, each with a command."""

import argparse
from collections.abc import Sequence
from typing import Any

from thalweg.cli.speaking import say


def add_examples(commands: Any) -> None:
    """Add the command to what ``ArgumentParser.add_subparsers`` returned.

    Examples
    --------
    >>> parser = argparse.ArgumentParser()
    >>> add_examples(parser.add_subparsers(dest="command"))
    >>> parser.parse_args(["examples"]).command
    'examples'
    """
    text = "list the tables to try things on, and commands to begin with"
    parser = commands.add_parser("examples", help=text, description=f"{text.capitalize()}.")
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace, words: Sequence[str]) -> int:  # noqa: ARG001 - all commands are called alike
    from thalweg.data.reading.examples import EXAMPLES
    from thalweg.report.drawing.blocks import Blocks
    from thalweg.report.drawing.table import Column, Table
    from thalweg.report.drawing.text import to_text

    heads = (Column("table"), Column("target"), Column("what it is"))
    rows = tuple((f"example:{one.name}", one.target, one.text) for one in EXAMPLES.values())
    tables = (Table("examples", "Tables that come with scikit-learn and statsmodels.", heads, rows),)
    commands = (
        "Compare models: thalweg fit example:iris --target species",
        "Explain: thalweg linear example:diabetes",
        "See training: thalweg study race example:iris --out race.html",
        "Effects: thalweg effects simulate --out trial.csv",
        "Cost: thalweg plan table example:diabetes",
    )
    say(to_text(Blocks(commands, tables)))
    return 0
