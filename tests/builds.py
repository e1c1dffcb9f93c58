"""The native steps for every instruction set that this machine can run, one without fused multiply-add among them."""

from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import pytest

from thalweg.train.native import build, library

LEVELS = (*library.levels_here(), "baseline")
BASELINE = ["-O1", "-march=x86-64"]  # another optimization must not show either, and compiles sooner
needs_compiler = pytest.mark.skipif(
    build.compiler() is None or build.machine() not in build.LEVELS, reason="no C compiler, or none for this machine"
)


@cache
def folder():
    return Path(mkdtemp(prefix="thalweg-steps-"))


@cache
def compiled_for(level, precision):
    """Return the library of a level, compiled if need be."""
    known = level in library.levels_here()
    flags = build.LEVELS[build.machine()][level] if known else BASELINE
    file = build.library_file(build.BUILT if known else folder(), level, precision)
    return library.load(build.compile_library(file, precision, build.compiler(), flags))


def run_on(monkeypatch, level):
    """Let this process, and workers forked from it, run steps compiled for a level."""
    monkeypatch.setattr(library, "compiled", lambda precision: compiled_for(level, precision))
