"""What is compiled where there is a compiler, what is asked for where there is none, and what is refused."""

import _ctypes
import subprocess
import sys
from pathlib import Path

import pytest

from builds import needs_compiler
from thalweg.train.native import build, library
from thalweg.train.native.build import LEVELS, ZIGLANG, Compiler, Level
from thalweg.train.native.build import build as build_into

NO_LEVEL = Level(("-mno-such-instructions",), ())


def compile_nothing(monkeypatch, which):
    monkeypatch.setattr(build.shutil, "which", which)
    return build.system_compiler()


def test_ziglang_is_asked_for_where_the_system_has_no_compiler(monkeypatch):
    assert compile_nothing(monkeypatch, lambda _: None) is None
    assert build.requirements() == ([ZIGLANG] if build.machine() in LEVELS and sys.platform != "win32" else [])
    monkeypatch.setattr(build, "machine", lambda: "riscv64")
    assert build.requirements() == []


def test_a_compiler_that_compiles_nothing_counts_as_none(monkeypatch):
    assert compile_nothing(monkeypatch, lambda _: sys.executable) is None
    assert compile_nothing(monkeypatch, lambda _: "/no/such/file") is None


@needs_compiler
def test_nothing_is_asked_for_where_the_system_has_one():
    assert build.system_compiler() is None or build.requirements() == []


def test_without_any_compiler_nothing_is_built(monkeypatch, tmp_path):
    monkeypatch.setattr(build, "compiler", lambda: None)
    assert build_into(tmp_path) == []
    assert not list(tmp_path.iterdir())


def touching(monkeypatch, levels):
    """A compiler that writes what it was told instead, and knows no flag of NO_LEVEL."""
    code = (
        "import sys; assert '-mno-such-instructions' not in sys.argv; open(sys.argv[-2], 'w').write(' '.join(sys.argv))"
    )
    monkeypatch.setattr(build, "compiler", lambda: Compiler((sys.executable, "-c", code), lambda level: level.gcc))
    monkeypatch.setitem(LEVELS, build.machine(), levels)


def test_every_level_is_built_for_every_precision_without_contraction(monkeypatch, tmp_path):
    touching(monkeypatch, {"wide": Level(("-mwide",), ()), "narrow": Level((), ())})
    files = build_into(tmp_path)
    assert {file.name for file in files} == {
        f"steps_{level}_float{bits}.so" for level in ("wide", "narrow") for bits in (32, 64)
    }
    for file in files:
        told = file.read_text()
        assert "-ffp-contract=off" in told
        assert "fast-math" not in told
        assert ("-mwide" in told) == ("wide" in file.name)


def test_a_level_the_compiler_does_not_know_is_left_out(monkeypatch, tmp_path):
    touching(monkeypatch, {"new": NO_LEVEL, "old": Level((), ())})
    assert {file.name for file in build_into(tmp_path)} == {"steps_old_float32.so", "steps_old_float64.so"}
    touching(monkeypatch, {"new": NO_LEVEL})
    with pytest.raises(subprocess.SubprocessError):
        build_into(tmp_path)
    assert len(list(tmp_path.iterdir())) == 2


@needs_compiler
def test_a_library_that_computes_something_else_is_refused(monkeypatch):
    """As one compiled with contraction, or for a processor whose arithmetic differs."""
    file = library.library_file(build.BUILT, library.levels_here()[-1], "float32")
    assert library.load(file) is not None
    monkeypatch.setattr(library, "TRIALS", (0, 1))
    assert library.load(file) is None


def test_a_library_of_something_else_is_none_of_ours():
    assert library.load(Path(_ctypes.__file__)) is None
