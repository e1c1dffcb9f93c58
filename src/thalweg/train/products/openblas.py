"""The library that multiplies matrices, with the same bits in a crowd, alone, and on any number of threads it is given.

torch multiplies with MKL, which picks kernels by shape, batch, threads and vendor: a member then differs in its last
bits from itself in a crowd, and AMD's processors run at half of their speed. OpenBLAS multiplies the matrices of a
batch one after the other, each by the kernels it was asked for by name (it does not know the newest processors). The
library is loaded beside the one numpy uses and shares nothing with it, so that neither its kernels nor its threads
change what other code computes.
"""

import ctypes
import os
import platform
import sys
from collections.abc import Callable, Sequence
from ctypes import c_double, c_float, c_int, c_int64
from dataclasses import dataclass
from functools import cache, partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import torch
from torch import Tensor

from thalweg.base.contracts import Call
from thalweg.base.errors import SettingError
from thalweg.train.products.switch import NATIVE, SWITCH, TORCH, asked, native_allowed

KERNELS: Final = {"AVX512": ("SkylakeX", "Haswell"), "AVX2": ("Haswell",)}
"""Families of kernels by OpenBLAS's names, the fastest first, for what torch says a processor can do."""

PANEL: Final = 8e6
"""Floating-point operations from which a product is cut in two."""

_ROW_MAJOR, _PLAIN, _TRANSPOSED = c_int(101), c_int(111), c_int(112)
_NUMBER: Final[dict[torch.dtype, Callable[[float], Any]]] = {torch.float32: c_float, torch.float64: c_double}


class _Address(ctypes.c_void_p):
    """Where a tensor's numbers begin; it keeps the tensor alive."""

    owner: Tensor


@dataclass(frozen=True, slots=True, eq=False)
class OpenBlas:
    """The loaded library.

    Parameters
    ----------
    batched
        Product of a batch of matrices at equal distances, by type of number; threads share out whole matrices.
    set_threads, threads
        Set and get how many threads it may use; one after loading.
    name
        Library, version and kernels, for the record.
    """

    batched: dict[torch.dtype, Any]
    set_threads: Callable[[int], None]
    threads: Callable[[], int]
    name: str

    def product(self, a: Tensor, b: Tensor, out: Tensor, *, add: bool) -> Sequence[Call]:
        """Return the calls for out = a b, or out += a b; the numbers of a matrix depend on neither batch nor threads.

        A large matrix is cut into panels, so that threads have something to share; where, follows from its shape alone.

        Parameters
        ----------
        a, b, out
            Tensors [S M K], [S K N], [S M N]; rows or columns of each matrix lie in one piece, those of ``out`` rows.
        add
            Whether what ``out`` holds stays in the sum.
        """
        (_, M, K), N = a.shape, b.shape[2]
        panels = _panels(M, K, N)
        if panels == 1:
            return [self._batch(a, b, out, add=add)]
        if M >= N:
            parts = [
                (x.unflatten(0, (panels, -1)), y.expand(panels, -1, -1), z.unflatten(0, (panels, -1)))
                for x, y, z in zip(a, b, out, strict=True)
            ]
        else:
            parts = [
                (x.expand(panels, -1, -1), _columns(y, panels), _columns(z, panels))
                for x, y, z in zip(a, b, out, strict=True)
            ]
        return [self._batch(*part, add=add) for part in parts]

    def _batch(self, a: Tensor, b: Tensor, out: Tensor, *, add: bool) -> Call:
        (S, M, K), N = a.shape, b.shape[2]
        number, left, right = _NUMBER[a.dtype], _layout(a), _layout(b)
        head = (_ROW_MAJOR, left[0], right[0], c_int64(M), c_int64(N), c_int64(K), number(1.0))
        first = (_address(a), left[1], c_int64(a.stride(0)), _address(b), right[1], c_int64(b.stride(0)))
        row = c_int64(max(out.stride(1), N))
        last = (number(float(add)), _address(out), row, c_int64(out.stride(0)), c_int64(S))
        return partial(self.batched[a.dtype], *head, *first, *last)


