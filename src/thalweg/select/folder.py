"""A run is a folder: opened by one process, continued by the same command, refused to any other."""

import json
import platform
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import filelock
import numpy as np
import torch

from thalweg.base.errors import RunFolderError
from thalweg.base.files import write_whole
from thalweg.select.answer import Answer
from thalweg.train.products.product import product_library
from thalweg.train.store import MemberStore

CONFIG_FILE: Final = "config.json"
ANSWER_FILE: Final = "answer.json"
REPORT_FILE: Final = "report.html"
MODEL_FILE: Final = "model.safetensors"
LOCK_FILE: Final = ".lock"


def versions(own: str) -> dict[str, str]:
    """Return the versions numbers may depend on.

    Examples
    --------
    >>> sorted(versions("0.1.0"))
    ['numpy', 'processor', 'products', 'python', 'thalweg', 'torch']
    """
    return {
        "thalweg": own,
        "torch": torch.__version__,
        "numpy": np.__version__,
        "python": platform.python_version(),
        "products": product_library(),
        "processor": f"{platform.machine()} {torch.backends.cpu.get_cpu_capability()}",
    }


class RunFolder:
    """The folder of a run.

    Parameters
    ----------
    path
        Where it is, or will be.

    Examples
    --------
    See ``tests/test_run.py``.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = filelock.FileLock(path / LOCK_FILE, timeout=0)

    def open(self, config: Mapping[str, Any]) -> None:
        """Begin a run, or continue one that was begun with the same configuration.

        Raises
        ------
        RunFolderError
            If the folder belongs to another command, holds other files, is in use, or cannot be written.
        """
        existing = self.config() if (self.path / CONFIG_FILE).exists() else None
        if existing is None and self.path.exists() and any(p.name != LOCK_FILE for p in self.path.glob("*")):
            raise RunFolderError(
                f"{self.path} holds files that are not of a run.", "Choose a new folder with --out, or empty this one."
            )
        if existing is not None:
            _refuse_other(self.path, existing, config)
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            self._lock.acquire()
        except filelock.Timeout as error:
            raise RunFolderError(
                f"{self.path} is in use by another process.", "Wait for it, or choose another folder."
            ) from error
        except OSError as error:
            raise RunFolderError(
                f"{self.path} cannot be written: {error.strerror or error}.", "Choose another folder with --out."
            ) from error
        if existing is None:
            self.write(CONFIG_FILE, _json(config))

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
        return self._read_json(CONFIG_FILE)

    def answer(self) -> Answer:
        """Return the answer of a finished run.

        Raises
        ------
        RunFolderError
            If the run is not finished, not a comparison of models, or the file is damaged.
        """
        found = self._read_json(ANSWER_FILE)
        if "leaderboard" not in found:
            raise RunFolderError(f"{self.path} holds a run of another command.", f"Its report is {REPORT_FILE}.")
        return Answer.from_dict(found)

    def members(self, population: str) -> MemberStore:
        """Return the store of one population, ``search`` or ``chosen``."""
        return MemberStore(self.path / "members" / population)

    def write(self, name: str, content: bytes) -> None:
        """Write a file of the run, whole or not at all."""
        write_whole(self.path / name, content)

    def write_json(self, name: str, value: Any) -> None:
        """Write a JSON file of the run."""
        self.write(name, _json(value))

    def _read_json(self, name: str) -> dict[str, Any]:
        try:
            found: dict[str, Any] = json.loads((self.path / name).read_text(encoding="utf-8"))
        except FileNotFoundError as error:
            raise RunFolderError(
                f"{self.path} holds no finished run: {name} is missing.",
                "Check the path, or give the command that began the run again.",
            ) from error
        except (OSError, ValueError) as error:
            raise RunFolderError(f"{self.path / name} cannot be read: {error}.", "Run the fit anew.") from error
        return found


def _refuse_other(path: Path, existing: Mapping[str, Any], config: Mapping[str, Any]) -> None:
    """Refuse to continue a run under another configuration, and say what differs."""
    mine, theirs = (json.loads(_json(c)) for c in (config, existing))
    differing = [key for key in sorted({*mine, *theirs}) if mine.get(key) != theirs.get(key)]
    if differing:
        key = differing[0]
        raise RunFolderError(
            f"{path} was made by another command: {_difference(key, theirs.get(key), mine.get(key))}.",
            "Give the same command to continue it, or choose another folder with --out.",
        )


def _difference(key: str, theirs: Any, mine: Any) -> str:
    if isinstance(theirs, dict) and isinstance(mine, dict):
        inner = next(k for k in sorted({*theirs, *mine}) if theirs.get(k) != mine.get(k))
        return _difference(f"{key} {inner}", theirs.get(inner), mine.get(inner))
    return f"its {key} is {_short(theirs)}, this command's is {_short(mine)}"


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) < 80 else f"{text[:77]}…"


def _json(value: Any) -> bytes:
    return (json.dumps(value, indent=1, ensure_ascii=False) + "\n").encode()
