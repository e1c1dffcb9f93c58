"""Who plays which part: target, features, weights, groups, and what is ignored."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from thalweg.base.errors import DataError, SettingError, setting
from thalweg.base.naming import name_of, names_of
from thalweg.base.wording import closest, listed
from thalweg.data.columns import column_of_kind
from thalweg.data.formula import Variables, formula_variables
from thalweg.data.kinds import row_at
from thalweg.data.reading.table import RawTable


@dataclass(frozen=True, slots=True)
class Roles:
    """The part every column plays.

    Parameters
    ----------
    target
        The outcome.
    features
        What it is predicted from, in the order of the table (or of the formula).
    weights, groups
        The column of row weights, and the column of groups that folds must not cut; or None.
    formula
        What the formula uses, if there is one.
    clusters, time
        The column of clusters that errors count, and the column of times that folds are ordered by; or None.
    """

    target: str
    features: tuple[str, ...]
    weights: str | None
    groups: str | None
    formula: Variables | None
    clusters: str | None = None
    time: str | None = None

    @property
    def used(self) -> tuple[str, ...]:
        """All columns with a part."""
        beside = dict.fromkeys(filter(None, (self.weights, self.groups, self.clusters, self.time)))
        return (self.target, *self.features, *(name for name in beside if name not in self.features))

    def of(self, name: str) -> str:
        """Return the part of one column."""
        named = {self.clusters: "clusters", self.time: "time"}
        named |= {self.weights: "weights", self.groups: "groups", self.target: "target"}
        return named.get(name) or ("feature" if name in self.features else "ignored")


def assign_roles(
    table: RawTable,
    *,
    target: str | None,
    formula: str | None,
    features: Sequence[str] | None,
    weights: str | None,
    groups: str | None,
    ignore: Sequence[str],
    clusters: str | None = None,
    time: str | None = None,
    estimating: bool = False,
) -> Roles:
    """Give every column its part.

    Parameters
    ----------
    table
        The table.
    target, formula, features, weights, groups, ignore, clusters, time
        Columns by their part.
    estimating
        Whether a linear model is estimated from all rows, as for :func:`thalweg.data.formula.formula_variables`.

    Returns
    -------
    Roles
        Features are those named, or those in the formula, or all columns without another part.

    Raises
    ------
    SettingError
        If a name is no column, the target or an ignored column has another part, no target or no feature is left. A
        feature may be weights, groups, clusters or time besides.

    Examples
    --------
    >>> table = RawTable("t", pd.DataFrame({"y": [1], "x": [2], "id": [3]}))
    >>> none = {"formula": None, "features": None, "weights": None, "groups": None}
    >>> assign_roles(table, target="y", ignore=["id"], **none).features
    ('x',)
    """
    columns = [str(name) for name in table.frame.columns]
    ignored = names_of(ignore)
    chosen = None if features is None else names_of(features)
    target, weights, groups = name_of("target", target), name_of("weights", weights), name_of("groups", groups)
    _check_columns("weights", names_of(weights), columns)
    _check_columns("groups", names_of(groups), columns)
    clusters, time = name_of("clusters", clusters), name_of("time", time)
    _check_columns("clusters", names_of(clusters), columns)
    _check_columns("time", names_of(time), columns)
    _check_columns("ignore", ignored, columns)
    beside = {"clusters": clusters, "time": time}
    free = [name for name in columns if name not in {weights, groups, clusters, time, *ignored}]
    if formula is not None:
        if chosen is not None:
            raise SettingError(
                f"{setting('formula')} and {setting('features')} both say what to predict from.", "Give one of them."
            )
        found = formula_variables(formula, free, estimating=estimating)
        if target not in {None, found.target}:
            raise SettingError(
                f"{setting('target')} is {target!r}, but {setting('formula')} {formula!r} predicts {found.target!r}.",
                "Leave one out.",
            )
        _check_columns("formula", [found.target, *found.features], columns)
        return _checked(Roles(found.target, found.features, weights, groups, found, **beside), ignored)
    outcome = target if target is not None else table.target
    if outcome is None:
        raise SettingError(
            "Which column is the outcome?", f"Name it as {setting('target')}; the columns are {listed(columns, 30)}."
        )
    _check_columns("target", [outcome], columns)
    _check_columns("features", chosen or (), columns)
    inputs = tuple(dict.fromkeys(chosen)) if chosen is not None else tuple(name for name in free if name != outcome)
    return _checked(Roles(outcome, inputs, weights, groups, None, **beside), ignored)


def read_weights(column: pd.Series) -> NDArray[np.float64]:
    """Return row weights [N].

    Raises
    ------
    DataError
        If one is missing, negative or no number, or all are zero; the message names the row.

    Examples
    --------
    >>> read_weights(pd.Series([1, 0, 2], name="w"))
    array([1., 0., 2.])
    """
    values: NDArray[np.float64] = column_of_kind(column, "numeric").to_numpy(dtype=np.float64)
    bad = np.flatnonzero(~(values >= 0))
    if bad.size:
        what = "is missing" if np.isnan(values[bad[0]]) else f"is {values[bad[0]]:g}"
        raise DataError(
            f"Weight column {column.name!r} {what} in row {row_at(column, bad[0])}; weights are at least 0.",
            "Mend it; a weight of 0 leaves a row out.",
        )
    if not values.any():
        raise DataError(f"All weights in column {column.name!r} are zero.", "Give some rows a positive weight.")
    return values


def read_groups(column: pd.Series) -> NDArray[np.int64]:
    """Return the group of every row as codes 0, 1, … [N], in the order of first appearance.

    Raises
    ------
    DataError
        If a row has no group.

    Examples
    --------
    >>> read_groups(pd.Series(["b", "a", "b"], name="firm"))
    array([0, 1, 0])
    """
    gaps = np.flatnonzero(column.isna())
    if gaps.size:
        raise DataError(
            f"Group column {column.name!r} is missing in row {row_at(column, gaps[0])}.",
            "Give every row a group, or leave such rows out by a query.",
        )
    codes: NDArray[np.int64] = pd.factorize(column)[0].astype(np.int64)
    return codes


def _check_columns(part: str, names: Sequence[str], columns: list[str]) -> None:
    for name in names:
        if name not in columns:
            raise SettingError(f"There is no column {name!r}, named by {setting(part)}.", closest(name, columns))


def _checked(roles: Roles, ignored: Sequence[str]) -> Roles:
    if roles.groups is not None and roles.time is not None:
        raise SettingError(
            f"{setting('groups')} and {setting('time')} both say how folds are cut: no group can lie in one fold and "
            "have all its times in order.",
            f"Give one of them; {setting('clusters')} can stand beside {setting('time')}.",
        )
    beside = {"weights": roles.weights, "groups": roles.groups, "clusters": roles.clusters, "time": roles.time}
    given = {part: name for part, name in beside.items() if name is not None}
    wrong = {roles.target: "target", **dict.fromkeys(ignored, "ignore")}
    clash = [(name, part) for part, name in given.items() if name in wrong]
    clash += [(name, "features") for name in roles.features if name in wrong]
    if roles.target in ignored:
        clash.append((roles.target, "target"))
    if roles.weights is not None and roles.weights in {roles.groups, roles.clusters, roles.time}:
        clash.append((roles.weights, "weights"))
    if clash:
        name, part = clash[0]
        raise SettingError(
            f"Column {name!r} is given more than one part.",
            f"Take it out of {setting(part)}, or of {setting(wrong.get(name, 'groups'))}.",
        )
    if not roles.features:
        raise SettingError(
            f"No column is left to predict {roles.target!r} from.",
            f"Give {setting('features')}, or {setting('ignore')} fewer.",
        )
    return roles
