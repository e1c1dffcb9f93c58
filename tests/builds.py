"""The native steps for every instruction set that this machine can run, and in shapes of others."""

from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import pytest

from thalweg.train.native import build, library

SHAPES = {
    "no multiply-add": ["-O1"],  # another optimization must not show either, and compiles sooner
    "as wide as AVX-512": [
        "-O1",
        *build.LEVELS["x86_64"]["v3"].gcc,
        "-DBYTES=64",
    ],  # all but the instructions themselves
}
LEVELS = (*library.levels_here(), *(SHAPES if build.machine() == "x86_64" else {}))
needs_compiler = pytest.mark.skipif(
    build.compiler() is None or build.machine() not in build.LEVELS, reason="no C compiler, or none for this machine"
)


@cache
def folder():
    return Path(mkdtemp(prefix="thalweg-steps-"))


@cache
def compiled_for(level, precision):
    """Return the library of a level, compiled if need be."""
    known, found = level in library.levels_here(), build.compiler()
    flags = found.flags(build.LEVELS[build.machine()][level]) if known else SHAPES[level]
    file = build.library_file(build.BUILT if known else folder(), level, precision)
    return library.load(build.compile_library(file, precision, found.command, flags))


def run_on(monkeypatch, level):
    """Let this process, and workers forked from it, run steps compiled for a level."""
    monkeypatch.setattr(library, "compiled", lambda precision: compiled_for(level, precision))
