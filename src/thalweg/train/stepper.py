"""Running the steps of an epoch: one call after the other on the host, or replays of a captured graph on a GPU."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from thalweg.base.contracts import Call
from thalweg.train.epoch import EpochPlan
from thalweg.train.program import Program

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
    See :class:`thalweg.train.chunk.Chunk`.
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


class GraphStepper:
    """Replays a CUDA graph of several steps; a counter on the device selects the rows of each.

    The first steps of a chunk run one call at a time, which also warms up the libraries; then the graph is captured
    once and fed with every epoch's plan.

    Parameters
    ----------
    program, calls, table
        As for :class:`HostStepper`.

    Examples
    --------
    See ``tests/train/test_cuda.py``.
    """

    def __init__(self, program: Program, calls: Sequence[Call], table: Tensor) -> None:
        self._program, self._calls, self._table = program, list(calls), table
        self._host = HostStepper(program, calls, table)
        self._graph: torch.cuda.CUDAGraph | None = None
        self._plan: EpochPlan | None = None
        device = table.device
        self._counter = torch.zeros(1, dtype=torch.int64, device=device)
        self._place = torch.zeros(1, dtype=torch.int64, device=device)
        self._one = torch.ones((), dtype=torch.int64, device=device)

    def run(self, plan: EpochPlan, steps: range, before: Callable[[int], None] | None) -> None:
        """Run some steps of an epoch; a moving learning rate or too few steps are not worth a graph."""
        if before is not None or len(steps) < 2 * UNROLLED:
            self._host.run(plan, steps, before)
            return
        first = steps.start
        if self._graph is None:
            self._host.run(plan, range(first, first + 1), before)
            self._capture(plan)
            first += 1
        else:
            self._feed(plan)
        assert self._graph is not None
        replays = (steps.stop - first) // UNROLLED
        self._counter.fill_(first)
        for _ in range(replays):
            self._graph.replay()
        self._host.run(plan, range(first + replays * UNROLLED, steps.stop), before)

    def _feed(self, plan: EpochPlan) -> None:
        """Put the next epoch where the graph reads."""
        assert self._plan is not None
        pairs = ((self._plan.order, plan.order), (self._plan.weights, plan.weights), (self._plan.starts, plan.starts))
        for mine, new in pairs:
            if mine is not None and new is not None:
                mine.copy_(new)

    def _capture(self, plan: EpochPlan) -> None:
        self._plan = EpochPlan(
            plan.order.clone(),
            None if plan.weights is None else plan.weights.clone(),
            None if plan.starts is None else plan.starts.clone(),
        )
        current = torch.empty_like(plan.order[0])
        torch.cuda.synchronize()
        self._graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self._graph):
            for _ in range(UNROLLED):
                self._captured_step(self._plan, current)

    def _captured_step(self, plan: EpochPlan, current: Tensor) -> None:
        program = self._program
        torch.index_select(plan.order, 0, self._counter, out=current.view(1, -1))
        torch.index_select(self._table, 0, current, out=program.rows)
        if program.weight is not None and plan.weights is not None:
            skipped = len(plan.order) - len(plan.weights)
            torch.sub(self._counter, skipped, out=self._place)
            flat = program.weight.view(1, -1)
            torch.index_select(plan.weights.view(len(plan.weights), -1), 0, self._place, out=flat)
        if plan.starts is not None:
            for layer, (_, _, start) in enumerate(program.masks):
                torch.index_select(plan.starts[:, layer], 0, self._counter, out=start.view(1, -1))
        for call in self._calls:
            call()
        self._counter.add_(self._one)
