"""Compressed files, expanded whole or refused: by their first bytes, to the end of their last stream.

A file may hold several streams, one after another, with zeros between them; anything else behind the end of a stream
is damage, for it may be rows. What the name says and the bytes are not is refused too.
"""

import bz2
import importlib
import importlib.util
import lzma
import sys
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

from thalweg.base.errors import DataError, MissingExtraError
from thalweg.data.files.formats import COMPRESSED
from thalweg.data.files.location import Location

_BLOCK: Final = 1 << 14  # bytes read at once; they may expand to thousands of times as many
_LARGEST: Final = 1 << 22  # bytes expanded at once, where a library can be asked for less


@dataclass(frozen=True, slots=True)
class _Compression:
    name: str
    begins: bytes
    machine: Callable[[], Any]  # decompress, eof, unused_data
    takes_limit: bool = False


def _zstandard() -> Any:
    if importlib.util.find_spec("zstandard") is None:
        raise MissingExtraError(
            "Files compressed by Zstandard need the package zstandard.",
            "Install it with: pip install 'thalweg[formats]'",
        )
    return importlib.import_module("zstandard").ZstdDecompressor().decompressobj()


_COMPRESSIONS: Final = {
    ".gz": _Compression("gzip", b"\x1f\x8b", lambda: zlib.decompressobj(wbits=31)),
    ".bz2": _Compression("bzip2", b"BZh", bz2.BZ2Decompressor, takes_limit=True),
    ".xz": _Compression("xz", b"\xfd7zXZ\x00", lzma.LZMADecompressor, takes_limit=True),
    ".zst": _Compression("Zstandard", b"\x28\xb5\x2f\xfd", _zstandard),
}
assert tuple(_COMPRESSIONS) == COMPRESSED


def expanded(location: Location, source: Path, target: Path) -> Path:
    r"""Return where the content of a file lies: the file itself, or ``target`` if it had to be expanded.

    Parameters
    ----------
    location
        What the file is called.
    source
        Where its bytes lie.
    target
        A file to expand it into.

    Raises
    ------
    DataError
        If it is damaged, cut, compressed twice, or called compressed without being it.
    MissingExtraError
        If a package is needed.
    OSError
        If there is no space to expand it.

    Examples
    --------
    >>> import gzip, tempfile
    >>> path = Path(tempfile.mkdtemp()) / "t.csv.gz"
    >>> _ = path.write_bytes(gzip.compress(b"a,b\n1,2\n"))
    >>> expanded(Location(path), path, path.with_name("plain")).read_text()
    'a,b\n1,2\n'
    """
    found = _of_bytes(source)
    if found is None:
        _refuse_misnamed(location)
        return source
    try:
        with source.open("rb") as stream, target.open("wb") as out:
            for block in _content(found, stream):
                out.write(block)
    except OSError as error:
        if error.errno is not None:  # the system's; bzip2 has no error of its own for damage
            raise
        raise _damaged(location, error) from None
    except _faults() as error:
        raise _damaged(location, error) from None
    if _of_bytes(target) is not None:
        raise DataError(f"File {location.name} is compressed twice.", "Expand it once, and give what comes out.")
    return target


def expanded_size(path: Path) -> int:
    """Return how many bytes a file has once it is expanded.

    Examples
    --------
    >>> import gzip, tempfile
    >>> path = Path(tempfile.mkdtemp()) / "t.gz"
    >>> _ = path.write_bytes(gzip.compress(b"a" * 1000))
    >>> expanded_size(path)
    1000
    """
    found = _of_bytes(path)
    if found is None:
        return path.stat().st_size
    with path.open("rb") as stream:
        return sum(map(len, _content(found, stream)))


def _of_bytes(path: Path) -> _Compression | None:
    with path.open("rb") as stream:
        start = stream.read(8)
    return next((found for found in _COMPRESSIONS.values() if start.startswith(found.begins)), None)


def _refuse_misnamed(location: Location) -> None:
    name = location.path.name.lower()
    claimed = next((found for ending, found in _COMPRESSIONS.items() if name.endswith(ending)), None)
    if claimed is not None:
        raise DataError(
            f"File {location.name} is not compressed by {claimed.name}, as its name says.",
            f"If it is plain text, take {location.path.suffix} off its name; else copy or download it again.",
        )


def _faults() -> tuple[type[Exception], ...]:
    loaded = sys.modules.get("zstandard")
    return (EOFError, ValueError, zlib.error, lzma.LZMAError, *([] if loaded is None else [loaded.ZstdError]))


def _damaged(location: Location, error: Exception) -> DataError:
    reason = "it ends too early" if isinstance(error, EOFError) else str(error).rstrip(".")
    return DataError(f"File {location.name} is compressed and damaged: {reason}.", "Copy or download it again.")


def _content(found: _Compression, stream: IO[bytes]) -> Iterator[bytes]:
    """Yield what all streams of a file hold.

    Raises
    ------
    EOFError, ValueError
        If the last stream is cut, or something else follows it.
    """
    block = stream.read(_BLOCK)
    while block:
        machine = found.machine()
        while block and not machine.eof:
            yield from _expand(found, machine, block)
            block = machine.unused_data if machine.eof else stream.read(_BLOCK)
        if not machine.eof:
            raise EOFError
        while not (block := block.lstrip(b"\0")) and (block := stream.read(_BLOCK)):  # padding between streams
            pass
        block += stream.read(_BLOCK) if block else b""  # the beginning of a stream may be cut by a block
        if not block.startswith(found.begins) and block:
            raise ValueError("something follows the end of what is compressed")


def _expand(found: _Compression, machine: Any, block: bytes) -> Iterator[bytes]:
    if not found.takes_limit:
        yield machine.decompress(block)
        return
    yield machine.decompress(block, _LARGEST)
    while not machine.eof and not machine.needs_input:
        yield machine.decompress(b"", _LARGEST)
