"""How matrix products round their inputs; storage, sums and updates stay what the table's type says."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import torch

from thalweg.base.checks import check_choice

PRODUCTS: Final = {"exact": ("ieee", "ieee"), "tf32": ("ieee", "tf32"), "bf16": ("bf16", "tf32")}
"""Precision on the CPU and on a GPU: ``exact`` float32, ``tf32`` (10 bits of mantissa, GPUs only), ``bf16`` (7 bits,
CPUs with AMX; relative error of a product about 2·10⁻³, and a GPU then takes tf32)."""


@contextmanager
def products(precision: str) -> Iterator[None]:
    """Let matrix products round their inputs to a precision, and put back what was set.

    Parameters
    ----------
    precision
        One of :data:`PRODUCTS`.

    Raises
    ------
    SettingError
        If it is none of them.

    Examples
    --------
    >>> with products("exact"):
    ...     pass
    """
    check_choice("precision", precision, list(PRODUCTS))
    known: Any = torch.backends  # its stubs lack mkldnn.matmul
    backends = (known.mkldnn.matmul, known.cuda.matmul)
    before = [backend.fp32_precision for backend in backends]
    try:
        for backend, value in zip(backends, PRODUCTS[precision], strict=True):
            backend.fp32_precision = value
        yield
    finally:
        for backend, value in zip(backends, before, strict=True):
            backend.fp32_precision = value


def rounds_factors(dtype: torch.dtype) -> bool:
    """Return whether products on the CPU round their factors at present, which only torch's own library does.

    Examples
    --------
    >>> with products("bf16"):
    ...     rounds_factors(torch.float32), rounds_factors(torch.float64)
    (True, False)
    """
    known: Any = torch.backends
    return dtype == torch.float32 and known.mkldnn.matmul.fp32_precision == "bf16"
