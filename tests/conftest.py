"""Members are compared bit for bit as workers train them; ``--threads`` lets torch and products use more."""

import torch


def pytest_addoption(parser):
    parser.addoption("--threads", type=int, default=1, help="threads of torch outside the engine (default: 1)")


def pytest_configure(config):
    torch.set_num_threads(config.getoption("threads"))
