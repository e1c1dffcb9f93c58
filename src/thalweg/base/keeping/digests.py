"""Digests that tell whether what is read is what was written: of files, records and arrays.

They find damage, not malice: who can write a file can write its digest.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

SEAL: Final = "sha256"


def digest_of(content: bytes) -> str:
    """Return the SHA-256 of bytes in hexadecimal digits.

    Examples
    --------
    >>> digest_of(b"abc")[:12]
    'ba7816bf8f01'
    """
    return hashlib.sha256(content).hexdigest()


def file_digest(place: Path) -> str:
    """Return the SHA-256 of a file, of which little is in memory at a time.

    Raises
    ------
    OSError
        If it cannot be read.

    Examples
    --------
    >>> import tempfile
    >>> place = Path(tempfile.mkdtemp()) / "note.txt"
    >>> _ = place.write_bytes(b"abc")
    >>> file_digest(place) == digest_of(b"abc")
    True
    """
    with place.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def record_digest(record: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a record of plain values, without its seal; the order of its keys does not matter.

    Examples
    --------
    >>> record_digest({"a": 1, "b": [2]}) == record_digest({"b": [2], "a": 1, "sha256": "…"})
    True
    """
    plain = {key: value for key, value in record.items() if key != SEAL}
    return digest_of(json.dumps(plain, sort_keys=True, separators=(",", ":")).encode())


def sealed(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return a record with its digest as the last entry.

    Examples
    --------
    >>> is_whole(sealed({"a": 1})), is_whole(sealed({"a": 1}) | {"a": 2})
    (True, False)
    """
    plain = json.loads(json.dumps({key: value for key, value in record.items() if key != SEAL}))
    return {**plain, SEAL: record_digest(plain)}


def is_whole(record: Mapping[str, Any]) -> bool:
    """Return whether a record carries its own digest."""
    return record.get(SEAL) == record_digest(record)


def arrays_digest(arrays: Mapping[str, NDArray[Any]], *texts: str) -> str:
    """Return the SHA-256 of named arrays, with their kinds and shapes, and of texts beside them.

    Examples
    --------
    >>> one = {"w": np.ones(2)}
    >>> arrays_digest(one, "3 epochs") == arrays_digest({"w": np.ones((2, 1))}, "3 epochs")
    False
    """
    digest = hashlib.sha256()
    for text in texts:
        digest.update(f"{len(text)} {text}".encode())
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name])
        digest.update(f"{name} {array.dtype.str} {array.shape}".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()
