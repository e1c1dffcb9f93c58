"""Zip archives that are the same bytes every time."""

import io
import zipfile
from collections.abc import Iterable
from typing import Final

_DATE: Final = (1980, 1, 1, 0, 0, 0)  # the earliest that zip knows


def zipped(files: Iterable[tuple[str, bytes]]) -> bytes:
    """Return an archive of files by name.

    Examples
    --------
    >>> zipped([("a.txt", b"one")])[:2]
    b'PK'
    """
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for name, content in files:
            archive.writestr(zipfile.ZipInfo(name, _DATE), content, zipfile.ZIP_DEFLATED)
    return written.getvalue()


def without_dates(archive: bytes) -> bytes:
    """Return an archive without the times at which its files were written.

    Examples
    --------
    >>> without_dates(zipped([("a.txt", b"one")])) == zipped([("a.txt", b"one")])
    True
    """
    with zipfile.ZipFile(io.BytesIO(archive)) as found:
        return zipped([(name, found.read(name)) for name in found.namelist()])
