"""What training gives back: frozen records that say in words what happened."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from torch import nn

from thalweg.base.contracts import NetworkSpec
from thalweg.base.errors import TrainingError
from thalweg.train.backend import backend_of
from thalweg.train.population import Crowd, Member, TrainingTable
from thalweg.train.steps.parameters import split_vector
from thalweg.train.steps.program import Program

FINISHED, STOPPED, DIVERGED, FAILED, DROPPED = "finished", "stopped early", "diverged", "failed", "dropped"
STATUSES = (FINISHED, STOPPED, DIVERGED, FAILED, DROPPED)


@dataclass(frozen=True, slots=True, eq=False)
class MemberFit:
    """One trained member.

    Parameters
    ----------
    number
        Place of the member in the population.
    status
        ``finished`` (all epochs), ``stopped early`` (patience), ``diverged``, ``failed`` (it could not be trained) or
        ``dropped`` (successive halving).
    reason
        The same in words, with step and epoch.
    parameters
        The kept parameters as one vector [Θ]: of the best epoch if there was a validation set, else of the last.
    training_loss
        Mean loss over the steps of each epoch [E], while the parameters moved.
    validation_loss
        Validation loss after each epoch [E]; empty without validation rows.
    best_epoch
        Epoch, counted from 1, whose parameters are kept.
    state
        Of a resumable member the kept parameters and the optimizer's memory at the end, as the engine lays them out;
        else None.
    """

    number: int
    status: str
    reason: str
    parameters: NDArray[np.floating]
    training_loss: NDArray[np.float64]
    validation_loss: NDArray[np.float64]
    best_epoch: int
    state: NDArray[np.floating] | None = None

    @property
    def usable(self) -> bool:
        """Whether the parameters may be used."""
        return self.status in (FINISHED, STOPPED)

    @property
    def epochs(self) -> int:
        """Epochs trained."""
        return len(self.training_loss)

    def same_numbers(self, other: "MemberFit") -> bool:
        """Whether two trainings agree bit for bit."""
        pairs = (
            (self.parameters, other.parameters),
            (self.training_loss, other.training_loss),
            (self.validation_loss, other.validation_loss),
        )
        return self.status == other.status and all(np.array_equal(a, b, equal_nan=True) for a, b in pairs)


def failed(number: int, reason: str) -> MemberFit:
    """Return the record of a member that could not be trained, and why.

    Examples
    --------
    >>> failed(3, "failed: no memory").usable
    False
    """
    empty = np.empty(0)
    return MemberFit(number, FAILED, reason, empty, empty, empty, 0)


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """A trained population.

    Parameters
    ----------
    members
        Trained members in order of their numbers; fewer than asked for if training was interrupted.
    networks
        The network of every member asked for.
    table
        What they learned from.
    crowds
        The crowds they trained in.
    first
        The first member asked for, whose step :attr:`program` shows.
    seconds
        Wall time of training.
    interrupted
        Whether training stopped before all members were done.
    """

    members: Sequence[MemberFit]
    networks: Sequence[NetworkSpec]
    table: TrainingTable
    crowds: Sequence[Crowd]
    first: Member
    seconds: float
    interrupted: bool = False

    def named(self, number: int) -> Mapping[str, NDArray[np.floating]]:
        """Return the parameters of a member by name, such as ``"0.weight"``.

        Raises
        ------
        TrainingError
            If the member was not trained or its parameters are of no use.
        """
        fit = self.member(number)
        inputs, outputs = self.table.inputs, self.crowds[0].outputs
        specs = self.networks[number].parameters(inputs, outputs)
        return split_vector(specs, fit.parameters)

    @property
    def program(self) -> Program:
        """The program of a step of the first member; printed, it reads like a derivation.

        Nothing is allocated for it: it is written on torch's ``meta`` device and cannot run.

        Raises
        ------
        TrainingError
            If the first member is a torch module, which trains by autograd.
        """
        return backend_of(self.first.network).program(self.crowds[0], self.first, self.table)

    def member(self, number: int) -> MemberFit:
        """Return a member that may be used.

        Raises
        ------
        TrainingError
            If it was not trained, diverged or failed.
        """
        for fit in self.members:
            if fit.number == number:
                if not fit.usable:
                    raise TrainingError(f"Member {number} {fit.reason}.", "Lower its learning rate, or leave it out.")
                return fit
        raise TrainingError(f"Member {number} was not trained.", "Resume the run.")

    def to_module(self, number: int) -> nn.Module:
        """Return a member as a torch module with the same outputs, ready to predict.

        A planned network becomes a ``torch.nn.Sequential``; links such as the logistic function are not part of it.

        Raises
        ------
        TrainingError
            If the member was not trained or its parameters are of no use.
        """
        network, vector = self.networks[number], self.member(number).parameters
        return backend_of(network).module(network, self.table.inputs, self.crowds[0].outputs, vector)

    def statuses(self) -> dict[str, int]:
        """Return how many members ended how."""
        return {s: n for s in STATUSES if (n := sum(fit.status == s for fit in self.members))}
