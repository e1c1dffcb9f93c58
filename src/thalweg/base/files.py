"""Paths as callers give them, and files that are there completely or not at all."""

import errno
import os
import sys
import tempfile
import time
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Final

from thalweg.base.errors import RunFolderError, SettingError, setting
from thalweg.base.keeping.windows_names import fault_of_name

_UNFINISHED: Final = ".*.part"
_SHOWN: Final = 60  # letters of a path that is too long
_PAUSES: Final = (0.01, 0.05, 0.2, 0.5)  # seconds: a scanner or an indexer of Windows has a new file open for moments
_FULL: Final = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_REFUSED: Final = {errno.EACCES, errno.EPERM, errno.EROFS, errno.EBUSY}


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
    fault = fault_of_name(text)
    if fault is not None:
        raise SettingError(f"{setting(part)} cannot be the path of a {kind}: {fault}.", "Give another path.")
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


def writable_place(part: str, place: object, kind: str = "file") -> Path:
    """Return a path that a caller gave after finding that it can be written: before the work whose answer goes there.

    Parameters
    ----------
    part, place
        As for :func:`path_of`.
    kind
        "file", or "folder" for several.

    Raises
    ------
    SettingError
        If it is no path, or what is there already is of the other kind.
    RunFolderError
        If nothing can be written there.

    Examples
    --------
    >>> import tempfile
    >>> folder = tempfile.mkdtemp()
    >>> writable_place("out", folder + "/deep/page.html").name
    'page.html'
    >>> writable_place("out", folder)
    Traceback (most recent call last):
    thalweg.base.errors.SettingError: out must be the path of a file, and ... is a folder. Give another path.
    """
    path = path_of(part, place, kind)
    try:
        if path.exists() and path.is_dir() != (kind == "folder"):
            there = "folder" if path.is_dir() else "file"
            raise SettingError(
                f"{setting(part)} must be the path of a {kind}, and {str(path)!r} is a {there}.", "Give another path."
            )
        if path.is_dir() or path.is_file() or not path.exists():  # a device or a pipe tells when it is written to
            whole = path.resolve()
            places = (whole, *whole.parents) if kind == "folder" else whole.parents
            ground = next(one for one in places if one.exists())
            with tempfile.TemporaryFile(dir=ground):
                pass
    except (OSError, ValueError) as error:
        raise unwritable(path, error) from error
    return path


def unwritable(path: Path, error: Exception) -> RunFolderError:
    """Return in words why a file cannot be written, and what to do about it.

    Parameters
    ----------
    path
        The file or folder.
    error
        Of the system.

    Examples
    --------
    >>> print(unwritable(Path("page.html"), OSError(errno.ENOSPC, "No space left on device")))
    page.html cannot be written: No space left on device. Free space, or choose another place.
    """
    number = getattr(error, "errno", None)
    remedy = "Choose another place."
    if number in _FULL:
        remedy = "Free space, or choose another place."
    elif number in _REFUSED:
        remedy = "Close the program that has it open, see who may write there, or choose another place."
    return RunFolderError(f"{path} cannot be written: {getattr(error, 'strerror', None) or error}.", remedy)


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
        raise unwritable(path, error) from error


def _replace(path: Path, content: bytes) -> None:
    # A name of its own length, for that of the file may be as long as names can be.
    beside = path.with_name(f".{sha256(path.name.encode(errors='replace')).hexdigest()[:12]}.{os.getpid()}.part")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with beside.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        _put(beside, path)
    except BaseException:
        with suppress(OSError, ValueError):
            beside.unlink(missing_ok=True)
        raise


def _put(beside: Path, path: Path) -> None:
    """Give a finished file its name; Windows refuses that while anybody has the old one open."""
    for pause in _PAUSES if sys.platform == "win32" else ():
        with suppress(PermissionError):
            beside.replace(path)
            return
        time.sleep(pause)
    beside.replace(path)


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
