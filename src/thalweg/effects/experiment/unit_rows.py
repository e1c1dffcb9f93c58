"""Rows of a table as units: those that weights leave, their order, their clusters, and columns that repeat another."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from thalweg.base.arrays import FloatArray, IntArray
from thalweg.base.errors import DataError, row, setting
from thalweg.base.weighing import FREQUENCY, common_weights, weights_remark
from thalweg.base.wording import listed
from thalweg.data.columns import canonical_column
from thalweg.data.roles import read_weights

MOST_UNITS: Final = 20_000_000  # that frequency weights may be written out to


def units_of(
    frame: pd.DataFrame, weights: str | None, kind: str | None, said: str | None
) -> tuple[pd.DataFrame, IntArray, list[str]]:
    """Return the table of units, the row each was, and a note if what the weights mean was not said.

    Raises
    ------
    DataError
        As for :func:`rows_of_units`.
    """
    if weights is None or kind is None:
        return frame, np.arange(len(frame)), []
    values = read_weights(canonical_column(frame[weights].reset_index(drop=True))[0])
    units, remarks = rows_of_units(values, kind, said)
    left = frame.drop(columns=weights) if kind == FREQUENCY else frame
    return left.iloc[units].reset_index(drop=True), units, remarks


def rows_of_units(values: FloatArray, kind: str, said: str | None) -> tuple[IntArray, list[str]]:
    """Return the row each unit was, and a note if what the weights mean was not said.

    Rows of weight 0 are no units; frequencies stand for as many.

    Parameters
    ----------
    values
        Weights [N], at least 0.
    kind, said
        What they mean, and what the user said of that.

    Raises
    ------
    DataError
        If a frequency is no whole number, or they stand for more units than can be written out.

    Examples
    --------
    >>> rows_of_units(np.array([0.0, 2.0, 1.0]), "frequency", "frequency")[0].tolist()
    [1, 1, 2]
    """
    common = common_weights(values, kind)
    if kind != FREQUENCY:
        remark = weights_remark(values, said)
        return np.flatnonzero(common), [] if remark is None else [remark]
    if common.sum() > MOST_UNITS:
        raise DataError(
            f"The frequency weights stand for {common.sum():,.0f} units, more than {MOST_UNITS:,}.",
            f"Set {setting('weights_kind')} to 'analytic', or draw a sample.",
        )
    return np.repeat(np.arange(len(values)), common.astype(np.int64)), []


def joined_codes(frame: pd.DataFrame, names: Sequence[str], order: IntArray) -> IntArray:
    """Return codes [N] of units that share a group or a cluster, or are linked by others that do."""
    codes = [pd.factorize(frame[name])[0][order] for name in names]
    size = int(codes[0].max()) + 1
    nodes = size + int(codes[1].max()) + 1
    links = coo_array((np.ones(len(order)), (codes[0], size + codes[1])), shape=(nodes, nodes))
    return np.asarray(connected_components(links, directed=False)[1][codes[0]], dtype=np.int64)


def repeated_rows(frame: pd.DataFrame) -> list[str]:
    """Tell of rows that repeat an earlier one in all columns."""
    repeated = int(pd.util.hash_pandas_object(frame.astype("string"), index=False).duplicated().sum())
    if not repeated:
        return []
    text = (
        f"{repeated:,} of {len(frame):,} rows repeat an earlier row in all columns. If they are copies, standard "
        "errors are too small: drop them, or name a column that tells units apart as clusters."
    )
    return [text]


def codes_of_clusters(frame: pd.DataFrame, ways: Sequence[str], order: IntArray) -> IntArray | None:
    """Return codes of clusters [N] or [N 2]."""
    if not ways:
        return None
    codes = [pd.factorize(frame[name])[0][order].astype(np.int64) for name in ways]
    return codes[0] if len(codes) == 1 else np.column_stack(codes)


def content_order(frame: pd.DataFrame, weights: str | None) -> IntArray:
    """Order rows by a hash of their content, so that neither a permuted table nor the scale of weights matters."""
    content = frame if weights is None else frame.drop(columns=weights)
    keys = pd.util.hash_pandas_object(content.astype("string"), index=False).to_numpy()
    if weights is None:
        return np.argsort(keys, kind="stable").astype(np.int64)
    return np.lexsort((pd.to_numeric(frame[weights], errors="coerce"), keys)).astype(np.int64)


def distinct_columns(x: FloatArray, names: Sequence[str]) -> tuple[FloatArray, tuple[str, ...], list[str]]:
    """Drop columns that repeat an earlier one."""
    _, first = np.unique(x, axis=1, return_index=True)
    kept = np.sort(first)
    repeated = [name for k, name in enumerate(names) if k not in set(kept.tolist())]
    notes = [f"Covariates that repeat another were left out: {listed(repeated)}."] if repeated else []
    return x[:, kept], tuple(names[k] for k in kept), notes


def labels_of_rows(labels: ArrayLike, rows: int) -> NDArray[Any]:
    """Return the group of every row of a table [N].

    Parameters
    ----------
    labels
        As they were given.
    rows
        N.

    Raises
    ------
    DataError
        If there is not one for each row, or one is missing.

    Examples
    --------
    >>> labels_of_rows(["old", "new"], 2).tolist()
    ['old', 'new']
    """
    given = np.asarray(labels)
    if given.shape != (rows,):
        raise DataError(
            f"Expected one group label for each of {rows:,} rows, got {given.shape}.", "Give the column of the table."
        )
    missing = np.flatnonzero(pd.isna(given))
    if len(missing):
        raise DataError(
            f"Row {row(missing[0])} has no group: its label is missing.", "Give every row a group, or drop the row."
        )
    return given
