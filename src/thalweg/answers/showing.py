"""What all answers share: where a report is written, and what is printed of a long text."""

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Protocol, TypeVar

from thalweg.base.errors import RunFolderError, SettingError, setting
from thalweg.base.files import path_of, writable_place, write_whole
from thalweg.base.run_folder import REPORT_FILE, RunFolder

MOST_LINES: Final = 40


class _Reported(Protocol):
    def report(self, path: Path) -> Path: ...


class _HasName(Protocol):
    @property
    def name(self) -> str: ...


Named = TypeVar("Named", bound=_HasName)


def write_report(page: str, path: str | Path | None, folder: Path | None) -> Path:
    """Write a page to a path, or into the folder of its run, and return where.

    Parameters
    ----------
    page
        A complete HTML document.
    path
        Where it goes; None for the run's folder.
    folder
        Of the run, if it has one.

    Raises
    ------
    SettingError
        If there is neither path nor folder, or what was given is no path.
    RunFolderError
        If the file cannot be written.

    Examples
    --------
    >>> write_report("<!doctype html>", None, None)
    Traceback (most recent call last):
    thalweg.base.errors.SettingError: report needs a path: this run has no folder. Call report("report.html").
    """
    if path is None and folder is None:
        raise SettingError(f"report needs a {setting('path')}: this run has no folder.", 'Call report("report.html").')
    if path is None:
        run = RunFolder(Path(str(folder)))
        run.update(REPORT_FILE, page.encode())
        return run.path / REPORT_FILE
    target = path_of("path", path)
    write_whole(target, page.encode())
    return target


def page_place(out: object) -> Path | None:
    """Return where a job is to write a page alone, after finding that it can; None for a folder or nothing.

    Parameters
    ----------
    out
        What the job was given; a page ends with ``.html``.

    Raises
    ------
    SettingError, RunFolderError
        If no page can be written there.

    Examples
    --------
    >>> page_place("runs/first") is None, page_place("page.html").name
    (True, 'page.html')
    """
    return writable_place("out", out) if str(out).endswith(".html") else None


def report_beside(run: _Reported, page: Path | None) -> None:
    """Write the page of a run that is done; where that fails, as on a full disk, warn, for the run is not to be lost.

    Parameters
    ----------
    run
        Any answer.
    page
        Where; None for nowhere.

    Examples
    --------
    >>> import thalweg as tw
    >>> report_beside(tw.fit_linear("example:diabetes"), None)
    """
    if page is None:
        return
    try:
        run.report(page)
    except RunFolderError as error:
        text = f"{error} The answer is returned without its page; report(path) writes it elsewhere."
        warnings.warn(text, RuntimeWarning, stacklevel=4)


def ending_of(path: Path, kinds: Sequence[str], part: str = "path") -> str:
    """Return the ending of a path, which says what is written there.

    Parameters
    ----------
    path
        Where it goes.
    kinds
        The endings, without the dot.
    part
        What the path was given as.

    Raises
    ------
    SettingError
        If it is none of these.

    Examples
    --------
    >>> ending_of(Path("scores.pdf"), ("pdf", "svg"))
    'pdf'
    """
    kind = path.suffix.removeprefix(".").lower()
    if kind not in kinds:
        listed = ", ".join(f".{one}" for one in kinds)
        raise SettingError(f"{setting(part)} must end with one of {listed}, got {path.name!r}.", "Change the ending.")
    return kind


def named(part: str, found: Sequence[Named], name: str) -> Named:
    """Return what has a name.

    Raises
    ------
    SettingError
        If nothing has it; the message lists the names.

    Examples
    --------
    >>> named("figure", (), "scores")
    Traceback (most recent call last):
    thalweg.base.errors.SettingError: There is no figure 'scores': this answer has none. ...
    """
    for one in found:
        if one.name == name:
            return one
    listed = f"choose one of {', '.join(repr(one.name) for one in found)}" if found else "this answer has none"
    raise SettingError(f"There is no {part} {name!r}: {listed}.", "report() writes all there is into one page.")


def printed(text: str) -> str:
    r"""Return a text, or of a long one the beginning and how to see the rest.

    Examples
    --------
    >>> printed("a\nb")
    'a\nb'
    >>> printed("line\n" * 100).splitlines()[-1]
    '... 62 more lines: print(answer.text()), or answer.report("report.html").'
    """
    lines = text.splitlines()
    if len(lines) <= MOST_LINES:
        return text
    shown = lines[: MOST_LINES - 2]
    rest = f'... {len(lines) - len(shown)} more lines: print(answer.text()), or answer.report("report.html").'
    return "\n".join([*shown, rest])
