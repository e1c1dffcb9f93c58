"""The few things a layer, a loss and an optimizer must offer; the engine knows nothing else of them.

A network is *planned* once and run many times. Planning walks the layers forwards, then backwards: each layer asks
the planner for buffers and appends operations that write into them. What is left is a flat list of :class:`Op`, and
that list alone runs, prints itself and is priced.

Shapes in docstrings use these letters alone, here and everywhere:

P  member of the population          S  slot of a chunk (a member while it trains)
B  row of the mini-batch             N  row of the table
D  width entering a layer            H  width leaving a layer
C  class or output                   T  step within an epoch
E  epoch                             F  fold
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol, Self, runtime_checkable

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from thalweg.base.checks import check_number
from thalweg.base.seeds import Stream

Call = Callable[[], object]


class Native(NamedTuple):
    """What an operation does without Python: a loop of the native steps over matrices of slots [S M N].

    Parameters
    ----------
    loop
        Its name, see ``train/native/steps.c``.
    out
        What is written.
    reads
        What is read, in the loop's order.
    numbers
        Constants.
    slots
        The slots that stand on the first axis; None for all.
    """

    loop: str
    out: Tensor
    reads: tuple[Tensor | None, ...] = ()
    numbers: tuple[float, ...] = ()
    slots: range | None = None


@dataclass(frozen=True, slots=True)
class Op:
    """One line of a program: text to print, work to run, and its price.

    Parameters
    ----------
    text
        The formula, such as ``dW = xᵀ dz``.
    run
        The call that does the work; it writes into buffers allocated earlier and returns nothing of interest.
    shape
        Shape of what is written.
    flops
        Floating-point operations of one call.
    bytes
        Bytes read and written by one call, caches ignored.
    target
        Label of the buffer that is written; equal labels share memory.
    product
        Whether it is a matrix product, the part counted by closed formulas.
    native
        The same without Python; None if only ``run`` can do it.
    """

    text: str
    run: Call = field(compare=False, repr=False)
    shape: tuple[int, ...]
    flops: int
    bytes: int
    target: str
    product: bool = False
    native: tuple[Native, ...] | None = field(default=None, compare=False, repr=False)


class Parameter(NamedTuple):
    """A parameter of every slot of a chunk, and the place of its gradient; both [S ...]."""

    value: Tensor
    gradient: Tensor


@dataclass(frozen=True, slots=True)
class ParameterSpec:
    """Shape and start of one parameter of one member.

    Parameters
    ----------
    shape
        Shape without the slot axis.
    draw
        Start values, float64 of that shape, from the member's own stream.
    penalised
        Index of the part that ridge, lasso and decay act on (weights, never biases); None for no part.
    trained
        False for running statistics, which no optimizer touches.
    lookup
        True for tables whose rows are looked up by code: zeros in them switch no input off, so the lasso passes over
        them to the first weights that multiply inputs.
    """

    shape: tuple[int, ...]
    draw: Callable[[Stream], NDArray[np.float64]]
    penalised: tuple[slice, ...] | None = None
    trained: bool = True
    lookup: bool = False


class MaskRate(float):
    """A setting that is the rate of a dropout mask: the probability in [0, 1) that a unit is switched off.

    A layer that asks for :meth:`Planner.mask` returns the rate as one of these from :meth:`Layer.settings`; that alone
    tells the engine which masks to draw, whatever the setting is called and however deep the layer lies.

    Raises
    ------
    SettingError
        If the rate is outside [0, 1).

    Examples
    --------
    >>> MaskRate(0.2), 1.0 + MaskRate(0.5)
    (0.2, 1.5)
    """

    __slots__ = ()

    def __new__(cls, rate: float) -> Self:
        """Return the rate if it is one."""
        return super().__new__(cls, check_number("A mask rate", rate, low=0.0, high=1.0, open_high=True))


@dataclass(frozen=True, slots=True)
class Signal:
    """What flows from layer to layer.

    Parameters
    ----------
    value
        The numbers [S B D].
    has_ones
        The last column is 1, so that a weight row serves as the bias.
    overwritable
        Nobody needs these numbers again: the next layer may work in place.
    zero_where_off
        Zeros mark units that pass no gradient (behind a rectifier).
    """

    value: Tensor
    has_ones: bool = False
    overwritable: bool = False
    zero_where_off: bool = False

    @property
    def features(self) -> Tensor:
        """The numbers without the column of ones [S B D]."""
        return self.value[:, :, :-1] if self.has_ones else self.value


Backward = Callable[[Tensor, bool], Tensor | None]
"""Given the gradient at a layer's output (which it may overwrite and must release) and whether the gradient at the
input is wanted, append the operations of the backward pass and return the gradient at the input."""


class Planner(Protocol):
    """What a layer may ask for while a program is written."""

    slots: int
    batch: int
    training: bool
    weight: Tensor | None
    """Weight of every row of the batch [S 1 B]; None when all are 1."""

    def buffer(self, *shape: int) -> Tensor:
        """Return memory for intermediate numbers; released blocks are used again."""
        ...

    def release(self, buffer: Tensor) -> None:
        """Say that the numbers in a buffer are not needed by later operations."""
        ...

    def accumulator(self, *shape: int) -> Tensor:
        """Return memory that starts at zero with every epoch and is never reused."""
        ...

    def integers(self, *shape: int) -> Tensor:
        """Return memory for whole numbers, such as codes, that is never reused."""
        ...

    def constant(self, value: float) -> Tensor:
        """Return a number as a tensor without axes: operations take it faster than a Python number."""
        ...

    def parameter(self, name: str) -> Parameter:
        """Return a parameter of the layer being wired."""
        ...

    def setting(self, name: str) -> Tensor:
        """Return a setting of the layer being wired, one number per slot [S 1 1]."""
        ...

    def mask(self, rate: str, width: int) -> Tensor:
        """Append the drawing of a dropout mask and return it [S B width]: 0 or 1 / (1 − rate).

        ``rate`` names a setting of the layer being wired that is a :class:`MaskRate`.
        """
        ...

    def op(
        self,
        text: str,
        function: Callable[..., object],
        *arguments: Any,
        flops: int = 0,
        **keywords: Any,
    ) -> None:
        """Append one operation."""
        ...

    def product(self, text: str, a: Tensor, b: Tensor, out: Tensor, start: Tensor | None = None) -> None:
        """Append the batched matrix product out = a b, or out = start + a b."""
        ...

    def sequence(self, layers: Sequence["Layer"], x: Signal, prefix: str = "") -> tuple[Signal, Backward]:
        """Wire layers one after the other."""
        ...


class Layer(Protocol):
    """A frozen spec of one stage of a network.

    Fields declared with ``compare=False`` are settings: members that differ only there share one program.
    """

    def width(self, inputs: int) -> int:
        """Return the width that leaves, given the width that enters."""
        ...

    def parameters(self, inputs: int, has_ones: bool) -> Mapping[str, ParameterSpec]:
        """Return the parameters for ``inputs`` features (the column of ones not counted)."""
        ...

    def settings(self) -> Mapping[str, float]:
        """Return the numbers that may differ between members sharing a program, rates of masks as :class:`MaskRate`."""
        ...

    def wire(self, planner: Planner, x: Signal) -> tuple[Signal, Backward]:
        """Append the forward operations; return what leaves and how to come back."""
        ...


class NetworkSpec(Protocol):
    """A frozen, hashable spec of a whole network, of planned layers or of any other kind.

    Members whose networks are equal share a program; how one is trained is the business of its kind
    (``train/backend.py``).
    """

    def parameters(self, inputs: int, outputs: int) -> Mapping[str, ParameterSpec]:
        """Return the parameters by name, in the order of a member's vector."""
        ...

    def settings(self, outputs: int) -> Mapping[str, float]:
        """Return the numbers that may differ between members sharing a program, by name."""
        ...

    def count(self, inputs: int, outputs: int) -> int:
        """Return the number of trained parameters."""
        ...

    def widths(self, inputs: int) -> Sequence[int]:
        """Return the widths that leave hidden layers with parameters, for guesses of time and memory."""
        ...

    @property
    def input_check(self) -> "Callable[[NDArray[np.floating]], None] | None":
        """What raises a :class:`~thalweg.base.errors.DataError` if features [N D] are none that the network can take.

        None if it takes any.
        """
        ...


