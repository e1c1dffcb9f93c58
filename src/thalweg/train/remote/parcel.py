"""The table that workers elsewhere learn from: each process has it once, known by its fingerprint."""

import hashlib
import shutil
import tempfile
import threading
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray

from thalweg.train.population import TrainingTable

_KEPT: Final = 2  # tables a worker keeps: that of a run, and that of another run beside it
_TABLES: Final[OrderedDict[str, TrainingTable]] = OrderedDict()
_LOCK: Final = threading.Lock()


@dataclass(frozen=True, slots=True)
class Parcel:
    """What a worker is told of a table.

    Parameters
    ----------
    digest
        SHA-256 of its numbers, their type and shape.
    path
        A file with them, which workers of the same machine or file system map into memory.
    inputs, classes
        As of :class:`~thalweg.train.population.TrainingTable`.
    """

    digest: str
    path: str
    inputs: int
    classes: int


class TableFile:
    """A table in a file of a folder of its own, for as long as workers may ask for it.

    Examples
    --------
    >>> from thalweg.train.population import training_table
    >>> file = TableFile(training_table(np.zeros((3, 2)), np.ones(3)))
    >>> found = open_parcel(file.parcel)
    >>> found.inputs, found.count
    (2, 3)
    >>> file.remove()
    """

    def __init__(self, table: TrainingTable) -> None:
        self.rows: NDArray[Any] = np.ascontiguousarray(table.rows.cpu().numpy())
        about = f"{self.rows.dtype.str} {self.rows.shape} {table.inputs}".encode()
        digest = hashlib.sha256(about)
        digest.update(self.rows.data.cast("B"))
        self._folder = Path(tempfile.mkdtemp(prefix="thalweg-"))
        path = self._folder / f"{digest.hexdigest()}.npy"
        np.save(path, self.rows)
        self.parcel = Parcel(digest.hexdigest(), str(path), table.inputs, table.classes)

    def remove(self) -> None:
        """Delete the file; who has mapped it goes on reading."""
        shutil.rmtree(self._folder, ignore_errors=True)


def open_parcel(parcel: Parcel, sent: NDArray[Any] | None = None) -> TrainingTable | None:
    """Return the table of a parcel; None if it is neither known here, nor in reach, nor sent along.

    Parameters
    ----------
    parcel
        What the worker is told.
    sent
        The numbers, where the worker was found to have no other way to them.
    """
    with _LOCK:
        if parcel.digest in _TABLES:
            _TABLES.move_to_end(parcel.digest)
            return _TABLES[parcel.digest]
        rows = _mapped(parcel.path)
        rows = sent if rows is None else rows
        if rows is None:
            return None
        found = TrainingTable(
            torch.from_numpy(np.require(rows, requirements=["C", "W"])), parcel.inputs, parcel.classes
        )
        _TABLES[parcel.digest] = found
        while len(_TABLES) > _KEPT:
            _TABLES.popitem(last=False)
        return found


def _mapped(path: str) -> NDArray[Any] | None:
    """Return the numbers of a file, of which all processes of a machine share one copy; None if it is not there."""
    try:
        found: NDArray[Any] = np.load(path, mmap_mode="c")
    except OSError:
        return None
    return found
