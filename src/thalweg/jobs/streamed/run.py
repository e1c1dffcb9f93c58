"""The run of a linear model whose rows come in batches: opened, estimated, kept."""

import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from os import PathLike
from pathlib import Path
from typing import Any, Final, Literal

from thalweg.answers.linear import LINEAR, LinearRun, read_linear
from thalweg.answers.saving import Origin, write_run
from thalweg.base.errors import SettingError, setting
from thalweg.base.machine.free_memory import free_bytes
from thalweg.base.run_folder import folder_at
from thalweg.base.version import library_versions
from thalweg.data.files.scans import opened_scan
from thalweg.jobs.columns import one_or_several
from thalweg.jobs.linear_answer import STAGE, Asked
from thalweg.jobs.sources import data_of_run
from thalweg.jobs.streamed.fit import analyse_streamed, content_mark
from thalweg.jobs.streamed.question import pose_streamed, question_told
from thalweg.report.progress import Watch, watching
from thalweg.train.progress import Progress
from thalweg.train.remote.executors import executor_in_use, is_client

_EXAMPLE: Final = "example:"
_CELL: Final = 48  # bytes of a number while a table is read
_DOUBT: Final = 4  # times that an estimate of rows may be too small


def fit_streamed(
    asked: Asked,
    source: object,
    query: str | None,
    roles: Mapping[str, Any],
    *,
    bare: str | None,
    clusters: Sequence[str],
    absorb: Sequence[str],
    out: str | Path | None,
    place: AbstractContextManager[None],
    watch: Watch | Literal[False] | None,
    command: str | None,
) -> LinearRun:
    """Estimate a linear model of a table that is never whole in memory.

    Parameters
    ----------
    asked
        What is asked of the model.
    source, query
        Files, or SQL.
    roles
        Parts of columns, as for :func:`thalweg.fit_linear`.
    bare
        The formula without absorbed effects.
    clusters, absorb
        Columns of clusters and of absorbed effects.
    out, watch, command
        As there.
    place
        Where parts of the table are summed.

    Raises
    ------
    DataError, SettingError, RunFolderError
        As there; or if something needs all rows at once.

    Examples
    --------
    See :func:`thalweg.fit_linear`.
    """
    question_told({**asked.extras, "margins": asked.margins, "groups": roles["groups"], "time": roles["time"]})
    paths = paths_of(source)
    named = ("target", "features", "ignore", "weights", "weights_kind")
    with opened_scan(paths, query) as scan:
        parts: dict[str, Any] = {name: roles[name] for name in named}
        posed = pose_streamed(scan, asked.model, **parts, formula=bare, clusters=clusters, absorb=absorb)
        mark = content_mark(scan, posed)
        versions = library_versions("numpy", "scipy")
        config = {
            "job": LINEAR,
            "question": {**roles, "clusters": one_or_several(clusters or None)},
            "settings": asked.plain(),
            "data": data_of_run(source, query, mark, posed.columns.used),
            "versions": versions,
        }
        facts = {
            **({"command": command} if command else {}),
            "formula": str(roles["formula"] or posed.design.text),
            **({"clusters": ", ".join(clusters)} if clusters else {}),
            "data fingerprint": mark,
            "rows": f"{posed.columns.used:,}",
            "versions": ", ".join(f"{name} {text}" for name, text in versions.items()),
        }

        def estimated(where: Path | None = None) -> LinearRun:
            with place, watching(watch) as told:
                passes = _Passes(told)
                executor = executor_in_use()
                if executor is not None and is_client(executor):
                    executor = executor.get_executor(pure=False)
                found = analyse_streamed(asked, scan, posed, facts, executor, passes.one)
                passes.all()
                return LinearRun(found, where, Origin(config))

        if out is None or str(out).endswith(".html"):
            run = estimated()
            if out is not None:
                run.report(out)
            return run
        folder = folder_at(out)
        with folder.opened(config):
            if folder.finished:
                return read_linear(folder)
            run = estimated(folder.path)
            write_run(run, folder)
        return run


def paths_of(source: object) -> list[str]:
    """Return the files of a source that can be read in batches; none if a query names them itself.

    Raises
    ------
    SettingError
        If it is a table in memory, or an example.

    Examples
    --------
    >>> paths_of(Path("big.parquet")), paths_of(None)
    (['big.parquet'], [])
    """
    if source is None:
        return []
    parts = list(source) if isinstance(source, (list, tuple)) else [source]
    if not all(isinstance(part, (str, PathLike)) and not str(part).startswith(_EXAMPLE) for part in parts):
        raise SettingError(
            "Rows in batches are read from files, or by a query; this table is in memory.",
            f"Leave {setting('streamed')} out, or give the name of a Parquet or delimited file.",
        )
    return [str(part) for part in parts]


def is_foreseen_too_large(source: object, query: str | None) -> bool:
    """Return whether what a query makes of files will not fit into memory.

    Rows are counted only where DuckDB's own estimate leaves a doubt.

    Examples
    --------
    >>> is_foreseen_too_large(None, "select 1 as x")
    False
    """
    free = free_bytes()
    if query is None or free is None:
        return False
    try:
        paths = paths_of(source)
    except SettingError:
        return False
    with opened_scan(paths, query) as scan:
        [part] = scan.parts
        cell = max(1, len(scan.columns)) * _CELL
        if part.estimated_rows() * cell * _DOUBT < free:
            return False
        [[count]] = part.fetch(part.rows("count(*)"))
        return int(str(count)) * cell > free


class _Passes:
    """Tells a watch how many passes over the rows are done; how many there will be is not known before."""

    def __init__(self, watch: Watch | None) -> None:
        self.watch, self.done, self.started = watch, 0, time.perf_counter()

    def one(self) -> None:
        """Say that one more pass is done."""
        self.done += 1
        self._tell(self.done + 1)

    def all(self) -> None:
        """Say that everything is done."""
        self._tell(self.done)

    def _tell(self, passes: int) -> None:
        if self.watch is not None:
            seconds = time.perf_counter() - self.started
            self.watch(STAGE, Progress(self.done, passes, self.done, passes, seconds))
