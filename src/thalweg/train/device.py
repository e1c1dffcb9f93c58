"""Training on a GPU: everything of a crowd at once, as far as memory goes."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import replace

import torch

from thalweg.base.errors import SettingError
from thalweg.train.backend import backend_of
from thalweg.train.population import Crowd, TrainingTable
from thalweg.train.running.crew import Job
from thalweg.train.steps.masks import MaskPool
from thalweg.train.steps.memory_plan import chunk_bytes

WORKSPACE = "CUBLAS_WORKSPACE_CONFIG", ":4096:8"
SHARE_OF_MEMORY = 0.8  # of what is free; libraries want some for themselves


def on_device(
    name: str, table: TrainingTable, pool: MaskPool | None, jobs: Sequence[Job]
) -> tuple[TrainingTable, MaskPool | None, list[Job]]:
    """Move what training needs to a device and let every job train as many members at once as fit.

    Parameters
    ----------
    name
        A torch device, such as ``cuda`` or ``cuda:1``.
    table, pool, jobs
        What is to be trained.

    Returns
    -------
    table, pool, jobs
        On the device; a job that does not fit is cut into waves of equal size.

    Raises
    ------
    SettingError
        If there is no such device, or not even one member fits.

    Examples
    --------
    >>> from thalweg.train.population import training_table
    >>> import numpy as np
    >>> on_device("abacus", training_table(np.zeros((2, 1)), np.zeros(2)), None, [])
    Traceback (most recent call last):
    thalweg.base.errors.SettingError: There is no device 'abacus' here...
    """
    try:
        device = torch.device(name)
        moved = table.to(device)
    except (RuntimeError, AssertionError) as error:
        reason = str(error).splitlines()[0]
        raise SettingError(f"There is no device {name!r} here: {reason}", "Use device='cpu'.") from error
    free = torch.cuda.mem_get_info(device)[0] if device.type == "cuda" else 1 << 62
    room = int(SHARE_OF_MEMORY * free)
    fitted = [replace(job, slots=_slots(job.crowd, moved, len(job.numbers), room)) for job in jobs]
    return moved, None if pool is None else pool.to(device), fitted


@contextmanager
def made_current(device: torch.device, *, deterministic: bool = False) -> Iterator[None]:
    """Let streams and graphs that name no device belong to this one, if it is a GPU.

    Parameters
    ----------
    device
        The device.
    deterministic
        Whether to take only kernels that give the same bits every time. Sums by atomic additions (gradients of
        embeddings) are replaced by slower ones, and cuBLAS keeps to one workspace; what has no such kernel is refused
        by torch, by name.

    Examples
    --------
    >>> with made_current(torch.device("cpu"), deterministic=True):
    ...     torch.are_deterministic_algorithms_enabled()
    True
    """
    before = torch.are_deterministic_algorithms_enabled(), torch.is_deterministic_algorithms_warn_only_enabled()
    if deterministic:
        os.environ.setdefault(*WORKSPACE)  # read when cuBLAS is first used
        torch.use_deterministic_algorithms(True)
    try:
        with torch.cuda.device(device) if device.type == "cuda" else nullcontext():
            yield
    finally:
        torch.use_deterministic_algorithms(before[0], warn_only=before[1])


def _slots(crowd: Crowd, table: TrainingTable, members: int, room: int) -> int:
    """Return the size of equal waves that fit into memory, if members train side by side at all."""
    if not backend_of(crowd.network).lockstep:
        return 1
    one, two = (chunk_bytes(crowd, table, slots) for slots in (1, 2))
    most = 1 + (room - one) // max(1, two - one)
    if most < 1:
        raise SettingError(
            f"One member needs {one / 1e9:.1f} GB, {room / 1e9:.1f} GB are free.", "Use a smaller batch or network."
        )
    waves = -(-members // most)
    return -(-members // waves)
