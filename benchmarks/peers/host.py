"""A process of its own for every tool, so that threads, environment and compiled code of one never meet another's."""

import multiprocessing
import os
import time
from collections.abc import Callable, Mapping, Sequence
from multiprocessing.connection import Connection
from typing import Any, Self

PATIENCE = 60.0  # seconds; threads that wait for each other on a busy machine may take hours
Train = Callable[[int], int]  # amount of work -> member-steps done


def _serve(connection: Connection, prepare: Callable[..., Train], arguments: Sequence[Any], cpu: int | None) -> None:
    if cpu is not None:
        os.sched_setaffinity(0, {cpu})
    train = prepare(*arguments)
    while amount := _told(connection):
        started = time.perf_counter()
        steps = train(amount)
        connection.send((time.perf_counter() - started, steps))


def _told(connection: Connection) -> int | None:
    """Return the next amount of work; None if there will be no more."""
    try:
        amount: int | None = connection.recv()
    except EOFError:
        return None
    return amount


class Host:
    """A process that prepares a training once and then does any amount of it when told.

    Parameters
    ----------
    prepare
        Function of a module that returns what trains; it imports the tool.
    arguments
        What it is called with.
    environment
        Variables that must stand before the tool is imported.
    cpu
        The core the process is pinned to; None for all.
    children
        Whether it starts processes itself.
    """

    def __init__(
        self,
        prepare: Callable[..., Train],
        arguments: Sequence[Any],
        environment: Mapping[str, str] | None = None,
        *,
        cpu: int | None = None,
        children: bool = True,
    ) -> None:
        context = multiprocessing.get_context("spawn")
        self._connection, theirs = context.Pipe()
        before = dict(os.environ)
        os.environ.update(environment or {})
        try:
            task = (theirs, prepare, arguments, cpu)
            self._process = context.Process(target=_serve, args=task, daemon=not children)
            self._process.start()
        finally:
            os.environ.clear()
            os.environ.update(before)
        theirs.close()

    def start(self, amount: int) -> None:
        """Let it train."""
        self._connection.send(amount)

    def result(self) -> tuple[float, int]:
        """Wait, and return seconds and member-steps.

        Raises
        ------
        EOFError
            If the process died; its own message is on the terminal.
        TimeoutError
            If it takes longer than :data:`PATIENCE`.
        """
        if not self._connection.poll(PATIENCE):
            raise TimeoutError
        seconds, steps = self._connection.recv()
        return seconds, steps

    def run(self, amount: int) -> tuple[float, int]:
        """Train and wait."""
        self.start(amount)
        return self.result()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()
        self._process.join(timeout=5)
        if self._process.is_alive():
            self._process.terminate()


def crew(prepare: Callable[..., Train], arguments: Sequence[Any], environment: Mapping[str, str], count: int) -> Train:
    """Return a training done by several processes side by side, one core each; the slowest ends it."""
    cpus = sorted(os.sched_getaffinity(0))
    hosts = [
        Host(prepare, (*arguments, number), environment, cpu=cpus[number], children=False) for number in range(count)
    ]

    def train(amount: int) -> int:
        for host in hosts:
            host.start(amount)
        return sum(host.result()[1] for host in hosts)

    return train
