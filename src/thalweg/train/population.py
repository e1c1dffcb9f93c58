"""Members of a population, the table they learn from, and the crowds that share a program."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from thalweg.base.checks import check_count
from thalweg.base.contracts import Loss, NetworkSpec, Optimizer, Schedule
from thalweg.base.elementary import ordered_sum
from thalweg.base.errors import DataError, SettingError, row
from thalweg.loss.penalty import Penalty
from thalweg.optim.adam import Adam
from thalweg.optim.schedule import Constant

Rows = NDArray[np.int32]
Weights = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class TrainingTable:
    """What all members learn from: one tensor with a row [x | 1 | y] per observation and a last row of zeros.

    Parameters
    ----------
    rows
        The tensor [N+1 D+1+C]; make it with :func:`training_table`.
    inputs
        D.
    classes
        C, columns of the outcome.

    Notes
    -----
    One gather per step fetches x and y together; the ones give the first layer its bias; the zero row fills batches.
    """

    rows: Tensor
    inputs: int
    classes: int

    @property
    def count(self) -> int:
        """Number of observations N; also the number of the zero row."""
        return self.rows.shape[0] - 1

    def to(self, device: torch.device) -> "TrainingTable":
        """Return the table on a device."""
        return TrainingTable(self.rows.to(device), self.inputs, self.classes)


def training_table(
    x: NDArray[np.floating], y: NDArray[np.floating], dtype: torch.dtype = torch.float32
) -> TrainingTable:
    """Lay features and outcomes side by side.

    Parameters
    ----------
    x
        Features [N D], finite.
    y
        Outcomes [N C] or [N]: numbers, 0/1, or one column per class.
    dtype
        float32 or float64.

    Returns
    -------
    TrainingTable
        The table, contiguous.

    Raises
    ------
    DataError
        If lengths differ or a number is not finite in this type.

    Examples
    --------
    >>> training_table(np.zeros((3, 2)), np.ones(3)).rows.shape
    torch.Size([4, 4])
    """
    x, y = np.asarray(x), np.asarray(y)
    y = y[:, None] if y.ndim == 1 else y
    if x.ndim != 2 or len(x) != len(y):
        raise DataError(
            f"Expected features [N D] and as many outcomes, got shapes {x.shape} and {y.shape}.", "Give matching rows."
        )
    rows = torch.zeros(len(x) + 1, x.shape[1] + 1 + y.shape[1], dtype=dtype)
    rows[:-1, : x.shape[1]] = torch.from_numpy(np.require(x, requirements=["C", "W"]))
    rows[:-1, x.shape[1]] = 1
    rows[:-1, x.shape[1] + 1 :] = torch.from_numpy(np.require(y, requirements=["C", "W"]))
    bad = (~torch.isfinite(rows)).nonzero()
    if len(bad):
        place, column = bad[0].tolist()
        raise DataError(
            f"Row {row(place)}, column {column} of [x | 1 | y] is not finite in {dtype}.",
            "Drop or impute it, or rescale the column.",
        )
    return TrainingTable(rows, x.shape[1], y.shape[1])


@dataclass(frozen=True, slots=True, eq=False)
class Member:
    """One network to train: everything that may differ inside a population.

    Parameters
    ----------
    network, loss
        What is computed and minimised.
    rows
        Training rows [n], numbers of table rows; repeats are allowed (bootstrap by resampling).
    weights
        Weight of every training row [n] (bootstrap by weights, sample weights); None for 1. The loss is
        Σ w ℓ / Σ w over the training rows.
    validation
        Rows for early stopping; None for none.
    validation_weights
        Their weights; None for 1.
    seed
        Names the member's random stream: initial weights, batch order, dropout.
    order_seed
        Another seed for the batch order, to give members common random numbers; None takes ``seed``.
    optimizer, schedule, penalty
        How the parameters move.
    batch
        Rows of a mini-batch; None for all rows.
    epochs
        Passes over the training rows.
    patience
        Epochs without a better validation loss before stopping; None to run all epochs. The parameters of the best
        epoch are kept whenever there are validation rows.
    label
        What the member is called in reports: fold, seed, setting.
    start
        Parameters [Θ] to start from, as a trained member has them; None draws them.
    tolerance
        By how much a validation loss must fall to count for patience.
    resumable
        Whether its fit holds all it trains with, so that training can go on from there.

    Raises
    ------
    SettingError, DataError
        If a setting makes no sense or there is no row to learn from.

    Examples
    --------
    >>> from thalweg.loss.squared import Squared
    >>> from thalweg.net.spec import mlp
    >>> Member(mlp((8,)), Squared(), np.arange(10), batch=4).steps
    3
    """

    network: NetworkSpec
    loss: Loss
    rows: Rows
    weights: Weights | None = None
    validation: Rows | None = None
    validation_weights: Weights | None = None
    seed: int = 0
    order_seed: int | None = None
    optimizer: Optimizer = field(default_factory=Adam)
    schedule: Schedule = field(default_factory=Constant)
    penalty: Penalty = field(default_factory=Penalty)
    batch: int | None = 32
    epochs: int = 100
    patience: int | None = None
    label: Mapping[str, object] = field(default_factory=dict)
    start: NDArray[np.floating] | None = None
    tolerance: float = 0.0
    resumable: bool = False

    def __post_init__(self) -> None:
        check_count("epochs", self.epochs)
        if len(self.rows) == 0:
            raise DataError(f"Member {dict(self.label)} has no training rows.", "Give it at least one row.")
        if self.batch is not None:
            check_count("batch", self.batch)
        if self.patience is not None:
            check_count("patience", self.patience)
            if self.validation is None:
                raise SettingError("patience needs validation rows, got none.", "Give validation rows or no patience.")
        for rows, weights in ((self.rows, self.weights), (self.validation, self.validation_weights)):
            if weights is not None and (rows is None or len(weights) != len(rows) or not _are_shares(weights)):
                raise DataError(
                    "Expected one weight per row, finite, none negative, with a positive sum; "
                    f"got {len(weights)} weights from {np.min(weights, initial=np.inf):g}.",
                    "Mend the weights.",
                )

    @property
    def batch_rows(self) -> int:
        """Rows of a full batch."""
        return len(self.rows) if self.batch is None else min(self.batch, len(self.rows))

    @property
    def steps(self) -> int:
        """Steps of one epoch; the last batch may be partial."""
        return -(-len(self.rows) // self.batch_rows)


@dataclass(frozen=True, slots=True)
class Crowd:
    """What members must share to train in one program; equal crowds are the same crowd.

    Parameters
    ----------
    network, loss, optimizer
        Architecture, loss and kind of optimizer.
    states
        How many numbers the optimizer keeps per parameter.
    inputs, classes
        Widths of the table.
    batch
        Rows of a full batch B.
    steps
        Steps of an epoch, so that all slots of a chunk end their epochs together.
    partial
        Whether the last batch is smaller.
    weighted
        Whether rows carry weights.
    """

    network: NetworkSpec
    loss: Loss
    optimizer: type[Optimizer]
    states: int
    inputs: int
    classes: int
    batch: int
    steps: int
    partial: bool
    weighted: bool

    @property
    def outputs(self) -> int:
        """Outputs of the network."""
        return self.loss.outputs(self.classes)

    @property
    def validation_block(self) -> int:
        """Rows per block when predicting; a function of the crowd alone, so that sums never depend on neighbours."""
        return min(max(self.batch, 128), 4096)


def crowd_of(member: Member, table: TrainingTable) -> Crowd:
    """Return the crowd a member belongs to.

    Examples
    --------
    >>> from thalweg.loss.squared import Squared
    >>> from thalweg.net.spec import mlp
    >>> table = training_table(np.zeros((10, 2)), np.zeros(10))
    >>> crowd_of(Member(mlp((8,)), Squared(), np.arange(10), batch=4), table).partial
    True
    """
    return Crowd(
        network=member.network,
        loss=member.loss,
        optimizer=type(member.optimizer),
        states=member.optimizer.states,
        inputs=table.inputs,
        classes=table.classes,
        batch=member.batch_rows,
        steps=member.steps,
        partial=len(member.rows) % member.batch_rows != 0,
        weighted=member.weights is not None,
    )


def crowds_of(members: Sequence[Member], table: TrainingTable) -> dict[Crowd, list[int]]:
    """Group members by crowd; values are member numbers in order.

    Raises
    ------
    DataError
        If a member names a row the table does not have.

    Examples
    --------
    >>> from thalweg.loss.squared import Squared
    >>> from thalweg.net.spec import mlp
    >>> table = training_table(np.zeros((10, 2)), np.zeros(10))
    >>> members = [Member(mlp((h,)), Squared(), np.arange(10), seed=s) for h in (8, 16) for s in range(3)]
    >>> list(crowds_of(members, table).values())
    [[0, 1, 2], [3, 4, 5]]
    """
    crowds: dict[Crowd, list[int]] = {}
    for number, member in enumerate(members):
        for rows in (member.rows, member.validation):
            if rows is not None and len(rows) and not (rows.min() >= 0 and rows.max() < table.count):
                raise DataError(
                    f"Member {number} names row {int(rows.max())}, the table has rows 0 to {table.count - 1}.",
                    "Give row numbers of the table.",
                )
        crowds.setdefault(crowd_of(member, table), []).append(number)
    for crowd in crowds:
        check = crowd.network.input_check
        if check is not None:
            check(table.rows[:-1, : table.inputs].cpu().numpy())
    return crowds


def member_work(member: Member, table: TrainingTable) -> int:
    """Return the floating-point operations of a member's matrix products if it runs all its epochs.

    A step of B rows takes 6 B Θ of them for Θ parameters: 2 B Θ forwards and 4 B Θ backwards.

    Examples
    --------
    >>> from thalweg.loss.squared import Squared
    >>> from thalweg.net.spec import mlp
    >>> table = training_table(np.zeros((10, 3)), np.zeros(10))
    >>> member_work(Member(mlp(()), Squared(), np.arange(10), batch=None, epochs=1), table)  # 4 parameters
    240
    """
    size = member.network.count(table.inputs, member.loss.outputs(table.classes))
    return 6 * size * member.batch_rows * member.steps * member.epochs


def _are_shares(weights: Weights) -> bool:
    return bool(np.isfinite(weights).all() and (np.asarray(weights) >= 0).all() and np.sum(weights) > 0)


def order_seed(member: Member) -> int:
    """Return the seed of a member's shuffles."""
    return member.seed if member.order_seed is None else member.order_seed


def unit_mean(weights: Weights | None, count: int) -> Weights:
    """Return weights with mean 1 [n], all ones if there are none."""
    if weights is None:
        return np.ones(count)
    return np.asarray(weights, dtype=np.float64) * (count / float(ordered_sum(weights)))
