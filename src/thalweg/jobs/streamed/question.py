"""What a linear model is asked of a table that is read in batches: formula, outcome, clusters and effects."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from thalweg.base.errors import DataError, SettingError, setting
from thalweg.base.naming import names_of
from thalweg.base.weighing import FREQUENCY, weights_kind_with, weights_sum_remark
from thalweg.base.wording import closest, listed
from thalweg.data.batches.batch_reader import BatchReader, first_rows
from thalweg.data.batches.scanned_columns import ScannedColumns, complete, scanned_columns
from thalweg.data.design import Design, design_of_levels, evaluate_outcome
from thalweg.data.files.scans import Scan
from thalweg.data.formula import Variables, formula_variables
from thalweg.data.kinds import MAX_LEVELS
from thalweg.data.notes import Note
from thalweg.data.task import MAX_INTEGER_CLASSES, read_outcome
from thalweg.linear.models import MODELS, default_model

_DATES: Final = ("DATE", "TIMESTAMP", "TIME", "INTERVAL")
_STREAMED: Final = ("ols", "logistic", "poisson")


@dataclass(frozen=True, slots=True, eq=False)
class StreamedQuestion:
    """A question that was posed.

    Parameters
    ----------
    model
        Of :data:`thalweg.linear.models.MODELS`.
    answer, explained
        Name of the outcome, and what coefficients are about.
    reader
        What makes batches.
    design
        The formula that has met its table.
    columns
        What they hold.
    clusters
        How many there are, by the name of their column.
    effect
        Column of an effect to absorb; "" without.
    weights_kind
        None without weights.
    notes
        What was inferred and left out.
    """

    model: str
    answer: str
    explained: str
    reader: BatchReader
    design: Design
    columns: ScannedColumns
    clusters: dict[str, int]
    effect: str
    weights_kind: str | None
    notes: tuple[Note, ...]


def pose_streamed(
    scan: Scan,
    model: str | None,
    *,
    target: str | None,
    formula: str | None,
    features: Sequence[str] | None,
    ignore: Sequence[str],
    weights: str | None,
    weights_kind: str | None,
    clusters: Sequence[str],
    absorb: Sequence[str],
) -> StreamedQuestion:
    """Pose the question.

    Parameters
    ----------
    scan
        The table.
    model
        Its key; by the outcome if None.
    target, formula, features, ignore, weights, weights_kind, clusters
        As for :func:`thalweg.fit_linear`.
    absorb
        Columns of effects to absorb.

    Raises
    ------
    DataError, SettingError
        If the columns cannot be used, or the model is not estimated in batches.

    Examples
    --------
    >>> from thalweg.data.files.scans import opened_scan
    >>> nothing = {"formula": None, "features": None, "weights": None, "weights_kind": None}
    >>> with opened_scan([], "select i as x, 2 * i as y from range(30) t(i)") as scan:
    ...     posed = pose_streamed(scan, None, target="y", ignore=[], clusters=[], absorb=[], **nothing)
    >>> posed.model, posed.design.columns, posed.columns.used
    ('ols', ('x',), 30)
    """
    if len(absorb) > 1:
        raise SettingError(
            f"Rows in batches have one absorbed effect at most, got {listed([*absorb])}.",
            "Absorb the one of most levels and write the others as C(…); or select rows that fit into memory.",
        )
    parts = {"clusters": clusters, "formula": absorb, "ignore": ignore, "weights": names_of(weights)}
    parts |= {"target": names_of(target), "features": features or ()}
    for part, names in parts.items():
        _check_columns(part, names, scan)
    notes = [*scan.notes]
    if formula is None:
        beside = {weights, *clusters, *absorb, *ignore}
        formula, told = _formula(scan, target, features, beside)
        notes += told
    elif features is not None:
        raise SettingError(
            f"{setting('formula')} and {setting('features')} both say what to predict from.", "Give one of them."
        )
    free = [name for name in scan.columns if name not in {weights, *ignore}]
    variables = formula_variables(formula, free, estimating=True)
    _check_columns("formula", [variables.target, *variables.features], scan)
    if target not in {None, variables.target}:
        raise SettingError(
            f"{setting('target')} is {target!r}, but {setting('formula')} {formula!r} predicts {variables.target!r}.",
            "Leave one out.",
        )
    names = list(dict.fromkeys([variables.target, *variables.features, *names_of(weights)]))
    labelled = list(dict.fromkeys([*clusters, *absorb]))
    columns = scanned_columns(scan, names, labelled, sorted(variables.coded))
    _check_kinds(variables, columns, scan)
    kind = weights_kind_with(weights, weights_kind)
    where = complete(scan, [*names, *labelled])
    labels = tuple(columns.labels[name] for name in labelled)
    reader = BatchReader(variables, None, tuple(columns.by_name[name] for name in names), labels, weights, where)
    key, classes = _outcome(scan, variables, columns, model, where)
    sample = first_rows(reader, scan.parts)
    levels = {name: columns.by_name[name].levels for name in variables.features if columns.by_name[name].is_category}
    design, _ = design_of_levels(variables, levels, sample)
    if not design.intercept and key != "ols":
        raise SettingError(
            f"{setting('formula')} {design.text!r} removes the intercept; {setting('model')} {key!r} has one.",
            "Take out '0 +' or '- 1', or choose 'ols'.",
        )
    if weights is not None and kind != FREQUENCY:
        remark = weights_sum_remark(columns.ends[weights][2], columns.used, weights_kind)
        notes += [] if remark is None else [Note("weights", remark, (weights,))]
    reader = BatchReader(variables, design, reader.columns, labels, weights, where, classes)
    answer = variables.outcome.strip("`")
    explained = f"{answer} = {classes[1]}" if classes else answer
    sizes = {name: int(columns.labels[name].codes.max()) + 1 for name in clusters}  # type: ignore[union-attr] # labels have codes
    effect = absorb[0] if absorb else ""
    return StreamedQuestion(key, answer, explained, reader, design, columns, sizes, effect, kind, tuple(notes))


def _check_columns(part: str, names: Sequence[str], scan: Scan) -> None:
    for name in names:
        if name not in scan.columns:
            raise SettingError(f"There is no column {name!r}, named by {setting(part)}.", closest(name, scan.columns))


def _formula(
    scan: Scan, target: str | None, features: Sequence[str] | None, beside: set[Any]
) -> tuple[str, list[Note]]:
    """Write the formula of all other columns, and say which cannot be used."""
    if target is None:
        raise SettingError(
            "Which column is the outcome?",
            f"Name it as {setting('target')}; the columns are {listed([*scan.columns], 30)}.",
        )
    named = list(features) if features is not None else [name for name in scan.columns if name not in {target, *beside}]
    notes: list[Note] = []
    dates = [name for name in named if scan.columns[name].startswith(_DATES)]
    named = [name for name in named if name not in dates]
    found = scanned_columns(scan, [target, *named], [], [])
    sizes = {name: len(found.by_name[name].levels) for name in named if found.by_name[name].is_category}
    many = [name for name, size in sizes.items() if size > MAX_LEVELS]
    still = [name for name, size in sizes.items() if size < 2]
    still += [name for name in named if name in found.ends and found.ends[name][0] == found.ends[name][1]]
    left_out = ((dates, "date", "Dates"), (many, "many_levels", f"More than {MAX_LEVELS} levels"))
    for names, code, why in (*left_out, (still, "constant_column", "A single value")):
        if names:
            notes.append(Note(code, f"{why}, so left out: {listed(names)}.", tuple(names)))
    terms = [name for name in named if name not in {*many, *still}]
    if not terms:
        raise SettingError(f"No column is left to explain {target!r} by.", "Write a formula.")
    odd = [name for name in (target, *terms) if "`" in name or name in {"1", ""} or name.endswith("\\")]
    if odd:
        raise SettingError(
            f"Column {odd[0]!r} cannot be told from other signs of a formula, which linear models are written as.",
            f"Rename it, or leave it out with {setting('ignore')}.",
        )
    return f"`{target}` ~ {' + '.join(f'`{name}`' for name in terms)}", notes


def _check_kinds(variables: Variables, columns: ScannedColumns, scan: Scan) -> None:
    """Refuse numbers that are used both as they are and as categories."""
    for name in variables.coded & variables.plain:
        if scan.columns[name] != "VARCHAR" or columns.by_name[name].numbers is not None:
            raise SettingError(
                f"Formula {variables.text!r} uses {name!r} both as a number and as a category.",
                "Decide for one of them.",
            )


def _outcome(
    scan: Scan, variables: Variables, columns: ScannedColumns, model: str | None, where: str
) -> tuple[str, tuple[str, ...]]:
    """Return the model and, of two classes, which they are."""
    if model is not None and model not in _STREAMED:
        raise _refused(model)
    name = variables.target
    if columns.by_name[name].is_category:
        column = pd.Series(pd.Categorical(list(columns.by_name[name].levels), columns.by_name[name].levels), name=name)
    else:
        most = MAX_INTEGER_CLASSES + 2
        distinct = f"distinct {columns.by_name[name].expression} as v"
        values: set[Any] = set()
        if columns.by_name[name].numbers is not None:
            values = set(np.unique(columns.by_name[name].numbers).tolist())  # type: ignore[arg-type] # is not None
        else:
            for part in scan.parts:
                found = part.fetch(f"select v from ({part.rows(distinct, where)}) limit {most}")  # noqa: S608 - the user's own files
                values |= {one[0] for one in found}
        column = pd.Series(sorted(values), name=name, dtype=np.float64)
    outcome = evaluate_outcome(variables, column.to_frame())
    few = outcome.nunique() <= MAX_INTEGER_CLASSES
    if model in {"ols", "poisson"} or (model is None and not few):
        if columns.by_name[name].is_category:
            raise DataError(
                f"Target {name!r} holds texts, which {model or 'ols'} cannot explain.", "Choose 'logistic'."
            )
        if outcome.nunique() < 2:
            read_outcome(outcome, None)  # says so
        return model or default_model("regression").key, ()
    if model == "logistic" and outcome.nunique() > 2:
        some = ", ".join(repr(value) for value in outcome.drop_duplicates().tolist()[:3])
        raise DataError(
            f"{setting('model')} 'logistic' explains two classes, and target {name!r} holds more than two values, "
            f"such as {some}.",
            "Choose 'ols', or make two classes of them by a query.",
        )
    repeated = pd.concat([outcome] * (5 * max(1, len(outcome))), ignore_index=True)  # as often as it surely occurs
    task, classes, _, _ = read_outcome(repeated, None if model is None else MODELS[model].task)
    key = model or default_model(task).key
    if key not in _STREAMED:
        raise _refused(key)
    return key, classes if key == "logistic" else ()


def _refused(model: str) -> SettingError:
    return SettingError(
        f"{setting('model')} {model!r} is not estimated from rows in batches.",
        f"Choose {listed(_STREAMED)}, or select rows that fit into memory.",
    )


def question_told(asked: Mapping[str, object]) -> None:
    """Refuse what needs all rows at once.

    Raises
    ------
    SettingError
        Naming it.

    Examples
    --------
    >>> question_told({"search": None, "margins": "average"})
    Traceback (most recent call last):
    thalweg.base.errors.SettingError: margins needs all rows in memory, and they are read in batches. Leave it out, ...
    """
    for name, value in asked.items():
        if value is not None and value is not False:
            raise SettingError(
                f"{setting(name)} needs all rows in memory, and they are read in batches.",
                f"Leave it out, or select rows by a {setting('query')}.",
            )
