"""From a table of an experiment to the effects of all combinations in one call: read, check, train, report, keep."""

import io
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any, Final

import pandas as pd

from thalweg.base.checks import check_choice, check_number
from thalweg.base.errors import RunFolderError, SettingError
from thalweg.base.version import __version__
from thalweg.base.wording import closest
from thalweg.data.reading.table import Table, read_table
from thalweg.effects.answer import EffectsAnswer
from thalweg.effects.crossfit import Watch
from thalweg.effects.dedl import DeDL
from thalweg.effects.inference.intervals import ADJUSTMENTS
from thalweg.effects.left_out import LeftOut
from thalweg.effects.pairs import contrasts
from thalweg.effects.summary import EffectsSummary, summarise
from thalweg.jobs.effects_store import JOB, effects_files, named_link, read_effects, table_fingerprint
from thalweg.report.effects.page import render_effects_page
from thalweg.select.folder import ANSWER_FILE, CONFIG_FILE, REPORT_FILE, RunFolder, versions
from thalweg.select.record import from_plain, to_plain

EFFECTS_FILE: Final = "effects.csv"
CONTRASTS_FILE: Final = "contrasts.csv"
COMPARISON_FILE: Final = "comparison.csv"


def fit_effects(
    source: object = None,
    *,
    target: str,
    treatments: Sequence[str],
    features: Sequence[str] | None = None,
    clusters: str | Sequence[str] | None = None,
    weights: str | None = None,
    query: str | None = None,
    targets: Sequence[str] | None = None,
    allow_mismatch: bool = False,
    level: float = 0.95,
    adjust: str = "step-down",
    allow_unidentified: bool = False,
    leave_out: bool = False,
    out: str | Path | None = None,
    watch: Watch | None = None,
    command: str | None = None,
    **settings: Any,
) -> EffectsSummary:
    """Estimate the effect of every combination of treatments, and report it.

    Parameters
    ----------
    source, query
        The table, as for :func:`thalweg.data.reading.table.read_table`.
    target, treatments, features, clusters, weights
        Columns, as for :meth:`thalweg.effects.dedl.DeDL.fit`.
    targets
        Combinations wanted, such as ``["101", "111"]``; None for all.
    allow_mismatch
        Go on although the counts contradict the planned shares.
    level, adjust
        Of all intervals; how p-values allow for looking at all effects.
    allow_unidentified
        Show weak and unidentified effects too.
    leave_out
        Predict every observed cell from the others as well, which trains the networks once more per cell.
    out
        Folder to keep the run in; nothing is left in it if the run fails.
    watch
        Called a few times a second with the progress of training.
    command
        How to repeat the run, for the report.
    settings
        Fields of :class:`thalweg.DeDL`: ``link``, ``scale``, ``folds``, ``repeats``, ``seed`` and so on.

    Returns
    -------
    EffectsSummary
        Effects with both intervals, the best combination, other methods beside it, and the fitted answer.

    Raises
    ------
    DataError, SettingError
        If table or settings make no sense; the message says where and what to do.
    RunFolderError
        If the folder cannot be used.
    TrainingError
        If networks diverge however small the steps.

    Examples
    --------
    >>> columns = {"y": [0, 1, 2, 3, 0, 2, 2, 3] * 10, "a": [0, 1, 0, 1] * 20, "b": [0, 0, 1, 1] * 20, "x": range(80)}
    >>> quick = {"link": "linear", "epochs": 5, "folds": 2, "repeats": 1, "workers": 1}
    >>> fit_effects(columns, target="y", treatments=["a", "b"], **quick).best.combination
    '11'
    """
    check_number("level", level, low=0.0, high=1.0, open_low=True, open_high=True)
    check_choice("adjust", adjust, ADJUSTMENTS)
    dedl = make_dedl(settings)
    table = read_table(source, query=query)
    columns: dict[str, Any] = {
        "target": target,
        "treatments": list(treatments),
        "features": None if features is None else list(features),
        "clusters": clusters if clusters is None or isinstance(clusters, str) else list(clusters),
        "weights": weights,
        "targets": None if targets is None else list(targets),
        "allow_mismatch": allow_mismatch,
    }
    shown: dict[str, Any] = {"level": level, "adjust": adjust, "allow_unidentified": allow_unidentified}
    mark = table_fingerprint(table)
    repeat = _repeat(dedl, table, mark, command)

    def fitted() -> EffectsSummary:
        started = time.perf_counter()
        answer = dedl.fit(table.frame, **columns, watch=watch)
        left_out = dedl.leave_one_cell_out(answer, watch=watch) if leave_out else None
        told = repeat | {"seconds": f"{time.perf_counter() - started:.1f}"}
        return summarise(answer, table=table.name, **shown, left_out=left_out, repeat=told)

    if out is None:
        return fitted()
    config = {
        "job": JOB,
        "question": columns,
        "shown": shown | {"leave_out": leave_out},
        "settings": _plain_settings(dedl),
        "data": {
            "table": table.name,
            "source": str(source) if isinstance(source, (str, Path)) else None,
            "query": query,
            "fingerprint": mark,
            "rows": len(table.frame),
        },
        "versions": versions(__version__),
    }
    folder = RunFolder(Path(out))
    with _begun(folder, config):
        if folder.finished:
            return _finished(folder.path, table.name, shown, repeat)
        summary = fitted()
        _keep(summary, folder)
    return summary


