"""What a guided study finds, as frozen records that say it in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from thalweg.base.arrays import FloatArray

METHODS: Final = ("saliency", "integrated gradients", "permutation")
FALSE_SHARE: Final = 0.2  # of the columns named by the knockoff filter, at most, on average
SIGNIFICANT: Final = 0.05


@dataclass(frozen=True, slots=True, eq=False)
class Relation:
    """Whether there is anything to learn, measured on rows that took no part.

    Parameters
    ----------
    observed
        Loss of each network [S].
    null
        Loss of networks that learned a permuted outcome [R]; none where rows belong to groups.
    constant
        Loss of the best prediction without any column.
    linear
        Loss of a linear model trained alike.
    """

    observed: FloatArray
    null: FloatArray
    constant: float
    linear: float

    @property
    def permutations(self) -> int:
        """Networks that learned a permuted outcome."""
        return len(self.null)

    @property
    def p_value(self) -> float | None:
        """(1 + #{null ≤ observed}) / (1 + R) of the first network; None without a null.

        The first network and each of the others differ in their start and in nothing but the order of the outcome, so
        that the test is exact: without a relation it is below α in at most α of all tables.
        """
        if not len(self.null):
            return None
        return float((1 + (self.null <= self.observed[0]).sum()) / (1 + len(self.null)))

    @property
    def explained(self) -> float:
        """Share of the constant's loss that the networks save, on average."""
        return 1 - float(self.observed.mean()) / self.constant


@dataclass(frozen=True, slots=True, eq=False)
class Attribution:
    """What one column is worth to the population.

    Parameters
    ----------
    column
        Its name.
    values
        By method: importance, both ends of its interval, standard deviation over starts, and over resampled rows.
    stability
        Share of all networks on resampled rows in which it is among the first by saliency.
    q
        Smallest false discovery rate at which the knockoff filter names it; None where there are no knockoffs.
    redundancy
        R² of the column on the others.
    """

    column: str
    values: Mapping[str, tuple[float, float, float, float, float]]
    stability: float
    q: float | None
    redundancy: float


@dataclass(frozen=True, slots=True, eq=False)
class Confirmation:
    """Loss on rows that took no part, of networks that learned from some columns alone.

    Parameters
    ----------
    label, columns
        Which columns.
    loss, low, high
        Mean loss over networks and rows, and its interval for new rows.
    """

    label: str
    columns: tuple[str, ...]
    loss: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, eq=False)
class GuideStudy:
    """A guided study of a table.

    Parameters
    ----------
    table, target, task
        On what.
    trained, held
        Rows of half A and of half B.
    level
        Nominal coverage of the intervals.
    seeds, resamples
        Networks per set of rows, and resampled sets of rows.
    relation
        Whether there is anything to learn.
    attributions
        Columns, by saliency.
    confirmations
        All columns, the first ones, the others.
    """

    table: str
    target: str
    task: str
    trained: int
    held: int
    level: float
    seeds: int
    resamples: int
    relation: Relation
    attributions: tuple[Attribution, ...]
    confirmations: tuple[Confirmation, ...]

    @property
    def named(self) -> tuple[str, ...]:
        """Columns that the knockoff filter names at a false discovery rate of 20 %."""
        return tuple(one.column for one in self.attributions if one.q is not None and one.q <= FALSE_SHARE)

    @property
    def sentence(self) -> str:
        """Whether there is a relation, and what it needs."""
        p = self.relation.p_value
        if p is not None and p > SIGNIFICANT:
            return (
                f"Nothing shows that {self.target!r} depends on these columns: too many networks that learned a "
                f"permuted outcome do as well on {self.held:,} other rows (p = {p:.2g})."
            )
        every, first, *_ = self.confirmations
        saved = [1 - one.loss / self.relation.constant for one in (every, first)]
        told = "" if p is None else f" (p = {p:.2g})"
        names = ", ".join(first.columns)
        return (
            f"All columns save {saved[0]:.0%} of the loss of a constant on {self.held:,} other rows{told}; networks "
            f"that learned from {names} alone save {saved[1]:.0%}."
        )
