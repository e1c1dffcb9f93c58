"""Operations as a table that steps.c walks through."""

import threading
from collections.abc import Sequence
from contextvars import ContextVar
from ctypes import byref
from time import perf_counter
from typing import Final

import numpy as np
import torch
from torch import Tensor

from thalweg.base.contracts import Native, Op
from thalweg.train.native.library import Library, Task, native_library

PATIENCE: Final = 0.05
"""Seconds after which a call is to come back, so that Ctrl-C is heard."""

HALT: Final[ContextVar[threading.Event | None]] = ContextVar("halt", default=None)
"""Tells steps that run in a thread to break off; the main thread hears Ctrl-C by itself."""

_READS: Final = 4
_OPERAND: Final = np.dtype([(name, np.int64) for name in ("at", "step", "slot", "row", "column")])
_OP: Final = np.dtype(
    [(name, np.int64) for name in ("loop", "first", "last", "m", "n", "k")]
    + [("operands", _OPERAND, 1 + _READS), ("numbers", np.float64, 4)]
)


class Halted(Exception):  # noqa: N818 - nothing is wrong
    """Steps were broken off."""


def runs_natively(ops: Sequence[Op]) -> bool:
    """Return whether every operation has a native form; none has one where there is nothing to run it."""
    return all(op.native is not None for op in ops)


class Runner:
    """Operations in native form, ready to run for any steps of any slots.

    Parameters
    ----------
    forms
        The operations of a step, in order; :func:`~thalweg.train.native.fuse.fused` ones run faster.
    slots
        S.
    dtype
        Type of their numbers.
    counters
        Steps done by every slot, counted up by every step; None when nothing is trained.

    Examples
    --------
    >>> from thalweg.train.native.library import native_library
    >>> x = torch.zeros(1, 1, 2)
    >>> if native_library(x.dtype) is not None:
    ...     Runner([Native("add", x, (x, torch.ones(1, 1, 2)), (1.0,))], 1, x.dtype).run([0], range(3))
    """

    def __init__(self, forms: Sequence[Native], slots: int, dtype: torch.dtype, counters: Tensor | None = None) -> None:
        library = native_library(dtype)
        assert library is not None, "whoever asks has looked"
        self._forms = list(forms)  # they keep the memory that the table points at
        self._table = np.concatenate([_encoded(form, slots, library) for form in self._forms])
        self._counters, self._call = counters, library.run
        self._task = Task(
            self._table.ctypes.data,
            0 if counters is None else counters.data_ptr(),
            count=len(self._table),
        )
        self._stretch = 1  # steps that one call does
        self._stood = self._table["operands"]["at"].copy()  # feeding moves what the table points at
        self._memory = np.stack([_memory(form) for form in self._forms])
        self._places: dict[int, list[np.ndarray]] = {}
        self._fed: dict[int, tuple[Tensor, int]] = {}

    def feed(self, standing: Tensor, table: Tensor, skipped: int = 0) -> None:
        """Let operations read a row of a table at every step, where they read the tensor that stands for it.

        Parameters
        ----------
        standing
            The tensor the operations were written with.
        table
            Its values at every step [T ...], kept while they are read.
        skipped
            Number of the step that reads the table's first row.
        """
        key, distance = standing.data_ptr(), table.stride(0)
        before = self._fed.get(key)
        if before is not None and before[0] is table and before[1] == skipped:
            return
        self._fed[key] = (table, skipped)
        if key not in self._places:
            operands, memory = self._table["operands"], standing.untyped_storage().data_ptr()
            found = np.argwhere((self._stood == key) & (self._memory == memory))
            self._places[key] = [operands[i, j : j + 1] for i, j in found]
        for operand in self._places[key]:
            operand["at"] = table.data_ptr() - skipped * distance * table.element_size()
            operand["step"] = distance

    def run(self, slots: Sequence[int], steps: range, threads: int = 1) -> None:
        """Run the steps of slots: all of one slot in a row, so that its numbers stay in the caches.

        Several threads share every operation; it never shows in a number.
        """
        live, halt = np.array(slots, dtype=np.int64), HALT.get()
        self._task.live, self._task.steps, self._task.first = live.ctypes.data, len(steps), steps.start
        done, end = 0, len(live) * len(steps)
        while done < end:
            stop = min(end, done + self._stretch)
            started = perf_counter()
            self._call(byref(self._task), done, stop, threads)
            each = (perf_counter() - started) / (stop - done)
            self._stretch = max(1, min(2 * self._stretch, int(PATIENCE / (each + 1e-9))))
            done = stop
            if halt is not None and halt.is_set():
                raise Halted


