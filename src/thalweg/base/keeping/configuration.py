"""What a run was asked, as its folder keeps it: written one way, and compared with what a command asks now."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from thalweg.base.errors import RunFolderError, setting
from thalweg.base.keeping.digests import SEAL

_ASKED: Final = ("question", "settings", "shown")  # parts of a configuration whose keys are names of parameters


def as_json(value: Any) -> bytes:
    r"""Return plain values as the bytes of a file.

    Examples
    --------
    >>> as_json({"rows": 3})
    b'{\n "rows": 3\n}\n'
    """
    return (json.dumps(value, indent=1, ensure_ascii=False) + "\n").encode()


def unsealed(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return a record without its seal.

    Examples
    --------
    >>> unsealed({"job": "linear", SEAL: "abc"})
    {'job': 'linear'}
    """
    return {key: value for key, value in record.items() if key != SEAL}


def refuse_other(path: Path, existing: Mapping[str, Any], config: Mapping[str, Any]) -> None:
    """Refuse to continue a run under another configuration, and say what differs.

    Parameters
    ----------
    path
        Of the folder.
    existing, config
        What the folder was made for, and what is asked now.

    Raises
    ------
    RunFolderError
        If they differ.

    Examples
    --------
    >>> refuse_other(Path("run"), {"settings": {"folds": 5}}, {"settings": {"folds": 3}})
    Traceback (most recent call last):
    thalweg.base.errors.RunFolderError: run was made by another command: its folds is 5, this command's is 3. ...
    """
    mine, theirs = (json.loads(as_json(c)) for c in (config, existing))
    parts = ["job", *_ASKED, *sorted({*mine, *theirs} - {"job", *_ASKED})]  # what was asked says more than its data
    differing = [key for key in parts if mine.get(key) != theirs.get(key)]
    if differing:
        key = differing[0]
        raise RunFolderError(
            f"{path} was made by another command: {_difference(key, theirs.get(key), mine.get(key))}.",
            f"Give the same command to continue it, or choose another folder as {setting('out')}.",
        )


def _difference(key: str, theirs: Any, mine: Any) -> str:
    if isinstance(theirs, dict) and isinstance(mine, dict):
        inner = next(k for k in sorted({*theirs, *mine}) if theirs.get(k) != mine.get(k))
        told = setting(inner) if key in _ASKED else f"{key} {inner}"
        return _difference(told, theirs.get(inner), mine.get(inner))
    return f"its {key} is {_short(theirs)}, this command's is {_short(mine)}"


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) < 80 else f"{text[:77]}…"
