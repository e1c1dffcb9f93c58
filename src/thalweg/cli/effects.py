"""``thalweg effects``: what can be asked about an experiment, with which options."""

import argparse
import shlex
from collections.abc import Sequence
from typing import Any, Final

from thalweg.base.files import write_whole
from thalweg.cli.parsing import add_config, add_options, add_printing
from thalweg.cli.speaking import remark, say, say_json
from thalweg.data.files.formats import file_names

_TABLE: Final = f"{file_names()} file"
_RUN: Final = "folder of a finished run, or a table as for fit"
_SHOWN: Final = ("adjust", "allow_unidentified", "leave_out", "out")  # of fit alone


def add_effects(commands: Any) -> None:
    """Add the command to what ``ArgumentParser.add_subparsers`` returned.

    Examples
    --------
    >>> parser = argparse.ArgumentParser()
    >>> add_effects(parser.add_subparsers(dest="command"))
    >>> parser.parse_args(["effects", "design", "runs/trial", "--next", "2"]).next
    2
    """
    effects = commands.add_parser(
        "effects",
        help="estimate the effect of every combination of treatments",
        description="Estimate the effect of every combination of treatments, also of those nobody received (DeDL).",
        epilog="Try: thalweg effects simulate --out trial.csv",
    )
    effects.set_defaults(run=_run)
    actions = effects.add_subparsers(dest="action", metavar="ACTION", required=True)
    _add(actions, "check", "say what the design can answer, before anything is trained", _TABLE, (*_SHOWN, "level"))
    _add(actions, "fit", "train, estimate, report, and keep the run in a folder", _TABLE, ())
    text = "estimate the effect of one treatment that units chose, from what is known about them"
    observed = actions.add_parser("observe", help=text, description=f"{text.capitalize()}.")
    add_options(observed, "observed", source=_TABLE)
    add_config(observed)
    add_printing(observed)
    _add(actions, "best", "name the best combination and what else may be the best", _RUN, _SHOWN)
    text = "say for whom a combination does more: by the groups of a column, or by what networks predict"
    groups = _add(actions, "groups", text, _RUN, _SHOWN)
    groups.add_argument("--by", metavar="COLUMN", help="a column from before the treatment (units by predicted effect)")
    groups.add_argument("--combination", help="such as 101 or 't1 + t3' (the best one)")
    groups.add_argument("--table", help="the table of the run, if it has moved")
    groups.add_argument("--out", metavar="FILE.html", help="write a page with the figures")
    compare = _add(actions, "compare", "set other methods beside ours", _RUN, (*_SHOWN, "level"))
    compare.add_argument("--methods", nargs="+", metavar="METHOD", help="LA, LR, PDL, SDL, AIPW, DeDL (all)")
    compare.add_argument("--truth", metavar="FILE", help="true effects, as simulate writes them, for the errors")
    text = "say which combination to run next, or with --units what an experiment could see"
    design = _add(actions, "design", text, f"{_RUN}; with --units, rows like the units to come, or nothing", _SHOWN)
    design.add_argument("--next", type=int, default=1, metavar="COUNT", help="how many, one after the other (1)")
    _add_power(design)
    _add_simulate(actions)
    names = {
        "by": "--by",
        "combination": "--combination",
        "methods": "--methods",
        "following": "--next",
        **{name: f"--{name.replace('_', '-')}" for name in ("units", "mean", "deviation", "shares", "effect", "power")},
        **{name: f"--{name.replace('_', '-')}" for name in ("cluster_rows", "cluster_share")},
    }
    effects.set_defaults(names=names | {"table": "--table", "truth": "--truth"})


def _add(actions: Any, name: str, text: str, source: str, leave: Sequence[str]) -> argparse.ArgumentParser:
    """Add an action with everything that may be asked about a table, but for some options."""
    parser: argparse.ArgumentParser = actions.add_parser(name, help=text, description=f"{text.capitalize()}.")
    add_options(parser, "effects", source=source, leave=leave)
    add_config(parser)
    add_printing(parser)
    return parser


def _add_power(design: argparse.ArgumentParser) -> None:
    """Add what is asked about an experiment that is still to be run."""
    group = design.add_argument_group("before the experiment")
    group.add_argument("--units", type=int, metavar="COUNT", help="of all arms together")
    group.add_argument("--shares", type=float, nargs="+", metavar="SHARE", help="of the arms, baseline first (0.5 0.5)")
    group.add_argument("--effect", type=float, help="one to ask about: its power, and the units it needs")
    group.add_argument("--power", type=float, help="chance to find an effect (0.8)")
    group.add_argument("--mean", type=float, help="of the outcome, without a table; alone it is a share of units")
    group.add_argument("--deviation", type=float, help="standard deviation of the outcome, without a table")
    group.add_argument("--cluster-rows", type=float, help="without a table: units of a cluster assigned whole (1)")
    group.add_argument("--cluster-share", type=float, help="without a table: share of the variance they share (0)")


def _add_simulate(actions: Any) -> None:
    text = "write a table of a simulated experiment, and its true effects beside it"
    parser = actions.add_parser("simulate", help=text, description=f"{text.capitalize()}.")
    parser.add_argument("--out", required=True, metavar="FILE", help="CSV or Parquet; the truth goes to FILE-truth.csv")
    parser.add_argument("--rows", type=int, default=4000, help="units (4000)")
    parser.add_argument("--treatments", type=int, default=4, metavar="COUNT", help="treatments (4)")
    parser.add_argument("--features", type=int, default=10, metavar="COUNT", help="features (10)")
    shapes = "how features bend effects: linear, cubic, positive or flat (linear)"
    parser.add_argument("--shape", default="linear", help=shapes)
    parser.add_argument("--noise", type=float, default=0.05, help="half-width of the noise (0.05)")
    parser.add_argument("--all-on", action="store_true", help="also run all treatments together")
    parser.add_argument("--scale-slope", type=float, default=0.0, help="how far the scale varies between units (0)")
    parser.add_argument("--misfit", type=float, default=0.0, help="weight of what the link cannot express (0)")
    parser.add_argument("--cluster-rows", type=int, default=1, metavar="COUNT", help="rows per cluster (1)")
    share = "share of the noise a cluster has in common (0)"
    parser.add_argument("--cluster-share", type=float, default=0.0, metavar="SHARE", help=share)
    parser.add_argument("--seed", type=int, default=0, help="names all randomness (0)")
    add_printing(parser)
    simulated = ("rows", "shape", "noise", "scale_slope", "misfit", "cluster_rows", "cluster_share", "all_on")
    parser.set_defaults(names={name: f"--{name.replace('_', '-')}" for name in simulated})


def _run(options: argparse.Namespace, words: Sequence[str]) -> int:
    from thalweg.base.errors import TrainingError
    from thalweg.cli.effects_actions import ACTIONS
    from thalweg.report.drawing.text import text_width
    from thalweg.report.progress import watcher

    with watcher(quiet=options.quiet or options.json) as watch:
        try:
            found = ACTIONS[options.action](options, shlex.join(["thalweg", *words]), text_width(), watch)
        except KeyboardInterrupt:
            raise TrainingError("Interrupted: nothing is kept.", "Start it again.") from None
    if options.json:
        say_json(found.plain)
    else:
        say(found.brief if options.quiet else found.text)
    if found.page is not None:
        write_whole(found.page.place, found.page.content)
        if not options.json and not options.quiet:
            say(f"\n{found.page.called}: {found.page.place}")
    for complaint in found.complaints:
        remark(f"{complaint}")
    return 2 if found.complaints else 0
