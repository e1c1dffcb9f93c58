"""A table's identity: a hash of its content, the same whatever file it came from."""

import hashlib
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from thalweg.data.kinds import kind_of


def fingerprint(frame: pd.DataFrame) -> str:
    """Return the SHA-256 of the content of canonical columns.

    Names, kinds and values count, and the order of the rows; the order of the columns, the file and its format do
    not. Numbers enter as little-endian float64, so 1 and 1.0 are the same.

    Parameters
    ----------
    frame
        Columns in canonical form (:func:`thalweg.data.columns.canonical_column`).

    Returns
    -------
    str
        64 hexadecimal digits.

    Examples
    --------
    >>> a = pd.DataFrame({"x": [1.0, 2.0], "z": [3.0, 4.0]})
    >>> fingerprint(a) == fingerprint(a[["z", "x"]]), fingerprint(a) == fingerprint(a[::-1])
    (True, False)
    """
    digest = hashlib.sha256(f"{len(frame)} rows".encode())
    for name in sorted(frame.columns):
        kind = kind_of(frame[name])
        digest.update(f"\x1d{kind}\x1f{name}\x1f".encode())
        if kind == "categorical":
            digest.update("\x1f".join(frame[name].cat.categories).encode())
        digest.update(_bytes(frame[name], kind))
    return digest.hexdigest()


def _bytes(column: pd.Series, kind: str) -> bytes:
    values: NDArray[Any]
    if kind == "categorical":
        values = column.cat.codes.to_numpy().astype("<i4")
    elif kind == "date":
        values = column.to_numpy(dtype="datetime64[us]").astype("<i8")
    else:
        values = (column.to_numpy(dtype=np.float64, na_value=np.nan) + 0.0).astype("<f8")  # -0.0 becomes 0.0
        values[np.isnan(values)] = np.nan
    return values.tobytes()
