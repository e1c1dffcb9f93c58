"""A run is a folder: opened by one process, continued by the same command, refused to any other."""

import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import filelock

from thalweg.base.errors import RunFolderError, setting
from thalweg.base.files import path_of, write_whole

CONFIG_FILE: Final = "config.json"
ANSWER_FILE: Final = "answer.json"
REPORT_FILE: Final = "report.html"
MODEL_FILE: Final = "model.safetensors"  # of an estimator
MEMBERS_FOLDER: Final = "members"
LOCK_FILE: Final = ".lock"
_ASKED: Final = ("question", "settings", "shown")  # parts of a configuration whose keys are names of parameters


def folder_at(out: object) -> "RunFolder":
    """Return the folder a job was told to keep its run in.

    Raises
    ------
    SettingError
        If what was given is no path.

    Examples
    --------
    >>> folder_at("runs/first").path.name
    'first'
    """
    return RunFolder(path_of("out", out, "folder"))


class RunFolder:
    """The folder of a run: ``config.json`` first, ``answer.json`` last, whatever the job keeps between them.

    Parameters
    ----------
    path
        Where it is, or will be.

    Examples
    --------
    >>> import tempfile
    >>> folder = RunFolder(Path(tempfile.mkdtemp()) / "run")
    >>> with folder.opened({"job": "sum", "question": {"of": [1, 2]}}):
    ...     folder.write_json(ANSWER_FILE, {"sum": 3})
    >>> folder.finished, folder.config()["job"], folder.read_json(ANSWER_FILE)
    (True, 'sum', {'sum': 3})
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = filelock.FileLock(path / LOCK_FILE, timeout=0)

    @contextmanager
    def opened(self, config: Mapping[str, Any]) -> Iterator[None]:
        """Begin a run, or continue one that was begun with the same configuration; then let others use the folder.

        A run that fails leaves nothing behind, unless it has trained something that can be continued.

        Parameters
        ----------
        config
            What decides the numbers, in plain values; ``job`` names the job.

        Raises
        ------
        RunFolderError
            If the folder belongs to another command, holds other files, is in use, or cannot be written.
        """
        there = self.path.exists()
        begun = self.open(config)
        try:
            yield
            self._refuse_emptied(remove=not there)
        except BaseException:
            if begun and self.path.exists() and not self._continuable():
                self._clear(remove=not there)
            raise
        finally:
            self.close()

    def open(self, config: Mapping[str, Any]) -> bool:
        """Begin or continue a run and keep the folder until :meth:`close`; return whether it was begun.

        Raises
        ------
        RunFolderError
            As for :meth:`opened`.
        """
        self._refuse_strangers()
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            self._lock.acquire()
        except filelock.Timeout as error:
            raise RunFolderError(
                f"{self.path} is in use by another process.", f"Wait for it, or choose another {setting('out')}."
            ) from error
        except OSError as error:
            raise RunFolderError(
                f"{self.path} cannot be written: {error.strerror or error}.", f"Choose another {setting('out')}."
            ) from error
        try:  # only now: another process may have begun and ended a run in between
            existing = self.config() if (self.path / CONFIG_FILE).exists() else None
            if existing is None:
                self._refuse_strangers()
                self.write_json(CONFIG_FILE, config)
            else:
                _refuse_other(self.path, existing, config)
        except BaseException:
            self.close()
            raise
        return existing is None

    def close(self) -> None:
        """Let others use the folder."""
        self._lock.release()

    @property
    def finished(self) -> bool:
        """Whether the run is complete; the answer is written last."""
        return (self.path / ANSWER_FILE).exists()

    def config(self) -> dict[str, Any]:
        """Return the configuration the run was begun with.

        Raises
        ------
        RunFolderError
            If there is none, or it is damaged.
        """
        return self.read_json(CONFIG_FILE)

    def write(self, name: str, content: bytes) -> None:
        """Write a file of the run, whole or not at all."""
        write_whole(self.path / name, content)

    def write_json(self, name: str, value: Any) -> None:
        """Write a JSON file of the run."""
        self.write(name, _json(value))

    def read_json(self, name: str) -> dict[str, Any]:
        """Return what a JSON file of the run holds.

        Raises
        ------
        RunFolderError
            If it is missing or damaged.
        """
        try:
            found = json.loads((self.path / name).read_text(encoding="utf-8"))
        except (FileNotFoundError, NotADirectoryError) as error:
            raise RunFolderError(
                f"{self.path} holds no finished run: {name} is missing.",
                "Check the path, or give the command that began the run again.",
            ) from error
        except (OSError, ValueError, RecursionError) as error:
            raise RunFolderError(f"{self.path / name} cannot be read: {error}.", "Run the command anew.") from error
        if not isinstance(found, dict):
            raise RunFolderError(f"{self.path / name} is no record of a run.", "Run the command anew.")
        return found

    def _refuse_strangers(self) -> None:
        """Refuse a folder of files that no run wrote; names with a dot are those of files being written."""
        if self.path.is_dir() and not (self.path / CONFIG_FILE).exists():
            others = sorted(path.name for path in self.path.iterdir() if not path.name.startswith("."))
            if others and not (self.path / CONFIG_FILE).exists():
                raise RunFolderError(
                    f"{self.path} holds files that are not of a run, such as {others[0]!r}.",
                    f"Choose a new folder as {setting('out')}, or empty this one.",
                )

    def _refuse_emptied(self, *, remove: bool) -> None:
        """Refuse to call a run finished whose folder somebody deleted meanwhile: it could not be continued."""
        if not (self.path / CONFIG_FILE).exists():
            if self.path.exists():
                self._clear(remove=remove)
            raise RunFolderError(
                f"{self.path} was deleted while the run worked in it.", "Give the command that began it again."
            )

    def _continuable(self) -> bool:
        return any((self.path / MEMBERS_FOLDER).rglob("*.safetensors"))

    def _clear(self, *, remove: bool) -> None:
        """Take away what this run wrote into a folder that held nothing."""
        for path in self.path.iterdir():
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()
        if remove:
            self.path.rmdir()


def _refuse_other(path: Path, existing: Mapping[str, Any], config: Mapping[str, Any]) -> None:
    """Refuse to continue a run under another configuration, and say what differs."""
    mine, theirs = (json.loads(_json(c)) for c in (config, existing))
    parts = ["job", *_ASKED, *sorted({*mine, *theirs} - {"job", *_ASKED})]  # what was asked says more than its data
    differing = [key for key in parts if mine.get(key) != theirs.get(key)]
    if differing:
        key = differing[0]
        raise RunFolderError(
            f"{path} was made by another command: {_difference(key, theirs.get(key), mine.get(key))}.",
            f"Give the same command to continue it, or choose another folder as {setting('out')}.",
        )


def _difference(key: str, theirs: Any, mine: Any) -> str:
    if isinstance(theirs, dict) and isinstance(mine, dict):
        inner = next(k for k in sorted({*theirs, *mine}) if theirs.get(k) != mine.get(k))
        told = setting(inner) if key in _ASKED else f"{key} {inner}"
        return _difference(told, theirs.get(inner), mine.get(inner))
    return f"its {key} is {_short(theirs)}, this command's is {_short(mine)}"


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) < 80 else f"{text[:77]}…"


def _json(value: Any) -> bytes:
    return (json.dumps(value, indent=1, ensure_ascii=False) + "\n").encode()
