"""When a member is done: all epochs, patience run out, or numbers that are no longer numbers."""

import math
from dataclasses import dataclass, field

import numpy as np
from torch import Tensor

from thalweg.train.population import Member
from thalweg.train.result import DIVERGED, FINISHED, STOPPED, MemberFit

LOSS_BOUND = 1e6  # times the loss of predicting zero


@dataclass(slots=True, eq=False)
class Course:
    """What is remembered of a member while it trains.

    Parameters
    ----------
    number, member
        Who trains.
    bound
        Training loss beyond which it counts as diverged.
    """

    number: int
    member: Member
    bound: float
    training: list[float] = field(default_factory=list)
    validation: list[float] = field(default_factory=list)
    best: float = math.inf
    best_epoch: int = 0
    passed: float = math.inf  # the loss that patience wants to see undercut
    passed_epoch: int = 0
    remembered: bool = False
    status: str = ""
    reason: str = ""
    steps: int = field(init=False)  # of an epoch

    def __post_init__(self) -> None:
        self.steps = self.member.steps

    def record(self, training: float, validation: float | None, finite_steps: int) -> bool:
        """Take note of an epoch; return whether its parameters are the best so far."""
        self.training.append(training)
        epoch = len(self.training)
        if validation is not None:
            self.validation.append(validation)
        fine = validation is None or math.isfinite(validation)
        if not (fine and finite_steps == self.steps and training <= self.bound):
            self.status, self.reason = DIVERGED, self._divergence(training, finite_steps)
            return False
        better = validation is None or validation < self.best
        if better:
            self.best_epoch = epoch
            self.best = math.inf if validation is None else validation
        if validation is None or validation < self.passed - self.member.tolerance:
            self.passed_epoch = epoch
            self.passed = math.inf if validation is None else validation
        patience = self.member.patience
        if patience is not None and epoch - self.passed_epoch >= patience:
            self.status = STOPPED
            self.reason = f"stopped early at epoch {epoch}: no better validation loss for {patience} epochs"
        elif epoch >= self.member.epochs:
            self.status, self.reason = FINISHED, f"finished {epoch} epochs"
        return better

    def _divergence(self, training: float, finite_steps: int) -> str:
        done = len(self.training) * self.steps
        if finite_steps < self.steps:
            step = done - self.steps + finite_steps + 1
            return f"diverged at step {step}: its outputs are no longer finite"
        if not training <= self.bound:
            return f"diverged by step {done}: its training loss is {training:.3g}"
        return f"diverged by step {done}: its validation loss is {self.validation[-1]:.3g}"

    def fit(self, parameters: Tensor, state: Tensor | None = None) -> MemberFit:
        """Return the record of a member that is done, with all it trains with if that is kept."""
        return MemberFit(
            number=self.number,
            status=self.status,
            reason=self.reason,
            parameters=parameters.cpu().numpy(),
            training_loss=np.array(self.training),
            validation_loss=np.array(self.validation),
            best_epoch=self.best_epoch,
            state=None if state is None else state.cpu().numpy(),
        )
