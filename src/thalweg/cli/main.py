"""The command line. It answers ``--help`` at once: everything heavy is imported by the command that needs it.

Results go to standard output, everything else to standard error. Exit codes: 0 done, 1 interrupted or failed, 2 the
command or the data must be mended.
"""

import argparse
import json
import shlex
import sys
import tomllib
import webbrowser
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from thalweg.base.version import __version__
from thalweg.cli.effects_arguments import add_effects
from thalweg.linear.models import MODELS, PATHS, SEARCHES

if TYPE_CHECKING:
    from thalweg.answers.comparison import Run

LISTS = ("features", "ignore")
QUESTION = ("target", "query", "formula", "features", "weights", "groups", "ignore", "task", "out", "workers")
SETTINGS = ("folds", "seeds", "seed", "epochs", "patience", "validation", "batch", "level")
TEXTS = ("source", "target", "query", "formula", "weights", "groups", "task", "out")
GRID = ("hidden", "activation", "learning_rate", "dropout", "ridge", "optimizer")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code.

    Parameters
    ----------
    arguments
        Words behind the program's name; None takes them from the process.

    Returns
    -------
    int
        0 done, 1 interrupted or failed, 2 the command or the data must be mended, 3 done, but a likelihood has no
        finite maximum, so that coefficients are shrunken.

    Examples
    --------
    >>> main(["--version"])
    Traceback (most recent call last):
    SystemExit: 0
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    options = _parser().parse_args(words)
    if options.command is None:
        _parser().print_help()
        return 0
    from thalweg.base.errors import ThalwegError, TrainingError

    try:
        code: int = options.run(options, words)
        return code
    except TrainingError as error:
        _complain(error)
        return 1
    except ThalwegError as error:
        _complain(error)
        return 2
    except KeyboardInterrupt:
        print("thalweg: interrupted; what is trained is kept if a folder was given.", file=sys.stderr)
        return 1
    except BrokenPipeError:
        sys.stderr.close()
        return 0


