"""Writing a program: the layers ask for buffers and append operations, the planner keeps the books."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import torch
from torch import Tensor

from thalweg.base.contracts import Backward, Call, Layer, Loss, Native, Op, Parameter, Signal
from thalweg.base.errors import SettingError
from thalweg.net.spec import Network
from thalweg.train.native.forms import native_forms, product_forms
from thalweg.train.native.library import native_here
from thalweg.train.steps.masks import MaskPool, scale_of
from thalweg.train.steps.memory import Buffers
from thalweg.train.steps.parameters import ParameterBlocks
from thalweg.train.steps.program import Program


class StepPlanner:
    """The planner of one program; see :class:`thalweg.base.contracts.Planner` for what layers may ask of it.

    Parameters
    ----------
    blocks
        Parameters of all slots.
    settings
        Settings of the layers by name [S 1 1], rewritten when a member takes a slot.
    batch
        Rows of the batch B.
    training
        Whether dropout is on, batch statistics are used and a backward pass follows.
    weighted
        Whether rows carry weights.
    pool
        Dropout masks; None if no layer asks for any.
    """

    def __init__(
        self,
        blocks: ParameterBlocks,
        settings: Mapping[str, Tensor],
        batch: int,
        *,
        training: bool,
        weighted: bool,
        pool: MaskPool | None,
    ) -> None:
        self.slots, self.batch, self.training = blocks.slots, batch, training
        self._blocks, self._settings, self._pool = blocks, settings, pool
        self.dtype, self.device = blocks.dtype, blocks.device
        self.buffers = Buffers(self.dtype, self.device)
        self._natively = native_here(self.dtype, self.device)
        self.weight = torch.zeros(self.slots, 1, batch, dtype=self.dtype, device=self.device) if weighted else None
        self.ops: list[Op] = []
        self.accumulators: list[Tensor] = []
        self.masks: list[tuple[str, int, Tensor]] = []  # (name of the rate, length, starts [S])
        self._constants: dict[float, Tensor] = {}
        self._integers: list[Tensor] = []
        self._scope = ""
        self._asked = 0

    @property
    def bytes(self) -> int:
        """Bytes of all intermediate numbers."""
        return self.buffers.bytes + sum(t.numel() * t.element_size() for t in self._integers)

    def buffer(self, *shape: int) -> Tensor:
        """Return memory for intermediate numbers."""
        return self.buffers.take(*shape)

    def release(self, buffer: Tensor) -> None:
        """Free the block of a buffer for later operations."""
        self.buffers.release(buffer)

    def accumulator(self, *shape: int) -> Tensor:
        """Return memory that keeps its numbers over an epoch."""
        self.accumulators.append(torch.zeros(shape, dtype=self.dtype, device=self.device))
        return self.accumulators[-1]

    def integers(self, *shape: int) -> Tensor:
        """Return memory for whole numbers, never reused."""
        self._integers.append(torch.zeros(shape, dtype=torch.int64, device=self.device))
        return self._integers[-1]

    def constant(self, value: float) -> Tensor:
        """Return a number as a tensor without axes."""
        if value not in self._constants:
            self._constants[value] = torch.tensor(value, dtype=self.dtype, device=self.device)
        return self._constants[value]

    def parameter(self, name: str) -> Parameter:
        """Return a parameter of the layer being wired."""
        self._asked += 1
        return self._blocks.parameter(self._scope + name)

    def setting(self, name: str) -> Tensor:
        """Return a setting of the layer being wired [S 1 1]."""
        return self._settings[self._scope + name]

    def mask(self, rate: str, width: int) -> Tensor:
        """Append the gathering of dropout masks [S B width] from the pool.

        Raises
        ------
        SettingError
            If the layer's setting is not declared to be the rate of a mask, or nothing is trained.
        """
        name = self._scope + rate
        if not self.training:
            raise SettingError(
                f"A layer asks for a mask of rate {name!r} while predicting, when none is drawn.",
                "Let it return its input where planner.training is False.",
            )
        if self._pool is None or scale_of(name) not in self._settings:
            raise SettingError(
                f"A layer asks for a mask of rate {name!r}, which its settings do not declare as one.",
                f"Let its settings() return {{{rate!r}: MaskRate(...)}}, see thalweg.base.contracts.",
            )
        length = self.batch * width
        starts = torch.zeros(self.slots, dtype=torch.int32, device=self.device)
        self.masks.append((name, length, starts))
        mask = self.buffer(self.slots, self.batch, width)
        flat = mask.view(self.slots, length)
        windows = self._pool.windows(length)  # one row for every start: it overlaps itself and is never read whole
        moved = 2 * mask.numel() * mask.element_size()
        self.op("m = window of the mask pool", torch.index_select, windows, 0, starts, out=flat, moved=moved)
        if self._pool.uniform:
            self.op("m = 1[m ≥ p]", mask.ge_, self._settings[name], flops=mask.numel())
            self.op("m = m / (1 − p)", mask.mul_, self._settings[scale_of(name)], flops=mask.numel())
        return mask

    def op(
        self,
        text: str,
        function: Callable[..., object],
        *arguments: Any,
        flops: int = 0,
        moved: int | None = None,
        **keywords: Any,
    ) -> None:
        """Append one operation; its buffer and shape, and its bytes unless given, are read off its arguments."""
        owner: Any = getattr(function, "__self__", None)
        target: Any = keywords.get("out", keywords.get("grad_input", owner))
        assert isinstance(target, Tensor), f"operation {text!r} writes nowhere"
        touched = [a for a in (owner, *arguments, *keywords.values()) if isinstance(a, Tensor)]
        if target is owner:
            touched.append(target)
        run = partial(function, *arguments, **keywords) if arguments or keywords else function
        native = native_forms(function, arguments, keywords) if self._natively else None
        self._append(text, run, target, flops, _bytes(touched) if moved is None else moved, native)

    def product(self, text: str, a: Tensor, b: Tensor, out: Tensor, start: Tensor | None = None) -> None:
        """Append out = a b, or out = start + a b: [S M K] times [S K N]."""
        touched = [t for t in (a, b, out, start) if t is not None]
        flops = 2 * a.numel() * b.shape[2]
        native = product_forms(a, b, out, start) if self._natively else None
        self._append(text, _product_call(a, b, out, start), out, flops, _bytes(touched), native, product=True)

    def _append(
        self,
        text: str,
        run: Call,
        target: Tensor,
        flops: int,
        moved: int,
        native: tuple[Native, ...] | None,
        *,
        product: bool = False,
    ) -> None:
        label = self.buffers.label(target) or self._label(target)
        self.ops.append(Op(text, run, tuple(target.shape), flops, moved, label, product, native))

    def _label(self, target: Tensor) -> str:
        if any(target is a for a in self.accumulators):
            return "loss"
        base = target if target._base is None else target._base  # noqa: SLF001 - the only name torch has for it
        return "statistics" if any(base is kept for kept in self._blocks.running.values()) else "gradient"

    def sequence(self, layers: Sequence[Layer], x: Signal, prefix: str = "") -> tuple[Signal, Backward]:
        """Wire layers in order; on the way back, stop where nothing is left to learn."""
        outer = self._scope
        backs: list[tuple[Backward, bool]] = []
        asked = self._asked
        for index, layer in enumerate(layers):
            self._scope = f"{outer}{prefix}{index}."
            learns_below = self._asked > asked
            x, back = layer.wire(self, x)
            backs.append((back, learns_below))
        self._scope = outer

        def backward(d: Tensor, wanted: bool) -> Tensor | None:
            gradient: Tensor | None = d
            for back, learns_below in reversed(backs):
                assert gradient is not None
                gradient = back(gradient, wanted or learns_below)
                if not (wanted or learns_below):
                    return None
            return gradient

        return x, backward


def _product_call(a: Tensor, b: Tensor, out: Tensor, start: Tensor | None) -> Call:
    """Return the call that computes out = a b, or out = start + a b; it allocates nothing."""
    if start is not None:
        return partial(torch.baddbmm, start, a, b, out=out)
    return partial(torch.mul if a.shape[2] == 1 else torch.bmm, a, b, out=out)


def _bytes(tensors: Sequence[Tensor]) -> int:
    return sum(tensor.numel() * tensor.element_size() for tensor in tensors)


def plan_step(
    planner: StepPlanner,
    network: Network,
    loss: Loss,
    inputs: int,
    classes: int,
    columns: int,
    *,
    measured: bool = False,
) -> Program:
    """Write the program of one step for a batch of table rows [x | 1 | y].

    Parameters
    ----------
    planner
        A fresh planner; its ``training`` flag decides whether loss and backward pass are written.
    network, loss
        What is computed and minimised.
    inputs, classes
        Width of x and of y in the table.
    columns
        Width of a table row.
    measured
        Whether the loss of every row is written when nothing is trained.

    Returns
    -------
    Program
        Ready to run on the planner's buffers.
    """
    S, B = planner.slots, planner.batch
    rows = torch.zeros(S * B, columns, dtype=planner.dtype, device=planner.device)
    batch = rows.view(S, B, columns)
    outcome = batch[:, :, inputs + 1 : inputs + 1 + classes].mT  # [S C B]
    x = Signal(batch[:, :, : inputs + 1], has_ones=True)
    out, backward = network.wire(planner, x, loss.outputs(classes))
    total = None
    if planner.training or measured:
        total = loss.wire(planner, out.value, outcome)
    if planner.training:
        backward(out.value, False)
    return Program(
        ops=tuple(planner.ops),
        rows=rows,
        outputs=out.value,
        outcome=outcome,
        weight=planner.weight,
        masks=tuple(planner.masks),
        accumulators=tuple(planner.accumulators),
        loss_total=total,
        buffer_bytes=planner.bytes + rows.numel() * rows.element_size(),
    )
