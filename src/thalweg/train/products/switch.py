"""Which arithmetic the environment asks for; without a word, native steps wherever they were compiled."""

import os
from typing import Final

SWITCH: Final = "THALWEG_PRODUCTS"
NATIVE: Final = "native"
"""Native steps (train/native), refused where they were not compiled."""
TORCH: Final = "torch"
"""Steps by calls of torch, with products of torch's own library."""


def asked() -> str | None:
    """Return what the environment asks for; None if it is left to the processor and the installation.

    Examples
    --------
    >>> asked() in (None, NATIVE, TORCH) or "some family of kernels"
    True
    """
    return os.environ.get(SWITCH) or None


def native_allowed() -> bool:
    """Return whether steps may be native: unless the environment names a library of matrix products."""
    return asked() in {None, NATIVE}
