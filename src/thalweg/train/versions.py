"""The versions that trained numbers may depend on."""

import platform

import numpy as np

from thalweg.base.version import __version__


def versions() -> dict[str, str]:
    """Return the versions numbers may depend on.

    Examples
    --------
    >>> sorted(versions())
    ['arithmetic', 'numpy', 'processor', 'python', 'thalweg', 'torch']
    """
    import torch  # noqa: PLC0415 - a job imports this file, and need not have trained anything

    from thalweg.train.native.library import arithmetic  # noqa: PLC0415 - it loads torch

    return {
        "thalweg": __version__,
        "torch": torch.__version__,
        "numpy": np.__version__,
        "python": platform.python_version(),
        "processor": f"{platform.machine()} {torch.backends.cpu.get_cpu_capability()}",
        "arithmetic": arithmetic(),
    }
