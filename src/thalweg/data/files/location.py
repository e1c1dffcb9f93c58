"""Where a table lies: a path, a pattern, standard input, and how its name may say the way to read it.

A name may end in ``#key=value&key=value``, such as ``prices.csv#decimal=,`` or ``book.xlsx#sheet=2024``:

========== ====================================================================
delimiter  what separates columns: one sign, or ``tab``, or ``space``
decimal    ``.`` or ``,``: what stands before decimals; the other then groups
encoding   how characters are stored, such as ``cp1252`` or ``utf-16``
header     ``yes``: the first line holds names, whatever it looks like; ``no``
sheet      of a workbook
========== ====================================================================

A path that exists is that file, whatever signs its name has.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from thalweg.base.errors import DataError, SettingError
from thalweg.base.keeping.windows_names import device_in
from thalweg.base.wording import closest

STANDARD_INPUT: Final = "-"
KEYS: Final = ("delimiter", "decimal", "encoding", "header", "sheet")
_LONGEST: Final = 200  # letters of a name in a message
_CHOICES: Final = {"decimal": (".", ","), "header": ("yes", "no")}
_NAMED_DELIMITERS: Final = {"tab": "\t", "space": " ", "comma": ",", "semicolon": ";"}


@dataclass(frozen=True, slots=True)
class Location:
    """One file and how it is to be read.

    Parameters
    ----------
    path
        The file; ``-`` is standard input.
    asked
        What the name says about reading it, by :data:`KEYS`.

    Examples
    --------
    >>> Location(Path("t.csv"), {"decimal": ","}).asked["decimal"]
    ','
    """

    path: Path
    asked: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The file in messages."""
        return "standard input" if str(self.path) == STANDARD_INPUT else _quoted(str(self.path))

    def with_key(self, key: str, value: str) -> str:
        """Return the name that says one thing more, for remedies."""
        asked = {**self.asked, key: value}
        return f"{self.path}#" + "&".join(f"{key}={value}" for key, value in asked.items())


def locate(source: str) -> list[Location]:
    """Return the files a name means: one, or all that match a pattern, sorted.

    Parameters
    ----------
    source
        A path, a pattern such as ``logs/*.parquet``, or ``-``; perhaps with ``#key=value``.

    Raises
    ------
    DataError
        If there is no such file, or it is a folder or empty.
    SettingError
        If the name says something unknown about reading.

    Examples
    --------
    >>> locate("nowhere.csv")
    Traceback (most recent call last):
    thalweg.base.errors.DataError: File 'nowhere.csv' does not exist. Check the name; ...
    """
    _refuse_device(source)
    if _exists(source):
        return [_checked(Location(Path(source)))]
    bare, asked = _asked(source)
    if bare == STANDARD_INPUT or _exists(bare):
        return [_checked(Location(Path(bare), asked))]
    if any(sign in bare for sign in "*?["):
        anchor = Path(Path(bare).anchor or ".")
        try:
            found = sorted(anchor.glob(str(Path(bare).relative_to(Path(bare).anchor))))
        except (OSError, ValueError) as error:
            raise _absent(bare, error) from None
        files = [Location(path, asked) for path in found if path.is_file()]
        if files:
            return [_checked(location) for location in files]
    try:
        Path(bare).stat()
    except (OSError, ValueError) as error:
        raise _absent(bare, error) from None
    raise _absent(bare, FileNotFoundError())  # no name at all


def is_file(name: str) -> bool:
    """Return whether a name is that of a file, whatever signs it has.

    Examples
    --------
    >>> is_file("a" * 10_000)
    False
    """
    return _exists(name) and Path(name).is_file()


def _refuse_device(source: str) -> None:
    """Refuse what Windows would take for a console or a port, and wait for."""
    device = device_in(source)
    if device is not None:
        raise DataError(f"{_quoted(source)} is no file: Windows takes {device!r} for a device.", "Rename the file.")


def _exists(name: str) -> bool:
    try:
        return bool(name) and Path(name).exists()
    except (OSError, ValueError):  # too long, or with a zero byte
        return False


def _absent(name: str, error: Exception) -> DataError:
    if isinstance(error, (FileNotFoundError, NotADirectoryError)):
        here = _quoted(str(Path.cwd()))
        return DataError(f"File {_quoted(name)} does not exist.", f"Check the name; the current folder is {here}.")
    reason = getattr(error, "strerror", None) or str(error)
    return DataError(
        f"{_quoted(name)} cannot be the name of a file here: {reason[0].lower()}{reason[1:]}.", "Check it."
    )


def _quoted(name: str) -> str:
    """Return a name for a message: in quotes, a very long one without its middle."""
    return repr(name if len(name) <= _LONGEST else f"{name[: _LONGEST // 2]}…{name[-_LONGEST // 2 :]}")


def _checked(location: Location) -> Location:
    if str(location.path) == STANDARD_INPUT:
        return location
    if location.path.is_dir():
        raise DataError(
            f"File {location.name} is a folder.", f"Name the files in it, as in {str(location.path / '*.csv')!r}."
        )
    if location.path.is_file() and location.path.stat().st_size == 0:
        raise DataError(f"File {location.name} is empty.", "Give a file with a header line and rows.")
    return location


def _asked(source: str) -> tuple[str, dict[str, str]]:
    bare, sign, text = source.rpartition("#")
    if not sign or "=" not in text:
        return source, {}
    asked = {}
    for part in text.split("&") if "delimiter=&" not in text else [text]:
        key, _, value = part.partition("=")
        if key not in KEYS:
            raise SettingError(
                f"{source!r} says {key!r} about how to read the file.", closest(key, list(KEYS), "words")
            )
        if key in _CHOICES and value not in _CHOICES[key]:
            raise SettingError(
                f"{source!r} says {part!r}.", f"Use {' or '.join(f'{key}={choice}' for choice in _CHOICES[key])}."
            )
        asked[key] = _NAMED_DELIMITERS.get(value, value) if key == "delimiter" else value
    if len(asked.get("delimiter", ",")) != 1:
        raise SettingError(f"{source!r}: a delimiter is one sign.", "Write delimiter=; or delimiter=tab.")
    return bare, asked
