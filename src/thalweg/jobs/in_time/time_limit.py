"""How long a job may take, and what is said when that ended it."""

from dataclasses import dataclass
from typing import Final

from thalweg.base.durations import spoken

FINISHING: Final = (0.5, 0.03)
"""Seconds, and share of the limit, that are left for predictions, scores and the report."""


@dataclass(frozen=True, slots=True)
class TimeLimit:
    """How long a job may take.

    Parameters
    ----------
    seconds
        From its start.
    started
        When it began, by ``time.monotonic``.

    Examples
    --------
    >>> TimeLimit(600.0, 100.0).moment
    681.5
    """

    seconds: float
    started: float

    @property
    def moment(self) -> float:
        """When training has to end, for the rest to be done in time."""
        fixed, share = FINISHING
        return self.started + (1.0 - share) * self.seconds - fixed

    def told(self, ended: str, *, kept: bool) -> str:
        """Say what the limit did, and how to go on."""
        more = "Give the same command again to go on." if kept else "With a folder (out) the same command would go on."
        return f"The time limit of {spoken(self.seconds)} {ended} {more}"
