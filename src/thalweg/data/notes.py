"""What a reader should know of a table and of what was learned from it: notes with stable codes, in words."""

from dataclasses import dataclass
from typing import Final

CODES: Final = {
    "task": "the task was inferred, and by which rule",
    "encoding": "how missing values and unseen categories are encoded",
    "missing": "columns with missing values",
    "missing_markers": "texts such as NA or ? were read as missing",
    "formatted": "texts were read as numbers or dates written in a stated way",
    "identifier": "digits that a number would change were kept as texts",
    "file": "how a file was opened: its characters, its separator",
    "skipped_lines": "lines of a file that are no rows",
    "totals_row": "a last row that equals sums or means of the rows above",
    "footer_row": "a last row that looks like a remark",
    "thousands": "numbers that may have points between thousands",
    "sentinel": "a code such as 999 outside all other values of its column",
    "missing_outcome": "rows without an outcome were left out",
    "weights": "what the row weights were taken to mean, where it makes a difference",
    "weightless": "rows of weight 0 were left out",
    "streamed": "the rows were read in batches, more of them than fit into memory",
    "incomplete_rows": "rows with a missing value in a formula's variable were left out",
    "constant_column": "a column with a single value was left out",
    "empty_column": "a column without any value was left out",
    "id_like": "a column that names or numbers the rows",
    "many_levels": "a category with so many levels that the rare ones share a column",
    "leakage": "a column from which the outcome can be read off",
    "extreme_values": "values far outside all others",
    "imbalance": "one class holds nearly all rows",
    "rare_class": "a class with few rows",
    "duplicated_rows": "rows that repeat an earlier row",
    "few_rows": "fewer rows, or groups of rows, than the interval was tried with",
    "heavy_rows": "few rows decide a comparison",
    "exact_model": "a model predicts held-out rows exactly",
    "separated_classes": "a linear function of the columns separates the classes",
    "repeated_units": "a column names units that have several rows each",
    "near_copies": "most rows have neighbours much nearer than all others",
    "order_in_time": "rows resemble those before them",
    "wandering": "outcome and features that cannot be told from random walks, in order of time",
    "few_clusters": "too few clusters, or too unequal ones, for standard errors that rest on them",
    "more_columns_than_rows": "more encoded columns than rows",
    "unseen_levels": "new rows hold categories the encoder never saw",
    "unseen_missing": "new rows miss values in columns that were complete in training",
    "extra_columns": "columns of new rows that the model does not use",
    "time_limit": "a time limit ended the comparison before all networks were trained",
    "estimator": "the folds are those of an estimator, not of a comparison",
}
_INFORMATION: Final = frozenset(
    {"task", "streamed", "encoding", "missing", "missing_markers", "formatted", "identifier", "file", "weightless"}
    | {"extra_columns", "estimator"}
)


@dataclass(frozen=True, slots=True)
class Note:
    """One remark: what was seen, where, and what was done or is to be done.

    Parameters
    ----------
    code
        One of :data:`CODES`; programs may rely on it.
    text
        The remark in a sentence or two, for people.
    columns
        The columns it is about.
    doubt
        Why scores on these rows may not hold for new ones, as a clause that can follow "in doubt: "; empty if they may.

    Examples
    --------
    >>> note = Note("constant_column", "Column 'unit' has a single value and was left out.", ("unit",))
    >>> note.is_warning, note.doubt
    (True, '')
    """

    code: str
    text: str
    columns: tuple[str, ...] = ()
    doubt: str = ""

    @property
    def is_warning(self) -> bool:
        """Whether the note asks for attention rather than only reporting a rule."""
        return self.code not in _INFORMATION


def rows_sentence(read: int, used: int) -> str:
    """Return how many rows were read and how many of them were used; nothing if that is not known.

    Examples
    --------
    >>> rows_sentence(1200, 1195), rows_sentence(5, 5), rows_sentence(0, 5)
    ('1,200 rows read, 1,195 used.', '5 rows read, all used.', '')
    """
    if not read:
        return ""
    return f"{counted(read, 'row')} read, {'all' if used == read else f'{used:,}'} used."


def counted(count: int, thing: str) -> str:
    """Return a count with its noun, singular or plural.

    Examples
    --------
    >>> counted(1, "row"), counted(1200, "row")
    ('1 row', '1,200 rows')
    """
    return f"{count:,} {thing}{'' if count == 1 else 's'}"
