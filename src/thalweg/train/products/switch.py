"""Which steps the environment asks for; without a word, native ones wherever they were compiled."""

import os
from typing import Final

from thalweg.base.errors import SettingError

SWITCH: Final = "THALWEG_STEPS"
NATIVE: Final = "native"
"""Native steps (train/native), refused where they were not compiled."""
TORCH: Final = "torch"
"""Steps by calls of torch."""


def asked() -> str | None:
    """Return what the environment asks for; None if it is left to the processor and the installation.

    Raises
    ------
    SettingError
        If it asks for something else.

    Examples
    --------
    >>> asked() in (None, NATIVE, TORCH)
    True
    """
    word = os.environ.get(SWITCH) or None
    if word not in {None, NATIVE, TORCH}:
        raise SettingError(
            f"{SWITCH} is {word!r}; it can be {NATIVE} or {TORCH}.", f"Set it to one, or unset {SWITCH}."
        )
    return word


def native_allowed() -> bool:
    """Return whether steps may be native: unless the environment asks for calls of torch."""
    return asked() != TORCH
