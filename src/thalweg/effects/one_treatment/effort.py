"""With what nuisances are learned: none of it shows in a number."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from thalweg.base.arrays import FloatArray
from thalweg.effects.training import Train
from thalweg.train.progress import Progress


@dataclass(frozen=True, slots=True, eq=False)
class Effort:
    """Who trains, who watches, and what is there already.

    Parameters
    ----------
    train
        Trains a population, for example one that keeps what is done; None for
        :func:`~thalweg.train.fit.fit_population`.
    watch
        Called before every lesson of a regression or of trees with how many of them are done; it may raise to end the
        work.
    known
        Predictions of learners that are no networks [N J], by nuisance, learner and split.

    Examples
    --------
    >>> Effort().known
    {}
    """

    train: Train | None = None
    watch: Callable[[Progress], None] | None = None
    known: dict[tuple[str, str, bytes], FloatArray] = field(default_factory=dict)

    def told(self, done: int, of: int, started: float) -> None:
        """Tell whoever watches how many lessons are done, ``started`` by ``time.monotonic``."""
        if self.watch is not None:
            self.watch(Progress(done, of, done, of, time.monotonic() - started))
