"""The one reader of JSON: whatever is wrong with a file is told with its name, and with what to do."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from thalweg.base.errors import RunFolderError, ThalwegError

ANEW: Final = "Give the command that made it again; it is written anew."
_LARGEST: Final = 2**28  # bytes; the largest answers have some millions


@contextmanager
def readable(place: Path, remedy: str = ANEW) -> Iterator[None]:
    """Tell whatever goes wrong while a file is read and understood as damage of that file.

    Parameters
    ----------
    place
        The file.
    remedy
        What to do about it.

    Raises
    ------
    RunFolderError
        In place of any other error.

    Examples
    --------
    >>> with readable(Path("runs/first/model.json")):
    ...     [][3]
    Traceback (most recent call last):
    thalweg.base.errors.RunFolderError: runs/first/model.json is damaged or was not written by thalweg: list index out of range. ...
    """  # noqa: E501 - what a test prints is one line
    try:
        yield
    except RunFolderError as error:
        if str(place) in str(error):
            raise
        raise _damaged(place, error.problem, remedy) from error
    except FileNotFoundError as error:
        raise RunFolderError(f"{place} is missing.", remedy) from error
    except OSError as error:
        raise RunFolderError(f"{place} cannot be read: {error.strerror or error}.", remedy) from error
    except ThalwegError as error:
        raise _damaged(place, error.problem, remedy) from error
    except RecursionError as error:
        raise _damaged(place, "it is nested too deeply", remedy) from error
    except MemoryError as error:  # a whole file on a small machine: nothing is to be deleted
        raise RunFolderError(
            f"{place} needs more memory than is free.", "Free memory, or read it elsewhere."
        ) from error
    except KeyError as error:
        raise _damaged(place, f"{error} is missing", remedy) from error
    except Exception as error:  # safetensors has errors of its own, and a stranger's values break in any way
        raise _damaged(place, str(error) or type(error).__name__, remedy) from error


def _damaged(place: Path, reason: str, remedy: str) -> RunFolderError:
    return RunFolderError(f"{place} is damaged or was not written by thalweg: {_short(reason).rstrip('.')}.", remedy)


def _short(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= 300 else f"{plain[:299]}…"


def read_json(place: Path, remedy: str = ANEW) -> dict[str, Any]:
    """Return the record in a JSON file.

    Parameters
    ----------
    place
        The file.
    remedy
        What to do if it cannot be read.

    Raises
    ------
    RunFolderError
        If the file is missing, too large, no JSON, nested too deeply, or no record.

    Examples
    --------
    >>> import tempfile
    >>> place = Path(tempfile.mkdtemp()) / "note.json"
    >>> _ = place.write_text('{"seed": 3}')
    >>> read_json(place)
    {'seed': 3}
    """
    with readable(place, remedy):
        return parse_json(read_bytes(place))


def read_bytes(place: Path) -> bytes:
    """Return what a file holds, unless it is too large for what it should hold.

    Raises
    ------
    OSError, ValueError
        If it cannot be read, or is too large.
    """
    size = place.stat().st_size
    if size > _LARGEST:
        raise ValueError(f"it has {size:,} bytes, and at most {_LARGEST:,} are read")
    return place.read_bytes()


def parse_json(content: bytes | str) -> dict[str, Any]:
    """Return the record in a JSON text.

    Raises
    ------
    ValueError, RecursionError
        If it is no JSON, no record, or nested too deeply.

    Examples
    --------
    >>> parse_json("[1]")
    Traceback (most recent call last):
    ValueError: it holds a value of type list, not a record
    """
    found = json.loads(content)
    if not isinstance(found, dict):
        raise ValueError(f"it holds a value of type {type(found).__name__}, not a record")
    return found
