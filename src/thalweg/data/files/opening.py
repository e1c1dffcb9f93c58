"""A text file as UTF-8: its characters are told by all of its bytes.

Nothing is guessed that another guess would read differently: bytes that Western and Central European code pages read
alike are read; where they differ, the file is refused with the two readings and the words that decide.
"""

import codecs
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from thalweg.base.errors import DataError, SettingError
from thalweg.data.files.compression import expanded
from thalweg.data.files.location import Location
from thalweg.data.notes import Note

_BLOCK: Final = 1 << 22
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_WESTERN: Final = "cp1252"
_OTHERS: Final = ("cp1250", "cp1254", "cp1257", "iso8859-15")
_NAMES: Final = {
    "cp1252": "Western, Windows-1252", "cp1250": "Central European, Windows-1250", "cp1254": "Turkish, Windows-1254",
    "cp1257": "Baltic, Windows-1257", "iso8859-15": "Western, ISO 8859-15", "cp1251": "Cyrillic, Windows-1251",
    "cp1253": "Greek, Windows-1253", "cp437": "DOS, code page 437", "mac_roman": "Macintosh",
}  # fmt: skip
_FOREIGN_RUN: Final = re.compile(rb"[\x80-\xff]{4,}|(?<![A-Za-z])[\x80-\xff]{2,}(?![A-Za-z])")