@runtime_checkable
class InputCheck(Protocol):
    """What a layer offers besides, if it can serve as the first one only for certain numbers, such as codes."""

    def check(self, x: NDArray[np.floating]) -> None:
        """Raise a :class:`~thalweg.base.errors.DataError` if features [N D] are none that the layer can take."""
        ...


class Loss(Protocol):
    """What is minimised, averaged over the rows of a batch.

    The gradient is written without its constant factor :meth:`scale`, which the optimizer puts back where it costs
    nothing.
    """

    def outputs(self, classes: int) -> int:
        """Return how many numbers per row the network must deliver for ``classes`` columns of the outcome."""
        ...

    def scale(self, outputs: int) -> float:
        """Return c such that ∂loss/∂q = c · (what :meth:`wire` writes), for a batch of one row."""
        ...

    def wire(self, planner: Planner, q: Tensor, y: Tensor) -> Tensor:
        """Append operations that turn outputs q [S C B] into weight · ∂loss/∂q / c, in place.

        The weighted loss of every row is added to an accumulator, which is returned.
        """
        ...

    def accumulated(self, total: Tensor) -> Tensor:
        """Return the sum of weighted row losses [S] held by the accumulator of :meth:`wire`."""
        ...

    def rows(self, q: Tensor, y: Tensor) -> Tensor:
        """Return the loss of every row [S B] for outputs q [S C B] and outcomes y [S C B]."""
        ...

    def prediction(self, q: Tensor) -> Tensor:
        """Return what outputs q [S C B] predict, in units of the outcome: means, probabilities, rates, quantiles."""
        ...

    def curvature(self, outputs: int) -> float | None:
        """Return an upper bound on the eigenvalues of ∂²loss/∂q² for one row; None where there is none."""
        ...


class Piece(NamedTuple):
    """A stretch of parameters updated in one go: values, gradients, optimizer states, step counter."""

    value: Tensor
    gradient: Tensor
    states: tuple[Tensor, ...]
    step: Tensor


class Optimizer(Protocol):
    """How parameters move. Members with equal settings are updated by one call."""

    @property
    def states(self) -> int:
        """How many numbers are kept per parameter."""
        ...

    @property
    def flops(self) -> int:
        """Floating-point operations per parameter and step."""
        ...

    def rate(self, scale: float) -> float:
        """Return the step size to use on gradients that are to be multiplied by ``scale``."""
        ...

    def wire(self, pieces: Sequence[Piece], rate: Tensor, scale: float) -> Sequence[tuple[str, Call]]:
        """Return the calls that apply one step, each with its formula.

        ``rate`` is a tensor without axes that holds :meth:`rate` times the schedule's factor; the gradients in
        ``pieces`` are to be multiplied by ``scale``. The step counters have already been advanced.
        """
        ...


class Schedule(Protocol):
    """How the learning rate changes with time."""

    def factor(self, step: int, epoch: int, steps_per_epoch: int, epochs: int) -> float:
        """Return the factor on the learning rate at a step (counted from 0 over the whole training)."""
        ...
