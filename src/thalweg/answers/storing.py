"""Frozen records with arrays as two files, numbers in safetensors and the rest in JSON, and back to the same bits."""

import json
import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from types import UnionType
from typing import Any, Final, TypeVar, Union, cast, get_args, get_origin, get_type_hints

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from safetensors.numpy import save

from thalweg.base.keeping.json_files import read_json, readable
from thalweg.base.keeping.tensors import read_tensors

NUMBERS_FILE: Final = "numbers.safetensors"
RECORDS_FILE: Final = "records.json"
_ARRAY: Final = "an array"  # key of what stands for an array; no field can be called so
_NUMBER: Final = "a number"  # key of what stands for a number that JSON has no word for

Record = TypeVar("Record")


def record_files(record: object) -> Mapping[str, bytes]:
    """Return the files a record can be read from again.

    Parameters
    ----------
    record
        A frozen dataclass of numbers, texts, None, arrays, tuples, mappings with text keys, and further such records.

    Raises
    ------
    TypeError
        If something else is inside.

    Examples
    --------
    >>> from thalweg.linear import regress
    >>> sorted(record_files(regress([[1.0], [2.0], [3.0]], [1.0, 2.1, 2.9])))
    ['numbers.safetensors', 'records.json']
    """
    arrays: dict[str, NDArray[Any]] = {}
    plain = _plain(record, arrays)
    return {NUMBERS_FILE: save(arrays), RECORDS_FILE: json.dumps(plain, indent=1, ensure_ascii=False).encode()}


def read_record(kind: type[Record], folder: Path) -> Record:
    """Read a record from its folder.

    Parameters
    ----------
    kind
        The dataclass.
    folder
        Where its files are.

    Raises
    ------
    RunFolderError
        If files are missing or damaged.

    Examples
    --------
    >>> import tempfile
    >>> from thalweg.linear import regress
    >>> from thalweg.linear.estimates import Estimates
    >>> fit, place = regress([[1.0], [2.0], [3.0]], [1.0, 2.1, 2.9]), Path(tempfile.mkdtemp())
    >>> sizes = [(place / name).write_bytes(content) for name, content in record_files(fit).items()]
    >>> np.array_equal(read_record(Estimates, place).estimate, fit.estimate)
    True
    """
    arrays, plain = read_tensors(folder / NUMBERS_FILE).arrays, read_json(folder / RECORDS_FILE)
    with readable(folder / RECORDS_FILE):
        return cast(Record, _record(kind, plain, arrays))


def csv_of(frame: pd.DataFrame) -> bytes:
    r"""Return a frame as CSV at full precision.

    Examples
    --------
    >>> csv_of(pd.DataFrame({"x": [0.1]}))
    b'x\n0.1\n'
    """
    return str(frame.to_csv(index=False, lineterminator="\n")).encode()


def _plain(value: object, arrays: dict[str, NDArray[Any]]) -> Any:
    if isinstance(value, np.ndarray):
        name = f"{len(arrays)}"
        arrays[name] = np.ascontiguousarray(value)
        return {_ARRAY: name}
    if isinstance(value, np.generic):
        return _plain(value.item(), arrays)
    if isinstance(value, float) and not math.isfinite(value):
        return {_NUMBER: repr(value)}
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name), arrays) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _plain(item, arrays) for key, item in value.items()}
    if isinstance(value, (tuple, list)):
        return [_plain(item, arrays) for item in value]
    raise TypeError(f"{type(value).__name__} cannot be kept in a folder")


def _value(kind: Any, value: Any, arrays: Mapping[str, NDArray[Any]]) -> Any:
    if isinstance(value, dict) and value.keys() == {_ARRAY}:
        return arrays[value[_ARRAY]]
    if isinstance(value, dict) and value.keys() == {_NUMBER}:
        return float(value[_NUMBER])
    origin, inner = get_origin(kind), get_args(kind)
    if origin in {Union, UnionType}:
        [*kinds] = (other for other in inner if other is not type(None))
        return None if value is None else _value(kinds[0], value, arrays)
    if is_dataclass(kind):
        return _record(cast(type, kind), value, arrays)
    if isinstance(value, list):
        several = len(inner) == 2 and inner[1] is Ellipsis
        kinds = [inner[0]] * len(value) if several else list(inner)
        return tuple(_value(k, item, arrays) for k, item in zip(kinds, value, strict=True))
    if isinstance(value, dict):
        return {key: _value(inner[1], item, arrays) for key, item in value.items()}
    return value


def _record(kind: type, value: Any, arrays: Mapping[str, NDArray[Any]]) -> Any:
    hints = get_type_hints(kind)
    return kind(**{name: _value(hints[name], item, arrays) for name, item in value.items()})
