"""The words of ``thalweg effects``: what can be asked, with which options."""

import argparse
from collections.abc import Callable
from typing import Any, Final

from thalweg.effects.links.named_links import NAMED_LINKS

LINKS: Final = ", ".join(NAMED_LINKS)


def add_effects(commands: Any, run: Callable[..., int]) -> None:
    """Add ``thalweg effects`` and what it can do to a parser's commands.

    Parameters
    ----------
    commands
        What ``ArgumentParser.add_subparsers`` returned.
    run
        Called with the options.

    Examples
    --------
    >>> parser = argparse.ArgumentParser()
    >>> add_effects(parser.add_subparsers(dest="command"), run=lambda options, words: 0)
    >>> parser.parse_args(["effects", "design", "runs/trial", "--next", "2"]).next
    2
    """
    effects = commands.add_parser(
        "effects",
        help="estimate the effect of every combination of treatments",
        description="Estimate the effect of every combination of treatments, also of those nobody received (DeDL).",
        epilog="Try: thalweg effects simulate --out trial.csv",
    )
    effects.set_defaults(run=run)
    actions = effects.add_subparsers(dest="action", metavar="ACTION", required=True)
    _question(actions, "check", "say what the design can answer, before anything is trained", table_only=True)
    fit = _question(actions, "fit", "train, estimate, report, and keep the run in a folder", table_only=True)
    fit.add_argument("--out", help="folder to keep the run in")
    _showing(fit)
    fit.add_argument("--adjust", help="of p-values: max-t, step-down, bonferroni, holm (step-down)")
    fit.add_argument("--allow-unidentified", action="store_true", default=None, help="show weak effects too")
    fit.add_argument("--leave-out", action="store_true", default=None, help="predict every cell from the others too")
    _showing(_question(actions, "best", "name the best combination and what else may be the best"))
    groups = _question(actions, "groups", "estimate the effect of a combination by group")
    _showing(groups)
    groups.add_argument("--by", metavar="COLUMN", required=True, help="a column from before the treatment")
    groups.add_argument("--combination", help="such as 101 (the best one)")
    groups.add_argument("--table", help="the table of the run, if it has moved")
    groups.add_argument("--out", metavar="FILE.html", help="write a page: a map of groups and combinations")
    compare = _question(actions, "compare", "set other methods beside ours")
    compare.add_argument("--methods", nargs="+", metavar="METHOD", help="LA, LR, PDL, SDL, AIPW, DeDL (all)")
    compare.add_argument("--truth", metavar="FILE", help="true effects, as simulate writes them, for the errors")
    design = _question(actions, "design", "say which combination to run next")
    design.add_argument("--next", type=int, default=1, metavar="COUNT", help="how many, one after the other (1)")
    _add_simulate(actions)


def _question(actions: Any, name: str, text: str, *, table_only: bool = False) -> argparse.ArgumentParser:
    """Add an action with everything that may be asked about a table."""
    parser: argparse.ArgumentParser = actions.add_parser(name, help=text, description=f"{text.capitalize()}.")
    source = "CSV, Parquet or JSON file" if table_only else "folder of a finished run, or a table as for fit"
    table = parser.add_argument_group("table")
    table.add_argument("source", nargs="?", help=source)
    table.add_argument("--query", help="SQL over files, or over the source as table 'data'")
    table.add_argument("--outcome", metavar="COLUMN", help="column of the outcome")
    table.add_argument("--treatments", nargs="+", metavar="COLUMN", help="columns of 0 and 1")
    table.add_argument("--covariates", nargs="+", metavar="COLUMN", help="from before the treatment (all others)")
    table.add_argument("--cluster", nargs="+", metavar="COLUMN", help="column of clusters, or two that cross")
    table.add_argument("--weights", metavar="COLUMN", help="column of row weights")
    table.add_argument("--targets", nargs="+", metavar="COMBINATION", help="such as 101 111 (all)")
    table.add_argument("--baseline", metavar="COMBINATION", help="to measure against (no treatment)")
    shares = "planned shares, such as 00=0.5 10=0.25 01=0.25; or empirical, or model (empirical)"
    table.add_argument("--assignment", nargs="+", metavar="SHARE", help=shares)
    table.add_argument("--allow-mismatch", action="store_true", default=None, help="go on although counts differ")
    model = parser.add_argument_group("model")
    model.add_argument("--link", nargs="+", help=f"{LINKS}; of several the best is used (sigmoid2)")
    model.add_argument("--low", type=float, help="constant of link sigmoid (0)")
    model.add_argument("--height", type=float, help="constant of link sigmoid (1)")
    model.add_argument("--scale", help="auto, global or local (auto)")
    model.add_argument("--loss", help="squared, or logistic for an outcome of 0 and 1 (squared)")
    model.add_argument("--hidden", type=_widths, metavar="WIDTHS", help="hidden layers: 32 or 64-64 (32)")
    model.add_argument("--activation", help="of the hidden layers (silu)")
    model.add_argument("--ridges", nargs="+", type=float, metavar="RIDGE", help="the best one is used (5e-6 1e-3)")
    model.add_argument("--epochs", type=int, help="passes over the rows (80)")
    model.add_argument("--batch", type=int, help="most rows of a mini-batch (128)")
    model.add_argument("--learning-rate", type=float, metavar="RATE", help="of Adam (0.05)")
    model.add_argument("--folds", type=int, help="folds of a split (5)")
    model.add_argument("--repeats", type=int, help="splits into folds (10)")
    model.add_argument("--seeds", type=int, help="networks per fold (1)")
    model.add_argument("--seed", type=int, help="names all randomness (0)")
    model.add_argument("--workers", type=int, help="processes (one per core)")
    _printing(parser)
    return parser


def _showing(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--level", type=float, default=0.95, help="probability that intervals cover (0.95)")


def _printing(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print the answer as JSON")
    parser.add_argument("--quiet", action="store_true", help="print the main sentence alone")


def _widths(text: str) -> tuple[int, ...]:
    """Read 64-64 as two hidden layers."""
    try:
        return tuple(int(part) for part in text.split("-"))
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"expected widths such as 32 or 64-64, got {text!r}") from error


def _add_simulate(actions: Any) -> None:
    text = "write a table of a simulated experiment, and its true effects beside it"
    parser = actions.add_parser("simulate", help=text, description=f"{text.capitalize()}.")
    parser.add_argument("--out", required=True, metavar="FILE", help="CSV or Parquet; the truth goes to FILE-truth.csv")
    parser.add_argument("--rows", type=int, default=4000, help="units (4000)")
    parser.add_argument("--treatments", type=int, default=4, metavar="COUNT", help="treatments (4)")
    parser.add_argument("--covariates", type=int, default=10, metavar="COUNT", help="covariates (10)")
    shapes = "how covariates bend effects: linear, cubic, positive or flat (linear)"
    parser.add_argument("--shape", default="linear", help=shapes)
    parser.add_argument("--noise", type=float, default=0.05, help="half-width of the noise (0.05)")
    parser.add_argument("--all-on", action="store_true", help="also run all treatments together")
    parser.add_argument("--scale-slope", type=float, default=0.0, help="how far the scale varies between units (0)")
    parser.add_argument("--misfit", type=float, default=0.0, help="weight of what the link cannot express (0)")
    parser.add_argument("--cluster-rows", type=int, default=1, help="rows per cluster (1)")
    parser.add_argument("--cluster-share", type=float, default=0.0, help="share of the noise a cluster has in common")
    parser.add_argument("--seed", type=int, default=0, help="names all randomness (0)")
    _printing(parser)
