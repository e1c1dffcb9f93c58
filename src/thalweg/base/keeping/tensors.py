"""The one reader of tensor files: arrays by name, and the texts that stand beside them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numpy.typing import NDArray
from safetensors.numpy import load

from thalweg.base.keeping.json_files import ANEW, parse_json, readable

_WIDTH = 8  # bytes of the number that says how long the header is


@dataclass(frozen=True, slots=True, eq=False)
class TensorFile:
    """What a safetensors file holds.

    Parameters
    ----------
    arrays
        By name.
    texts
        The metadata, by name.
    """

    arrays: dict[str, NDArray[Any]]
    texts: dict[str, str]


def read_tensors(place: Path, remedy: str = ANEW) -> TensorFile:
    """Read a safetensors file at once: what was looked at is what is used.

    Parameters
    ----------
    place, remedy
        As for :func:`~thalweg.base.keeping.json_files.read_json`.

    Raises
    ------
    RunFolderError
        If it is missing or damaged.

    Examples
    --------
    >>> import tempfile
    >>> import numpy as np
    >>> from safetensors.numpy import save
    >>> place = Path(tempfile.mkdtemp()) / "weights.safetensors"
    >>> _ = place.write_bytes(save({"w": np.ones(2)}, {"made": "by hand"}))
    >>> read_tensors(place).texts
    {'made': 'by hand'}
    """
    with readable(place, remedy):
        content = place.read_bytes()
        arrays = load(content)
        length = int.from_bytes(content[:_WIDTH], "little")
        header = parse_json(content[_WIDTH : _WIDTH + length])
        return TensorFile(arrays, header.get("__metadata__") or {})
