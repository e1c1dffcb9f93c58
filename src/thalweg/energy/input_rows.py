"""Rows of numbers as energy models take them."""

import numpy as np
from numpy.typing import ArrayLike

from thalweg.base.arrays import FloatArray
from thalweg.base.errors import DataError


def as_rows(values: ArrayLike, what: str, width: int | None = None) -> FloatArray:
    """Return numbers in rows [N D].

    Parameters
    ----------
    values
        Anything that numpy reads as a matrix: lists, arrays, frames.
    what
        What the rows are, for the message.
    width
        D, if it is known.

    Raises
    ------
    DataError
        If they are no numbers, no rows, empty, or of another width.

    Examples
    --------
    >>> as_rows([[True, False]], "states").tolist()
    [[1.0, 0.0]]
    """
    try:
        found = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise DataError(f"Expected {what} of numbers, got what is none: {error}.", "Code words as numbers.") from error
    if found.ndim != 2 or not found.size or width not in (None, found.shape[1]):
        shape = "[N D]" if width is None else f"[N {width}]"
        raise DataError(
            f"Expected {what} {shape}, got shape {found.shape}.", "Give one row for each, all of one width."
        )
    return found
