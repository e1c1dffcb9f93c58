"""``thalweg doctor``: what is installed, whether steps run in native code, and what could be mended."""

import argparse
import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

from thalweg.cli.speaking import say

_EXTRA: Final = re.compile(r"(?P<name>[\w-]+).*; extra == ['\"](?P<extra>\w+)")
_NOT_OF_USERS: Final = frozenset({"bench", "dev", "docs"})
_LIBRARIES: Final = ("numpy", "scipy", "pandas", "torch", "scikit-learn", "duckdb", "narwhals")


def add_doctor(commands: Any) -> None:
    """Add the command to what ``ArgumentParser.add_subparsers`` returned.

    Examples
    --------
    >>> parser = argparse.ArgumentParser()
    >>> add_doctor(parser.add_subparsers(dest="command"))
    >>> parser.parse_args(["doctor"]).command
    'doctor'
    """
    text = "say what is installed, whether training is as fast as it can be, and what could be mended"
    parser = commands.add_parser("doctor", help=text, description=f"{text.capitalize()}.")
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace, words: Sequence[str]) -> int:  # noqa: ARG001 - all commands are called alike
    from thalweg.report.drawing.blocks import Blocks
    from thalweg.report.drawing.table import Column, Table
    from thalweg.report.drawing.text import to_text

    rows = (*_about_machine(), *_about_steps(), *_about_extras())
    table = Table("doctor", "What thalweg finds here.", (Column("what"), Column("found"), Column("to mend it")), rows)
    advised = sum(row[2] is not None for row in rows)
    sentence = "Everything is as it should be." if not advised else f"It works; {advised} things could be added."
    say(to_text(Blocks((sentence,), (table,))))
    return 0


def _about_machine() -> Iterator[tuple[str, str, str | None]]:
    import os
    import platform
    from importlib.metadata import version

    from thalweg.base.machine.free_memory import free_bytes, in_words
    from thalweg.base.version import __version__

    free = free_bytes()
    yield "thalweg", __version__, None
    yield "Python", f"{platform.python_version()}, {platform.system()} {platform.machine()}", None
    yield "processor cores", str(os.cpu_count()), None
    yield "memory free", "not known" if free is None else in_words(free), None
    yield from ((name, version(name), None) for name in _LIBRARIES)


def _about_steps() -> Iterator[tuple[str, str, str | None]]:
    import torch

    from thalweg.train.native.library import levels_here, native_library
    from thalweg.train.products.switch import native_allowed

    compiled = native_library(torch.float32) is not None
    if not native_allowed():
        yield "steps of training", "calls of torch, as the environment asks", None
    elif compiled:
        yield "steps of training", "native code", None
    else:
        mend = "install again, with a C compiler at hand" if levels_here() else "none: not made for this processor"
        yield "steps of training", "calls of torch, slower", mend


def _about_extras() -> Iterator[tuple[str, str, str | None]]:
    from importlib.metadata import PackageNotFoundError, requires, version

    extras: dict[str, list[str]] = {}
    for text in requires("thalweg") or ():
        found = _EXTRA.match(text)
        if found and found["extra"] not in _NOT_OF_USERS and found["name"] != "thalweg":
            extras.setdefault(found["extra"], []).append(found["name"])
    for extra, packages in extras.items():
        missing = []
        for package in packages:
            try:
                version(package)
            except PackageNotFoundError:
                missing.append(package)
        told = f"without {', '.join(missing)}" if missing else "there"
        yield f"extra {extra}", told, f"pip install 'thalweg[{extra}]'" if missing else None