class _Parser(argparse.ArgumentParser):
    """Answers a mistyped command in one line instead of a page of usage."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}. See {self.prog} --help.\n")


def _complain(error: Exception) -> None:
    print(f"thalweg: {error}", file=sys.stderr)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="thalweg",
        description="Supervised deep learning whose answer is a distribution, not a lucky run.",
        epilog="Try: thalweg fit example:breast_cancer --target diagnosis --out runs/first",
    )
    parser.add_argument("--version", action="version", version=f"thalweg {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    _add_fit(commands)
    _add_linear(commands)
    add_effects(commands, _effects)
    _add_predict(commands)
    _add_report(commands)
    _add_replay(commands)
    return parser


def _add_fit(commands: Any) -> None:
    fit = commands.add_parser(
        "fit",
        help="compare linear models and networks on a table",
        description="Compare linear models and networks on a table, all folds, seeds and settings as one population.",
    )
    fit.set_defaults(run=_fit)
    table = fit.add_argument_group("table")
    table.add_argument("source", nargs="?", help="CSV, Parquet or JSON file, or example:NAME")
    table.add_argument("--query", help="SQL over files, or over the source as table 'data'")
    table.add_argument("--target", help="column to predict")
    table.add_argument("--formula", help='instead of --target: "y ~ x1 + log(x2) + C(region)"')
    table.add_argument("--features", nargs="+", metavar="COLUMN", help="columns to predict from (default: all others)")
    table.add_argument("--ignore", nargs="+", metavar="COLUMN", help="columns to leave out")
    table.add_argument("--weights", metavar="COLUMN", help="column of row weights")
    table.add_argument("--groups", metavar="COLUMN", help="column of groups that no fold may cut")
    table.add_argument("--task", choices=["regression", "binary", "multiclass"], help="instead of inferring it")
    design = fit.add_argument_group("design")
    design.add_argument("--folds", type=int, help="parts of the table, each held out once (5)")
    design.add_argument("--seeds", type=int, help="networks per fold and setting that differ by chance alone (5)")
    design.add_argument("--seed", type=int, help="names all randomness of the run (0)")
    design.add_argument("--level", type=float, help="nominal coverage of intervals (0.95)")
    grid = fit.add_argument_group("networks (several values make a grid)")
    grid.add_argument(
        "--hidden", nargs="+", type=_widths, metavar="WIDTHS", help="hidden layers: 32 or 64-64; 0 for none"
    )
    grid.add_argument("--activation", nargs="+", help="relu, tanh, sigmoid, leaky_relu, elu, gelu, silu")
    grid.add_argument("--learning-rate", nargs="+", type=float, metavar="RATE")
    grid.add_argument("--dropout", nargs="+", type=float, metavar="RATE")
    grid.add_argument("--ridge", nargs="+", type=float, metavar="PENALTY")
    grid.add_argument("--optimizer", nargs="+", help="adam, sgd, momentum, adagrad, rmsprop")
    training = fit.add_argument_group("training")
    training.add_argument("--epochs", type=int, help="most passes over the training rows (300)")
    training.add_argument("--patience", type=int, help="epochs without a better validation loss before stopping (20)")
    training.add_argument("--validation", type=float, help="share of training rows that stopping watches (0.15)")
    training.add_argument("--batch", type=int, help="rows of a mini-batch (64)")
    training.add_argument("--workers", type=int, help="processes (one per core)")
    output = fit.add_argument_group("output")
    output.add_argument("--out", help="folder to keep the run in; the same command continues it")
    output.add_argument("--config", help="TOML file with any of the options above; flags override it")
    output.add_argument("--json", action="store_true", help="print the answer as JSON")
    output.add_argument("--quiet", action="store_true", help="print the verdict alone")


def _add_linear(commands: Any) -> None:
    linear = commands.add_parser(
        "linear",
        help="estimate a linear model with standard errors and a certificate",
        description="Estimate a linear model of a table, and say how exact and how certain its coefficients are.",
    )
    linear.set_defaults(run=_linear)
    linear.add_argument("source", help="CSV, Parquet or JSON file, or example:NAME")
    linear.add_argument("--target", help="column to explain by all others")
    linear.add_argument("--formula", help='instead of --target: "y ~ x1 + log(x2) + C(region)"')
    linear.add_argument("--model", choices=list(MODELS), help="default: by the outcome")
    kinds = ["classical", "HC0", "HC1", "HC2", "HC3", "cluster"]
    linear.add_argument("--covariance", choices=kinds, help="standard errors (classical; cluster with --clusters)")
    linear.add_argument("--clusters", metavar="COLUMN", help="column of groups for clustered errors; no fold cuts one")
    linear.add_argument("--weights", metavar="COLUMN", help="column that says how often each row counts")
    linear.add_argument(
        "--path", choices=[*PATHS, "none"], default="none", help="shrink along penalties, by cross-validation"
    )
    linear.add_argument("--select", choices=list(SEARCHES), help="search the best columns of each number")
    linear.add_argument("--descend", action="store_true", help="run gradient methods beside their bounds")
    linear.add_argument("--folds", type=int, default=5, help="folds of the cross-validation (5)")
    linear.add_argument("--seed", type=int, default=0, help="draws the folds (0)")
    linear.add_argument("--axes", nargs=2, metavar="COLUMN", help="draw ridge and lasso for two columns")
    linear.add_argument("--out", metavar="PLACE", help="folder for report and tables, or FILE.html for the report")
    linear.add_argument("--json", action="store_true", help="print the answer as JSON")
    linear.add_argument("--latex", action="store_true", help="print the coefficients as LaTeX")
    linear.add_argument("--quiet", action="store_true", help="print the certificate's sentence alone")


def _add_predict(commands: Any) -> None:
    predict = commands.add_parser("predict", help="predict new rows with a finished run, as CSV on standard output")
    predict.set_defaults(run=_predict)
    predict.add_argument("folder", help="folder of the run")
    predict.add_argument("source", nargs="?", help="CSV, Parquet or JSON file with the new rows")
    predict.add_argument("--query", help="SQL over files")
    predict.add_argument("--model", help="a model of the leaderboard (default: the recommended one)")
    predict.add_argument("--quiet", action="store_true", help="no remarks about the rows")


def _add_report(commands: Any) -> None:
    report = commands.add_parser("report", help="write the report of a finished run and say where it is")
    report.set_defaults(run=_report)
    report.add_argument("folder", help="folder of the run")
    report.add_argument("--out", help="where to write it (default: report.html in the folder)")
    report.add_argument("--open", action="store_true", help="open it in the browser")


def _add_replay(commands: Any) -> None:
    replay = commands.add_parser("replay", help="train one network of a run again and compare it bit for bit")
    replay.set_defaults(run=_replay)
    replay.add_argument("folder", help="folder of the run")
    replay.add_argument("source", nargs="?", help="the table, if it has moved")
    replay.add_argument("--member", type=int, required=True, help="number of the network, as in members.csv")
    replay.add_argument("--stage", choices=["search", "chosen"], default="search", help="the grid, or what was kept")


def _widths(text: str) -> tuple[int, ...]:
    """Read 64-64 as two hidden layers."""
    try:
        return tuple(int(part) for part in text.split("-"))
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"expected widths such as 32 or 64-64, got {text!r}") from error


def _fit(options: argparse.Namespace, words: Sequence[str]) -> int:
    chosen = _with_config(options)
    from thalweg.jobs.compare import fit
    from thalweg.report.progress import watcher
    from thalweg.select.settings import grid_of

    keywords = {name: chosen[name] for name in (*QUESTION, *SETTINGS) if name in chosen}
    networks = {name: chosen[name] for name in GRID if name in chosen}
    if networks:
        keywords["networks"] = grid_of(**networks)
    finished = _finished(chosen)
    with watcher(quiet=options.quiet or options.json) as watch:
        run = fit(chosen.get("source"), watch=watch, command=shlex.join(["thalweg", *words]), **keywords)
    if finished and not options.quiet and not options.json:
        print(f"thalweg: {chosen['out']} is already finished; nothing is trained again.", file=sys.stderr)
    _print_run(run, options)
    return 0


def _finished(chosen: dict[str, Any]) -> bool:
    """Whether the folder already holds an answer; whether it is this command's, the run itself checks."""
    from thalweg.base.run_folder import RunFolder

    return "out" in chosen and RunFolder(Path(chosen["out"])).finished


