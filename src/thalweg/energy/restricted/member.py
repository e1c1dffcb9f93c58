"""What one restricted Boltzmann machine of a population is asked to be."""

from dataclasses import dataclass
from typing import Final

from thalweg.base.checks import check_choice, check_count, check_number
from thalweg.base.errors import SettingError

LEARNERS: Final = ("pcd", "cd", "exact")
VISIBLE: Final = ("bernoulli", "gaussian")


@dataclass(frozen=True, slots=True)
class RBMMember:
    """One machine to train: everything that may differ inside a population.

    Parameters
    ----------
    hidden
        Hidden units H.
    visible
        ``bernoulli`` for values between 0 and 1, ``gaussian`` for any numbers.
    learner
        ``pcd``: chains that go on from update to update (persistent contrastive divergence). ``cd``: chains that start
        at the batch each time. ``exact``: the gradient by enumeration over the smaller layer, for binary units and all
        rows at once.
    steps
        Gibbs steps k of an update.
    chains
        Persistent chains M. Few chains and a constant rate let the likelihood fall apart late in training.
    learning_rate
        Of the first update.
    schedule
        ``linear``: the rate falls to 0 over the updates; ``constant``.
    momentum
        μ of the velocity.
    ridge
        Penalty λ: the gradient of W gets −λ W.
    batch
        Rows of an update; None for all. Rows are dealt in a random order without end, so that no batch is short.
    epochs
        Passes over the rows.
    seed
        Names the start, the order of rows and the chains.

    Raises
    ------
    SettingError
        If a setting makes no sense.

    Notes
    -----
    Tieleman (2008), ICML (persistent chains); Hinton (2002), Neural Computation 14, 1771 (contrastive divergence).

    Examples
    --------
    >>> RBMMember(16, learner="cd").chains
    128
    """

    hidden: int = 64
    visible: str = "bernoulli"
    learner: str = "pcd"
    steps: int = 1
    chains: int = 128
    learning_rate: float = 0.2
    schedule: str = "linear"
    momentum: float = 0.5
    ridge: float = 0.0
    batch: int | None = 32
    epochs: int = 50
    seed: int = 0

    def __post_init__(self) -> None:
        check_choice("visible", self.visible, VISIBLE)
        check_choice("learner", self.learner, LEARNERS)
        check_choice("schedule", self.schedule, ("linear", "constant"))
        for name in ("hidden", "steps", "chains", "epochs"):
            check_count(name, getattr(self, name))
        if self.batch is not None:
            check_count("batch", self.batch)
        check_number("learning_rate", self.learning_rate, low=0, open_low=True)
        check_number("momentum", self.momentum, low=0, high=1, open_high=True)
        check_number("ridge", self.ridge, low=0)
        if self.learner == "exact" and self.visible == "gaussian":
            raise SettingError(
                "The exact gradient is computed for binary visible units, got visible='gaussian'.",
                "Use learner='pcd'.",
            )

    @property
    def crowd(self) -> tuple[object, ...]:
        """What members that are trained together must share."""
        return self.hidden, self.visible, self.learner, self.steps, self.chains, self.batch, self.epochs
