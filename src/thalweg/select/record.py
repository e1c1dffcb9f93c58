"""Frozen records to plain JSON values and back, without pickle: NaN becomes null, tuples become lists."""

import math
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from types import UnionType
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from thalweg.base.errors import RunFolderError

Record = TypeVar("Record")


def to_plain(value: object) -> Any:
    """Turn a record into values JSON knows.

    Parameters
    ----------
    value
        A frozen dataclass of numbers, texts, None, tuples, mappings with text keys, and further such
        dataclasses.

    Returns
    -------
    object
        Dictionaries, lists, numbers, texts, booleans and None; NaN and ±inf become None.

    Raises
    ------
    TypeError
        If something else is inside.

    Examples
    --------
    >>> to_plain({"a": (1.0, float("nan"))})
    {'a': [1.0, None]}
    """
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: to_plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): to_plain(item) for key, item in value.items()}
    if isinstance(value, (tuple, list)):
        return [to_plain(item) for item in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, (str, int, bool)):
        return value
    raise TypeError(f"{type(value).__name__} is no plain value")


def from_plain(kind: type[Record], value: Any) -> Record:
    """Rebuild a record of a given type from what :func:`to_plain` made of it.

    Parameters
    ----------
    kind
        The dataclass.
    value
        Its plain form.

    Returns
    -------
    Record
        Equal to the original, except that infinite numbers come back as NaN.

    Raises
    ------
    RunFolderError
        If fields without a default are missing, or fields are unknown, or a value is of the wrong type.

    Examples
    --------
    >>> from thalweg.select.scoring.spread import Spread
    >>> from_plain(Spread, {"split_sd": 1.0, "seed_sd": 0.0, "total_sd": 1}).total_sd
    1.0
    """
    return cast(Record, _build(kind, value, kind.__name__))


def _build(kind: Any, value: Any, where: str) -> Any:
    origin, inner = get_origin(kind), get_args(kind)
    if is_dataclass(kind):
        return _record(cast(type, kind), value, where)
    if origin in {Union, UnionType}:
        kinds = [other for other in inner if other is not type(None)]
        return (
            None
            if value is None
            else _scalar(kinds, value, where)
            if len(kinds) > 1
            else _build(kinds[0], value, where)
        )
    if origin is tuple and isinstance(value, list):
        several = inner[1:] == (Ellipsis,)
        if several or len(inner) == len(value):
            kinds = [inner[0]] * len(value) if several else list(inner)
            return tuple(_build(k, item, f"{where}[{i}]") for i, (k, item) in enumerate(zip(kinds, value, strict=True)))
    if origin is Mapping and isinstance(value, dict):
        return {key: _build(inner[1], item, f"{where}[{key!r}]") for key, item in value.items()}
    return _scalar([kind], value, where)


def _record(kind: type, value: Any, where: str) -> Any:
    hints = get_type_hints(kind)
    known = {field.name for field in fields(cast(Any, kind))}
    needed = {f.name for f in fields(cast(Any, kind)) if f.default is MISSING and f.default_factory is MISSING}
    if not isinstance(value, dict) or not needed <= set(value) <= known:
        got = sorted(value) if isinstance(value, dict) else type(value).__name__
        raise RunFolderError(f"{where} must have the fields {sorted(known)}, got {got}.", "Run the fit again.")
    return kind(**{name: _build(hints[name], item, f"{where}.{name}") for name, item in value.items()})


def _scalar(kinds: list[Any], value: Any, where: str) -> Any:
    if float in kinds and value is None:
        return math.nan
    if float in kinds and isinstance(value, int) and not isinstance(value, bool) and int not in kinds:
        return float(value)
    if type(value) in kinds:
        return value
    names = " or ".join(kind.__name__ for kind in kinds)
    raise RunFolderError(f"{where} must be {names}, got {value!r}.", "Run the fit again.")
