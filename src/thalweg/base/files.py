"""Paths as callers give them, and files that are there completely or not at all."""

import errno
import os
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Final

from thalweg.base.errors import RunFolderError, SettingError, setting

_UNFINISHED: Final = ".*.part"
_SHOWN: Final = 60  # letters of a path that is too long


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
    text = os.fsdecode(place)
    try:
        Path(text).stat()
    except (OSError, ValueError) as error:  # nothing there is no fault here, nor is what may not be looked at
        if isinstance(error, ValueError) or error.errno in {errno.ENAMETOOLONG, errno.ELOOP, errno.EINVAL}:
            shown = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
            why = getattr(error, "strerror", None) or str(error)
            raise SettingError(
                f"{setting(part)} cannot be the path of a {kind}: {shown!r} ({why.lower()}).", "Give another path."
            ) from error
    return Path(text)


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that it is there completely or not at all.

    Parameters
    ----------
    path
        Where it goes; a file of that name is replaced, a device or pipe written to, a link followed.
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
    try:
        if path.exists() and not path.is_file():
            path.write_bytes(content)  # a device or a pipe must not be replaced; a folder is refused by the system
        else:
            _replace(path.resolve() if path.is_symlink() else path, content)
    except (OSError, ValueError) as error:
        raise RunFolderError(
            f"{path} cannot be written: {getattr(error, 'strerror', None) or error}.",
            "Free space, or choose another folder.",
        ) from error


def _replace(path: Path, content: bytes) -> None:
    # A name of its own length, for that of the file may be as long as names can be.
    beside = path.with_name(f".{sha256(path.name.encode(errors='replace')).hexdigest()[:12]}.{os.getpid()}.part")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with beside.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except BaseException:
        with suppress(OSError, ValueError):
            beside.unlink(missing_ok=True)
        raise


def sweep(folder: Path) -> None:
    """Delete what was being written into a folder when somebody was killed; only while nobody else writes there.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / ".0123456789ab.77.part").write_bytes(b"half")
    >>> sweep(folder)
    >>> list(folder.iterdir())
    []
    """
    for path in folder.rglob(_UNFINISHED):
        with suppress(OSError):
            path.unlink()
