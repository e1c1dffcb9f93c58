"""Both libraries for matrix products, whichever this processor would take by itself."""

import pytest

from thalweg.train import product, threads
from thalweg.train.openblas import load

LIBRARIES = ("torch", "openblas")


def multiply_with(monkeypatch, name):
    """Let all products of this process, and of workers forked from it, be computed by a library."""
    library = None if name == "torch" else load()
    if name == "openblas" and library is None:
        pytest.skip("no processor with AVX-512, or no OpenBLAS of our own")
    for module in (product, threads):
        monkeypatch.setattr(module, "openblas", lambda: library)
