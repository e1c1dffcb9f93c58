"""What a linear model is asked of a table: the columns of its design, and the clusters of its rows."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from thalweg.base.arrays import IntArray
from thalweg.base.errors import DataError, SettingError, setting
from thalweg.base.naming import names_of
from thalweg.base.wording import listed
from thalweg.data.columns import canonical_column, labelled_column
from thalweg.data.dependence.look import DEPENDENCE
from thalweg.data.kinds import MAX_LEVELS, kind_of
from thalweg.data.notes import Note, counted
from thalweg.data.problem import Problem, pose
from thalweg.data.reading.fingerprint import table_fingerprint
from thalweg.data.reading.table import RawTable
from thalweg.data.remarks.screen import screen_features
from thalweg.data.roles import read_groups
from thalweg.jobs.columns import check_columns, table_of_problem
from thalweg.linear.covariance import CLUSTERED
from thalweg.linear.postestimation.formula_rows import printed_names


def posed_table(
    problem: Problem, roles: Mapping[str, Any], *, query: str | None, covariance: str | None
) -> tuple[RawTable, dict[str, Any]]:
    """Return a posed problem as a table, and the parts of its columns.

    Parameters
    ----------
    problem
        What was posed; a linear model reads its table anew.
    roles
        What else was given, as for :func:`thalweg.fit_linear`.
    query
        As there; the problem was read already.
    covariance
        As there; its clusters have no part where it names errors that know none.

    Raises
    ------
    SettingError
        If something is given that was settled when the problem was posed.

    Examples
    --------
    >>> given = {"target": None, "ignore": [], "clusters": []}
    >>> posed_table(pose("example:iris"), given, query=None, covariance=None)[1]["target"]
    'species'
    """
    parts = ("target", "weights", "weights_kind", "groups", "clusters", "time")
    settled: dict[str, Any] = {name: roles.get(name) or None for name in parts}
    pose(problem, query=query, **settled)  # refuses what is settled already
    table, columns = table_of_problem(problem)
    clusters = names_of(columns.pop("clusters"))
    unused = clusters if covariance not in {None, *CLUSTERED} else []
    found = {**roles, **columns, "weights_kind": problem.weights_kind, "ignore": [*roles["ignore"], *unused]}
    return table, found | {"clusters": [] if unused else clusters}


def pose_linear(
    table: RawTable,
    task: str | None,
    *,
    target: str | None,
    formula: str | None,
    features: Sequence[str] | None,
    ignore: Sequence[str],
    weights: str | None,
    groups: str | None,
    clusters: Sequence[str],
    absorb: Sequence[str] = (),
    weights_kind: str | None = None,
    time: str | None = None,
    folded: bool = False,
) -> tuple[Problem, dict[str, IntArray]]:
    """Pose the question as a formula, written here unless it is given, and read the clusters of its rows.

    Parameters
    ----------
    table
        The table.
    task
        What the model is for; inferred if None.
    absorb
        Columns of effects that a regression absorbs.
    target, formula, features, ignore, weights, groups, clusters, weights_kind, time
        Columns, as for :func:`thalweg.fit_linear`.
    folded
        Whether there are folds: a path or a search is asked for.

    Returns
    -------
    Problem
        Features are the columns of the design, dummies named ``region=north``.
    dict
        Cluster, or level of an absorbed effect, of every row [N] by the name of its column.

    Raises
    ------
    DataError, SettingError
        If the columns cannot be used.

    Examples
    --------
    >>> from thalweg.data.reading.table import read_table
    >>> table = read_table({"y": [1.0, 2.0, 4.0], "x": [0.0, 1.0, 2.0], "firm": ["a", "a", "b"]})
    >>> nothing = {"formula": None, "features": None, "ignore": [], "weights": None, "groups": None}
    >>> problem, clusters = pose_linear(table, None, target="y", clusters=["firm"], **nothing)
    >>> list(problem.features), {name: codes.tolist() for name, codes in clusters.items()}
    (['x'], {'firm': [0, 0, 1]})
    """
    check_columns(table, "clusters", clusters)
    check_columns(table, "formula", absorb)
    if len(set(clusters)) < len(clusters):
        twice = listed([*clusters])
        raise SettingError(f"{setting('clusters')} must be different columns, got {twice}.", "Name every column once.")
    whole, (table, notes) = table, _with_labels(table, (*clusters, *absorb))
    outcome = target if target is not None else table.target
    given: dict[str, Any] = {"weights": weights, "weights_kind": weights_kind, "groups": groups, "task": task}
    given["time"] = time
    if formula is None:
        if outcome is None or outcome not in table.frame:
            pose(table, target=outcome)  # says what is wrong
        check_columns(table, "ignore", ignore)
        check_columns(table, "features", features or ())
        check_columns(table, "time", names_of(time))
        taken = {outcome, *ignore}
        beside = [name for name in (weights, groups, time, *clusters) if name is not None]
        others = {*taken, *beside}
        named = features if features is not None else [str(name) for name in table.frame if name not in others]
        _refuse_twice(named, taken)
        _refuse_twice(beside, taken)
        formula, told = _formula(table, str(outcome), named, asked=features is not None)
        notes += told
        problem = pose(table, formula=formula, encoded=False, **given)
    else:
        roles: dict[str, Any] = {"target": target, "features": features, "ignore": ignore}
        problem = pose(table, formula=formula, encoded=False, **roles, **given)
    names = printed_names(problem.features.columns)
    posed = replace(
        problem,
        features=problem.features.set_axis(names, axis=1),
        notes=(*notes, *problem.notes),
        rows_read=len(whole.frame),
    )
    rows = problem.row_numbers - 1
    posed = replace(posed, notes=_notes(posed, clusters, groups, time, folded=folded))
    return posed, {name: read_groups(labelled_column(whole.frame[name]).iloc[rows]) for name in (*clusters, *absorb)}


def _with_labels(table: RawTable, names: Sequence[str]) -> tuple[RawTable, list[Note]]:
    """Return the rows whose clusters and effects are known, and how many were left out."""
    notes, known = [], np.ones(len(table.frame), dtype=bool)
    for name in dict.fromkeys(names):
        present = labelled_column(table.frame[name]).notna().to_numpy()
        gaps = int((known & ~present).sum())
        if gaps:
            text = f"Left out for lack of {name!r}, which says what hangs together: {counted(gaps, 'row')}."
            notes.append(Note("incomplete_rows", text, (name,)))
        known &= present
    if not known.any():
        raise DataError(f"No row has a value in all of {listed([*names])}.", "Choose other columns.")
    return (replace(table, frame=table.frame[known]) if notes else table), notes


def _notes(
    problem: Problem, clusters: Sequence[str], groups: str | None, time: str | None, *, folded: bool
) -> tuple[Note, ...]:
    """Return the notes with what is said of rows that hang together: errors know it from clusters alone."""
    if clusters:
        return tuple(note for note in problem.notes if note.code not in DEPENDENCE)
    name = groups or time
    if name is None:
        return problem.notes
    kept = f"rows of one {name!r} together" if groups else f"rows in order of {name!r}"
    heeded = f"Folds keep {kept}" if folded else f"Only folds of a path or a search heed {name!r}, and there are none"
    remedy = (
        f"Name {groups!r} as clusters too."
        if groups
        else "They are too small if what the model leaves of one time resembles that of the next. Name a column of "
        "longer periods, such as years, as clusters."
    )
    text = f"{heeded}: standard errors, tests and intervals take rows as independent. {remedy}"
    return (*problem.notes, Note("repeated_units", text, (name,)))


def _refuse_twice(named: Sequence[str], taken: set[str | None]) -> None:
    """Refuse columns with a part that are the target, or ignored, too."""
    twice = [name for name in named if name in taken]
    if twice:
        raise SettingError(f"Column {twice[0]!r} is given more than one part.", "Name it once.")


def joined_fingerprint(problem: Problem, table: RawTable, clusters: Sequence[str]) -> str:
    """Return a fingerprint of a problem and its clusters.

    Examples
    --------
    See :func:`thalweg.fit_linear`.
    """
    return hashlib.sha256(f"{problem.fingerprint} {table_fingerprint(table.frame[[*clusters]])}".encode()).hexdigest()


def _refuse_unwritable(outcome: str, names: Sequence[str]) -> None:
    """Refuse names that a formula reads as something else: `1` is the intercept, and no quotes end inside a name."""
    bad = [name for name in (outcome, *names) if name in {"1", ""} or "`" in name or name.endswith("\\")]
    bad += [outcome] if outcome == "." or outcome != outcome.strip() else []
    if bad:
        raise SettingError(
            f"Column {bad[0]!r} cannot be told from other signs of a formula, which linear models are written as.",
            f"Rename it, or leave it out with {setting('ignore')}.",
        )


def _formula(table: RawTable, outcome: str, named: Sequence[str], *, asked: bool) -> tuple[str, list[Note]]:
    """Return the formula that explains a column by others, and notes on those that cannot be used."""
    frame = pd.DataFrame({name: canonical_column(table.frame[name])[0] for name in named})
    kept, notes = screen_features(frame, asked=asked)
    _refuse_unwritable(outcome, kept)
    kinds = {name: kind_of(frame[name]) for name in kept}
    dates = [name for name in kept if kinds[name] == "date"]
    many = [name for name in kept if kinds[name] == "categorical" and frame[name].nunique() > MAX_LEVELS]
    levels = f" A formula can absorb them: {outcome} ~ … | {many[0]}." if many else ""
    left_out = ((dates, "date", "Dates", ""), (many, "many_levels", f"More than {MAX_LEVELS} levels", levels))
    for names, code, why, remedy in left_out:
        if names:
            notes.append(Note(code, f"{why}, so left out: {listed(names)}.{remedy}", tuple(names)))
    terms = [f"`{name}`" for name in kept if name not in {*dates, *many}]
    if not terms:
        raise SettingError(f"No column is left to explain {outcome!r} by.", "Write a formula.")
    return f"`{outcome}` ~ {' + '.join(terms)}", notes
