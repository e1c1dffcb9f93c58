"""The laws of identity hold with every product library and thread count this processor can do, not only its own."""

import os

import pytest

from libraries import OTHERS, needs_native, run_laws
from thalweg.train.products.openblas import NATIVE

CASES = [(name, threads) for name in OTHERS if name != NATIVE for threads in sorted({1, os.cpu_count() or 1})]
CASES += [pytest.param(name, 1, marks=needs_native) for name in OTHERS if name == NATIVE]


@pytest.mark.timeout(600)
@pytest.mark.parametrize(("name", "threads"), CASES)
def test_kernels_and_threads(name, threads):
    found = run_laws(name, threads)
    assert found.returncode == 0, found.stdout[-3000:] + found.stderr[-1000:]
