"""Columns that name units with several rows each: persons, firms, shops, asked again and again."""

from itertools import islice
from typing import Final

import numpy as np
import pandas as pd
from scipy.stats import f as fisher

from thalweg.base.arrays import FloatArray, IntArray
from thalweg.data.kinds import kind_of
from thalweg.data.notes import Note

_FEWEST_UNITS: Final = 10
_CHANCE: Final = 15.0  # pairs expected where none is seen: by chance that has a probability of about exp(-15)
_MOST_ROWS: Final = 50_000
_MOST_COLUMNS: Final = 60
_ALIKE: Final = 1e-4


def repeated_units(columns: pd.DataFrame, outcome: FloatArray | IntArray) -> list[Note]:
    """Return a note on the column that names units, if one does and nobody has named it.

    A column with several rows per value names units if together with another it tells all rows apart (person and
    year), or if another column is the same in all rows of each value (the person's sex), each far beyond chance.

    Parameters
    ----------
    columns
        All columns but the outcome, in canonical form.
    outcome
        Values or codes [N].

    Examples
    --------
    >>> firm, year = np.repeat(np.arange(40), 5), np.tile(np.arange(5), 40)
    >>> [note] = repeated_units(pd.DataFrame({"firm": firm, "year": year}), np.arange(200.0) % 7)
    >>> note.columns
    ('firm', 'year')
    """
    coded = ((name, codes) for name, column in columns.items() if (codes := _codes(column)) is not None)
    usable = dict(islice(coded, _MOST_COLUMNS))
    names = list(usable)
    found = []
    for name in names:
        codes = usable[name]
        units = int(codes.max()) + 1
        if not (_FEWEST_UNITS <= units <= len(codes) / 2) or not _may_name(columns[name]):
            continue
        for other in names:
            why = "" if other == name else _why(columns, usable, name, other)
            if why:
                found.append((units, name, other, why))
    if not found:
        return []
    units, name, other, why = max(found, key=lambda one: one[0])
    alike = _alike(usable[name], outcome)
    text = (
        f"Column {name!r} has {len(columns) / units:.3g} rows per value and {why}: rows of one {name!r} are no "
        "independent rows. Name it as groups, so that no fold cuts one, and as clusters, so that errors count them."
    )
    doubt = f"rows of one {name!r} lie on both sides of a fold" if alike else ""
    return [Note("repeated_units", text, (name, other), doubt)]


def _codes(column: pd.Series) -> IntArray | None:
    """Return the value of every row as a code [N]; None if some are missing, or all are equal or different."""
    codes, values = pd.factorize(column)
    if (codes < 0).any() or not 1 < len(values) < len(codes):
        return None
    return np.asarray(codes, dtype=np.int64)


def _may_name(column: pd.Series) -> bool:
    """Whether values are names or whole numbers, or numbers with digits that no measurement repeats by chance."""
    if kind_of(column) != "numeric":
        return kind_of(column) == "categorical"
    values = column.to_numpy(dtype=np.float64)
    return bool((values == np.floor(values)).all() or (np.round(values, 3) != values).mean() > 0.9)


def _why(columns: pd.DataFrame, usable: dict[str, IntArray], name: str, other: str) -> str:
    """Return what a second column shows of the first, or nothing."""
    codes, seen = usable[name], usable[other]
    if len(codes) > _MOST_ROWS:
        kept = codes < np.searchsorted(np.cumsum(np.bincount(codes)), _MOST_ROWS)
        codes, seen = codes[kept], seen[kept]
    units, values = np.bincount(codes).astype(np.float64), np.bincount(seen).astype(np.float64)
    pair = codes * (int(seen.max()) + 1) + seen
    counts = np.unique(pair, return_counts=True)[1].astype(np.float64)
    together = float((counts * (counts - 1)).sum() / 2)  # pairs of rows equal in both
    within = float((units * (units - 1)).sum() / 2)
    alike = float((values * (values - 1)).sum() / 2)
    chance = within * alike / (len(codes) * (len(codes) - 1) / 2)
    if together == 0 and chance >= _CHANCE:
        return f"with {other!r} tells all rows apart"
    if together == within and within - chance >= _CHANCE and not _derived(columns[name], columns[other]):
        return f"{other!r} is the same in all rows of a value"
    return ""


def _derived(column: pd.Series, other: pd.Series) -> bool:
    """Whether a column follows from another as a decade from a year, or as a name from a code."""
    if kind_of(column) == "numeric" and kind_of(other) == "numeric":
        order = np.argsort(column.to_numpy(dtype=np.float64), kind="stable")
        steps = np.diff(other.to_numpy(dtype=np.float64)[order])
        return bool((steps >= 0).all() or (steps <= 0).all())
    return bool(other.nunique() >= column.nunique())


def _alike(codes: IntArray, outcome: FloatArray | IntArray) -> bool:
    """Whether outcomes of a unit resemble each other, by the F test of equal means."""
    y = np.asarray(outcome, dtype=np.float64)
    counts = np.bincount(codes)
    means = np.bincount(codes, y) / counts
    between = float(counts @ (means - y.mean()) ** 2) / (len(counts) - 1)
    inside = float(((y - means[codes]) ** 2).sum()) / max(1, len(y) - len(counts))
    if inside == 0.0:
        return between > 0.0
    return bool(fisher.sf(between / inside, len(counts) - 1, len(y) - len(counts)) < _ALIKE)
