"""Where populations are trained: by the executor or cluster that is in use, else here.

Loading this loads nothing heavy.
"""

import re
import signal
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from contextvars import ContextVar
from typing import Any, Final

from thalweg.base.errors import MissingExtraError, SettingError, TrainingError, setting

_LOCAL: Final = re.compile(r"local:(\d+)")
_ADDRESS: Final = re.compile(r"(tcp|tls|ws|wss|ucx|inproc)://\S+")
_TIMEOUT: Final = 10.0  # seconds for a scheduler to answer
_IN_USE: Final[ContextVar["_Place | None"]] = ContextVar("executor", default=None)


class _Place:
    """An executor, or a cluster that is opened when the first population needs it."""

    def __init__(self, executor: Any, cluster: str | None, stack: ExitStack) -> None:
        self._executor, self._cluster, self._stack = executor, cluster, stack

    def executor(self) -> Any:
        if self._executor is None:
            assert self._cluster is not None
            self._executor = self._stack.enter_context(_client(self._cluster))
        return self._executor


def work_on(executor: object = None, cluster: object = None) -> AbstractContextManager[None]:
    """Return a block inside which populations are trained by an executor, or on a cluster; else nothing changes.

    Parameters
    ----------
    executor
        A ``concurrent.futures.Executor`` or a ``distributed.Client``.
    cluster
        ``local:4`` for four processes of a cluster on this machine, started when needed and ended with the block; or
        the address of a Dask scheduler, such as ``tcp://host:8786``.

    Raises
    ------
    SettingError
        If they are something else, or both are given.

    Examples
    --------
    >>> from concurrent.futures import ThreadPoolExecutor
    >>> with ThreadPoolExecutor(2) as threads, work_on(threads):
    ...     executor_in_use() is threads
    True
    >>> with work_on(cluster="four"):
    ...     pass
    Traceback (most recent call last):
    thalweg.base.errors.SettingError: cluster is 'four'. Write local:4 for four processes on this machine, or ...
    """
    if executor is not None and cluster is not None:
        raise SettingError(f"Both {setting('executor')} and {setting('cluster')} say where to train.", "Give one.")
    if executor is not None:
        check_executor(executor)
        return _in_use(executor, None)
    return nullcontext() if cluster is None else _in_use(None, _checked(cluster))


@contextmanager
def _in_use(executor: Any, cluster: str | None) -> Iterator[None]:
    with ExitStack() as stack:
        token = _IN_USE.set(_Place(executor, cluster, stack))
        try:
            yield
        finally:
            _IN_USE.reset(token)


def executor_in_use() -> Any:
    """Return the executor or client populations are trained by at present; None for none."""
    place = _IN_USE.get()
    return None if place is None else place.executor()


def check_executor(executor: object) -> None:
    """Refuse what is no executor.

    Raises
    ------
    SettingError
        If it is neither an executor of ``concurrent.futures`` nor a client of Dask.

    Examples
    --------
    >>> check_executor(4)
    Traceback (most recent call last):
    thalweg.base.errors.SettingError: executor must be a concurrent.futures.Executor or a distributed.Client, got int...
    """
    if not isinstance(executor, Executor) and not is_client(executor):
        raise SettingError(
            f"{setting('executor')} must be a concurrent.futures.Executor or a distributed.Client, "
            f"got {type(executor).__name__}.",
            f"For a number of networks at once give {setting('workers')}.",
        )


def is_client(executor: object) -> bool:
    """Return whether this is a client of ``dask.distributed``."""
    return type(executor).__module__.startswith("distributed.") and hasattr(executor, "get_executor")


def _checked(cluster: object) -> str:
    """Return where a cluster is, if it is written as one."""
    found = _LOCAL.fullmatch(cluster) if isinstance(cluster, str) else None
    if isinstance(cluster, str) and (_ADDRESS.fullmatch(cluster) or (found and int(found[1]) > 0)):
        return cluster
    raise SettingError(
        f"{setting('cluster')} is {cluster!r}.",
        "Write local:4 for four processes on this machine, or the address of a Dask scheduler such as "
        f"tcp://host:8786. Columns of clusters are {setting('clusters')}.",
    )


@contextmanager
def _client(cluster: str) -> Iterator[Any]:
    """Open a cluster, or connect to one; close what was opened."""
    try:
        import distributed  # noqa: PLC0415 - an extra
    except ModuleNotFoundError as error:
        raise MissingExtraError(
            f"A {setting('cluster')} needs the package distributed.", "Install it with: pip install 'thalweg[cluster]'"
        ) from error
    dask: Any = distributed  # its functions have no types
    with ExitStack() as stack:
        local = _LOCAL.fullmatch(cluster)
        where: Any = cluster
        if local is not None:
            sizes = {"n_workers": int(local[1]), "threads_per_worker": 1, "memory_limit": 0}
            where = stack.enter_context(dask.LocalCluster(dashboard_address="127.0.0.1:0", silence_logs=50, **sizes))
        try:
            client = stack.enter_context(dask.Client(where, timeout=_TIMEOUT, set_as_default=False))
        except OSError as error:
            raise TrainingError(
                f"No scheduler answers at {cluster} within {_TIMEOUT:g} seconds.",
                f"Check the address, and that it runs: dask scheduler. Or give {setting('cluster')} as local:4.",
            ) from error
        if local is not None:
            client.register_plugin(_deaf(dask))
        yield client


def _deaf(dask: Any) -> Any:
    """Return what lets every worker ignore Ctrl-C, which a terminal sends to it too: whoever started it ends it."""

    class Deaf(dask.WorkerPlugin):  # type: ignore[misc] # Dask has no types
        def setup(self, worker: Any) -> None:  # noqa: ARG002 - Dask calls it so
            signal.signal(signal.SIGINT, signal.SIG_IGN)

    return Deaf()
