"""What can go wrong, in words: every error says what was expected, what came, where, and what to do."""


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
        return f"{self.problem} {self.remedy}"


class DataError(ThalwegError):
    """The table cannot be used as it is."""


class SettingError(ThalwegError):
    """A setting has a value that makes no sense."""


class TrainingError(ThalwegError):
    """Training could not be carried out."""


class RunFolderError(ThalwegError):
    """The folder of a run cannot be read, written or continued."""


class MissingExtraError(ThalwegError):
    """An optional package is needed and not installed."""
