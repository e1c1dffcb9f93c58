"""How options become flags, and how flags and a configuration file become what a job is called with."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, NoReturn

from thalweg.base.errors import SettingError, setting
from thalweg.base.files import path_of
from thalweg.base.wording import closest
from thalweg.cli.speaking import complain, say
from thalweg.data.files.formats import format_of
from thalweg.jobs.option import Option, read_widths
from thalweg.jobs.options import OPTIONS, options_of

FLAGS: Final = {option.name: option.flag for option in OPTIONS.values()}
"""How the command line writes the names of settings that errors speak of."""


class Parser(argparse.ArgumentParser):
    """Answers a mistyped command in one line instead of a page of usage.

    Examples
    --------
    >>> Parser(prog="thalweg").parse_args([])
    Namespace()
    """

    def error(self, message: str) -> NoReturn:
        """Print what is wrong and leave with exit code 2."""
        self.exit(2, f"{self.prog}: {message}. See {self.prog} --help.\n")

    def _get_values(self, action: argparse.Action, arg_strings: list[str]) -> Any:
        """Return the value of a flag; of ``--flag=--`` argparse would make an empty list."""
        if action.option_strings and action.nargs is None and arg_strings == ["--"]:
            raise argparse.ArgumentError(action, "expected one argument")
        return super()._get_values(action, arg_strings)

    def _print_message(self, message: str, file: Any = None) -> None:
        """Print through the voices that no stream can fail."""
        if file is sys.stdout or file is None:
            say(message, end="")
        else:
            complain(message)


def add_options(parser: argparse.ArgumentParser, job: str, *, source: str, leave: Sequence[str] = ()) -> None:
    """Add the source and the options of a job, under their headings.

    Parameters
    ----------
    parser
        Of the command.
    job
        One of :data:`thalweg.jobs.options.JOBS`.
    source
        What the source may be, for the help.
    leave
        Options this command does without.

    Examples
    --------
    >>> parser = argparse.ArgumentParser()
    >>> add_options(parser, "linear", source="a table")
    >>> parser.parse_args(["firms.csv", "--axes", "age", "size"]).axes
    ['age', 'size']
    """
    parser.usage = f"{parser.prog} [SOURCE ...] [OPTIONS]"  # the options stand below, each on its line
    headings: dict[str, argparse._ArgumentGroup] = {}
    table = headings["table"] = parser.add_argument_group("table")
    table.add_argument(
        "source", metavar="SOURCE", nargs="*", help=f"{source}; several with the same columns; - for standard input"
    )
    for option in options_of(job):
        if option.name not in leave:
            if option.group not in headings:
                headings[option.group] = parser.add_argument_group(option.group)
            headings[option.group].add_argument(option.flag, **_takes(option, job))


def add_printing(parser: argparse.ArgumentParser) -> None:
    """Add what decides how much is printed.

    Examples
    --------
    >>> parser = argparse.ArgumentParser()
    >>> add_printing(parser)
    >>> parser.parse_args(["--json"]).quiet
    False
    """
    parser.add_argument("--json", action="store_true", help="print the answer as JSON")
    parser.add_argument("--quiet", action="store_true", help="print the main sentence alone")


def add_config(parser: argparse.ArgumentParser) -> None:
    """Add the configuration file.

    Examples
    --------
    >>> parser = argparse.ArgumentParser()
    >>> add_config(parser)
    >>> parser.parse_args(["--config", "run.toml"]).config
    'run.toml'
    """
    parser.add_argument("--config", metavar="FILE", help="TOML file with any of the options above; flags override it")


def given(options: argparse.Namespace, job: str) -> dict[str, Any]:
    """Return what was asked for, by name: in the configuration file, and by flags, which override it.

    Parameters
    ----------
    options
        As the parser read them.
    job
        Whose options they are.

    Raises
    ------
    SettingError
        If the file cannot be read, or sets what the job does not have.

    Examples
    --------
    >>> given(argparse.Namespace(source="t.csv", folds=3, level=None, config=None, quiet=False), "fit")
    {'source': 't.csv', 'folds': 3}
    """
    names = ["source", *(option.name for option in options_of(job))]
    flags = {name: getattr(options, name) for name in names if getattr(options, name, None) is not None}
    if isinstance(flags.get("source"), list):
        flags |= {"source": sources_of(flags["source"])}
        flags = flags if flags["source"] else {name: value for name, value in flags.items() if name != "source"}
    file = getattr(options, "config", None)
    if file is None:
        _refuse_swallowed(flags)
        return flags
    filed = _read_config(Path(file), job)
    told = {name: f"{name} in {file}" for name in filed if name not in flags}  # an error says where the value stands
    options.names = getattr(options, "names", {}) | told
    return filed | flags


def sources_of(sources: list[str]) -> str | list[str] | None:
    """Return one source alone, several as a list, none as None.

    Examples
    --------
    >>> sources_of(["a.csv"]), sources_of(["a.csv", "b.csv"]), sources_of([])
    ('a.csv', ['a.csv', 'b.csv'], None)
    """
    return (sources if len(sources) > 1 else sources[0]) if sources else None


def _refuse_swallowed(flags: dict[str, Any]) -> None:
    """Refuse options that took the table for one of their values."""
    if "source" in flags or "query" in flags:
        return
    for name, values in flags.items():
        taken = [v for v in values if isinstance(v, str) and format_of(v)] if isinstance(values, list) else []
        if taken:
            raise SettingError(
                f"There is no table to read: {setting(name)} took {taken[-1]!r}.",
                "Put the file first, or write -- before it.",
            )


def _takes(option: Option, job: str) -> dict[str, Any]:
    """Return how argparse reads an option."""
    if option.kind == "switch":
        return {"action": "store_true", "default": None, "help": option.shown(job)}
    kinds: dict[str, Any] = {"text": str, "count": int, "number": float, "duration": str, "widths": _widths}
    told: dict[str, Any] = {"type": kinds[option.kind], "help": option.shown(job), "metavar": option.metavar}
    if option.choices:
        told |= {"choices": option.choices, "metavar": option.metavar or option.name.upper()}  # the help lists them
    if option.pair or job in option.several:
        told["nargs"] = 2 if option.pair else "+"
    return told


def _widths(text: str) -> tuple[int, ...]:
    try:
        return read_widths(text)
    except SettingError:
        raise argparse.ArgumentTypeError(f"expected widths such as 32 or 64-64, got {text[:40]!r}") from None


def _read_config(path: Path, job: str) -> dict[str, Any]:
    import tomllib

    try:
        file = tomllib.loads(path_of("config", path).read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingError(f"{path} cannot be read: {error.strerror}.", "Check the path.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError, ValueError) as error:
        raise SettingError(f"{path} is not valid TOML: {error}.", "Mend that line.") from error
    known = {option.name: option for option in options_of(job)}
    found = {}
    for name, value in file.items():
        if name == "source":
            texts = value if isinstance(value, list) else [value]
            if not all(isinstance(text, str) for text in texts):
                raise SettingError(f"{path}: source is {value!r}, which is no text.", "Put it in quotes.")
            found[name] = value
            continue
        if name not in known:
            raise SettingError(f"{path} sets {name!r}.", closest(name, ["source", *known], "options"))
        try:
            found[name] = known[name].of_file(value, job)
        except SettingError as error:
            words = str(error).removesuffix(error.remedy).strip()  # keys of the file, not flags
            raise SettingError(f"{path}: {words}", error.remedy) from error
    return found
