"""What can go wrong, in words: every error says what was expected, what came, where, and what to do.

A check deep inside knows a row by its position among the rows it was given, and a setting by its name in Python. Both
are marked in the text (:func:`row`, :func:`setting`), so that the door that was used can say them in its caller's
numbers and words.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Self

_OPEN, _CLOSE = "\ue000", "\ue001"  # of the private use area: no user's text has them
_ROW = re.compile(f"{_OPEN}row:(\\d+){_CLOSE}")
_SETTING = re.compile(f"{_OPEN}setting:([^{_CLOSE}]*){_CLOSE}")


def row(position: int) -> str:
    """Return a mark for a row, to be written into an error's text; it is read as the number counted from 1.

    Parameters
    ----------
    position
        Counted from 0 among the rows that the check was given.

    Examples
    --------
    >>> error = DataError(f"The count in row {row(6)} is negative.", "Mend it.")
    >>> print(error)
    The count in row 7 is negative. Mend it.
    >>> print(error.at_rows([1, 2, 3, 5, 7, 8, 9]))
    The count in row 10 is negative. Mend it.
    """
    return f"{_OPEN}row:{position}{_CLOSE}"


def setting(name: str) -> str:
    """Return a mark for a setting, to be written into an error's text; it is read as its name in Python.

    Examples
    --------
    >>> error = SettingError(f"{setting('level')} must be below 1.", "Lower it.")
    >>> print(error)
    level must be below 1. Lower it.
    >>> print(error.with_names({"level": "--level"}))
    --level must be below 1. Lower it.
    """
    return f"{_OPEN}setting:{name}{_CLOSE}"


class ThalwegError(Exception):
    """An error a user can mend: the problem in one sentence, the remedy in the next.

    Parameters
    ----------
    problem
        What was expected, what came and where (column, row, member).
    remedy
        What to do about it.

    Examples
    --------
    >>> print(ThalwegError("Column 'age' is empty.", "Drop it with ignore=['age']."))
    Column 'age' is empty. Drop it with ignore=['age'].
    """

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(problem, remedy)
        self.problem = problem
        self.remedy = remedy

    def __str__(self) -> str:
        plain = _ROW.sub(lambda found: f"{int(found[1]) + 1:,}", f"{self.problem} {self.remedy}")
        return _SETTING.sub(lambda found: found[1], plain)

    def at_rows(self, positions: Sequence[int]) -> Self:
        """Return the error with its rows told by their positions in a larger table.

        Parameters
        ----------
        positions
            Of every row that the check was given, counted from 0.
        """
        return self._rewritten(lambda text: _ROW.sub(lambda found: row(int(positions[int(found[1])])), text))

    def with_names(self, names: Mapping[str, str]) -> Self:
        """Return the error with settings told by other names, such as a command's flags; others stay as they are."""
        return self._rewritten(lambda text: _SETTING.sub(lambda found: setting(names.get(found[1], found[1])), text))

    def _rewritten(self, change: Callable[[str], str]) -> Self:
        changed = type(self).__new__(type(self), *self.args)
        changed.__dict__.update(self.__dict__)
        changed.problem, changed.remedy = change(self.problem), change(self.remedy)
        changed.args = (changed.problem, changed.remedy)
        return changed.with_traceback(self.__traceback__)


@contextmanager
def rows_at(positions: Iterable[int]) -> Iterator[None]:
    """Tell rows in errors from inside by their positions in a larger table.

    Parameters
    ----------
    positions
        Of every row that the checks inside are given, counted from 0.

    Examples
    --------
    >>> with rows_at([3, 8]):
    ...     raise DataError(f"The count in row {row(1)} is negative.", "Mend it.")
    Traceback (most recent call last):
    thalweg.base.errors.DataError: The count in row 9 is negative. Mend it.
    """
    try:
        yield
    except ThalwegError as error:
        raise error.at_rows([int(position) for position in positions]) from error


class DataError(ThalwegError):
    """The table cannot be used as it is.

    Examples
    --------
    >>> import thalweg as tw
    >>> tw.read_table("no_such_file.csv")
    Traceback (most recent call last):
    thalweg.base.errors.DataError: File 'no_such_file.csv' does not exist. Check the name; ...
    """


class SettingError(ThalwegError):
    """A setting has a value that makes no sense.

    Examples
    --------
    >>> import thalweg as tw
    >>> tw.fit("example:iris", fold=3)
    Traceback (most recent call last):
    thalweg.base.errors.SettingError: There is no setting 'fold'. Did you mean 'folds'?
    """


class TrainingError(ThalwegError):
    """Training could not be carried out, or was interrupted before the end.

    Examples
    --------
    >>> print(TrainingError("Member 3 was not trained.", "Resume the run."))
    Member 3 was not trained. Resume the run.
    """


class RunFolderError(ThalwegError):
    """The folder of a run cannot be read, written or continued.

    Examples
    --------
    >>> import thalweg as tw
    >>> tw.load("no/such/folder")
    Traceback (most recent call last):
    thalweg.base.errors.RunFolderError: no/such/folder holds no finished run: config.json is missing. ...
    """


class MissingExtraError(ThalwegError):
    """An optional package is needed and not installed.

    Examples
    --------
    >>> print(MissingExtraError("This needs statsmodels.", "Install it with: pip install 'thalweg[examples]'"))
    This needs statsmodels. Install it with: pip install 'thalweg[examples]'
    """
