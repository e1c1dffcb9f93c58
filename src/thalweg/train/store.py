"""Trained members on disk: shards of safetensors, each written whole or not at all.

A shard holds some members in the order they finished. It is written beside its place and then renamed, so that a kill
at any moment leaves only whole shards; what they lack is trained again, to the same numbers.
"""

import json
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from thalweg.base.errors import RunFolderError
from thalweg.base.files import write_whole
from thalweg.train.result import MemberFit

PARTS = ("parameters", "training_loss", "validation_loss")


class MemberStore:
    """Shards of members in one folder.

    Parameters
    ----------
    folder
        Where the shards are.
    every
        Seconds between shards, so that many quick members share one.

    Examples
    --------
    >>> import tempfile
    >>> store = MemberStore(Path(tempfile.mkdtemp()))
    >>> nothing = np.empty(0)
    >>> store.add(MemberFit(3, "finished", "finished 9 epochs", np.ones(2), nothing, nothing, 9))
    >>> store.flush()
    >>> [(fit.number, fit.reason) for fit in store.read()]
    [(3, 'finished 9 epochs')]
    """

    def __init__(self, folder: Path, every: float = 2.0) -> None:
        self.folder, self._every = folder, every
        self._waiting: list[MemberFit] = []
        self._last = time.monotonic()

    def add(self, fit: MemberFit) -> None:
        """Take a member; it is on disk after the next shard."""
        self._waiting.append(fit)
        if time.monotonic() - self._last >= self._every:
            self.flush()

    def flush(self) -> None:
        """Write what waits."""
        if self._waiting:
            existing = [int(path.stem) for path in self.folder.glob("*.safetensors")]
            write_whole(self.folder / f"{max(existing, default=-1) + 1:05d}.safetensors", pack(self._waiting))
        self._waiting, self._last = [], time.monotonic()

    def read(self) -> list[MemberFit]:
        """Return all members of all shards, in order of their numbers.

        Raises
        ------
        RunFolderError
            If a shard is damaged.
        """
        fits = [fit for path in sorted(self.folder.glob("*.safetensors")) for fit in unpack(path)]
        return sorted({fit.number: fit for fit in fits}.values(), key=lambda fit: fit.number)


def pack(fits: Sequence[MemberFit]) -> bytes:
    """Return members as the content of a safetensors file; statuses go into its metadata as JSON."""
    tensors = {f"{f.number}.{part}": np.ascontiguousarray(getattr(f, part)) for f in fits for part in PARTS}
    about = {f.number: {"status": f.status, "reason": f.reason, "best_epoch": f.best_epoch} for f in fits}
    content: bytes = save(tensors, metadata={"members": json.dumps(about)})
    return content


def unpack(path: Path) -> list[MemberFit]:
    """Return the members of a shard.

    Raises
    ------
    RunFolderError
        If the file is not a shard.
    """
    try:
        with safe_open(path, framework="numpy") as file:
            about = json.loads(file.metadata()["members"])
            return [
                MemberFit(
                    number=int(number),
                    **{part: file.get_tensor(f"{number}.{part}") for part in PARTS},
                    **facts,
                )
                for number, facts in about.items()
            ]
    except (SafetensorError, KeyError, TypeError, ValueError, OSError) as error:
        raise RunFolderError(
            f"{path} is not a shard of trained members: {error}.", "Delete this file; its members are trained again."
        ) from error
