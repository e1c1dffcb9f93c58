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
    >>> import numpy as np
    >>> from thalweg.loss.squared import Squared
    >>> from thalweg.net.spec import mlp
    >>> from thalweg.train.population import Member, crowd_of, training_table
    >>> table = training_table(np.zeros((10, 2)), np.zeros(10))
    >>> crowd = crowd_of(Member(mlp((8,)), Squared(), np.arange(10, dtype=np.int32)), table)
    >>> chunk_bytes(crowd, table, slots=20) > 19 * chunk_bytes(crowd, table, slots=1)
    True
    """
    meta, dtype = torch.device("meta"), table.rows.dtype
    shadow = TrainingTable(torch.empty(1, table.rows.shape[1], dtype=dtype, device=meta), table.inputs, table.classes)
    pool = MaskPool(torch.empty(POOL, dtype=dtype, device=meta), {})
    return Chunk(crowd, shadow, slots, pool).planned_bytes(validating=validating)
