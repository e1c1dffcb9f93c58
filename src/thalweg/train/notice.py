"""What is said where steps are not native."""

import warnings
from collections.abc import Iterable
from typing import Final

import torch

from thalweg.train.backend import backend_of
from thalweg.train.native.library import levels_here, native_here, native_library
from thalweg.train.population import Crowd, Member
from thalweg.train.products.switch import SWITCH, TORCH, native_allowed

_MEANS: Final = "steps are calls of torch, slower, and last digits may be others on another kind of processor"


def note_torch_steps(dtype: torch.dtype, crowds: Iterable[tuple[Crowd, Member]]) -> None:
    """Warn if what is to be trained on the CPU could be trained natively, but will not be.

    Parameters
    ----------
    dtype
        Type of its numbers.
    crowds
        Every crowd and one of its members.

    Raises
    ------
    SettingError
        If the environment asks for native steps and they were not compiled.

    Warns
    -----
    UserWarning
        Once, as long as Python's filter of warnings is the usual one. Torch modules are never native and not spoken of.

    Examples
    --------
    >>> note_torch_steps(torch.float32, [])
    """
    planned = [(crowd, member) for crowd, member in crowds if backend_of(crowd.network).lockstep]
    if not planned or not native_allowed():
        return
    if native_library(dtype) is None:
        why = "were not compiled when thalweg was installed" if levels_here() else "are not made for this processor"
        cure = "Install thalweg again, with a C compiler or PyPI" if levels_here() else "Train elsewhere"
        warnings.warn(f"Native steps {why}: {_MEANS}. {cure}, or choose it by {SWITCH}={TORCH}.", stacklevel=3)
    elif native_here(dtype, torch.device("cpu")):
        found = (backend_of(c.network).without_native_form(c, m, dtype) for c, m in planned)
        missing = next(filter(None, found), None)
        if missing is not None:
            warnings.warn(f"The operation {missing!r} has no native form: {_MEANS}.", stacklevel=3)
