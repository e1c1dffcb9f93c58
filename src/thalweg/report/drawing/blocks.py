"""What an answer says, whoever prints it: sentences, tables and notes, in the order in which they are read."""

from dataclasses import dataclass

from thalweg.report.drawing.table import Table


@dataclass(frozen=True, slots=True)
class Blocks:
    """What an answer says in short, for :func:`~thalweg.report.drawing.text.to_text` and for notebooks.

    Parameters
    ----------
    sentences
        The answer; the first one can stand alone.
    tables
        The first one holds the numbers of the answer.
    notes
        What else a reader should know, a sentence each.
    warnings
        What a reader must not miss, a sentence or two each: they stand below the answer, above the tables.

    Examples
    --------
    >>> Blocks(("There is nothing to compare.",)).tables
    ()
    """

    sentences: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
