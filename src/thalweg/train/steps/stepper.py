"""Running the steps of an epoch: natively, one call after the other on the host, or as a captured graph on a GPU."""

from collections.abc import Callable, Sequence
from functools import partial

import torch
from torch import Tensor

from thalweg.base.contracts import Call, Native
from thalweg.train.native.epoch_calls import Drain
from thalweg.train.native.fuse import fused
from thalweg.train.native.runner import Runner
from thalweg.train.products.threads import Sharing
from thalweg.train.steps.epoch import EpochPlan
from thalweg.train.steps.program import Program

UNROLLED = 8  # steps in one graph: the launch of a graph costs as much as a few kernels


class HostStepper:
    """Calls the operations of a step one after the other.

    Parameters
    ----------
    program, calls
        The step's buffers, and its operations.
    table
        The rows to gather from.

    Examples
    --------
    See :class:`thalweg.train.steps.chunk.Chunk`.
    """

    def __init__(self, program: Program, calls: Sequence[Call], table: Tensor) -> None:
        self._program, self._calls, self._table = program, list(calls), table

    def run(self, plan: EpochPlan, steps: range, before: Callable[[int], None] | None) -> None:
        """Run some steps of an epoch; nothing in here allocates.

        Parameters
        ----------
        plan
            What the slots see.
        steps
            Which steps of the epoch.
        before
            Called before every step, where a schedule moves the learning rate.
        """
        program, table, rows = self._program, self._table, self._program.rows
        skipped = 0 if plan.weights is None else len(plan.order) - len(plan.weights)
        for step in steps:
            torch.index_select(table, 0, plan.order[step], out=rows)
            if program.weight is not None and plan.weights is not None:
                program.weight.copy_(plan.weights[step - skipped])
            if plan.starts is not None:
                for (_, _, start), value in zip(program.masks, plan.starts[step], strict=True):
                    start.copy_(value)
            if before is not None:
                before(step)
            for call in self._calls:
                call()


class NativeStepper:
    """Runs the steps of slots by few calls of native code, without Python between operations.

    Parameters
    ----------
    program, forms
        The step's buffers, and its operations behind the gathering of rows.
    table
        The rows to gather from.
    live
        Slots that train.
    counters
        Steps done by every slot; None when nothing is trained.
    moving
        What a schedule changes before every step.
    """

    def __init__(
        self,
        program: Program,
        forms: Sequence[Native],
        table: Tensor,
        live: Sequence[int],
        counters: Tensor | None = None,
        moving: Sequence[Tensor] = (),
    ) -> None:
        self._program, self._live, self._moving = program, list(live), list(moving)
        slots = program.outputs.shape[0]
        rows = program.rows.view(slots, -1, program.rows.shape[1])
        self._order = torch.zeros(slots, rows.shape[1], dtype=torch.int32)
        gather = Native("gather", rows, (table, self._order))
        self._runner = Runner([gather, *fused(forms)], slots, table.dtype, counters)
        self.feed = self._runner.feed
        assert program.loss_total is not None, "predictions have a runner of their own"
        self.losses = Drain(program.loss_total)

    def run(
        self,
        plan: EpochPlan,
        steps: range,
        before: Callable[[int], None] | None,
        sharing: Sharing | None = None,
    ) -> None:
        """Run some steps of an epoch, slot by slot.

        Parameters
        ----------
        plan
            What the slots see.
        steps
            Which steps of the epoch.
        before
            Called for every step beforehand, where a schedule moves the learning rate.
        sharing
            Chooses how many threads compute each step; None for one.
        """
        program, feed = self._program, self.feed
        feed(self._order, plan.order)
        if program.weight is not None and plan.weights is not None:
            feed(program.weight, plan.weights, len(plan.order) - len(plan.weights))
        if plan.starts is not None:
            for layer, (_, _, start) in enumerate(program.masks):
                feed(start, plan.starts[:, layer])
        if before is not None:
            self._schedule(steps, before)
        if sharing is None:
            self._runner.run(self._live, steps)
        else:
            for step in steps:
                sharing()
                self._runner.run(self._live, range(step, step + 1), sharing.threads)

    def _schedule(self, steps: range, before: Callable[[int], None]) -> None:
        """Let the schedule set its numbers for every step, and feed them as tables."""
        tables = [torch.empty(len(steps), *moving.shape, dtype=moving.dtype) for moving in self._moving]
        for place, step in enumerate(steps):
            before(step)
            for table, moving in zip(tables, self._moving, strict=True):
                table[place].copy_(moving)
        for table, moving in zip(tables, self._moving, strict=True):
            self.feed(moving, table, steps.start)


