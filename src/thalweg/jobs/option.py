"""One option of a job: its name, what it takes, what it says, and which jobs have it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from thalweg.base.errors import SettingError, setting

_WIDEST: Final = 1_000_000  # units of a layer


@dataclass(frozen=True, slots=True)
class Option:
    """One option.

    Parameters
    ----------
    name
        In Python and in configuration files.
    kind
        ``text``, ``count`` (a whole number), ``number``, ``switch``, ``widths`` (of hidden layers, ``64-64``) or
        ``duration`` (``10m``).
    help
        A phrase, without the default.
    jobs
        Which jobs have it, each with its default in words; "" if there is nothing to say.
    group
        Under which heading the help shows it.
    metavar
        What stands for the value in the help.
    choices
        All values there are; empty if there are others.
    several
        The jobs that take several values.
    pair
        Whether it takes exactly two values.

    Examples
    --------
    >>> Option("learning_rate", "number", "step size", {"fit": "0.001"}).flag
    '--learning-rate'
    """

    name: str
    kind: str
    help: str
    jobs: Mapping[str, str]
    group: str = "table"
    metavar: str | None = None
    choices: tuple[str, ...] = ()
    several: tuple[str, ...] = field(default=())
    pair: bool = False

    @property
    def flag(self) -> str:
        """The flag on the command line."""
        return f"--{self.name.replace('_', '-')}"

    def shown(self, job: str) -> str:
        """Return the help with the choices and the job's default."""
        told = f"{self.help}: {', '.join(self.choices)}" if self.choices else self.help
        return f"{told} ({self.jobs[job]})" if self.jobs[job] else told

    def of_file(self, value: Any, job: str) -> Any:
        """Return a value of a configuration file as the job takes it.

        Raises
        ------
        SettingError
            If it is of another kind.

        Examples
        --------
        >>> Option("hidden", "widths", "hidden layers", {"fit": ""}, several=("fit",)).of_file([32, "64-64"], "fit")
        [(32,), (64, 64)]
        """
        if self.pair:
            if not isinstance(value, list) or len(value) != 2:
                raise SettingError(f"{self.name} must be a list of two, got {value!r}.", "Write a list of two.")
            return [self._one(entry) for entry in value]
        if job not in self.several:
            return self._one(value)
        return [self._one(entry) for entry in (value if isinstance(value, list) else [value])]

    def _one(self, value: Any) -> Any:
        words = {"text": "text", "count": "whole number", "number": "number", "switch": "true or false"}
        kinds: dict[str, tuple[type, ...]] = {
            "text": (str,),
            "count": (int,),
            "number": (int, float),
            "switch": (bool,),
        }
        if self.kind == "widths":
            return read_widths(value)
        if self.kind == "duration":
            from thalweg.base.durations import seconds_of  # noqa: PLC0415 - it loads numpy

            return seconds_of(self.name, value)
        if not isinstance(value, kinds[self.kind]) or (self.kind != "switch" and isinstance(value, bool)):
            remedy = "Put it in quotes." if self.kind == "text" else f"Write a {words[self.kind]}."
            raise SettingError(f"{self.name} is {value!r}, which is no {words[self.kind]}.", remedy)
        if self.choices and value not in self.choices:
            raise SettingError(f"{self.name} is {value!r}.", f"Choose from {', '.join(self.choices)}.")
        return value


def read_widths(value: object) -> tuple[int, ...]:
    """Return the widths of one network's hidden layers, written as 64, ``64-64`` or [64, 64].

    Raises
    ------
    SettingError
        If it is written otherwise.

    Examples
    --------
    >>> read_widths("64-64"), read_widths(32), read_widths([8, 4])
    ((64, 64), (32,), (8, 4))
    """
    parts = value.split("-") if isinstance(value, str) else value if isinstance(value, (list, tuple)) else [value]
    try:
        widths = [part if isinstance(part, int) and not isinstance(part, bool) else int(str(part)) for part in parts]
    except ValueError:
        widths = []
    if not widths or not all(0 <= width <= _WIDEST for width in widths):
        raise SettingError(f"{setting('hidden')} needs widths such as 32 or 64-64, got {value!r}.", "Write 64-64.")
    return tuple(widths)
