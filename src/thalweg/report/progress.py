"""Progress of training: a bar with the remaining time on a terminal, a line now and then elsewhere."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from thalweg.train.fit import Progress as TrainingProgress

Watch = Callable[[str, TrainingProgress], None]
LINE_EVERY = 10.0  # seconds between lines where there is no terminal
STAGES = {
    "search": "Searching the grid",
    "chosen": "Training the chosen networks",
    "effects": "Training in several rounds",
}
SEVERAL_ROUNDS = ("effects",)  # populations one after the other: what is left of one says little


@contextmanager
def watcher(*, quiet: bool = False) -> Iterator[Watch | None]:
    """Yield what to call while a population trains; None if nobody wants to see.

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
    console = Console(stderr=True)
    if quiet:
        yield None
    elif console.is_terminal and not console.no_color:
        yield from _bar(console)
    else:
        yield _lines()


def _bar(console: Console) -> Iterator[Watch]:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[members]}"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        tasks: dict[str, TaskID] = {}

        def watch(stage: str, progress: TrainingProgress) -> None:
            if stage not in tasks:
                tasks[stage] = bar.add_task(STAGES[stage], total=progress.members, members="")
            count = f"{progress.members_done:,} of {progress.members:,}"
            done = progress.share * progress.members
            bar.update(tasks[stage], total=progress.members, completed=done, members=count)

        yield watch


def _lines() -> Watch:
    last = time.monotonic()

    def watch(stage: str, progress: TrainingProgress) -> None:
        nonlocal last
        if time.monotonic() - last >= LINE_EVERY:
            last = time.monotonic()
            seconds = progress.seconds * (1.0 / progress.share - 1.0) if progress.share > 0 else None
            known = seconds is not None and stage not in SEVERAL_ROUNDS
            rest = f", about {seconds:,.0f} s left" if known else ""
            sys.stderr.write(f"{STAGES[stage]}: {progress.members_done:,} of {progress.members:,}{rest}\n")

    return watch
