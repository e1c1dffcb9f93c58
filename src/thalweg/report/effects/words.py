"""Words that reports about effects share."""

from collections.abc import Sequence

from thalweg.data.notes import rows_sentence
from thalweg.effects.experiment.reading import Reading
from thalweg.effects.identification.support import OK, Support


def status_words(support: Support, *, withheld: bool) -> str:
    """Return what a reader is told about an effect.

    Examples
    --------
    >>> status_words(Support("weak", "too heavy", 10.0, 60.0, 90.0), withheld=True)
    'weak: withheld'
    """
    word = "observed" if support.status == OK else support.status
    return f"{word}: withheld" if withheld else word


def p_words(p: float) -> str:
    """Return a p-value as a reader writes it.

    Examples
    --------
    >>> p_words(0.034), p_words(1e-30)
    ('p = 0.034', 'p < 0.0001')
    """
    return "p < 0.0001" if p < 1e-4 else f"p = {p:.2g}"


def digits_note(treatments: Sequence[str]) -> str:
    """Say which digit is which treatment."""
    return f"Digits, from left to right: {', '.join(treatments)}."


def rows_words(reading: Reading) -> str:
    """Return how many rows the table had and how many of them are units.

    Examples
    --------
    >>> from thalweg.effects.experiment.reading import read_experiment
    >>> columns = {"y": [0, 1, 2, 3, 0, 2, 2, 3] * 10, "a": [0, 1, 0, 1] * 20, "x": range(80)}
    >>> rows_words(read_experiment(columns, target="y", treatments=["a"], features=["x"]))
    '80 rows read, all used.'
    """
    return rows_sentence(reading.rows, len(set(reading.order.tolist())))
