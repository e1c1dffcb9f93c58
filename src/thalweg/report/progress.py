"""Progress of training: a bar on a terminal, a line in Jupyter or marimo, one now and then in the log of a command."""

import multiprocessing
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any, Final, Literal, Protocol

from thalweg.base.durations import spoken
from thalweg.base.errors import SettingError, setting


class Progress(Protocol):
    """How far training has come, as :class:`thalweg.train.progress.Progress` says it.

    Examples
    --------
    >>> from thalweg.train.progress import Progress as OfPopulation
    >>> seen: Progress = OfPopulation(3, 10, 30, 100, 1.5)
    >>> seen.share
    0.3
    """

    @property
    def members_done(self) -> int:
        """Members finished."""

    @property
    def members(self) -> int:
        """Members in all."""

    @property
    def seconds(self) -> float:
        """Seconds since the start."""

    @property
    def share(self) -> float:
        """Share of the work that is done."""

    @property
    def expected(self) -> float | None:
        """Seconds it was forecast to take; None if nobody did."""


Watch = Callable[[str, Progress], None]
LINE_EVERY: Final = 10.0  # seconds between lines where there is no terminal
FORECAST_UNTIL: Final = 0.01  # share of the work from which its pace says better what is left than a forecast
STAGES: Final = {
    "search": "Searching the grid",
    "chosen": "Training the chosen networks",
    "boosting": "Fitting gradient boosting",
    "effects": "Training in several rounds",
    "linear": "Estimating",
    "observed": "Comparing units",
}
SEVERAL_ROUNDS: Final = ("effects", "observed")  # populations one after the other: what is left of one says little


@contextmanager
def watching(watch: Watch | Literal[False] | None = None) -> Iterator[Watch | None]:
    """Yield what to call while a population trains, as ``watch`` of a job asks for it.

    Parameters
    ----------
    watch
        None shows progress where somebody looks (:func:`default_watch`), False shows nothing, anything else is called
        with the stage and how far it has come.

    Yields
    ------
    Watch or None
        None if nobody wants to see.

    Raises
    ------
    SettingError
        If ``watch`` is none of these.

    Examples
    --------
    >>> with watching(False) as told:
    ...     print(told)
    None
    """
    if not (watch is None or watch is False or callable(watch)):
        raise SettingError(
            f"{setting('watch')} must be a function of stage and progress, None or False, got {watch!r}.",
            "Leave it out to see progress where somebody looks.",
        )
    if watch is None:
        with default_watch() as told:
            yield told
    else:
        yield watch or None


@contextmanager
def default_watch() -> Iterator[Watch | None]:
    """Yield a watch that shows progress if somebody looks: standard error is a terminal, or a notebook is running.

    Pipes, redirected scripts, worker processes and threads stay quiet: there it yields None. What it shows is gone
    when the block ends.

    Yields
    ------
    Watch or None
        Called with the stage and how far it has come.

    Examples
    --------
    >>> with default_watch() as watch:  # a test's standard error is no terminal
    ...     print(watch)
    None
    """
    if _in_marimo():
        yield from _marimo_line()
    elif not _in_charge():
        yield None
    elif _in_notebook():
        yield from _notebook_line()
    elif sys.stderr is not None and sys.stderr.isatty():
        yield from _terminal()
    else:
        yield None


@contextmanager
def watcher(*, quiet: bool = False) -> Iterator[Watch | None]:
    """Yield what a command calls while a population trains: a bar on a terminal, a line now and then in a log.

    Parameters
    ----------
    quiet
        Show nothing.

    Examples
    --------
    >>> with watcher(quiet=True) as watch:
    ...     print(watch)
    None
    """
    if quiet:
        yield None
    elif sys.stderr is not None and sys.stderr.isatty():
        yield from _terminal()
    else:
        yield _lines()


def _in_charge() -> bool:
    """Whether this is the process and the thread a person started, and no worker."""
    return (
        multiprocessing.parent_process() is None
        and multiprocessing.current_process().name == "MainProcess"
        and threading.current_thread() is threading.main_thread()
    )


