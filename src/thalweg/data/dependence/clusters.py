"""Whether clusters are enough for the errors that are computed from them, in words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from thalweg.base.arrays import FloatArray, IntArray
from thalweg.data.notes import Note, counted

FEW_CLUSTERS: Final = 20
FEW_TREATED: Final = 10
_SHOWN: Final = 5
_LOOKED: Final = 1000  # rows that tell most columns of more than two values

BoolArray = NDArray[np.bool_]


def effective_clusters(codes: IntArray) -> float:
    """Return how many clusters of equal size are worth as much as these: n² / Σ n_g².

    Parameters
    ----------
    codes
        Cluster of every row [N].

    Examples
    --------
    >>> effective_clusters(np.array([0, 0, 1, 1])), round(effective_clusters(np.array([0, 0, 0, 1])), 2)
    (2.0, 1.6)

    Notes
    -----
    Carter, Schnepel & Steigerwald (2017), Review of Economics and Statistics 99, 698-709, for clusters whose rows
    hang together closely.
    """
    return ClusterTable(np.unique(codes, return_counts=True)[1], {}).worth


def cluster_notes(
    ways: Mapping[str, IntArray], design: pd.DataFrame, coefficients: int, covariance: str = "cluster"
) -> list[Note]:
    """Return what makes clustered standard errors too small: few clusters, one large one, columns few of them decide.

    Parameters
    ----------
    ways
        Cluster of every row [N] by the name of its column.
    design
        Columns whose coefficients are estimated [N D].
    coefficients
        How many are estimated in all.
    covariance
        "cluster" (CR1), "CR2" or "CR3"; of the last two, which allow for few and unequal clusters, less is said.

    Examples
    --------
    >>> codes = np.repeat(np.arange(8), 5)
    >>> [note.code for note in cluster_notes({"firm": codes}, pd.DataFrame({"x": np.arange(40.0)}), 2)]
    ['few_clusters']

    Notes
    -----
    Cameron, Gelbach & Miller (2008), Review of Economics and Statistics 90, 414-427 (few clusters); MacKinnon & Webb
    (2017), Journal of Applied Econometrics 32, 233-254 (unequal ones, few that are treated).
    """
    tables = {}
    for name, codes in ways.items():
        sizes = np.bincount(codes)
        there = sizes > 0
        tops = _of_two_values(design)
        shares = {column: np.bincount(codes, top, len(sizes))[there] / sizes[there] for column, top in tops}
        tables[name] = ClusterTable(sizes[there], shares)
    return cluster_table_notes(tables, coefficients, covariance)


@dataclass(frozen=True, slots=True)
class ClusterTable:
    """What is known of the clusters of one set.

    Parameters
    ----------
    sizes
        Rows of each, shape [G].
    shares
        By the name of a column of two values the share of rows that have the greater one, in each cluster [G].
    """

    sizes: IntArray
    shares: Mapping[str, FloatArray]

    @property
    def worth(self) -> float:
        """How many clusters of equal size are worth as much."""
        sizes = self.sizes.astype(np.float64)
        return float(sizes.sum() ** 2 / (sizes @ sizes))

    def few(self) -> list[tuple[str, int]]:
        """Return columns of two values, constant in every cluster, with the clusters that have the rarer one."""
        found = []
        for name, share in self.shares.items():
            lower, upper = int((share == 0).sum()), int((share == 1).sum())
            if lower + upper == len(share) and min(lower, upper) < min(FEW_TREATED, len(share) // 2):
                found.append((name, min(lower, upper)))
        return found


def cluster_table_notes(
    tables: Mapping[str, ClusterTable], coefficients: int, covariance: str = "cluster"
) -> list[Note]:
    """Return what :func:`cluster_notes` says, of clusters of which a table is known.

    Examples
    --------
    >>> [note.code for note in cluster_table_notes({"firm": ClusterTable(np.full(8, 5), {})}, 2)]
    ['few_clusters']
    """
    notes = []
    for name, table in tables.items():
        count, worth = len(table.sizes), table.worth
        if count <= coefficients:
            text = (
                f"{counted(count, 'cluster')} of {name!r} for {coefficients} coefficients: the covariance has rank "
                f"{count - 1} at most, and its standard errors, tests and intervals are not to be relied on."
            )
            notes.append(Note("few_clusters", text, (name,)))
        elif worth < FEW_CLUSTERS and covariance == "cluster":
            unequal = f", worth {worth:.0f} of equal size" if worth < 0.75 * count else ""
            text = (
                f"Only {counted(count, 'cluster')} of {name!r}{unequal}: clustered standard errors are too small on "
                f"average, and intervals too narrow.{_remedy(tables)}"
            )
            notes.append(Note("few_clusters", text, (name,)))
        few = [f"{column!r} ({least})" for column, least in table.few()]
        if few:
            text = (
                f"Columns that are the same within each cluster of {name!r} and differ in fewer than {FEW_TREATED} of "
                f"{count}: {_shown(few)}. Their standard errors are too small."
            )
            text += _remedy(tables) if covariance == "cluster" else ""
            notes.append(Note("few_clusters", text, (name,)))
    return notes


def _shown(few: list[str]) -> str:
    """Return the first of some columns with their clusters."""
    more = f" and {len(few) - _SHOWN} more" if len(few) > _SHOWN else ""
    return ", ".join(few[:_SHOWN]) + more


def _remedy(ways: Mapping[str, ClusterTable]) -> str:
    """Return what allows for few clusters; of sets that cross nothing does."""
    return " Covariance 'CR3' allows for that." if len(ways) == 1 else ""


def _of_two_values(design: pd.DataFrame) -> Iterator[tuple[str, BoolArray]]:
    """Yield the columns that have two values, and which rows have the greater one [N]."""
    for column in design:
        values = design[column].to_numpy(dtype=np.float64)
        low, high = values.min(), values.max()
        looked = values[:_LOOKED]
        if low < high and ((looked == low) | (looked == high)).all():
            top = values == high
            if (top | (values == low)).all():
                yield str(column), top
