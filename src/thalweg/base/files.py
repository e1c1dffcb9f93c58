"""Paths as callers give them, and files that are there completely or not at all."""

import os
from contextlib import suppress
from pathlib import Path

from thalweg.base.errors import RunFolderError, SettingError, setting


def path_of(part: str, place: object, kind: str = "file") -> Path:
    """Return a path that a caller gave.

    Parameters
    ----------
    part
        What it was given as.
    place
        What came.
    kind
        What stands there, for the message.

    Raises
    ------
    SettingError
        If it is no path.

    Examples
    --------
    >>> path_of("out", "runs/first").name
    'first'
    >>> path_of("folder", 3, "folder")
    Traceback (most recent call last):
    thalweg.base.errors.SettingError: folder must be the path of a folder, got 3. Write it in quotes.
    """
    if not isinstance(place, (str, os.PathLike)) or not os.fspath(place):
        raise SettingError(f"{setting(part)} must be the path of a {kind}, got {place!r}.", "Write it in quotes.")
    return Path(os.fspath(place))


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that it is there completely or not at all.

    Parameters
    ----------
    path
        Where it goes; a file of that name is replaced.
    content
        All of it.

    Raises
    ------
    RunFolderError
        If the folder cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "note.txt"
    >>> write_whole(path, b"all or nothing")
    >>> path.read_bytes()
    b'all or nothing'
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with beside.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
        raise RunFolderError(
            f"{path} cannot be written: {error.strerror or error}.", "Free space, or choose another folder."
        ) from error