_EAST_ASIAN: Final = " (also koi8-r; of East Asia shift_jis, gb18030, big5, euc_kr)"
_PAGE: Final = re.compile(rb"(\xef\xbb\xbf)?\s*<(!doctype|html|\?xml)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class TextFile:
    """A file of UTF-8 text with plain line ends.

    Parameters
    ----------
    path
        Where it lies: the file itself, or a copy that is removed afterwards.
    notes
        How its characters were read, if that had to be found out.
    """

    path: Path
    notes: tuple[Note, ...] = ()


@contextmanager
def opened_text(location: Location, source: Path) -> Iterator[TextFile]:
    r"""Give a file as UTF-8 text, rewritten only if it is something else.

    Parameters
    ----------
    location
        What it is called, and whether its ``encoding`` was said.
    source
        Where its bytes lie.

    Raises
    ------
    DataError
        If it is damaged, or several encodings fit its bytes and read them differently.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "t.csv"
    >>> _ = path.write_bytes("naam;prijs\ncafé;3\n".encode("utf-16"))
    >>> with opened_text(Location(path), path) as file:
    ...     file.path.read_text(encoding="utf-8")
    'naam;prijs\ncafé;3\n'
    """
    with tempfile.TemporaryDirectory() as folder:
        plain = expanded(location, source, Path(folder) / "expanded")
        encoding, notes = _encoding(location, plain)
        if encoding != "utf-8" or _has_lone_returns(plain):
            target = Path(folder) / "text"
            _rewrite(location, plain, target, encoding)
            plain = target
        yield TextFile(plain, notes)


def _encoding(location: Location, path: Path) -> tuple[str, tuple[Note, ...]]:
    with path.open("rb") as stream:
        start = stream.read(4096)
    if _PAGE.match(start):
        raise DataError(
            f"File {location.name} is a web page or XML, no table.", "Download the table itself, or save it as CSV."
        )
    asked = location.asked.get("encoding")
    if asked is not None:
        return _said(location, path, asked), ()
    marked = next((name for mark, name in _MARKS if start.startswith(mark)), None)
    if marked == "utf-8-sig":
        return "utf-8", ()  # DuckDB skips the mark
    if marked is not None:
        return marked, ()
    if start.count(0) > len(start) / 5:
        return _unmarked_utf16(location, start), ()
    wrong = _first_wrong_byte(path)
    if wrong is None:
        return "utf-8", ()
    return _code_page(location, path, *wrong)


def _said(location: Location, path: Path, asked: str) -> str:
    """Return the encoding that was said; UTF-8 is checked here, others while they are rewritten."""
    try:
        name = codecs.lookup(asked).name
    except LookupError:
        raise SettingError(
            f"There is no encoding {asked!r}.", "Use a name such as utf-8, utf-16, cp1252, cp1250 or cp1251."
        ) from None
    wrong = _first_wrong_byte(path) if name == "utf-8" else None
    if wrong is not None:
        raise _not_written_in(location, name, f"line {wrong[0]}, byte {wrong[1]}")
    return name


def _not_written_in(location: Location, encoding: str, reason: str) -> DataError:
    return DataError(
        f"File {location.name} is not written in {encoding}: {reason}.",
        "Say another encoding, as in 'table.csv#encoding=cp1252'.",
    )


def _unmarked_utf16(location: Location, start: bytes) -> str:
    even, odd = start[::2].count(0), start[1::2].count(0)
    if min(even, odd) == 0 and max(even, odd) > len(start) / 4:
        return "utf-16-le" if odd else "utf-16-be"
    raise DataError(f"File {location.name} is binary, no text.", "Give it the ending of its format.")


def _first_wrong_byte(path: Path) -> tuple[int, int] | None:
    """Return line and column, from 1, of the first byte that is not UTF-8."""
    decoder, lines, last = codecs.getincrementaldecoder("utf-8")(), 0, b""
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            try:
                decoder.decode(block)
            except UnicodeDecodeError as error:
                head = (last + block)[: len(last) + max(error.start, 0)]
                return lines + head.count(b"\n") - last.count(b"\n") + 1, len(head) - (head.rfind(b"\n") + 1) + 1
            lines += block.count(b"\n")
            last = block[-4096:]
        try:
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return lines + 1, 1
    return None


def _code_page(location: Location, path: Path, line: int, column: int) -> tuple[str, tuple[Note, ...]]:
    """Return Windows-1252 if all code pages of Latin letters read the bytes alike; refuse the file otherwise."""
    seen: set[int] = set()
    foreign = None
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            seen |= {byte for byte in range(0x80, 0x100) if bytes([byte]) in block}
            foreign = foreign or _FOREIGN_RUN.search(block)
    doubtful = [byte for byte in sorted(seen) if foreign or _readings(byte) != {_letter(byte, _WESTERN)}]
    byte = doubtful[-1] if doubtful else None
    if byte is None:
        text = f"File {location.name} is not UTF-8 and was read as Windows-1252; other Latin code pages agree on it."
        return _WESTERN, (Note("file", text),)
    others = ("cp1251", "cp1253") if foreign else _OTHERS
    letters: dict[str, list[str]] = {}
    for name in (_WESTERN, *others):
        if _letter(byte, name):
            letters.setdefault(_letter(byte, name), []).append(_NAMES[name])
    told = [f"{letter!r} ({'; '.join(names)})" for letter, names in letters.items()]
    other = next(name for name in others if _letter(byte, name) != _letter(byte, _WESTERN))
    raise DataError(
        f"File {location.name} is not UTF-8 (line {line}, byte {column}), and its byte 0x{byte:02X} may be "
        f"{' or '.join(told)}.",
        f"Say which, as in {location.with_key('encoding', _WESTERN)!r} or "
        f"{location.with_key('encoding', other)!r}{_EAST_ASIAN if foreign else ''}; or convert it: "
        "iconv -f cp1252 -t utf-8 (in a spreadsheet: save as 'CSV UTF-8').",
    )


def _letter(byte: int, encoding: str) -> str:
    return bytes([byte]).decode(encoding, errors="ignore")


def _readings(byte: int) -> set[str]:
    return {letter for name in _OTHERS if (letter := _letter(byte, name))} or {""}


def _has_lone_returns(path: Path) -> bool:
    """Say whether lines end in more than one way, or as on old Macintosh computers."""
    returns = pairs = ends = 0
    last = b""
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            returns += block.count(b"\r")
            pairs += block.count(b"\r\n") + (last == b"\r" and block.startswith(b"\n"))
            ends += block.count(b"\n")
            last = block[-1:]
    return returns != pairs or pairs not in {0, ends}


def _rewrite(location: Location, source: Path, target: Path, encoding: str) -> None:
    try:
        with source.open(encoding=encoding, newline=None) as text, _utf8(target) as out:
            while block := text.read(_BLOCK):
                out.write(block)
    except UnicodeError as error:
        reason = error.reason if isinstance(error, UnicodeDecodeError) else str(error)
        raise _not_written_in(location, encoding, reason) from None


def _utf8(target: Path) -> IO[str]:
    return target.open("w", encoding="utf-8", newline="\n")
