"""The columns that a question about an experiment names: whether they are there, and fit their part."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pandas as pd

from thalweg.base.arrays import FloatArray, IntArray
from thalweg.base.errors import DataError, SettingError, row, setting
from thalweg.base.wording import closest, listed
from thalweg.data.notes import counted
from thalweg.data.problem import Problem, pose
from thalweg.effects.experiment.codings import coded
from thalweg.effects.experiment.experiment import MOST_TREATMENTS


def check_parts(
    frame: pd.DataFrame,
    target: str,
    treatments: Sequence[str],
    clusters: Sequence[str],
    weights: str | None = None,
    groups: str | None = None,
    time: str | None = None,
) -> None:
    """Refuse names that no column of the table has, and columns that are given two parts.

    Parameters
    ----------
    frame
        The table.
    target, treatments, clusters, weights, groups, time
        Names of columns.

    Raises
    ------
    SettingError
        If a name is unknown, missing or given twice, or there are too many.

    Examples
    --------
    >>> check_parts(pd.DataFrame({"y": [1], "promo": [0]}), "y", ["promotion"], [])
    Traceback (most recent call last):
    thalweg.base.errors.SettingError: The table has no column 'promotion', named by treatments. Did you mean 'promo'?
    """
    columns = [str(name) for name in frame.columns]
    weighing = () if weights is None else (weights,)
    parts = {"target": (target,), "treatments": treatments, "clusters": clusters, "weights": weighing}
    parts |= {"groups": () if groups is None else (groups,), "time": () if time is None else (time,)}
    for part, names in parts.items():
        for name in names:
            if name not in columns:
                raise SettingError(
                    f"The table has no column {name!r}, named by {setting(part)}.", closest(str(name), columns)
                )
    if not treatments:
        raise SettingError("No treatment is named.", f"Name the columns of 0 and 1 as {setting('treatments')}.")
    if len(set(treatments)) != len(treatments):
        raise SettingError(
            f"{setting('treatments')} must be different columns, got {listed(list(treatments))}.",
            "Name every column once.",
        )
    if len(treatments) > MOST_TREATMENTS:
        raise SettingError(
            f"At most {MOST_TREATMENTS} treatments can be combined, got {len(treatments)}.",
            f"Name fewer as {setting('treatments')}.",
        )
    _check_ways(clusters, groups)
    if groups is not None and time is not None:
        raise SettingError(
            f"{setting('groups')} and {setting('time')} both say how folds are cut.",
            f"Give one of them; {setting('clusters')} can stand beside {setting('time')}.",
        )
    for (part, names), (other, others) in combinations(parts.items(), 2):
        both = [name for name in names if name in others]
        if both and {part, other} not in ({"clusters", "groups"}, {"clusters", "time"}):
            raise SettingError(
                f"Column {both[0]!r} is named by {setting(part)} and by {setting(other)}.", "Name every column once."
            )


def _check_ways(clusters: Sequence[str], groups: str | None) -> None:
    """Refuse more sets of clusters, or groups beside them, than folds can keep whole."""
    if len(clusters) > 1 and groups is not None:
        raise SettingError(
            f"With two sets of {setting('clusters')} folds are pairs of theirs, which leaves none for "
            f"{setting('groups')}.",
            "Leave one of them out.",
        )
    if len(clusters) > 2 or len(set(clusters)) < len(clusters):
        raise SettingError(
            f"Errors can be clustered by one column or by two different ones, got {listed(list(clusters))}.",
            f"Name one or two columns as {setting('clusters')}.",
        )


def read_treatment(column: pd.Series, name: str) -> tuple[IntArray, list[str]]:
    """Return a treatment as 0 and 1 [N], and how it was read where it is written otherwise.

    Raises
    ------
    DataError
        If it has other values, or none; the message names rows.

    Examples
    --------
    >>> read_treatment(pd.Series([0, 1, 2]), "dose")
    Traceback (most recent call last):
    thalweg.base.errors.DataError: Treatment 'dose' must be 0 or 1 in every row; it is not in 1 row: 2 in ...
    """
    known = column[column.notna()]
    codes, told = coded(known)
    if codes is not None and len(known) == len(column):
        return codes, [] if told is None else [f"Treatment {name!r}: {told}."]
    fits = known.index if codes is not None else column.index[pd.to_numeric(column, errors="coerce").isin([0, 1])]
    wrong = np.flatnonzero(~column.index.isin(fits))
    if len(wrong):
        shown = ", ".join(f"{_shown(column, i)} in row {row(int(i))}" for i in wrong[:3])
        raise DataError(
            f"Treatment {name!r} must be 0 or 1 in every row; it is not in {counted(len(wrong), 'row')}: {shown}.",
            "Recode it to 0 and 1 (a treatment of several doses becomes several columns), or drop these rows.",
        )
    return np.asarray(pd.to_numeric(column), dtype=np.int64), []


def _shown(column: pd.Series, place: int) -> str:
    """Return a value as the user wrote it."""
    value = column.iloc[place]
    return repr(value.item() if isinstance(value, np.generic) else value)


def check_varies(treated: IntArray, names: Sequence[str]) -> None:
    """Refuse treatments [N m] that are the same in every row, or that always move together.

    Raises
    ------
    DataError
        If the effect of a treatment cannot be seen, or not told from that of another.

    Examples
    --------
    >>> check_varies(np.array([[0, 1], [1, 0]]), ["a", "b"])
    Traceback (most recent call last):
    thalweg.base.errors.DataError: Treatments 'a' and 'b' always move together: their effects cannot be told apart. ...
    """
    for k, name in enumerate(names):
        if len(np.unique(treated[:, k])) == 1:
            raise DataError(
                f"Treatment {name!r} is {treated[0, k]} in every row: its effect cannot be seen.", "Leave it out."
            )
        for j in range(k):
            if (treated[:, j] == treated[:, k]).all() or (treated[:, j] != treated[:, k]).all():
                raise DataError(
                    f"Treatments {names[j]!r} and {name!r} always move together: their effects cannot be told apart.",
                    "Leave one of them out.",
                )


def outcome_numbers(column: pd.Series, name: str, binary: bool) -> tuple[FloatArray, list[str]]:
    """Return the outcome as numbers [N], and a remark if it is binary and was not said to be.

    Raises
    ------
    DataError
        If it is no finite number somewhere, never varies, or must be 0 or 1 and is not.

    Examples
    --------
    >>> outcome_numbers(pd.Series([1.0, 3.0]), "sales", binary=False)
    (array([1., 3.]), [])
    """
    y = pd.to_numeric(column, errors="coerce").to_numpy(dtype=np.float64)
    wrong = np.flatnonzero(~np.isfinite(y))
    if len(wrong):
        raise DataError(
            f"Outcome {name!r} must be a finite number in every row; it is not in {counted(len(wrong), 'row')}, "
            f"first {_shown(column, wrong[0])} in row {row(int(wrong[0]))}.",
            "Find out why it is missing: units lost after the treatment bias every estimate. Then drop these rows.",
        )
    values = np.unique(y)
    if len(values) == 1:
        raise DataError(f"Outcome {name!r} is {values[0]:g} in every row.", "Choose an outcome that varies.")
    two = np.array_equal(values, [0.0, 1.0])
    if binary and not two:
        raise DataError(
            f"{setting('loss')} 'logistic' needs a target of 0 and 1, {name!r} has {len(values)} values.",
            "Use 'squared'.",
        )
    return y, [f'Outcome {name!r} is 0 or 1: loss="logistic" with link="sigmoid" may fit better.'] * (
        two and not binary
    )


def pose_features(
    frame: pd.DataFrame,
    target: str,
    treatments: tuple[str, ...],
    features: Sequence[str] | None,
    ways: Sequence[str],
    weights: str | None,
    time: str | None = None,
) -> Problem:
    """Let the data stage read covariates, clusters, weights and times.

    Raises
    ------
    SettingError
        If a feature is the outcome or a treatment.

    Examples
    --------
    >>> frame = pd.DataFrame({"y": range(40), "a": [0, 1] * 20, "x": range(40)})
    >>> list(pose_features(frame, "y", ("a",), None, [], None).features)
    ['x']
    """
    overlap = set(features or ()) & {target, *treatments}
    if overlap:
        raise SettingError(
            f"{sorted(overlap)[0]!r} is {setting('target')} or one of the {setting('treatments')} and cannot be a "
            "covariate.",
            f"Leave it out of {setting('features')}.",
        )
    first = next((name for name in ways if name != time), None)
    return pose(
        frame,
        target=target,
        features=features,
        weights=weights,
        ignore=(*treatments, *ways[1:]) if features is None else (),
        task="regression",
        time=time,
        groups=None if time else first,
        clusters=first if time else None,
    )


def check_clusters(frame: pd.DataFrame, clusters: Sequence[str]) -> None:
    """Refuse clusters that are missing in some row.

    Raises
    ------
    DataError
        If one is; the message names the row.

    Examples
    --------
    >>> check_clusters(pd.DataFrame({"shop": ["a", None]}), ["shop"])
    Traceback (most recent call last):
    thalweg.base.errors.DataError: Cluster 'shop' is missing in 1 row, first in row 2. Fill it in, ...
    """
    for name in clusters:
        missing = np.flatnonzero(frame[name].isna())
        if len(missing):
            raise DataError(
                f"Cluster {name!r} is missing in {counted(len(missing), 'row')}, first in row {row(int(missing[0]))}.",
                "Fill it in, or drop these rows.",
            )
