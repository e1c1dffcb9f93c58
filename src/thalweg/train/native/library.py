"""The compiled steps, loaded for this processor."""

import ctypes
import threading
from ctypes import POINTER, Structure, c_char_p, c_int32, c_int64, c_uint64, c_void_p
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import torch

from thalweg.base.errors import SettingError
from thalweg.train.native.build import BUILT, LEVELS, library_file, machine, sources
from thalweg.train.products.precision import rounds_factors
from thalweg.train.products.switch import NATIVE, SWITCH, TORCH, asked, native_allowed

ARITHMETIC: Final = "3"
"""Version of the arithmetic: another number wherever a member's bits may differ (tests/train/native/golden.json)."""

TRIALS: Final = (0x43CD4219AF91B7C8, 0x6BBE6187732EBFED)
"""What trial.h finds with float32 and with float64, wherever it was compiled and runs."""

_ONE_TRIAL: Final = threading.Lock()  # it computes where every other trial of the library does

_LEVELS: Final = {"AVX512": ("v4", "v3"), "AVX2": ("v3",)}


class Task(Structure):
    """What one call works on, as steps.c reads it."""

    _fields_ = [(name, c_void_p) for name in ("ops", "counters", "live")] + [
        (name, c_int64) for name in ("count", "steps", "first")
    ]


@dataclass(frozen=True, slots=True, eq=False)
class Library:
    """The steps for one instruction set and one precision.

    Parameters
    ----------
    run
        Runs some steps of some slots of a :class:`Task`, on some threads.
    loops
        Number of every loop by name.
    plan, drain, weigh
        What surrounds the steps, see ``epoch.h``.
    """

    run: Any
    loops: dict[str, int]
    plan: Any
    drain: Any
    weigh: Any


def load(file: Path) -> Library | None:
    """Load a library; None where there is none, it was compiled from other sources, or computes something else."""
    try:
        found = ctypes.CDLL(str(file))
        found.sources.restype = c_char_p
        if found.sources().decode() != sources():
            return None
    except (OSError, AttributeError):  # none, or nothing of ours
        return None
    found.loop_name.restype = c_char_p
    found.loop_name.argtypes = [c_int64]
    found.run.argtypes, found.run.restype = [POINTER(Task), c_int64, c_int64, c_int64], None
    found.plan.argtypes = [c_void_p, *[c_int64] * 5, c_int32, c_void_p, c_void_p]
    found.drain.argtypes, found.drain.restype = [c_void_p, *[c_int64] * 3, c_void_p], None
    found.weigh.argtypes = [c_void_p, c_void_p, *[c_int64] * 5, c_void_p]
    found.trial.restype = c_uint64
    with _ONE_TRIAL:
        if found.trial() not in TRIALS:
            return None
    names = list(iter(map(found.loop_name, range(1000)).__next__, None))
    loops = {name.decode(): number for number, name in enumerate(names)}
    return Library(found.run, loops, found.plan, found.drain, found.weigh)


def levels_here() -> tuple[str, ...]:
    """Return the instruction sets this processor has, of those steps are compiled for, the widest first."""
    if machine() != "x86_64":
        return tuple(LEVELS.get(machine(), ()))
    return _LEVELS.get(torch.backends.cpu.get_cpu_capability(), ())


@cache
def compiled(precision: str) -> Library | None:
    """Return the library for this processor by name of the type of number; None where none was compiled.

    Examples
    --------
    >>> found = compiled("float32")
    >>> found is None or "product" in found.loops
    True
    """
    for level in levels_here():
        found = load(library_file(BUILT, level, precision))
        if found is not None:
            return found
    return None


def native_library(dtype: torch.dtype) -> Library | None:
    """Return the library that runs steps with numbers of a type; None where there is none, or others are asked for.

    Raises
    ------
    SettingError
        If the environment asks for native steps and they were not compiled.
    """
    if not native_allowed():
        return None
    found = compiled(str(dtype).removeprefix("torch."))
    if found is None and asked() == NATIVE:
        came = f"{SWITCH} is {NATIVE!r}, but the native steps were not compiled for this processor ({machine()})."
        raise SettingError(came, f"Unset {SWITCH}, or on x86-64 with AVX2 and on ARM install thalweg again.")
    return found


def native_here(dtype: torch.dtype, device: torch.device) -> bool:
    """Return whether native steps can run with a type of number on a device, or be written for it without memory."""
    return device.type in {"cpu", "meta"} and not rounds_factors(dtype) and native_library(dtype) is not None


def arithmetic() -> str:
    """Return how members of this process are computed on its CPU, for the record of a run.

    Examples
    --------
    >>> arithmetic() in (f"native {ARITHMETIC}", "torch")
    True
    """
    return TORCH if native_library(torch.float32) is None else f"{NATIVE} {ARITHMETIC}"
