"""What is asked of a table: an outcome to predict from features, and how the rows hang together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from thalweg.base.errors import DataError, SettingError, rows_at, setting
from thalweg.base.machine.free_memory import refuse_oversized
from thalweg.base.naming import names_of, sql_name
from thalweg.base.weighing import common_weights, weights_kind_with, weights_remark
from thalweg.base.wording import listed
from thalweg.data.cells.sentinels import date_sentinel_note, sentinel_note
from thalweg.data.cells.styles import TextStyle
from thalweg.data.cells.texts import Findings
from thalweg.data.columns import canonical_column, labelled_column
from thalweg.data.dependence.look import dependence_notes
from thalweg.data.dependence.time_folds import read_time
from thalweg.data.dependence.wandering import wandering
from thalweg.data.design import Design, design_of, evaluate_outcome
from thalweg.data.kinds import kind_of
from thalweg.data.notes import Note, counted
from thalweg.data.profile import ColumnProfile, profile_column
from thalweg.data.reading.fingerprint import fingerprint
from thalweg.data.reading.table import RawTable, read_table
from thalweg.data.remarks.diagnose import diagnose
from thalweg.data.remarks.screen import screen_features
from thalweg.data.roles import Roles, assign_roles, read_groups, read_weights
from thalweg.data.task import class_labels, read_outcome

_ENTRY: Final = 40  # bytes of an entry while a table is posed: 49 were measured on 4 million numbers


@dataclass(frozen=True, slots=True, eq=False)
class Problem:
    """A table and a question, ready to be cut into folds and encoded.

    Parameters
    ----------
    name
        What to call it.
    task
        ``regression``, ``binary`` or ``multiclass``.
    target
        The outcome's name; a formula's left-hand side, such as ``log(wage)``.
    classes
        The C classes in the order of their codes, none for regression; of two, the second counts as 1.
    features
        The features in canonical form (:mod:`thalweg.data.kinds`), or the columns a formula makes; N rows.
    outcome
        float64 [N] values, or int64 [N] codes of the classes.
    weights
        Row weights [N] above 0 whose sum is the number of observations, or None.
    groups
        Codes [N] of groups that folds must not cut, or None.
    clusters
        Codes [N] of clusters that errors count, or None; the groups unless others are named.
    time
        Place in time [N], 0, 1, …, if folds are to be in time order; else None.
    formula
        The formula with what new rows need, or None.
    row_numbers
        Which rows of the table these are [N], counted from 1.
    fingerprint
        SHA-256 of the content used (:func:`thalweg.data.reading.fingerprint.fingerprint`).
    profile
        Every column of the table in numbers.
    notes
        What was inferred, left out, and worth a warning.
    weights_kind
        What the weights mean, one of :data:`~thalweg.base.weighing.WEIGHTS_KINDS`; None without weights.
    rows_read
        How many rows the table has; N of them are used.
    labels
        The classes as values of the target's own type.
    styles
        How formatted numbers and dates are written, by column.

    Examples
    --------
    >>> problem = pose("example:wine")
    >>> problem.target, problem.features.shape, problem.notes[0].code
    ('cultivar', (178, 13), 'task')
    """

    name: str
    task: str
    target: str
    classes: tuple[str, ...]
    features: pd.DataFrame
    outcome: NDArray[np.float64] | NDArray[np.int64]
    weights: NDArray[np.float64] | None
    groups: NDArray[np.int64] | None
    clusters: NDArray[np.int64] | None
    time: NDArray[np.int64] | None
    formula: Design | None
    row_numbers: NDArray[np.int64]
    fingerprint: str
    profile: tuple[ColumnProfile, ...]
    notes: tuple[Note, ...]
    weights_kind: str | None = None
    rows_read: int = 0
    labels: tuple[str | int | float | bool, ...] = ()
    styles: Mapping[str, TextStyle] = field(default_factory=dict)

    def __len__(self) -> int:
        """Return N, the number of rows."""
        return len(self.outcome)


def pose(
    source: object = None,
    *,
    target: str | None = None,
    query: str | None = None,
    formula: str | None = None,
    weights: str | None = None,
    groups: str | None = None,
    clusters: str | None = None,
    time: str | None = None,
    ignore: Sequence[str] = (),
    features: Sequence[str] | None = None,
    task: str | None = None,
    weights_kind: str | None = None,
    encoded: bool = True,
) -> Problem:
    """Read a table and settle what is asked of it.

    Parameters
    ----------
    source, query
        The table, as for :func:`thalweg.data.reading.table.read_table`; a posed problem is returned as it is.
    target
        The outcome's column; an example has one by default.
    formula
        ``outcome ~ terms`` instead of target and features. Rows that miss one of its variables are left out.
    weights, groups
        Columns of row weights, and of groups that no fold may cut; the clusters if there is no time either.
    clusters
        Column of clusters that errors count; the groups if None.
    time
        Column of numbers or dates: folds are in its order.
    ignore
        Columns to leave out.
    features
        Columns to predict from; all others by default.
    task
        ``regression``, ``binary`` or ``multiclass``; inferred by the rule in :mod:`thalweg.data.task` otherwise.
    weights_kind
        What the weights mean, one of :data:`~thalweg.base.weighing.WEIGHTS_KINDS`; None is ``analytic``.
    encoded
        Whether features will be encoded for prediction; False if a formula's design enters a model as it is. Remarks
        differ; such a formula may leave out the intercept and have terms that learn from all rows, as poly(x, 2).

    Returns
    -------
    Problem
        At least two rows, all with an outcome.

    Raises
    ------
    DataError
        If the table cannot be used as it is; the message names the column and the row.
    SettingError
        If a name, the formula, the query or the task does not fit the table.

    Examples
    --------
    >>> problem = pose("example:breast_cancer")
    >>> problem.task, problem.classes, len(problem), problem.features.shape[1]
    ('binary', ('benign', 'malignant'), 569, 30)
    """
    if isinstance(source, Problem):
        asked = {"query": query, "formula": formula, "weights": weights, "groups": groups, "features": features}
        asked |= {"clusters": clusters, "time": time, "weights_kind": weights_kind}
        return _posed_already(source, target, task, asked | {"ignore": ignore or None})
    kind = weights_kind_with(weights, weights_kind)
    table = read_table(source, query=query)
    named: dict[str, Any] = {"weights": weights, "groups": groups, "clusters": clusters, "time": time}
    asked_for: dict[str, Any] = {"target": target, "formula": formula, "features": features, "ignore": ignore}
    roles = assign_roles(table, **asked_for, **named, estimating=not encoded)
    frame, notes, styles = _read_columns(table.frame, roles)
    profile = _profile(table, dict(frame.items()), roles)
    frame, dropped = _usable_rows(frame, roles)
    outcome = frame[roles.target] if roles.formula is None else evaluate_outcome(roles.formula, frame)
    chosen, classes, values, why = read_outcome(outcome, task)
    counts, told = _weights(frame, roles, kind, weights_kind)
    grouping = roles.groups or (roles.clusters if roles.time is None else None)
    clustering = roles.clusters or roles.groups
    chosen_by_name = features is not None or formula is not None
    inputs, design, screened = _features(frame, roles, asked=chosen_by_name)
    others = table.frame.drop(columns=[*frame.columns, *names_of(ignore)], errors="ignore").loc[frame.index]
    remarks = diagnose(
        inputs,
        values,
        str(outcome.name),
        classes,
        table=frame.join(others),
        groups=grouping,
        ignored=names_of(ignore),
        asked=chosen_by_name,
        encoded=encoded,
    )
    if roles.groups is None and roles.clusters is None and roles.time is None:
        whole, parts = table.frame.loc[frame.index], {roles.target, roles.weights}
        remarks += dependence_notes(whole, frame, inputs, values, str(outcome.name), leave=parts, judged=encoded)
    times = None if roles.time is None else read_time(frame[roles.time])
    remarks += [] if times is None else wandering(times, inputs, values, str(outcome.name))
    looked = {roles.target, *roles.features}
    told_of = {"numeric": sentinel_note, "date": date_sentinel_note}
    kinds = {name: kind_of(column) for name, column in frame.items() if name in looked}
    found = [told_of[kind](frame[name]) for name, kind in kinds.items() if kind in told_of]
    codes = [note for note in found if note is not None]
    return Problem(
        name=table.name,
        task=chosen,
        target=str(outcome.name),
        classes=classes,
        features=inputs.reset_index(drop=True),
        outcome=values,
        weights=counts,
        groups=None if grouping is None else read_groups(labelled_column(frame[grouping])),
        clusters=None if clustering is None else read_groups(labelled_column(frame[clustering])),
        time=times,
        formula=design,
        row_numbers=frame.index.to_numpy(dtype=np.int64) + 1,
        fingerprint=fingerprint(frame),
        profile=profile,
        notes=(*why, *table.notes, *notes, *dropped, *told, *screened, *codes, *remarks),
        weights_kind=kind,
        rows_read=len(table.frame),
        labels=class_labels(classes, table.frame[roles.target], outcome),
        styles=styles,
    )


def _weights(
    frame: pd.DataFrame, roles: Roles, kind: str | None, said: str | None
) -> tuple[NDArray[np.float64] | None, list[Note]]:
    """Return the weights of the rows in use, and a note if what they mean was not said and makes a difference."""
    if roles.weights is None or kind is None:
        return None, []
    given = read_weights(frame[roles.weights])
    remark = weights_remark(given, said)
    with rows_at(frame.index):
        found = common_weights(given, kind)
    return found, [] if remark is None else [Note("weights", remark, (roles.weights,))]


def _posed_already(problem: Problem, target: str | None, task: str | None, roles: Mapping[str, object]) -> Problem:
    """Return a posed problem, unless something else is asked of it."""
    other = [name for name, value in roles.items() if value is not None]
    other += ["target"] if target not in {None, problem.target} else []
    other += ["task"] if task not in {None, problem.task} else []
    if other:
        raise SettingError(
            f"The problem is posed already, so {setting(other[0])} is settled.", "Give the table, or leave it out."
        )
    return problem


def _profile(table: RawTable, read: Mapping[str, pd.Series], roles: Roles) -> tuple[ColumnProfile, ...]:
    parts = {name: roles.of(name) for name in roles.used}
    return tuple(
        profile_column(read.get(name, column), parts.get(name, "ignored"), table.labels.get(name, ""))
        for name, column in table.frame.items()
    )


def _read_columns(frame: pd.DataFrame, roles: Roles) -> tuple[pd.DataFrame, list[Note], dict[str, TextStyle]]:
    """Bring the columns in use into canonical form, and tell how their texts were read."""
    if len(frame) < 2:
        raise DataError("The table has a single row, and nothing can be learned from one.", "Give more rows.")
    refuse_oversized(
        {f"{len(frame):,} rows of {len(roles.used):,} columns": len(frame) * len(roles.used) * _ENTRY},
        f"Select rows or columns by a {setting('query')}, or name fewer {setting('features')}.",
    )
    columns, found = {}, {}
    given, grouping = dict(frame.items()), {roles.groups, roles.clusters} - {*roles.features}
    for name in roles.used:
        if name in grouping:
            columns[name] = labelled_column(given[name])
        else:
            columns[name], found[name] = canonical_column(given[name])
    if kind_of(columns[roles.target]) == "categorical":
        _ask_about_markers(roles.target, found[roles.target])
    styles = {name: reading.style for name, reading in found.items() if reading.style is not None}
    read = pd.DataFrame({name: column.array for name, column in columns.items()}, index=frame.index)
    return read, _reading_notes(found), styles


def _ask_about_markers(target: str, found: Findings) -> None:
    """Refuse an outcome in whose texts nothing says whether a marker is missing or a class."""
    for text, count in found.markers.items():
        name = sql_name(target)
        known = f"select * from data where {name} <> '{text}'"  # noqa: S608 - words for the reader
        named = f"select * replace (replace({name}, '{text}', '{text} class') as {name}) from data"  # noqa: S608 - the same
        raise DataError(
            f"Target {target!r} holds {text!r} in {counted(count, 'row')}: it may mean a missing value or a class.",
            f"If it is missing, leave these rows out by the {setting('query')} {known}; if it is a class, rename it by "
            f"the {setting('query')} {named}.",
        )


def _reading_notes(found: Mapping[str, Findings]) -> list[Note]:
    """Tell what was taken as missing, how formatted texts were read, and which digits stayed texts."""
    notes = []
    told = [f"{text!r} in {name!r} ({n:,})" for name, reading in found.items() for text, n in reading.markers.items()]
    if told:
        text = f"Read as missing: {', '.join(told[:10])}{f' and {len(told) - 10} more' if len(told) > 10 else ''}."
        notes.append(Note("missing_markers", text))
    for name, reading in found.items():
        if reading.style is not None:
            notes.append(Note("formatted", f"Column {name!r} was read as {reading.style.said}.", (name,)))
        if reading.duration:
            notes.append(Note("formatted", f"Column {name!r} holds durations, which were read as seconds.", (name,)))
        if reading.identifier:
            text = f"Column {name!r} holds digits such as {reading.identifier!r}, which a number would change: it is a "
            notes.append(Note("identifier", f"{text}category.", (name,)))
    return notes


def _usable_rows(frame: pd.DataFrame, roles: Roles) -> tuple[pd.DataFrame, list[Note]]:
    """Leave out rows without an outcome, group or cluster, of weight 0, and, under a formula, that miss a variable."""
    notes = []
    present = frame[roles.target].notna()
    if not present.any():
        raise DataError(f"Target {roles.target!r} is missing in all rows.", "Choose another target.")
    if not present.all():
        text = f"Left out for lack of {roles.target!r}: {counted(int((~present).sum()), 'row')}."
        notes.append(Note("missing_outcome", text, (roles.target,)))
    if roles.formula is not None:
        names = list(roles.features)
        complete = frame[names].notna().all(axis=1)
        gaps = int((present & ~complete).sum())
        if gaps:
            holes = [name for name in names if frame[name].isna().any()]
            text = f"Left out for lack of {listed(holes)}, which the formula needs: {counted(gaps, 'row')}."
            notes.append(Note("incomplete_rows", text, tuple(holes)))
        present &= complete
    for name in dict.fromkeys(filter(None, (roles.groups, roles.clusters))):
        gaps = int((present & frame[name].isna()).sum())
        if 0 < gaps < present.sum():
            text = f"Left out for lack of {name!r}, which says what hangs together: {counted(gaps, 'row')}."
            notes.append(Note("incomplete_rows", text, (name,)))
            present &= frame[name].notna()
    if roles.weights is not None:
        idle = present & (frame[roles.weights] == 0).fillna(False).astype(bool)
        if 0 < idle.sum() < present.sum():
            text = f"Left out for their weight of 0: {counted(int(idle.sum()), 'row')}."
            notes.append(Note("weightless", text, (roles.weights,)))
            present &= ~idle
    if present.sum() < 2:
        left = " ".join([f"{counted(int(present.sum()), 'row')} can be used.", *(note.text for note in notes)])
        raise DataError(left, "Give more rows, fill in what is missing, or choose other columns.")
    kept = frame[present] if not present.all() else frame
    unused = {name: kept[name].cat.remove_unused_categories() for name in kept if kind_of(kept[name]) == "categorical"}
    return kept.assign(**unused), notes


def _features(frame: pd.DataFrame, roles: Roles, *, asked: bool) -> tuple[pd.DataFrame, Design | None, list[Note]]:
    if roles.formula is not None:
        design, matrix = design_of(roles.formula, frame)
        return matrix, design, []
    names, notes = screen_features(frame[list(roles.features)], asked=asked)
    if not names:
        raise DataError(
            f"No feature is left. {' '.join(note.text for note in notes)}", "Give columns that differ between rows."
        )
    return frame[names], None, notes
