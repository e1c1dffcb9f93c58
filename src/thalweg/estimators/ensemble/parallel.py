"""Whether this process is already one of several that share the cores."""

import multiprocessing
import os
import threading

from joblib.parallel import get_active_backend  # type: ignore[import-untyped] # joblib has no types


def inside_a_worker() -> bool:
    """Return whether this code runs in a worker of joblib or of a process pool, or beside others in a thread.

    There a population trains in its own process: more processes would compete for the same cores, and forking beside
    running threads is not safe.

    Examples
    --------
    >>> inside_a_worker()
    False
    """
    backend, _ = get_active_backend()
    return (
        multiprocessing.parent_process() is not None
        or "JOBLIB_SPAWNED_PROCESS" in os.environ
        or (backend.nesting_level or 0) > 0
        or threading.current_thread() is not threading.main_thread()
    )
