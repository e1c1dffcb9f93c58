"""Files that are there completely or not at all."""

import os
from contextlib import suppress
from pathlib import Path

from thalweg.base.errors import RunFolderError


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
