"""Every library for matrix products that this processor can use, whichever it would take by itself."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from thalweg.train.native import build, library
from thalweg.train.products import product, threads
from thalweg.train.products.openblas import kernels_here, load, openblas
from thalweg.train.products.switch import NATIVE, SWITCH, TORCH


def native_steps_are_built():
    """Whether native steps can run here, by what was compiled when thalweg was installed."""
    return all(library.compiled(precision) for precision in build.PRECISIONS)


EVERY = [*([NATIVE] if native_steps_are_built() else []), *kernels_here(), TORCH]
"""Native steps and every library for products, the one this processor would take by itself first."""
OTHERS = [name for name in EVERY if name != os.environ.get(SWITCH, EVERY[0])]
"""Those that this process does not use by itself."""


needs_native = pytest.mark.skipif(
    not native_steps_are_built(), reason="native steps were not compiled when thalweg was installed"
)


LIBRARIES = (TORCH,) if openblas() is None else (TORCH, openblas().name)
"""Libraries that one process can use: OpenBLAS is loaded once, with one family of kernels."""
ARITHMETICS = (*[name for name in EVERY if name == NATIVE], *LIBRARIES)
"""The same, and native steps."""


def multiply_with(monkeypatch, name):
    """Let this process, and workers forked from it, train natively or with all products by a library."""
    if name == NATIVE:
        monkeypatch.setenv(SWITCH, NATIVE)
        return
    monkeypatch.setenv(SWITCH, TORCH)
    library = None if name == TORCH else openblas() or load(kernels_here()[0])
    for module in (product, threads):
        monkeypatch.setattr(module, "openblas", lambda: library)


def run_laws(name, threads):
    """Run the laws of identity in a process that uses a library and a number of threads by itself."""
    root = Path(__file__).parents[1]
    laws = ["tests/laws/test_independence.py", "tests/laws/test_members.py", "tests/train/products/test_product.py"]
    environment = {**os.environ, SWITCH: name}
    options = ["-q", "-x", "-p", "no:cacheprovider", "-k", "not kernels_and_threads", f"--threads={threads}"]
    command = [sys.executable, "-m", "pytest", *options, *laws]
    return subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)
