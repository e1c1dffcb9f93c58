"""A table's identity: a hash of its content, the same whatever file it came from."""

import hashlib
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from thalweg.base.errors import DataError
from thalweg.data.columns import canonical_column
from thalweg.data.kinds import kind_of
from thalweg.data.reading.whole_signs import whole_signs


@whole_signs()
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


@whole_signs()
def table_fingerprint(frame: pd.DataFrame) -> str:
    """Return the identity of a table's content before anything is decided about its columns.

    Columns that cannot be read as one kind count by their texts.

    Parameters
    ----------
    frame
        Columns as they were read.

    Returns
    -------
    str
        64 hexadecimal digits.

    Examples
    --------
    >>> table_fingerprint(pd.DataFrame({"x": [1, 2]})) == table_fingerprint(pd.DataFrame({"x": [1.0, 2.0]}))
    True
    """
    columns, texts = {}, hashlib.sha256()
    for name in frame:
        try:
            columns[name] = canonical_column(frame[name])[0]
        except DataError:
            texts.update(f"\x1d{name}".encode() + "\x1f".join(map(str, frame[name])).encode())
    return hashlib.sha256(fingerprint(pd.DataFrame(columns)).encode() + texts.digest()).hexdigest()


def check_fingerprint(found: str, kept: str) -> None:
    """Refuse a table that is not the one a run was made from.

    Parameters
    ----------
    found, kept
        Fingerprints of the table given, and of the run's.

    Raises
    ------
    DataError
        If they differ.

    Examples
    --------
    >>> check_fingerprint("0123456789abcdef", "fedcba9876543210")
    Traceback (most recent call last):
    thalweg.base.errors.DataError: The table's fingerprint is 0123456789ab…, the run's is fedcba987654…. ...
    """
    if found != kept:
        raise DataError(
            f"The table's fingerprint is {found[:12]}…, the run's is {kept[:12]}….",
            "Give the table the run was made from.",
        )


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