def _in_notebook() -> bool:
    """Whether a kernel shows what is displayed; a terminal's IPython has none."""
    shell: Any = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return getattr(shell, "kernel", None) is not None


def _in_marimo() -> bool:
    """Whether a cell of marimo runs in this thread; its kernel is a process or a thread that marimo started."""
    marimo: Any = sys.modules.get("marimo")
    return marimo is not None and marimo.running_in_notebook()


def _marimo_line() -> Iterator[Watch]:
    line = _Lines()
    with sys.modules["marimo"].status.spinner(title="thalweg", remove_on_exit=True) as spinner:
        yield lambda stage, progress: spinner.update(subtitle=line(stage, progress))


def _notebook_line() -> Iterator[Watch]:
    display = import_module("IPython.display").display
    shown: Any = None
    line = _Lines()

    def show(text: str) -> None:
        nonlocal shown
        if shown is None:
            shown = display({"text/plain": text}, raw=True, display_id=True)
        else:
            shown.update({"text/plain": text}, raw=True)

    def watch(stage: str, progress: Progress) -> None:
        show(line(stage, progress))

    try:
        yield watch
    finally:
        if shown is not None:
            show("")


def _terminal() -> Iterator[Watch]:
    from rich.console import Console  # noqa: PLC0415 - nobody pays for the bar who does not see it

    console = Console(stderr=True)
    if console.is_terminal and not console.no_color:
        yield from _bar(console)
    else:
        yield _lines()


def _bar(console: Any) -> Iterator[Watch]:
    from rich.progress import (  # noqa: PLC0415 - nobody pays for the bar who does not see it
        BarColumn,
        TaskID,
        TextColumn,
        TimeElapsedColumn,
    )
    from rich.progress import Progress as Bar  # noqa: PLC0415 - the same

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[members]}"),
        TimeElapsedColumn(),
        TextColumn("{task.fields[left]}"),
    )
    with Bar(*columns, console=console, transient=True) as bar:
        tasks: dict[str, TaskID] = {}
        lines = _Lines()

        def watch(stage: str, progress: Progress) -> None:
            if stage not in tasks:
                tasks[stage] = bar.add_task(STAGES.get(stage, stage), total=progress.members, members="", left="")
            count = f"{progress.members_done:,} of {progress.members:,}"
            done = progress.share * progress.members
            seconds = None if stage in SEVERAL_ROUNDS else lines.left(stage, progress)
            left = "" if seconds is None else f"about {spoken(seconds)} left"
            bar.update(tasks[stage], total=progress.members, completed=done, members=count, left=left)

        yield watch


def _lines() -> Watch:
    last, line = time.monotonic(), _Lines()

    def watch(stage: str, progress: Progress) -> None:
        nonlocal last
        text = line(stage, progress)
        if time.monotonic() - last >= LINE_EVERY:
            last = time.monotonic()
            sys.stderr.write(f"{text}\n")

    return watch


class _Lines:
    """Says how far a stage has come, and about how long it will still take.

    Until a hundredth is done that is what was forecast, if anything was; then it follows from the pace. What it takes
    to begin tells nothing of the pace: time is counted from when the first work of a stage was seen done.
    """

    def __init__(self) -> None:
        self._first: dict[str, float] = {}
        self._begun: dict[str, tuple[float, float]] = {}

    def __call__(self, stage: str, progress: Progress) -> str:
        seconds = self.left(stage, progress)
        rest = f", about {seconds:,.0f} s left" if seconds is not None and stage not in SEVERAL_ROUNDS else ""
        return f"{STAGES.get(stage, stage)}: {progress.members_done:,} of {progress.members:,}{rest}"

    def left(self, stage: str, progress: Progress) -> float | None:
        """Return about how many seconds a stage will still take; None if nothing is known."""
        share = progress.share
        if share > self._first.setdefault(stage, share):
            self._begun.setdefault(stage, (progress.seconds, share))
        began, before = self._begun.get(stage, (progress.seconds, share))
        if share > before and (progress.expected is None or share >= FORECAST_UNTIL):
            return (progress.seconds - began) * (1.0 - share) / (share - before)
        return None if progress.expected is None else max(0.0, progress.expected - progress.seconds)
