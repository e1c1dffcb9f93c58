"""``thalweg replay``: train one network of a run again and compare it bit for bit."""

import argparse
from collections.abc import Sequence
from typing import Any

from thalweg.cli.parsing import sources_of
from thalweg.cli.speaking import remark, say


def add_replay(commands: Any) -> None:
    """Add the command to what ``ArgumentParser.add_subparsers`` returned.

    Examples
    --------
    >>> parser = argparse.ArgumentParser()
    >>> add_replay(parser.add_subparsers())
    >>> parser.parse_args(["replay", "runs/first", "--member", "7"]).stage
    'search'
    """
    parser = commands.add_parser("replay", help="train one network of a run again and compare it bit for bit")
    parser.set_defaults(run=_run, names={"member": "--member", "stage": "--stage"})
    parser.add_argument("folder", help="folder of the run")
    parser.add_argument("source", nargs="*", help="the table, if it has moved")
    parser.add_argument("--member", type=int, required=True, help="number of the network, as in members.csv")
    parser.add_argument("--stage", choices=["search", "chosen"], default="search", help="the grid, or what was kept")


def _run(options: argparse.Namespace, words: Sequence[str]) -> int:  # noqa: ARG001 - all commands are called alike
    from thalweg.jobs.replay import replay
    from thalweg.report.drawing.blocks import Blocks
    from thalweg.report.drawing.text import to_text

    found = replay(options.folder, options.member, stage=options.stage, source=sources_of(options.source))
    for change in found.changed:
        remark(f"{change}")
    where = ", ".join(f"{name} {value}" for name, value in found.label.items())
    verdict = "the same numbers, bit for bit" if found.same else "NOT the same numbers"
    if not found.same and found.as_promised:
        verdict = "the same numbers within rounding, which is what steps by calls of torch promise"
    told = f"Member {options.member} ({where}) trained again: {verdict}. It {found.again.reason}."
    say(to_text(Blocks((told,))))
    return 0 if found.as_promised else 1