def make_dedl(settings: Mapping[str, Any]) -> DeDL:
    """Return the estimator with some of its settings.

    Raises
    ------
    SettingError
        If there is no such setting, or its value makes no sense.

    Examples
    --------
    >>> make_dedl({"fold": 3})
    Traceback (most recent call last):
    thalweg.base.errors.SettingError: There is no setting 'fold'. Did you mean 'folds'?
    """
    known = [field.name for field in fields(DeDL)]
    for name in settings:
        if name not in known:
            raise SettingError(f"There is no setting {name!r}.", closest(name, known))
    return DeDL(**settings)


def _plain_settings(dedl: DeDL) -> dict[str, Any]:
    """Return the settings that decide the numbers; the number of processes does not."""
    found = {field.name: getattr(dedl, field.name) for field in fields(dedl) if field.name != "workers"}
    links = [dedl.link] if isinstance(dedl.link, str) or not isinstance(dedl.link, Sequence) else list(dedl.link)
    plain: dict[str, Any] = to_plain(found | {"link": [named_link(link) for link in links]})
    return plain


@contextmanager
def _begun(folder: RunFolder, config: Mapping[str, Any]) -> Iterator[None]:
    """Open a folder, and leave nothing in it that this run began if the run fails."""
    there, begun = folder.path.exists(), (folder.path / CONFIG_FILE).exists()
    folder.open(config)
    try:
        yield
    except BaseException:
        if not begun:
            for path in folder.path.iterdir():
                path.unlink()
            if not there:
                folder.path.rmdir()
        raise
    finally:
        folder.close()


def _finished(path: Path, table: str, shown: Mapping[str, Any], repeat: Mapping[str, str]) -> EffectsSummary:
    """Read a finished run; nothing is trained."""
    answer = json.loads((path / ANSWER_FILE).read_text(encoding="utf-8"))
    comparison = pd.DataFrame(answer["comparison"]).set_index("combination").astype(float).reset_index()
    rows = answer["left_out"]
    left_out = None if rows is None else tuple(from_plain(LeftOut, row) for row in rows)
    before = answer["repeat"] | {name: text for name, text in repeat.items() if name not in answer["repeat"]}
    return summarise(read_effects(path), table=table, **shown, comparison=comparison, left_out=left_out, repeat=before)


def _keep(summary: EffectsSummary, folder: RunFolder) -> None:
    """Write everything; the answer last, for it says that the run is complete."""
    for name, content in effects_files(summary.answer).items():
        folder.write(name, content)
    folder.write(EFFECTS_FILE, csv_of(summary.frame()))
    folder.write(CONTRASTS_FILE, csv_of(contrasts(summary.answer, level=summary.level)))
    folder.write(COMPARISON_FILE, csv_of(summary.comparison))
    folder.write(REPORT_FILE, render_effects_page(summary).encode())
    folder.write_json(ANSWER_FILE, summary.to_dict())


def csv_of(frame: pd.DataFrame) -> bytes:
    """Return a frame as CSV at full precision."""
    text = io.StringIO()
    frame.to_csv(text, index=False, lineterminator="\n")
    return text.getvalue().encode()


def _repeat(dedl: DeDL, table: Table, mark: str, command: str | None) -> dict[str, str]:
    return {
        **({"command": command} if command else {}),
        "data fingerprint": mark,
        "rows": f"{len(table.frame):,}",
        "design": f"{dedl.folds} folds x {dedl.repeats} splits x {dedl.seeds} seeds",
        "seed": str(dedl.seed),
        "versions": ", ".join(f"{name} {version}" for name, version in versions(__version__).items()),
    }


def load_effects(folder: str | Path) -> EffectsAnswer:
    """Read the answer of a finished run: best, groups, contrasts, policies and designs need no training.

    Parameters
    ----------
    folder
        What ``out`` was.

    Returns
    -------
    EffectsAnswer
        As :meth:`thalweg.DeDL.fit` returned it.

    Raises
    ------
    RunFolderError
        If the folder holds no finished run of effects.

    Examples
    --------
    >>> load_effects("no/such/folder")
    Traceback (most recent call last):
    thalweg.base.errors.RunFolderError: no/such/folder holds no finished run: config.json is missing. ...
    """
    run = RunFolder(Path(folder))
    if run.config().get("job") != JOB:
        raise RunFolderError(f"{folder} holds a run, but not of effects.", "See it with: thalweg report.")
    if not run.finished:
        raise RunFolderError(f"{folder} holds no finished run.", "Give the command that began it again.")
    return read_effects(run.path)
