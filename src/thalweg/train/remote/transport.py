"""How batches reach workers: by any executor of ``concurrent.futures``, or by a cluster of Dask."""

import os
import pickle
import time
from concurrent.futures import BrokenExecutor, Executor, Future
from contextlib import suppress
from typing import Any, Final, Protocol

from numpy.typing import NDArray

from thalweg.base.errors import TrainingError
from thalweg.train.remote.batch import Batch, Missing, TrainedBatch, Unlike, train_batch
from thalweg.train.remote.executors import check_executor

Outcome = TrainedBatch | Missing | Unlike
_HEAVY: Final = 1 << 20  # bytes from which a batch goes to a worker by itself, past the scheduler's memory
_LOOK: Final = 1.0  # seconds between looks at how many workers there are
_AGAIN: Final = "Start it again and give the same command again: what a folder keeps is not trained again."


class Transport(Protocol):
    """What :class:`~thalweg.train.remote.remote_crew.RemoteCrew` needs of an executor."""

    def capacity(self) -> int:
        """Return how many batches can be at work at once, at present."""
        ...

    def submit(self, batch: Batch, sent: Any) -> "Future[Outcome]":
        """Give a batch out.

        Raises
        ------
        TrainingError
            If nothing can be given out any more.
        """
        ...

    def attach(self, rows: NDArray[Any]) -> Any:
        """Return what to give out with a batch whose worker has no way to the table."""
        ...

    def check(self) -> None:
        """Raise a TrainingError if nothing given out can come back."""
        ...


class ExecutorTransport:
    """Any executor of ``concurrent.futures``: of processes or threads, of loky, of MPI.

    Parameters
    ----------
    executor
        Where batches are submitted.
    workers
        How many at once; None for what the executor says it has.

    Examples
    --------
    >>> from concurrent.futures import ThreadPoolExecutor
    >>> with ThreadPoolExecutor(3) as executor:
    ...     ExecutorTransport(executor, None).capacity()
    3
    """

    def __init__(self, executor: Executor, workers: int | None) -> None:
        self._executor, self._workers = executor, workers

    def capacity(self) -> int:
        """Return how many batches can be at work at once."""
        told = (getattr(self._executor, name, None) for name in ("num_workers", "_max_workers"))
        there = next((count for count in told if isinstance(count, int) and count > 0), os.cpu_count() or 1)
        return there if self._workers is None else min(there, self._workers)

    def submit(self, batch: Batch, sent: Any) -> "Future[Outcome]":
        """Give a batch out.

        Raises
        ------
        TrainingError
            If the executor is broken or was shut down.
        """
        try:
            return self._executor.submit(train_batch, batch, sent)
        except (BrokenExecutor, RuntimeError) as error:
            raise broken(error) from error

    def attach(self, rows: NDArray[Any]) -> NDArray[Any]:
        """Return the numbers themselves."""
        return rows

    def check(self) -> None:
        """Do nothing: what a broken executor was given comes back as its error."""


class DaskTransport:
    """A cluster of ``dask.distributed``, whose workers may come and go.

    Parameters
    ----------
    client
        A ``distributed.Client``.
    workers
        How many batches at once; None for one per thread of all workers.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> lost = SimpleNamespace(status="closed", get_executor=lambda pure: None)
    >>> DaskTransport(lost, workers=3).check()
    Traceback (most recent call last):
    thalweg.base.errors.TrainingError: The cluster's scheduler is gone. Start it again and ...
    """

    def __init__(self, client: Any, workers: int | None) -> None:
        self._client, self._workers = client, workers
        self._executor: Executor = client.get_executor(pure=False)
        self._there, self._looked = 1, -_LOOK

    def capacity(self) -> int:
        """Return how many batches can be at work at once, at present; at least one, for which a cluster may grow."""
        if time.monotonic() - self._looked > _LOOK and self._client.status == "running":
            self._looked = time.monotonic()
            with suppress(OSError):
                self._there = max(1, sum(self._client.nthreads().values()))
        return self._there if self._workers is None else min(self._there, self._workers)

    def submit(self, batch: Batch, sent: Any) -> "Future[Outcome]":
        """Give a batch out; a heavy one goes to a worker directly.

        Raises
        ------
        TrainingError
            If the batch cannot be pickled, or the scheduler is gone.
        """
        try:
            given = batch if _bytes(batch) < _HEAVY else self._client.scatter(batch, hash=False)
            return self._executor.submit(train_batch, given, sent)
        except (TypeError, AttributeError, pickle.PickleError) as error:
            what = f"The networks cannot be sent to workers: {type(error).__name__}: {error}".rstrip(".")
            raise TrainingError(what, "Define what they are made of at the top of a file.") from error
        except Exception as error:
            self.check()
            raise broken(error) from error

    def attach(self, rows: NDArray[Any]) -> Any:
        """Send the numbers to every worker there is; who comes later gets them from another worker."""
        return self._client.scatter(rows, broadcast=True)

    def check(self) -> None:
        """Raise if the client has given up looking for its scheduler.

        Raises
        ------
        TrainingError
            If so.
        """
        if self._client.status in {"closed", "closing"}:
            raise TrainingError("The cluster's scheduler is gone.", _AGAIN)


def _bytes(batch: Batch) -> int:
    """Return what the rows and weights of a batch take, those that members share counted once."""
    arrays = {id(a): a for m in batch.members for a in (m.rows, m.weights, m.validation, m.validation_weights)}
    return sum(array.nbytes for array in arrays.values() if array is not None)


def transport_of(executor: Any, workers: int | None) -> Transport:
    """Return the way to the workers of an executor or of a client of Dask.

    Raises
    ------
    SettingError
        If it is neither.

    Examples
    --------
    >>> from concurrent.futures import ThreadPoolExecutor
    >>> with ThreadPoolExecutor(3) as executor:
    ...     transport_of(executor, 2).capacity()
    2
    """
    check_executor(executor)
    if type(executor).__module__.startswith("distributed."):
        client = executor if hasattr(executor, "get_executor") else executor._client  # noqa: SLF001 - its only way back
        return DaskTransport(client, workers)
    return ExecutorTransport(executor, workers)


def broken(error: BaseException) -> TrainingError:
    """Return what to say where an executor takes nothing any more."""
    said = f"{type(error).__name__}: {error}".strip(": ").rstrip(".")
    return TrainingError(f"The executor is broken ({said}).", _AGAIN)
