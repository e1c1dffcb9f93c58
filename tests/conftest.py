"""Members are compared bit for bit as workers train them; ``--threads`` lets torch and products use more."""

import pytest
import torch


def pytest_addoption(parser):
    parser.addoption("--threads", type=int, default=1, help="threads of torch outside the engine (default: 1)")


def pytest_configure(config):
    torch.set_num_threads(config.getoption("threads"))


@pytest.fixture
def natively(monkeypatch):
    """Let this process and its workers run native steps, which have to be asked for."""
    from thalweg.train.products.openblas import NATIVE, SWITCH

    monkeypatch.setenv(SWITCH, NATIVE)
