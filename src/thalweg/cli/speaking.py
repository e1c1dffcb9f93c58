"""The two voices of the command line: answers on standard output, everything else on standard error.

Neither can fail a job that is done: signs a stream does not have are replaced, signs that would steer a terminal are
taken out, and what standard output could not take is said on standard error.
"""

import errno
import json
import os
import re
import shutil
import sys
import textwrap
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final, TextIO

from thalweg.base.errors import SettingError
from thalweg.report.drawing.letters import readable_text

_ASCII_ALONE: Final = "ascii"
_ABSURD: Final = re.compile(r"[^\s/\\]{300,}")


class LostOutputError(Exception):
    """Standard output could not take the answer; it was said on standard error."""


def say(text: str, *, end: str = "\n") -> None:
    """Write an answer to standard output.

    Raises
    ------
    LostOutputError
        If it cannot be written, as to a full device.
    BrokenPipeError
        If nobody reads it any more.

    Examples
    --------
    >>> say("done")
    done
    """
    _write_answer(readable_text(text, _encoding(sys.stdout)) + end)


def say_json(plain: Mapping[str, Any]) -> None:
    """Write an answer as JSON: nothing is replaced, signs the stream does not have are escaped.

    Raises
    ------
    LostOutputError, BrokenPipeError
        As for :func:`say`.

    Examples
    --------
    >>> say_json({"a": None})
    {"a": null}
    """
    text = json.dumps(plain, ensure_ascii=False)
    try:
        text.encode(_encoding(sys.stdout))
    except UnicodeEncodeError:
        text = json.dumps(plain)
    _write_answer(text + "\n")


def say_data(text: str) -> None:
    r"""Write data for another program to standard output: to a pipe or a file as it is, to a terminal as text.

    Raises
    ------
    LostOutputError, BrokenPipeError
        As for :func:`say`.

    Examples
    --------
    >>> say_data("prediction\n0.5\n")
    prediction
    0.5
    """
    if sys.stdout is not None and sys.stdout.isatty():
        say(text, end="")
        return
    encoding = _encoding(sys.stdout)
    _write_answer(text.encode(encoding, errors="backslashreplace").decode(encoding))


def remark(text: str) -> None:
    """Write one line to standard error; if nobody can hear it, nothing happens."""
    complain(f"thalweg: {' '.join(text.splitlines())}\n")


def complain(text: str) -> None:
    """Write a text that says who speaks to standard error, wrapped for a terminal, very long words shortened."""
    short = _ABSURD.sub(lambda found: f"{found[0][:60]}…", text)
    if sys.stderr is not None and sys.stderr.isatty():
        width = max(shutil.get_terminal_size().columns, 40)
        wrap = textwrap.TextWrapper(width, break_long_words=False, break_on_hyphens=False)
        short = "\n".join(wrap.fill(line) for line in short.split("\n"))
    _to_error(readable_text(short, _encoding(sys.stderr)))


def check_voice() -> None:
    """Refuse to begin where the answer could not be told.

    Raises
    ------
    SettingError
        If standard output is closed.
    """
    while (place := os.open(os.devnull, os.O_RDWR)) <= 2:  # files opened later must not take the places of streams
        pass
    os.close(place)
    if sys.stdout is None:
        raise SettingError("Standard output is closed: the answer would be lost.", "Send it to a file: > answer.txt")


def leave_quietly() -> None:
    """Forget what nobody reads, so that the interpreter's end does not complain about it."""
    _forget(sys.stdout)


def _forget(stream: TextIO) -> None:
    with suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _write_answer(text: str) -> None:
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except (OSError, ValueError) as error:
        if sys.platform == "win32" and getattr(error, "errno", None) == errno.EINVAL:
            raise BrokenPipeError from error  # so Windows says that nobody reads a pipe any more
        leave_quietly()
        reason = getattr(error, "strerror", None) or str(error)
        remark(f"Standard output cannot be written: {reason}. What it should have got follows.")
        _to_error(text)
        raise LostOutputError from error


def _to_error(text: str) -> None:
    try:
        sys.stderr.write(text.encode(_encoding(sys.stderr), errors="backslashreplace").decode(_encoding(sys.stderr)))
        sys.stderr.flush()
    except (OSError, ValueError, AttributeError):  # closed or full: there is nobody to tell
        _forget(sys.stderr)


def _encoding(stream: TextIO | None) -> str:
    return getattr(stream, "encoding", None) or _ASCII_ALONE
