"""Runs written into folders: by the job that made them, or later, anywhere."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from thalweg.base.errors import RunFolderError, SettingError
from thalweg.base.files import path_of
from thalweg.base.run_folder import ANSWER_FILE, CONFIG_FILE, RunFolder


@dataclass(frozen=True, slots=True, eq=False)
class Origin:
    """What a run that lives in memory knows beside its answer.

    Parameters
    ----------
    config
        What was asked of which table, in plain values.
    files
        Further files of its folder, by name.
    """

    config: Mapping[str, Any]
    files: Mapping[str, bytes] = field(default_factory=dict)


class Savable(Protocol):
    """What a run must say to be written into a folder."""

    @property
    def folder(self) -> Path | None:
        """Where it is kept already."""

    @property
    def origin(self) -> Origin | None:
        """What was asked; None for one that was read from a folder."""

    def files(self) -> Mapping[str, bytes]:
        """Return its files by name, but for those of its origin."""

    def to_dict(self) -> dict[str, Any]:
        """Return the answer in plain values."""


def write_run(run: Savable, folder: RunFolder, files: Mapping[str, bytes] | None = None) -> None:
    """Write a run into a folder that is open; the answer last, for it says that the run is complete.

    Parameters
    ----------
    run
        The run.
    folder
        The folder.
    files
        Those of the run, if they were made already.

    Examples
    --------
    >>> import tempfile
    >>> import thalweg as tw
    >>> run = tw.fit_linear("example:diabetes")
    >>> with tempfile.TemporaryDirectory() as place:
    ...     folder = RunFolder(Path(place) / "run")
    ...     with folder.opened({"job": "linear"}):
    ...         write_run(run, folder)
    ...     folder.finished
    True
    """
    made = run.files() if files is None else files
    for name, content in [*([] if run.origin is None else run.origin.files.items()), *made.items()]:
        folder.write(name, content)
    folder.finish(run.to_dict())


def save_run(run: Savable, place: str | Path) -> Path:
    """Write a run into a new folder, which needs no other and may be moved anywhere; return where.

    Parameters
    ----------
    run
        One that lives in memory, or has a folder, of which this becomes a copy.
    place
        The folder.

    Raises
    ------
    SettingError
        If what was given is no path, or the run holds a function that no folder can keep.
    RunFolderError
        If the folder belongs to another run, holds other files, or cannot be written, or that of the run is damaged.

    Examples
    --------
    >>> import tempfile, thalweg as tw
    >>> run = tw.fit_linear("example:diabetes")
    >>> tw.load(save_run(run, tempfile.mkdtemp() + "/run")).text() == run.text()
    True
    """
    target = RunFolder(path_of("folder", place, "folder"))
    try:
        if run.folder is not None:
            _copy(RunFolder(run.folder), target)
        else:
            files = run.files()  # which refuses what cannot be kept
            if run.origin is None:
                raise SettingError("The run was asked with a function, which no folder keeps.", "Choose it by name.")
            with target.opened(run.origin.config):
                write_run(run, target, files)
    except RunFolderError as error:
        raise error.with_names({"out": "folder"}) from error
    return target.path


def _copy(source: RunFolder, target: RunFolder) -> None:
    answer = source.answer()
    if target.path.resolve() == source.path.resolve():
        return
    with target.opened(source.config()):
        for name in _names(source.path):
            target.write(name, (source.path / name).read_bytes())
        target.finish(answer)


def _names(folder: Path) -> Iterator[str]:
    """Give all files but the answer, the configuration, and what is hidden."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and not path.name.startswith(".") and name not in {ANSWER_FILE, CONFIG_FILE}:
            yield name