def _encoded(form: Native, slots: int, library: Library) -> np.ndarray:
    """Return a form as steps.c reads it."""
    op = np.zeros(1, dtype=_OP)
    where = form.slots or range(slots)
    m, n = _matrix(form.out)
    op["loop"], op["first"], op["last"], op["m"], op["n"] = library.loops[form.loop], where.start, where.stop, m, n
    op["numbers"][0, : len(form.numbers)] = form.numbers
    operands = op["operands"][0]
    _place(operands[0:1], form.out, where.start)
    for number, read in enumerate(form.reads):
        if read is not None:
            _place(operands[number + 1 : number + 2], read, where.start)
    if form.loop in _SHAPED:
        _SHAPED[form.loop](op, form)
    else:
        for number in range(len(form.reads), _READS):
            operands[number + 1] = operands[0]
        _flatten(op, 1 + len(form.reads))
    return op


def _memory(form: Native) -> np.ndarray:
    """Return in whose memory every operand lies; shifted to slot 0, two tensors may seem to begin at one place."""
    tensors = [form.out, *(form.out if read is None else read for read in form.reads)]
    tensors += [form.out] * (1 + _READS - len(tensors))
    return np.array([x.untyped_storage().data_ptr() for x in tensors], dtype=np.int64)


def _matrix(x: Tensor) -> tuple[int, int]:
    return (1, 1) if x.ndim < 2 else (1, x.shape[1]) if x.ndim == 2 else (x.shape[1], x.shape[2])


def _place(operand: np.ndarray, x: Tensor, first: int) -> None:
    """Write where a tensor lies; one without axes is the same for all slots."""
    slot, *inner = (0, 0, 0) if x.ndim == 0 else (*x.stride(), *[0] * (3 - x.ndim))
    row, column = (0, 0) if x.ndim < 2 else (0, inner[0]) if x.ndim == 2 else inner
    operand["at"] = x.data_ptr() - first * slot * x.element_size()
    operand["slot"], operand["row"], operand["column"] = slot, row, column


def _flatten(op: np.ndarray, used: int) -> None:
    """Take a matrix as one long row where all that is touched lies in one piece; a single column counts as a row."""
    operands, m, n = op["operands"][0], int(op["m"][0]), int(op["n"][0])
    if n == 1:
        operands["column"][:used] = operands["row"][:used]
        op["m"], op["n"], m, n = 1, m, 1, m
    elif m > 1 and all(o["row"] == n * o["column"] for o in operands[:used]):
        op["m"], op["n"] = 1, m * n
    if int(op["n"][0]) == 1:
        operands["column"][:used] = 1
    operands[used:] = operands[0]


def _shape_product(op: np.ndarray, form: Native) -> None:
    a, b = form.reads[0], form.reads[1]
    assert a is not None
    assert b is not None
    op["k"] = a.shape[2]
    operands = op["operands"][0]
    if a.shape[2] == 1:
        operands[1]["column"] = 1
    if b.shape[2] == 1:
        operands[2]["column"] = 1


def _shape_sum(op: np.ndarray, form: Native) -> None:
    assert form.reads[0] is not None
    op["m"], op["n"] = form.reads[0].shape[1:]


def _shape_gather(op: np.ndarray, form: Native) -> None:
    """Let rows be counted on the table's first axis."""
    source = form.reads[0]
    assert source is not None
    op["operands"][0, 1]["slot"], op["operands"][0, 1]["row"] = 0, source.stride(0)


def _as_it_is(op: np.ndarray, form: Native) -> None:
    """Leave a loop that has its own way through its operands."""


_OWN_WAY: Final = (
    *("log_softmax", "codes", "look_up", "adam", "descend", "descend_with_momentum"),
    *("count", "power", "double_subtract", "double_divide", "rounded"),
)
_SHAPED: Final = {
    "product": _shape_product,
    "sum_rows": _shape_sum,
    "sum_columns": _shape_sum,
    "add_rows": _shape_sum,
    "gather": _shape_gather,
    **dict.fromkeys(_OWN_WAY, _as_it_is),
}
