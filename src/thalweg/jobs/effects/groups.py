"""Effects within groups of units, from a fitted answer and the table it was fitted to."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pandas as pd

from thalweg.base.errors import SettingError
from thalweg.base.run_folder import RunFolder
from thalweg.base.wording import closest
from thalweg.data.columns import canonical_column
from thalweg.data.kinds import kind_of
from thalweg.data.reading.fingerprint import check_fingerprint, table_fingerprint
from thalweg.data.reading.table import RawTable, read_table
from thalweg.effects.answer import EffectsAnswer
from thalweg.effects.differing import GroupContrasts, group_contrasts
from thalweg.effects.inference.estimate import Estimate
from thalweg.jobs.sources import source_of_run

_MOST_VALUES: Final = 10
_PARTS: Final = 4


def group_effects(
    answer: EffectsAnswer, table: RawTable, by: str, combination: str | None = None, *, level: float = 0.95
) -> GroupContrasts:
    """Return the effect of a combination within the groups of a column, and how the groups differ.

    Numbers of more than ten values are cut into quarters of equal size; rows without a value form a group.

    Parameters
    ----------
    answer
        The fitted answer.
    table
        The table it was fitted to.
    by
        A column from before the treatment.
    combination
        Such as ``101``, or treatments by name; None for the best.
    level
        Of the intervals, each for itself.

    Returns
    -------
    GroupContrasts
        One estimate per group in the order of the groups, every two of them compared, and a test that none differ.

    Raises
    ------
    SettingError
        If there is no such column, or it is the outcome or a treatment.
    DataError
        If the table has another number of rows, or a group fewer than two units.

    Examples
    --------
    >>> from thalweg.effects.dedl import DeDL
    >>> columns = {"y": [0, 1, 2, 3, 0, 2, 2, 3] * 10, "a": [0, 1, 0, 1] * 20, "b": [0, 0, 1, 1] * 20, "x": range(80)}
    >>> quick = DeDL(link="linear", epochs=5, folds=2, repeats=1, workers=1)
    >>> answer = quick.fit(columns, target="y", treatments=["a", "b"])
    >>> [group.name for group in group_effects(answer, read_table(columns), "x", "a + b").groups]
    ['0 to 19', '20 to 39', '40 to 59', '60 to 79']
    """
    chosen = answer.best(level=level).combination if combination is None else combination
    labels, order = _labels_by(answer, table, by)
    return group_contrasts(answer, labels, chosen, order=order, level=level)


def group_map(
    answer: EffectsAnswer, table: RawTable, by: str, combinations: Sequence[str], *, level: float = 0.95
) -> dict[str, tuple[Estimate, ...]]:
    """Return the effects of some combinations within the groups of a column.

    Parameters
    ----------
    answer, table, by, level
        As for :func:`group_effects`, and groups are made alike.
    combinations
        Such as ``["10", "11"]``.

    Returns
    -------
    dict
        By combination, one estimate per group in the order of the groups.

    Raises
    ------
    SettingError
        If there is no such column, or it is the outcome or a treatment.
    DataError
        If the table has another number of rows, or a group fewer than two units.
    """
    labels, order = _labels_by(answer, table, by)
    answers = {}
    for combination in combinations:
        found = {one.name: one for one in answer.groups(labels, combination, level=level)}
        answers[combination] = tuple(found[name] for name in order if name in found)
    return answers


def _labels_by(answer: EffectsAnswer, table: RawTable, by: str) -> tuple[list[str], list[str]]:
    """Return the group of every row by a column from before the treatment, and the groups in order."""
    reading = answer.reading
    names = list(map(str, table.frame.columns))
    if by not in names:
        raise SettingError(f"The table has no column {by!r}.", closest(by, names))
    if by == reading.target or by in reading.treatments:
        raise SettingError(
            f"{by!r} is outcome or treatment and makes no groups.", "Choose a column from before the treatment."
        )
    return group_labels(table.frame[by])


def group_labels(column: pd.Series) -> tuple[list[str], list[str]]:
    """Return the group of every row, and the groups in order.

    Examples
    --------
    >>> group_labels(pd.Series(["b", "a", "b"]))
    (['b', 'a', 'b'], ['a', 'b'])
    """
    values = canonical_column(column)[0]
    if kind_of(values) == "numeric" and values.nunique() > _MOST_VALUES:
        parts = pd.qcut(values, _PARTS, duplicates="drop").cat.codes
        ends = values.groupby(parts).agg(["min", "max"])
        named = {code: f"{_short(low)} to {_short(high)}" for code, low, high in ends.itertuples() if code >= 0}
        labels = [named.get(code, "missing") for code in parts]
        return labels, [*named.values()] + ["missing"] * ("missing" in labels)
    names = {value: _short(value) if kind_of(values) == "numeric" else str(value) for value in values.dropna().unique()}
    labels = ["missing" if pd.isna(value) else names[value] for value in values]
    return labels, [names[value] for value in sorted(names)] + ["missing"] * ("missing" in labels)


def _short(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def table_of_run(folder: str | Path, source: object = None) -> RawTable:
    """Read the table a run was made from again.

    Parameters
    ----------
    folder
        The run's folder.
    source
        The table, if the run was not made from a file or an example, or the file has moved.

    Returns
    -------
    RawTable
        The same rows.

    Raises
    ------
    SettingError
        If the run was made from a table in memory and no source is given.
    DataError
        If it is not the table of the run.

    Examples
    --------
    See ``tests/jobs/effects/test_experiment.py``.
    """
    config = RunFolder(Path(folder)).config()
    table = read_table(**source_of_run(config, source))
    check_fingerprint(table_fingerprint(table.frame), config["data"]["fingerprint"])
    return table
