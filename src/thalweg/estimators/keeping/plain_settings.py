"""Settings as JSON and back, without pickle: numbers, texts, lists, and this package's own frozen values."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from importlib import import_module
from typing import Any, Final

import numpy as np

from thalweg.base.errors import RunFolderError, SettingError

KIND: Final = "kind"
PARTS: Final = tuple(f"thalweg.{room}." for room in ("net", "loss", "optim"))  # whose values settings may hold


def settings_to_plain(value: Any, name: str = "setting") -> Any:
    """Return a setting as JSON knows it; a network, an optimizer or a loss becomes a mapping with its kind.

    Parameters
    ----------
    value
        None, a number, a text, a sequence or mapping of such, or a dataclass of this package.
    name
        How the message calls it.

    Raises
    ------
    SettingError
        If it is something else, such as a torch module or a splitter.

    Examples
    --------
    >>> from thalweg.optim.adam import Adam
    >>> settings_to_plain(Adam(0.01))["kind"]
    'thalweg.optim.adam.Adam'
    >>> settings_from_plain(settings_to_plain(Adam(0.01))) == Adam(0.01)
    True
    """
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, (list, tuple, np.ndarray)):
        return [settings_to_plain(item, name) for item in value]
    if isinstance(value, Mapping):
        return {"pairs": [[settings_to_plain(key, name), settings_to_plain(item, name)] for key, item in value.items()]}
    kind = type(value)
    if is_dataclass(value) and kind.__module__.startswith(PARTS) and kind.__name__ != "ModuleNetwork":
        inner = {field.name: settings_to_plain(getattr(value, field.name), name) for field in fields(value)}
        return {KIND: f"{kind.__module__}.{kind.__qualname__}"} | inner
    raise SettingError(
        f"{name} is a {kind.__name__}, which cannot be written without pickle.",
        "Keep this estimator by pickle, or what it predicts by save_onnx; or set values of this package.",
    )


def settings_from_plain(plain: Any) -> Any:
    """Rebuild what :func:`settings_to_plain` wrote; sequences come back as tuples.

    Raises
    ------
    RunFolderError
        If a kind is not a frozen value of this package.
    """
    if isinstance(plain, list):
        return tuple(settings_from_plain(item) for item in plain)
    if not isinstance(plain, dict):
        return plain
    if KIND not in plain:
        return {settings_from_plain(key): settings_from_plain(item) for key, item in plain["pairs"]}
    home, _, name = str(plain[KIND]).rpartition(".")
    known = home.startswith(PARTS) and home.replace(".", "").replace("_", "").isalnum()
    found = getattr(import_module(home), name, None) if known else None
    if not (isinstance(found, type) and is_dataclass(found) and found.__module__ == home):
        raise RunFolderError(f"{plain[KIND]!r} is no value of this package.", "Save the estimator again.")
    return found(**{key: settings_from_plain(item) for key, item in plain.items() if key != KIND})
