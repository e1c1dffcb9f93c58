"""Public names of a package that load what they need when they are first used."""

import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def lazy_names(package: str, homes: Mapping[str, str]) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Return ``__getattr__`` and ``__dir__`` of a package whose names live in modules below it.

    Parameters
    ----------
    package
        Its ``__name__``.
    homes
        Module below the package, by public name.

    Examples
    --------
    >>> load, names = lazy_names("thalweg.base", {"SettingError": "errors"})
    >>> load("SettingError").__name__, names()
    ('SettingError', ['SettingError'])
    """

    def load(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        found = getattr(import_module(f"{package}.{homes[name]}"), name)
        setattr(sys.modules[package], name, found)  # a module of the same name must not hide it
        return found

    def names() -> list[str]:
        return sorted(homes)

    return load, names