def captured_on_gpu(first: Call, stretch: Call) -> Call:
    """Run a first step, capture what a stretch of further ones launches as a CUDA graph, and return its replay.

    Libraries keep handles and workspaces per stream and may not make them during a capture, so the first step runs on
    the stream that is captured (PyTorch's notes on CUDA semantics, "CUDA Graphs"). A graph holds addresses, not
    tensors: whoever replays it must keep all that the stretch touches.
    """
    stream = torch.cuda.Stream()  # type: ignore[no-untyped-call]  # torch leaves it untyped
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        first()
    torch.cuda.current_stream().wait_stream(stream)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph, stream=stream):  # waits for the device before it begins
        stretch()
    return graph.replay


class GraphStepper:
    """Replays a captured stretch of steps; a counter on the device selects the rows of each step.

    The first step runs one call at a time and warms up the libraries; then the stretch is captured once and fed with
    every epoch's plan.

    Parameters
    ----------
    program, calls, table
        As for :class:`HostStepper`.
    capture
        Runs a first function and turns a second one into its replay.

    Examples
    --------
    See ``tests/train/steps/test_stepper.py``, where the replay is the function itself.
    """

    def __init__(
        self,
        program: Program,
        calls: Sequence[Call],
        table: Tensor,
        capture: Callable[[Call, Call], Call] = captured_on_gpu,
    ) -> None:
        self._program, self._calls, self._table, self._capture = program, list(calls), table, capture
        self._host = HostStepper(program, calls, table)
        self._replay: Call | None = None
        self._plan: EpochPlan | None = None  # what the graph reads
        self._current: Tensor | None = None  # row numbers of its step
        self._counter, self._place = (torch.zeros(1, dtype=torch.int64, device=table.device) for _ in range(2))
        self._one = torch.ones((), dtype=torch.int64, device=table.device)

    def run(self, plan: EpochPlan, steps: range, before: Callable[[int], None] | None) -> None:
        """Run some steps of an epoch; a moving learning rate or too few steps are not worth a graph."""
        if before is not None or len(steps) < 2 * UNROLLED:
            self._host.run(plan, steps, before)
            return
        first = steps.start
        if self._replay is None:
            self._replay = self._captured(plan, partial(self._host.run, plan, range(first, first + 1), before))
            first += 1
        else:
            self._feed(plan)
        replays = (steps.stop - first) // UNROLLED
        self._counter.fill_(first)
        for _ in range(replays):
            self._replay()
        self._host.run(plan, range(first + replays * UNROLLED, steps.stop), before)

    def _feed(self, plan: EpochPlan) -> None:
        """Put the next epoch where the graph reads."""
        assert self._plan is not None
        pairs = ((self._plan.order, plan.order), (self._plan.weights, plan.weights), (self._plan.starts, plan.starts))
        for mine, new in pairs:
            if mine is not None and new is not None:
                mine.copy_(new)

    def _captured(self, plan: EpochPlan, first: Call) -> Call:
        held = EpochPlan(
            plan.order.clone(),
            None if plan.weights is None else plan.weights.clone(),
            None if plan.starts is None else plan.starts.clone(),
        )
        current = torch.empty_like(held.order[0])
        self._plan, self._current = held, current

        def stretch() -> None:
            for _ in range(UNROLLED):
                self._step(held, current)

        return self._capture(first, stretch)

    def _step(self, plan: EpochPlan, current: Tensor) -> None:
        program = self._program
        torch.index_select(plan.order, 0, self._counter, out=current.view(1, -1))
        torch.index_select(self._table, 0, current, out=program.rows)
        if program.weight is not None and plan.weights is not None:
            torch.sub(self._counter, len(plan.order) - len(plan.weights), out=self._place)
            flat = program.weight.view(1, -1)
            torch.index_select(plan.weights.view(len(plan.weights), -1), 0, self._place, out=flat)
        if plan.starts is not None:
            for layer, (_, _, start) in enumerate(program.masks):
                torch.index_select(plan.starts[:, layer], 0, self._counter, out=start.view(1, -1))
        for call in self._calls:
            call()
        self._counter.add_(self._one)
