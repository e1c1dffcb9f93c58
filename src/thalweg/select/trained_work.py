"""What the training of networks took in operations and bytes, by the very programs that ran."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from thalweg.train.backend import backend_of
from thalweg.train.population import Member, TrainingTable, crowds_of
from thalweg.train.result import MemberFit


@dataclass(frozen=True, slots=True)
class TrainedWork:
    """Work that was done.

    Parameters
    ----------
    networks
        How many were trained.
    parameters
        Trained numbers of all of them.
    flops
        Floating-point operations of all their steps; validation and prediction are not counted.
    bytes
        Read and written by these steps if nothing stayed in a cache.

    Examples
    --------
    >>> TrainedWork(2, 1200, 3_400_000, 51_000_000).sentence
    '2 networks of 1,200 parameters in all were trained, by 3.4e6 floating-point operations on 5.1e7 bytes.'
    """

    networks: int
    parameters: int
    flops: int
    bytes: int

    @property
    def sentence(self) -> str:
        """The work in words."""
        some = f"{self.networks:,} network{'' if self.networks == 1 else 's'}"
        verb = "was" if self.networks == 1 else "were"
        flops, moved = _power(self.flops), _power(self.bytes)
        return (
            f"{some} of {self.parameters:,} parameters in all {verb} trained, by {flops} floating-point operations "
            f"on {moved} bytes."
        )


NOTHING: Final = TrainedWork(0, 0, 0, 0)


def _power(value: float) -> str:
    digits, power = f"{value:.2e}".split("e")
    return f"{float(digits):g}e{int(power)}"


def work_by_member(
    table: TrainingTable, members: Sequence[Member], fits: Iterable[MemberFit]
) -> Mapping[int, TrainedWork]:
    """Return the work of every member that was trained, by its number; each for as many epochs as it ran.

    Parameters
    ----------
    table, members
        What was to be trained.
    fits
        What became of them.

    Returns
    -------
    mapping
        Without members that are torch modules, which have no program.

    Examples
    --------
    >>> import numpy as np
    >>> from thalweg.loss.squared import Squared
    >>> from thalweg.net.spec import mlp
    >>> from thalweg.train.fit import fit_population
    >>> from thalweg.train.population import training_table
    >>> x = np.linspace(-1, 1, 64)[:, None]
    >>> table, members = training_table(x, x**2), [Member(mlp((8,)), Squared(), np.arange(64), batch=32, epochs=3)]
    >>> work_by_member(table, members, fit_population(table, members, workers=1).members)[0].parameters
    25
    """
    fits = list(fits)
    epochs, work = {fit.number: fit.epochs for fit in fits}, {}
    for crowd, numbers in crowds_of(members, table).items():
        backend = backend_of(crowd.network)
        if not backend.lockstep:
            continue
        program = backend.program(crowd, members[numbers[0]], table)
        size = crowd.network.count(crowd.inputs, crowd.outputs)
        for number in numbers:
            if number in epochs:
                steps = members[number].steps * epochs[number]
                work[number] = TrainedWork(1, size, steps * program.flops, steps * program.bytes)
    return work


def total_work(parts: Iterable[TrainedWork]) -> TrainedWork:
    """Return works as one.

    Examples
    --------
    >>> total_work([TrainedWork(1, 5, 100, 200), TrainedWork(1, 5, 300, 600)])
    TrainedWork(networks=2, parameters=10, flops=400, bytes=800)
    """
    some = list(parts)
    return TrainedWork(
        networks=sum(part.networks for part in some),
        parameters=sum(part.parameters for part in some),
        flops=sum(part.flops for part in some),
        bytes=sum(part.bytes for part in some),
    )
