"""Memory of a chunk, known before anything is allocated: it is planned on torch's ``meta`` device, which has none."""

import torch

from thalweg.train.population import Crowd, TrainingTable
from thalweg.train.steps.chunk import Chunk
from thalweg.train.steps.masks import POOL, MaskPool


def chunk_bytes(crowd: Crowd, table: TrainingTable, slots: int, *, validating: bool = True) -> int:
    """Return the bytes a chunk allocates for parameters, states, buffers and one epoch's plan.

    Parameters
    ----------
    crowd, table
        What is trained on what.
    slots
        Members at once S.
    validating
        Whether members have validation rows, for which the best parameters are kept and a program is written.

    Returns
    -------
    int
        Bytes; the table itself and the dropout masks, which all chunks share, are not counted.

    Examples
    --------
    See ``tests/train/steps/test_memory_plan.py``, which compares it with what is allocated.
    """
    meta, dtype = torch.device("meta"), table.rows.dtype
    shadow = TrainingTable(torch.empty(1, table.rows.shape[1], dtype=dtype, device=meta), table.inputs, table.classes)
    pool = MaskPool(torch.empty(POOL, dtype=dtype, device=meta), {})
    return Chunk(crowd, shadow, slots, pool).planned_bytes(validating=validating)
