"""Whether clusters are enough for the errors that are computed from them, in words."""

from collections.abc import Mapping
from typing import Final

import numpy as np
import pandas as pd

from thalweg.base.arrays import IntArray
from thalweg.base.wording import listed
from thalweg.data.notes import Note, counted

FEW_CLUSTERS: Final = 20
FEW_TREATED: Final = 10


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
    sizes = np.unique(codes, return_counts=True)[1].astype(np.float64)
    return float(sizes.sum() ** 2 / (sizes @ sizes))


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
    notes = []
    for name, codes in ways.items():
        count, worth = len(np.unique(codes)), effective_clusters(codes)
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
                f"average, and intervals too narrow.{_remedy(ways)}"
            )
            notes.append(Note("few_clusters", text, (name,)))
        few = [f"{column!r} ({least})" for column, least in _decided_by_few(design, codes, count)]
        if few:
            text = (
                f"Columns that are the same within each cluster of {name!r} and differ in fewer than {FEW_TREATED} of "
                f"{count}: {listed(few)}. Their standard errors are too small."
            )
            text += _remedy(ways) if covariance == "cluster" else ""
            notes.append(Note("few_clusters", text, (name,)))
    return notes


def _remedy(ways: Mapping[str, IntArray]) -> str:
    """Return what allows for few clusters; of sets that cross nothing does."""
    return " Covariance 'CR3' allows for that." if len(ways) == 1 else ""


def _decided_by_few(design: pd.DataFrame, codes: IntArray, count: int) -> list[tuple[str, int]]:
    """Return columns of two values, constant in every cluster, with the number of clusters that have the rarer one."""
    found = []
    for column in design:
        values = pd.Series(design[column].to_numpy()).groupby(codes)
        means = values.mean()
        if values.nunique().max() == 1 and means.nunique() == 2:
            least = int(means.value_counts().min())
            if least < min(FEW_TREATED, count // 2):
                found.append((str(column), least))
    return found
