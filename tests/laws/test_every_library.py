"""The laws of identity hold natively, and with every product library and thread count this processor can do."""

import os

import pytest

from libraries import OTHERS, run_laws

CASES = [(name, threads) for name in OTHERS for threads in sorted({1, os.cpu_count() or 1})]


@pytest.mark.timeout(600)
@pytest.mark.parametrize(("name", "threads"), CASES)
def test_kernels_and_threads(name, threads):
    found = run_laws(name, threads)
    assert found.returncode == 0, found.stdout[-3000:] + found.stderr[-1000:]