def _panels(M: int, K: int, N: int) -> int:
    """Return into how many panels the longer side is cut: two from :data:`PANEL` on, twice as many for 8 times that."""
    wanted = 1
    while PANEL * wanted**3 <= 2 * M * K * N and max(M, N) % (2 * wanted) == 0:
        wanted *= 2
    return wanted


def _columns(matrix: Tensor, panels: int) -> Tensor:
    """Cut a matrix into panels of columns [P M N/P]."""
    return matrix.view(matrix.shape[0], panels, -1).movedim(1, 0)


def _address(tensor: Tensor) -> _Address:
    address = _Address(tensor.data_ptr())
    address.owner = tensor
    return address


def _layout(x: Tensor) -> tuple[c_int, c_int64]:
    """Return whether the matrices of a batch lie transposed in memory, and how far apart their lines are."""
    _, rows, columns = x.shape
    if x.stride(2) == 1 or (columns == 1 and x.stride(1) != 1):
        return _PLAIN, c_int64(max(x.stride(1), columns))
    assert x.stride(1) == 1 or rows == 1, "neither rows nor columns of the factor lie in one piece"
    return _TRANSPOSED, c_int64(max(x.stride(2), rows))


@cache
def openblas() -> OpenBlas | None:
    """Return the library wherever it can be had (Linux on x86-64 with AVX2), else None.

    The environment variable :data:`SWITCH` names other kernels, or torch: a run of another processor is continued with
    the kernels it was started with.

    Raises
    ------
    SettingError
        If the variable names kernels that this processor cannot run.

    Examples
    --------
    >>> found = openblas()
    >>> found is None or "OpenBLAS" in found.name
    True
    """
    wanted = (None if native_allowed() else asked()) or next(iter(kernels_here()), TORCH)
    if wanted == TORCH:
        return None
    if wanted not in kernels_here():
        known = ", ".join([NATIVE, *kernels_here(), TORCH])
        came = f"{SWITCH} is {wanted!r}; this processor can do {known}."
        raise SettingError(came, f"Set it to one of these, or unset {SWITCH}.")
    return load(wanted)


def kernels_here() -> tuple[str, ...]:
    """Return the families of kernels this processor can run, the fastest first."""
    if sys.platform != "linux" or platform.machine() != "x86_64":
        return ()
    return KERNELS.get(torch.backends.cpu.get_cpu_capability(), ())


def load(kernels: str) -> OpenBlas | None:
    """Load the library with a family of kernels, on one thread; None where it is not installed or too old."""
    package = find_spec("scipy_openblas64")
    if package is None or package.origin is None:
        return None
    files = sorted((Path(package.origin).parent / "lib").glob("libscipy_openblas64_*.so"))
    if not files:
        return None
    wanted = {"OPENBLAS_CORETYPE": kernels, "OPENBLAS_NUM_THREADS": "1"}
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)  # read once, while the library is loaded
    try:
        return _bound(ctypes.CDLL(str(files[0])), kernels)
    except (OSError, AttributeError):
        return None
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _bound(library: ctypes.CDLL, kernels: str) -> OpenBlas:
    letters = {torch.float32: "s", torch.float64: "d"}
    batched = {kind: library[f"scipy_cblas_{letter}gemm_batch_strided64_"] for kind, letter in letters.items()}
    for function in batched.values():
        function.restype = None
    config = library["scipy_openblas_get_config64_"]
    config.restype = ctypes.c_char_p
    words = config().decode().split()
    set_threads, threads = (library[f"scipy_openblas_{verb}_num_threads64_"] for verb in ("set", "get"))
    set_threads.restype = None
    return OpenBlas(batched, set_threads, threads, f"OpenBLAS {words[1]} {kernels}")