def _with_config(options: argparse.Namespace) -> dict[str, Any]:
    """Return the options given, those of the configuration file where no flag says otherwise."""
    from thalweg.base.errors import SettingError

    given = {name: value for name, value in vars(options).items() if value is not None}
    if options.config is None:
        return given
    try:
        file = tomllib.loads(Path(options.config).read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingError(f"{options.config} cannot be read: {error.strerror}.", "Check the path.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingError(f"{options.config} is not valid TOML: {error}.", "Mend that line.") from error
    known = {"source", *QUESTION, *SETTINGS, *GRID}
    for name, value in file.items():
        if name not in known:
            raise SettingError(f"{options.config} sets {name!r}.", f"It may set {', '.join(sorted(known))}.")
        if name in TEXTS and not isinstance(value, str):
            raise SettingError(f"{options.config} sets {name} to {value!r}, which is no text.", "Put it in quotes.")
    if "hidden" in file:
        file["hidden"] = [_widths(str(entry)) for entry in _as_list(file["hidden"])]
    many = (*LISTS, *GRID)
    return {name: _as_list(value) if name in many else value for name, value in file.items()} | given


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _print_run(run: "Run", options: argparse.Namespace) -> None:
    if options.json:
        print(json.dumps(run.answer.to_dict(), ensure_ascii=False))
    elif options.quiet:
        print(run.sentence)
    else:
        print(run.text())
    if run.folder is not None and not options.json and not options.quiet:
        print(f"\nRun: {run.folder}\nReport: {run.folder / 'report.html'}")


def _linear(options: argparse.Namespace, words: Sequence[str]) -> int:
    from thalweg.jobs.linear import fit_linear
    from thalweg.report.drawing.table import to_latex
    from thalweg.report.linear.tables import coefficient_table

    names = ("target", "formula", "model", "covariance", "clusters", "weights", "folds", "seed", "out")
    answer = fit_linear(
        options.source,
        **{name: getattr(options, name) for name in names},
        path=None if options.path == "none" else options.path,
        search=options.select,
        descents=options.descend,
        axes=None if options.axes is None else tuple(options.axes),
        command=shlex.join(["thalweg", *words]),
    )
    if options.json:
        print(json.dumps(answer.to_dict(), ensure_ascii=False))
    elif options.latex:
        print(to_latex(coefficient_table(answer.answer)), end="")
    elif options.quiet:
        print(answer.estimates.certificate.sentence())
    else:
        print(answer.text())
        if options.out is not None:
            print(f"\nWritten: {options.out}")
    return 0 if answer.has_maximum else 3


def _effects(options: argparse.Namespace, words: Sequence[str]) -> int:
    from thalweg.base.errors import TrainingError
    from thalweg.cli.effects import run_action
    from thalweg.report.drawing.text import text_width
    from thalweg.report.progress import watcher

    with watcher(quiet=options.quiet or options.json) as watch:
        told = None if watch is None else partial(watch, "effects")
        try:
            found = run_action(options, words, width=text_width(), watch=told)
        except KeyboardInterrupt:
            raise TrainingError("Interrupted: nothing is kept.", "Start it again.") from None
    if options.json:
        print(json.dumps(found.plain, ensure_ascii=False))
    else:
        print(found.brief if options.quiet else found.text)
    for complaint in found.complaints:
        print(f"thalweg: {complaint}", file=sys.stderr)
    return 2 if found.complaints else 0


def _predict(options: argparse.Namespace, words: Sequence[str]) -> int:  # noqa: ARG001 - all commands are called alike
    from thalweg.answers.comparison import Run
    from thalweg.answers.loading import load
    from thalweg.base.errors import RunFolderError

    run = load(options.folder)
    if not isinstance(run, Run):
        raise RunFolderError(f"{options.folder} holds no models that predict.", "Name a run of thalweg fit.")
    frame, notes = run.predict_with_notes(options.source, model=options.model, query=options.query)
    if not options.quiet:
        for note in notes:
            print(f"thalweg: {note.text}", file=sys.stderr)
    frame.to_csv(sys.stdout, index=False)
    return 0


def _report(options: argparse.Namespace, words: Sequence[str]) -> int:  # noqa: ARG001 - all commands are called alike
    from thalweg.answers.loading import load

    path = load(options.folder).report(options.out)
    print(path)
    if options.open:
        webbrowser.open(path.resolve().as_uri())
    return 0


def _replay(options: argparse.Namespace, words: Sequence[str]) -> int:  # noqa: ARG001 - all commands are called alike
    from thalweg.jobs.replay import replay

    found = replay(options.folder, options.member, stage=options.stage, source=options.source)
    for change in found.changed:
        print(f"thalweg: {change}", file=sys.stderr)
    where = ", ".join(f"{name} {value}" for name, value in found.label.items())
    verdict = "the same numbers, bit for bit" if found.same else "NOT the same numbers"
    print(f"Member {options.member} ({where}) trained again: {verdict}. It {found.again.reason}.")
    return 0 if found.same else 1


if __name__ == "__main__":
    sys.exit(main())
