"""What trains a population on several cores at once: threads of this process, worker processes, or an executor."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from thalweg.train.population import Crowd
from thalweg.train.result import MemberFit

POLL: Final = 0.2  # seconds between looks at progress


@dataclass(frozen=True, slots=True, eq=False)
class Job:
    """The members of one crowd that are to be trained, and how many at once."""

    crowd: Crowd
    numbers: Sequence[int]
    slots: int


class Crew(Protocol):
    """Trains the members of some jobs; :func:`thalweg.train.fit.fit_population` waits for it.

    A member that fails, whatever the reason, is tried once more and then reported; the others go on.
    """

    @property
    def steps_done(self) -> int:
        """Member-steps done so far."""
        ...

    def receive(self, emit: Callable[[MemberFit], None], poll: Callable[[], None]) -> None:
        """Hand finished members to ``emit`` until all are done; call ``poll`` a few times a second.

        Ctrl-C loses no member; called again, it goes on with what is still at work.
        """
        ...

    def stop(self) -> None:
        """Ask for an early end; members that are not finished are dropped."""
        ...

    def terminate(self) -> None:
        """Leave nothing at work."""
        ...
