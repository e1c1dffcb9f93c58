"""What is kept of which columns matter to a model and how: plain values, for the answer."""

from dataclasses import dataclass
from typing import Final

MOST_EFFECTS: Final = 40  # columns whose effects are kept, the strongest
MOST_COLUMNS: Final = 1_000  # beyond which no column is looked at: each is predicted with anew


@dataclass(frozen=True, slots=True)
class Change:
    """A change of a score or a prediction, with its interval.

    Parameters
    ----------
    value, low, high
        Mean over held-out rows and seeds, and the ends of its interval.
    seed_sd
        Standard deviation over seeds, the luck of one training; None for models without seeds.

    Examples
    --------
    >>> Change(0.2, -0.1, 0.5, 0.05).clear
    False
    """

    value: float
    low: float
    high: float
    seed_sd: float | None

    @property
    def clear(self) -> bool:
        """Whether the interval leaves 0 out; false if it could not be computed."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True, slots=True)
class Importance:
    """By how much predictions worsen without what a column says.

    Parameters
    ----------
    column
        Its name; under a formula, of the term.
    rise
        Of the primary metric where the column is shuffled among held-out rows; positive is worse.
    redundancy
        R² of the column on all others: the nearer to 1, the more of it they hold.

    Examples
    --------
    >>> Importance("age", Change(0.2, 0.1, 0.3, 0.05), 0.4).used
    True
    """

    column: str
    rise: Change
    redundancy: float

    @property
    def used(self) -> bool:
        """Whether shuffling it is shown to worsen predictions."""
        return self.rise.low > 0


@dataclass(frozen=True, slots=True)
class ColumnEffect:
    """How predictions change with a column.

    Parameters
    ----------
    column
        Its name.
    outcome
        What is predicted: the outcome, or a class whose probability it is.
    numbers
        Of a number, values where it is followed; none of a category.
    levels
        Of a category, its levels, the first being the one the others are compared with; none of a number.
    changes
        At every number, accumulated local effect, whose mean over rows is 0; at every level, the mean change of the
        prediction when all rows have it in place of the first level.
    slope
        Of a number: mean over rows of the change per unit of the column; None of a category.

    Examples
    --------
    >>> flat = Change(0.0, 0.0, 0.0, 0.0)
    >>> ColumnEffect("smokes", "relapse", (), ("no", "yes"), (flat, flat), None).of_number
    False
    """

    column: str
    outcome: str
    numbers: tuple[float, ...]
    levels: tuple[str, ...]
    changes: tuple[Change, ...]
    slope: Change | None

    @property
    def of_number(self) -> bool:
        """Whether the column holds numbers."""
        return bool(self.numbers)

    @property
    def reach(self) -> float:
        """How far apart its largest and smallest change are."""
        values = [one.value for one in self.changes]
        return max(values) - min(values)


@dataclass(frozen=True, slots=True)
class Explanation:
    """Which columns one model rests on, and how.

    Parameters
    ----------
    model
        Its name in the leaderboard.
    metric
        Name of the primary metric.
    level
        Nominal coverage of every interval, each for itself.
    rows
        Held-out rows that were predicted anew.
    importances
        The columns, most important first.
    effects
        Of the :data:`MOST_EFFECTS` most important, in their order; none under a formula, whose columns are not moved
        one by one.

    Examples
    --------
    >>> Explanation("ridge regression", "rmse", 0.95, 100, (), ()).used
    ()
    """

    model: str
    metric: str
    level: float
    rows: int
    importances: tuple[Importance, ...]
    effects: tuple[ColumnEffect, ...]

    @property
    def used(self) -> tuple[str, ...]:
        """Columns that are shown to matter to its predictions."""
        return tuple(one.column for one in self.importances if one.used)

    def effects_of(self, column: str) -> tuple[ColumnEffect, ...]:
        """Return the effects of a column, one per class for more than two classes."""
        return tuple(one for one in self.effects if one.column == column)
