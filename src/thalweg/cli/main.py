"""The command line. It answers ``--help`` at once: everything heavy is imported by the command that needs it.

Results go to standard output, everything else to standard error. Exit codes: 0 done, 1 interrupted or failed, 2 the
command or the data must be mended, 3 done, but a likelihood has no finite maximum.
"""

import argparse
import sys
import warnings
from collections.abc import Sequence
from typing import Final

from thalweg.base.errors import ThalwegError, TrainingError
from thalweg.base.version import __version__
from thalweg.cli.effects import add_effects
from thalweg.cli.fit import add_fit
from thalweg.cli.linear import add_linear
from thalweg.cli.parsing import FLAGS, Parser
from thalweg.cli.plan import add_plan
from thalweg.cli.predict import add_predict
from thalweg.cli.replay import add_replay
from thalweg.cli.report import add_report
from thalweg.cli.speaking import LostOutputError, check_voice, leave_quietly, remark, say
from thalweg.cli.study import add_study
from thalweg.cli.tools.completion import add_completion
from thalweg.cli.tools.doctor import add_doctor
from thalweg.cli.tools.examples import add_examples
from thalweg.cli.tools.serve import add_serve

WELCOME: Final = """\
thalweg: supervised deep learning whose answer is a
distribution, not a lucky run.

Five things you can do, each with a table of your own in
place of the example:

  Does a network predict better than a linear model, and how
  sure is that?
    thalweg fit example:iris --target species --out runs/iris
  What explains the outcome?
    thalweg linear example:diabetes
  Which combination of treatments is best, also among those
  nobody received?
    thalweg effects simulate --out trial.csv
  What does training do on this table?
    thalweg study race example:iris --out race.html
  How long will it take here?
    thalweg plan table example:diabetes

Then: thalweg report RUN, thalweg predict RUN NEW.csv
Tables to try: thalweg examples
All verbs: thalweg --help  One verb: thalweg fit --help
What is installed: thalweg doctor"""


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
    options = argparse.Namespace(names={})
    try:
        check_voice()
        parser = build_parser()
        parser.parse_args(words, options)
        if options.command is None:
            say(WELCOME)
            return 0
        with warnings.catch_warnings():
            warnings.showwarning = _say
            code: int = options.run(options, words)
            return code
    except ThalwegError as error:
        remark(str(error.with_names(FLAGS | options.names)))
        return 1 if isinstance(error, TrainingError) else 2
    except KeyboardInterrupt:
        remark("interrupted; what is trained is kept if a folder was given.")
        return 1
    except BrokenPipeError:
        leave_quietly()
        return 0
    except LostOutputError:
        return 2
    except MemoryError:
        remark("memory ran out. Select columns or rows by a query, fewer networks or smaller ones.")
        return 2
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        remark(f"{where}{error.strerror or error}. Mend what the system refuses, and give the command again.")
        return 2


def _say(message: Warning | str, *_where: object, **_files: object) -> None:
    """Show a warning as a sentence, without the line of code that gave it."""
    remark(str(message))


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of all commands.

    Examples
    --------
    >>> build_parser().parse_args(["replay", "runs/first", "--member", "3"]).member
    3
    """
    parser = Parser(
        prog="thalweg",
        description="Supervised deep learning whose answer is a distribution, not a lucky run.",
        epilog="Try: thalweg fit example:breast_cancer --target diagnosis --out runs/first",
    )
    parser.set_defaults(names={}, all_commands=parser)
    parser.add_argument("--version", action="version", version=f"thalweg {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    for add in (
        *(add_fit, add_linear, add_effects, add_predict, add_report, add_replay, add_study, add_plan),
        *(add_serve, add_examples, add_doctor, add_completion),
    ):
        add(commands)
    return parser


if __name__ == "__main__":
    sys.exit(main())
