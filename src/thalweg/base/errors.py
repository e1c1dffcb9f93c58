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
    >>> tw.load_run("no/such/folder")
    Traceback (most recent call last):
    thalweg.base.errors.RunFolderError: no/such/folder holds no finished run: answer.json is missing. ...
    """


class MissingExtraError(ThalwegError):
    """An optional package is needed and not installed.

    Examples
    --------
    >>> print(MissingExtraError("This needs statsmodels.", "Install it with: pip install 'thalweg[examples]'"))
    This needs statsmodels. Install it with: pip install 'thalweg[examples]'
    """
