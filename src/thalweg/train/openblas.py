"""A library of our own for matrix products, on processors where torch's leaves half of the core idle.

torch multiplies with MKL, which takes its AVX-512 kernels on Intel's processors only. On AMD's with AVX-512 the kernels
of OpenBLAS run two to three times as fast at the shapes of small networks (``docs/lab-notes.md``), if they are asked
for by name: OpenBLAS does not know the newest families. The library is loaded beside the one numpy uses and shares
nothing with it, so that neither its kernels nor its threads change what other code computes.
"""

import ctypes
import os
import sys
from collections.abc import Callable
from ctypes import c_double, c_float, c_int, c_int64
from dataclasses import dataclass
from functools import cache, partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import torch
from torch import Tensor

from thalweg.base.contracts import Call

KERNELS: Final = "SkylakeX"
"""The family of kernels with 512-bit registers, by OpenBLAS's name for it."""

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
        Product of a batch of matrices at equal distances, by type of number; one matrix after the other.
    single
        Product of two matrices, on several threads if allowed.
    set_threads, threads
        Set and get how many threads ``single`` may use; one after loading.
    name
        Library, version and kernels, for the record.
    """

    batched: dict[torch.dtype, Any]
    single: dict[torch.dtype, Any]
    set_threads: Callable[[int], None]
    threads: Callable[[], int]
    name: str

    def product(self, a: Tensor, b: Tensor, out: Tensor, *, add: bool) -> Call:
        """Return the call out = a b, or out += a b; its numbers depend neither on the batch nor on threads.

        Parameters
        ----------
        a, b, out
            Tensors [S M K], [S K N], [S M N]; rows or columns of each matrix lie in one piece, those of ``out`` rows.
        add
            Whether what ``out`` holds stays in the sum.
        """
        (S, M, K), N = a.shape, b.shape[2]
        number = _NUMBER[a.dtype]
        left, right = _layout(a), _layout(b)
        head = (_ROW_MAJOR, left[0], right[0], c_int64(M), c_int64(N), c_int64(K), number(1.0))
        added, row = number(float(add)), c_int64(max(out.stride(1), N))
        if S == 1:
            end = (_address(a), left[1], _address(b), right[1], added, _address(out), row)
            return partial(self.single[a.dtype], *head, *end)
        first = (_address(a), left[1], c_int64(a.stride(0)), _address(b), right[1], c_int64(b.stride(0)))
        last = (added, _address(out), row, c_int64(out.stride(0)), c_int64(S))
        return partial(self.batched[a.dtype], *head, *first, *last)


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
    """Return the library where it is faster than torch's own products, else None.

    Examples
    --------
    >>> found = openblas()
    >>> found is None or "OpenBLAS" in found.name
    True
    """
    return load() if _is_faster_here() else None


def load() -> OpenBlas | None:
    """Load the library with its AVX-512 kernels, on one thread; None where it is not installed or too old."""
    package = find_spec("scipy_openblas64")
    if package is None or package.origin is None or torch.backends.cpu.get_cpu_capability() != "AVX512":
        return None
    files = sorted((Path(package.origin).parent / "lib").glob("libscipy_openblas64_*.so"))
    if not files:
        return None
    wanted = {"OPENBLAS_CORETYPE": KERNELS, "OPENBLAS_NUM_THREADS": "1"}
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)  # read once, while the library is loaded
    try:
        return _bound(ctypes.CDLL(str(files[0])))
    except (OSError, AttributeError):
        return None
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _bound(library: ctypes.CDLL) -> OpenBlas:
    letters = {torch.float32: "s", torch.float64: "d"}
    batched = {kind: library[f"scipy_cblas_{letter}gemm_batch_strided64_"] for kind, letter in letters.items()}
    single = {kind: library[f"scipy_cblas_{letter}gemm64_"] for kind, letter in letters.items()}
    for function in (*batched.values(), *single.values()):
        function.restype = None
    config = library["scipy_openblas_get_config64_"]
    config.restype = ctypes.c_char_p
    words = config().decode().split()
    set_threads, threads = (library[f"scipy_openblas_{verb}_num_threads64_"] for verb in ("set", "get"))
    set_threads.restype = None
    return OpenBlas(batched, single, set_threads, threads, f"OpenBLAS {words[1]} {KERNELS}")


def _is_faster_here() -> bool:
    return sys.platform == "linux" and "AuthenticAMD" in Path("/proc/cpuinfo").read_text(encoding="utf-8")
