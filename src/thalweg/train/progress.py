"""How far the training of a population has come; it loads nothing."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a population has come.

    Parameters
    ----------
    members_done, members
        Members finished, of how many.
    steps_done, steps
        Member-steps done, of at most how many; early stopping makes it fewer.
    seconds
        Since the start.
    expected
        Seconds it was forecast to take; None if nobody did.
    """

    members_done: int
    members: int
    steps_done: int
    steps: int
    seconds: float
    expected: float | None = None

    @property
    def share(self) -> float:
        """Share of the work that is done, by members or by steps, whichever is further."""
        by_members = self.members_done / self.members if self.members else 1.0
        return min(1.0, max(by_members, self.steps_done / self.steps if self.steps else 0.0))
