"""Every library for matrix products that this processor can use, whichever it would take by itself."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from thalweg.train.native import build, library
from thalweg.train.products import product, threads
from thalweg.train.products.openblas import NATIVE, SWITCH, TORCH, kernels_here, load, openblas

LIBRARIES = (TORCH,) if openblas() is None else (TORCH, openblas().name)
"""Those that one process can use: OpenBLAS is loaded once, with one family of kernels."""

OTHERS = [
    name
    for name in (*kernels_here(), TORCH, NATIVE)
    if name != os.environ.get(SWITCH, next(iter(kernels_here()), TORCH))
]
"""Those that this process does not use by itself, and native steps."""


def native_steps_are_built():
    """Whether ``THALWEG_PRODUCTS=native`` can be set, by what was compiled when thalweg was installed."""
    return all(library.compiled(precision) for precision in build.PRECISIONS)


needs_native = pytest.mark.skipif(
    not native_steps_are_built(), reason="native steps were not compiled when thalweg was installed"
)


def multiply_with(monkeypatch, name):
    """Let all products of this process, and of workers forked from it, be computed by a library."""
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
