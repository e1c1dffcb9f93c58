"""The studies there are: what each asks, what it takes, and where it is. Loading this table loads nothing heavy."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Final

NETWORK: Final = ("hidden", "activation")


@dataclass(frozen=True, slots=True)
class Study:
    """One study.

    Parameters
    ----------
    question
        What it answers, for the help.
    home
        Module, function and class of the result.
    takes
        Settings besides the table, ``seed`` and ``workers``.

    Examples
    --------
    >>> STUDIES["race"].result().__name__
    'OptimizerRace'
    """

    question: str
    home: tuple[str, str, str]
    takes: tuple[str, ...]

    def function(self) -> Callable[..., Any]:
        """Return what carries it out."""
        found: Callable[..., Any] = getattr(import_module(self.home[0]), self.home[1])
        return found

    def result(self) -> type[Any]:
        """Return the class of what it returns."""
        found: type[Any] = getattr(import_module(self.home[0]), self.home[2])
        return found


STUDIES: Final[Mapping[str, Study]] = {
    "race": Study(
        "which optimizer gets down fastest",
        ("thalweg.study.race.optimizer_race", "race_optimizers", "OptimizerRace"),
        (*NETWORK, "batch", "epochs", "seeds"),
    ),
}
