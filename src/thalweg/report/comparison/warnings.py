"""Which warnings stand beside the verdict, and in which order."""

from collections.abc import Sequence
from typing import Final

from thalweg.data.notes import Note
from thalweg.select.comparison_answer import Answer

_MOST: Final = 8


def by_weight(notes: Sequence[Note]) -> list[Note]:
    """Return notes in the order in which they matter: those that weaken the verdict, other warnings, information.

    Examples
    --------
    >>> notes = [Note("task", "Regression."), Note("leakage", "A leak.", (), "a leak"), Note("imbalance", "Rare.")]
    >>> [note.code for note in by_weight(notes)]
    ['leakage', 'imbalance', 'task']
    """
    return sorted(notes, key=lambda note: (not note.doubt, not note.is_warning))


def warning_texts(answer: Answer) -> tuple[str, ...]:
    """Return the warnings that stand beside the verdict; of more than eight the last says how many are left.

    Examples
    --------
    >>> from thalweg.select.comparison_answer import About
    >>> from thalweg.select.scoring.leaderboard import Leaderboard
    >>> board = Leaderboard("regression", "rmse", (), "ridge regression", "", "", (), 5, 100)
    >>> warning_texts(Answer(About("t.csv", "y", notes=(Note("leakage", "A leak."),)), "", "", board))
    ('A leak.',)
    """
    texts = [note.text for note in by_weight(answer.about.notes) if note.is_warning]
    if len(texts) <= _MOST:
        return tuple(texts)
    return (*texts[: _MOST - 1], f"{len(texts) - _MOST + 1} more warnings stand in the report, under Data.")
