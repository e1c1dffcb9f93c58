"""A run is a folder: opened by one process, continued by the same command, refused to any other.

``answer.json`` is written last and says the SHA-256 of every other file: a run is finished if all of them are there and
whole. What is damaged is made anew by the command that made it; trained members, which took the time, are named.
"""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import filelock

from thalweg.base.errors import RunFolderError, setting
from thalweg.base.files import path_of, sweep, write_whole
from thalweg.base.keeping.configuration import as_json, refuse_other, unsealed
from thalweg.base.keeping.digests import SEAL, digest_of, file_digest, is_whole, sealed
from thalweg.base.keeping.json_files import ANEW, read_json, readable
from thalweg.base.version import __version__

CONFIG_FILE: Final = "config.json"
ANSWER_FILE: Final = "answer.json"
REPORT_FILE: Final = "report.html"
MODEL_FILE: Final = "model.safetensors"  # of an estimator
MEMBERS_FOLDER: Final = "members"
EARLY_FILE: Final = "ended_early.json"
LOCK_FILE: Final = ".lock"
FILES: Final = "files"  # part of an answer: the SHA-256 of every other file, by name
_ELSEWHERE: Final = f"Delete the folder, or choose another {setting('out')}."


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
    ...     folder.finish({"sum": 3})
    >>> folder.finished, folder.config()["job"], folder.answer()
    (True, 'sum', {'sum': 3})
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = filelock.FileLock(path / LOCK_FILE, timeout=0)
        self._begun: tuple[int, bytes] | None = None  # the configuration while the folder is open
        self._digests: dict[str, str] = {}  # of what was written since

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
        there, cleared = self.path.exists(), False
        begun = self.open(config)
        try:
            yield
            self.refuse_replaced()
        except BaseException:
            cleared = begun and self._same() and not self._continuable()
            if cleared:
                self._clear()
            raise
        finally:
            self.close()
            if cleared and not there:  # Windows keeps a file that is open, such as the lock until now
                with suppress(OSError):
                    self.path.rmdir()

    def open(self, config: Mapping[str, Any]) -> bool:
        """Begin or continue a run and keep the folder until :meth:`close`; return whether it was begun.

        A finished run in a folder that may only be read is opened too: nothing has to be written.

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
        except (OSError, ValueError, NotImplementedError) as error:  # the last: a file system that knows no locks
            if self._open_for_reading(config):
                return False
            raise RunFolderError(
                f"{self.path} cannot be written: {getattr(error, 'strerror', None) or error}.",
                f"Choose another {setting('out')}.",
            ) from error
        try:  # only now: another process may have begun and ended a run in between
            sweep(self.path)
            begun = not (self.path / CONFIG_FILE).exists()
            if begun:
                self._refuse_strangers()
                write_whole(self.path / CONFIG_FILE, as_json(sealed(config)))
            else:
                refuse_other(self.path, self.config(), config)
            self._begun = self._mark()
        except BaseException:
            self.close()
            raise
        return begun

    def _open_for_reading(self, config: Mapping[str, Any]) -> bool:
        if not self.finished:
            return False
        refuse_other(self.path, self.config(), config)
        self._begun = self._mark()
        return True

    def close(self) -> None:
        """Let others use the folder."""
        if self._lock.is_locked and self._same():
            sweep(self.path)
        self._begun, self._digests = None, {}
        self._lock.release()

    @property
    def finished(self) -> bool:
        """Whether the run is complete: the answer and every file it names are there and whole."""
        try:
            self.check()
        except RunFolderError:
            return False
        return True

    @property
    def over(self) -> bool:
        """Whether the run is finished and was not ended early by a time limit: there is nothing to go on with."""
        return not (self.path / EARLY_FILE).exists() and self.finished

    def end_early(self, reached: str) -> None:
        """Take note, before it is finished, of how far a run came that the same command goes on with.

        Parameters
        ----------
        reached
            In words; empty for a run that came to its end.
        """
        if reached:
            self.write_json(EARLY_FILE, {"reached": reached})
        else:
            self.refuse_replaced()
            (self.path / EARLY_FILE).unlink(missing_ok=True)

    def check(self, *, without: str | None = None) -> None:
        """Refuse a run that is not complete, by the name of the file that is missing or damaged.

        Parameters
        ----------
        without
            A file that nothing is read from.

        Raises
        ------
        RunFolderError
            If the answer or a file it names is missing or is not what was written.
        """
        for name, digest in self._named_files().items():
            if name != without:
                with readable(self.path / name):
                    if file_digest(self.path / name) != digest:
                        raise ValueError(f"its SHA-256 is not the one in {ANSWER_FILE}")

    def _named_files(self) -> dict[str, str]:
        """Return the digest of every file, as the answer says them."""
        place = self.path / ANSWER_FILE
        found = self._sealed(ANSWER_FILE, ANEW).get(FILES)
        with readable(place):
            if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
                raise ValueError(f"it has no {FILES!r}")
            for name in found:
                if Path(name).anchor or ".." in Path(name).parts:  # C:name of Windows is not absolute, but elsewhere
                    raise ValueError(f"it names {name!r}, outside of the folder")
            return found

    def config(self) -> dict[str, Any]:
        """Return the configuration the run was begun with.

        Raises
        ------
        RunFolderError
            If there is none, or it is damaged.
        """
        return unsealed(self._sealed(CONFIG_FILE, _ELSEWHERE))

    def answer(self) -> dict[str, Any]:
        """Return the answer of a finished run, after all files it names were found whole.

        Raises
        ------
        RunFolderError
            If a file is missing or damaged; its name is told. The report, from which nothing is read, may be missing.
        """
        self.check(without=REPORT_FILE)
        found = unsealed(self._sealed(ANSWER_FILE, ANEW))
        del found[FILES]
        return found

    def identity(self, part: str) -> str:
        """Return what tells parts of this run from those of others: the digest of its configuration and their name."""
        return f"{self._sealed(CONFIG_FILE, _ELSEWHERE)[SEAL]} {part}"

    def refuse_replaced(self) -> None:
        """Refuse to go on in a folder that somebody deleted or replaced meanwhile: it could not be continued.

        Raises
        ------
        RunFolderError
            If its configuration is gone, or is not the one this run was opened with.
        """
        if not self._same():
            raise RunFolderError(
                f"{self.path} was deleted or replaced while the run worked in it.",
                "Give the command that began it again.",
            )

    def _same(self) -> bool:
        try:
            return self._begun is None or self._mark() == self._begun
        except OSError:
            return False

    def _mark(self) -> tuple[int, bytes]:
        """Return what tells this folder from another in its place: when it was begun, and with what."""
        place = self.path / CONFIG_FILE
        return place.stat().st_mtime_ns, place.read_bytes()

    def write(self, name: str, content: bytes) -> None:
        """Write a file of the run, whole or not at all."""
        self.refuse_replaced()
        write_whole(self.path / name, content)
        self._digests[name] = digest_of(content)

    def write_json(self, name: str, value: Any) -> None:
        """Write a JSON file of the run."""
        self.write(name, as_json(value))

    def finish(self, answer: Mapping[str, Any]) -> None:
        """Write the answer, with the digest of every other file: the run is complete."""
        files = {name: self._digests.get(name) or file_digest(self.path / name) for name in self._names()}
        self.refuse_replaced()
        write_whole(self.path / ANSWER_FILE, as_json(sealed({**answer, FILES: files})))

    def update(self, name: str, content: bytes) -> None:
        """Write a file of a finished run anew, and its digest into the answer.

        Raises
        ------
        RunFolderError
            If it cannot be written.
        """
        write_whole(self.path / name, content)
        with suppress(RunFolderError):  # an answer that is damaged is told where it is read
            answer, digest = self._sealed(ANSWER_FILE, ANEW), digest_of(content)
            if answer[FILES].get(name) != digest:
                answer[FILES][name] = digest
                write_whole(self.path / ANSWER_FILE, as_json(sealed(answer)))

    def _names(self) -> list[str]:
        """Return all files but the answer, the lock and what is being written."""
        paths = sorted(path for path in self.path.rglob("*") if path.is_file() and not path.name.startswith("."))
        return [name for path in paths if (name := path.relative_to(self.path).as_posix()) != ANSWER_FILE]

    def read_json(self, name: str) -> dict[str, Any]:
        """Return what a JSON file of the run holds.

        Raises
        ------
        RunFolderError
            If it is missing or damaged.
        """
        self._refuse_absent(name)
        return read_json(self.path / name)

    def _sealed(self, name: str, remedy: str) -> dict[str, Any]:
        """Return a record that carries its own digest."""
        self._refuse_absent(name)
        found = read_json(self.path / name, remedy)
        if not is_whole(found):
            with readable(self.path / name, remedy):
                raise ValueError("its SHA-256 is not the one it carries")
        return found

    def _refuse_absent(self, name: str) -> None:
        try:
            there = (self.path / name).exists()
        except OSError:
            there = False
        if not there:
            raise RunFolderError(
                f"{self.path} holds no finished run: {name} is missing.",
                "Check the path, or give the command that began the run again.",
            )

    def _refuse_strangers(self) -> None:
        """Refuse a folder of files that no run wrote; names with a dot are those of files being written."""
        if self.path.is_dir() and not (self.path / CONFIG_FILE).exists():
            others = sorted(path.name for path in self.path.iterdir() if not path.name.startswith("."))
            if others and not (self.path / CONFIG_FILE).exists():
                raise RunFolderError(
                    f"{self.path} holds files that are not of a run, such as {others[0]!r}.",
                    f"Choose a new folder as {setting('out')}, or empty this one.",
                )

    def _continuable(self) -> bool:
        return any((self.path / MEMBERS_FOLDER).rglob("*.safetensors"))

    def _clear(self) -> None:
        """Take away what this run wrote into a folder that held nothing, as far as the system allows it."""
        for path in self.path.iterdir():
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                with suppress(OSError):
                    path.unlink()


def refuse_version(place: Path, record: Mapping[str, Any]) -> None:
    """Refuse what another version of this package wrote, by its name.

    Parameters
    ----------
    place
        The file.
    record
        What it holds: a configuration, or anything with ``version``.

    Raises
    ------
    RunFolderError
        If the first two numbers of the versions differ: what files mean may change between them.

    Examples
    --------
    >>> refuse_version(Path("run/config.json"), {"versions": {"thalweg": "99.0"}})
    Traceback (most recent call last):
    thalweg.base.errors.RunFolderError: run/config.json was written by thalweg 99.0, and this is thalweg ... Install ...
    """
    versions = record.get("versions")
    theirs = str(versions.get("thalweg") if isinstance(versions, dict) else record.get("version"))
    if theirs.split(".")[:2] != __version__.split(".")[:2]:
        raise RunFolderError(
            f"{place} was written by thalweg {theirs}, and this is thalweg {__version__}.",
            f"Install thalweg {theirs} to read it, or make it anew elsewhere.",
        )
