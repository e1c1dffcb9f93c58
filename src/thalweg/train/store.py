"""Trained members on disk: shards of safetensors, each written whole or not at all.

A shard holds some members in the order they finished. It is written beside its place and then renamed, so that a kill
at any moment leaves only whole shards; what they lack is trained again, to the same numbers. It carries the identity of
its run and a digest of everything in it: a shard that was damaged, or belongs to another run, is refused by name.
"""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save

from thalweg.base.files import write_whole
from thalweg.base.keeping.digests import SEAL, arrays_digest
from thalweg.base.keeping.json_files import parse_json, readable
from thalweg.base.keeping.tensors import read_tensors
from thalweg.train.result import FAILED, MemberFit

PARTS: Final = ("parameters", "training_loss", "validation_loss")
STATE: Final = "state"  # of resumable members alone
_FACTS: Final = {"status": str, "reason": str, "best_epoch": int}
_REMEDY: Final = "Delete this file and give the command again; its members are trained again."


class MemberStore:
    """Shards of members in one folder.

    Parameters
    ----------
    folder
        Where the shards are.
    every
        Seconds between shards, so that many quick members share one.
    run
        What tells this population from others, see :meth:`thalweg.base.run_folder.RunFolder.identity`; None reads any.
    guard
        Called before a shard is written; it may raise.

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

    def __init__(
        self, folder: Path, every: float = 2.0, *, run: str | None = None, guard: Callable[[], None] | None = None
    ) -> None:
        self.folder, self._every, self._run, self._guard = folder, every, run, guard
        self._waiting: list[MemberFit] = []
        self._last = time.monotonic()

    def add(self, fit: MemberFit) -> None:
        """Take a member; it is on disk after the next shard. One that failed is not kept, but tried again next time."""
        if fit.status != FAILED:
            self._waiting.append(fit)
        if time.monotonic() - self._last >= self._every:
            self.flush()

    def flush(self) -> None:
        """Write what waits."""
        if self._waiting:
            if self._guard is not None:
                self._guard()
            existing = [int(path.stem) for path in self.folder.glob("*.safetensors")]
            write_whole(
                self.folder / f"{max(existing, default=-1) + 1:05d}.safetensors", pack(self._waiting, self._run or "")
            )
        self._waiting, self._last = [], time.monotonic()

    def read(self) -> list[MemberFit]:
        """Return all members of all shards, in order of their numbers.

        Raises
        ------
        RunFolderError
            If a shard is damaged, or of another run.
        """
        fits = [fit for path in sorted(self.folder.glob("*.safetensors")) for fit in unpack(path, self._run)]
        return sorted({fit.number: fit for fit in fits}.values(), key=lambda fit: fit.number)


def pack(fits: Sequence[MemberFit], run: str = "") -> bytes:
    """Return members as the content of a safetensors file; statuses go into its metadata as JSON."""
    tensors = {f"{f.number}.{part}": np.ascontiguousarray(getattr(f, part)) for f in fits for part in PARTS}
    tensors |= {f"{f.number}.{STATE}": np.ascontiguousarray(f.state) for f in fits if f.state is not None}
    about = json.dumps({f.number: {name: getattr(f, name) for name in _FACTS} for f in fits})
    seal = arrays_digest(tensors, about, run)
    content: bytes = save(tensors, metadata={"members": about, "run": run, SEAL: seal})
    return content


def unpack(path: Path, run: str | None = None) -> list[MemberFit]:
    """Return the members of a shard.

    Raises
    ------
    RunFolderError
        If the file is no shard of this run, or is not what was written.
    """
    found = read_tensors(path, _REMEDY)
    with readable(path, _REMEDY):
        about, theirs = found.texts["members"], found.texts["run"]
        if arrays_digest(found.arrays, about, theirs) != found.texts[SEAL]:
            raise ValueError("its SHA-256 is not the one it carries")
        if run not in {None, theirs}:
            raise ValueError("it belongs to another run")
        return [_member(int(number), facts, found.arrays) for number, facts in parse_json(about).items()]


def _member(number: int, facts: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> MemberFit:
    for name, kind in _FACTS.items():
        if type(facts[name]) is not kind:
            raise ValueError(f"{name} of member {number} is {facts[name]!r}")
    parts: dict[str, Any] = {part: arrays[f"{number}.{part}"] for part in PARTS}
    parts[STATE] = arrays.get(f"{number}.{STATE}")
    return MemberFit(number=number, **parts, **{name: facts[name] for name in _FACTS})
