"""``thalweg completion``: what a shell needs to complete verbs and flags."""

import argparse
from collections.abc import Iterator, Sequence
from typing import Any, Final

from thalweg.cli.speaking import say

SHELLS: Final = ("bash", "zsh")

_SCRIPT: Final = """_thalweg() {{
  local word="${{COMP_WORDS[COMP_CWORD]}}" verb="${{COMP_WORDS[1]}}" words=""
  [ "$COMP_CWORD" -gt 2 ] && verb="$verb ${{COMP_WORDS[2]}}"
  [ "$COMP_CWORD" -eq 1 ] && verb=""
  case "$verb" in
{cases}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}}
complete -o default -F _thalweg thalweg
"""


def add_completion(commands: Any) -> None:
    """Add the command to what ``ArgumentParser.add_subparsers`` returned.

    Examples
    --------
    >>> parser = argparse.ArgumentParser()
    >>> add_completion(parser.add_subparsers(dest="command"))
    >>> parser.parse_args(["completion", "bash"]).shell
    'bash'
    """
    text = "print what a shell needs to complete verbs and flags"
    parser = commands.add_parser(
        "completion",
        help=text,
        description=f"{text.capitalize()}.",
        epilog='Try: eval "$(thalweg completion bash)", for ever in ~/.bashrc',
    )
    parser.set_defaults(run=_run)
    parser.add_argument("shell", choices=SHELLS, help="bash or zsh")


def _run(options: argparse.Namespace, words: Sequence[str]) -> int:  # noqa: ARG001 - all commands are called alike
    start = "autoload -U +X bashcompinit && bashcompinit\n" if options.shell == "zsh" else ""
    say(start + script_of(options.all_commands), end="")
    return 0


def script_of(parser: argparse.ArgumentParser) -> str:
    """Return the script that completes the verbs and flags of a parser.

    Examples
    --------
    >>> parser = argparse.ArgumentParser()
    >>> _ = parser.add_subparsers().add_parser("fit").add_argument("--target")
    >>> '"fit"*) words="--help --target' in script_of(parser)
    True
    """
    found = sorted(_words(parser, ""), key=lambda pair: -len(pair[0]))  # the longest first: case takes the first
    cases = [f'    "{verb}"{"*" if verb else ""}) words="{" ".join(sorted(words))}" ;;' for verb, words in found]
    return _SCRIPT.format(cases="\n".join(cases))


def _words(parser: argparse.ArgumentParser, verb: str) -> Iterator[tuple[str, list[str]]]:
    """Return what may follow every verb, the verbs of verbs too."""
    words: list[str] = []
    for action in parser._actions:  # noqa: SLF001 - argparse tells them nowhere else
        words += [flag for flag in action.option_strings if flag.startswith("--")]
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001 - the same
            words += list(action.choices)
            for name, below in action.choices.items():
                yield from _words(below, f"{verb} {name}".strip())
    yield verb, words
