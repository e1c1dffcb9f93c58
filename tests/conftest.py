"""Members are compared bit for bit as workers train them; ``--threads`` lets torch and products use more."""

import os
import tempfile

import pytest
import torch


def pytest_addoption(parser):
    parser.addoption("--threads", type=int, default=1, help="threads of torch outside the engine (default: 1)")


def pytest_configure(config):
    torch.set_num_threads(config.getoption("threads"))
    os.environ["XDG_CACHE_HOME"] = (
        tempfile.mkdtemp()
    )  # what a developer's machine is known to do is no business of tests
    from thalweg.train.native.build import build
    from thalweg.train.native.library import compiled
    from thalweg.train.products.switch import SWITCH, TORCH

    build()
    if not all(map(compiled, ("float32", "float64"))):
        os.environ.setdefault(SWITCH, TORCH)  # else every training would say that nothing is native


@pytest.fixture
def natively(monkeypatch):
    """Let this process and its workers run native steps, whatever the environment says."""
    from thalweg.train.products.switch import NATIVE, SWITCH

    monkeypatch.setenv(SWITCH, NATIVE)


@pytest.fixture
def by_torch(monkeypatch):
    """Let this process and its workers run steps by calls of torch."""
    from thalweg.train.products.switch import SWITCH, TORCH

    monkeypatch.setenv(SWITCH, TORCH)
