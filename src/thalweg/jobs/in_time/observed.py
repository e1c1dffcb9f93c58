"""The effect of a treatment that units chose from all splits, or in a limited time from as many as it allows."""

from collections.abc import Callable
from dataclasses import replace

from thalweg.base.errors import setting
from thalweg.effects.one_treatment.observed import ObservedEffects
from thalweg.effects.training import Training
from thalweg.jobs.in_time.splits import doubled, too_short
from thalweg.jobs.in_time.time_limit import TimeLimit
from thalweg.jobs.populations import TimeOverError
from thalweg.report.progress import Watch
from thalweg.train.progress import Progress
from thalweg.train.running.limit import ending_at, seconds_left


def observe_in_time(
    ask: Callable[[Training], ObservedEffects], training: Training, limit: TimeLimit | None, *, kept: bool
) -> tuple[ObservedEffects, str]:
    """Return the answer of all splits, or of twice as many again and again until the time is over, and why of fewer.

    Parameters
    ----------
    ask
        Answers with so much training; what it learned once it does not learn again.
    training
        Asked for.
    limit
        How long it may take; None for as long as it takes.
    kept
        Whether what is trained is kept in a folder.

    Raises
    ------
    TimeOverError
        If not one split could be completed.

    Examples
    --------
    >>> from thalweg.effects.training import Training
    >>> observe_in_time(lambda training: training.repeats, Training(repeats=3), None, kept=False)
    (3, '')
    """
    if limit is None:
        return ask(training), ""
    found, reached = None, 0
    with ending_at(limit.moment):
        for repeats in doubled(training.repeats):
            try:
                found, reached = ask(replace(training, repeats=repeats)), repeats
            except TimeOverError as error:
                if found is None:
                    raise too_short(error, limit, kept=kept) from error
                break
    assert found is not None
    if reached == training.repeats:
        return found, ""
    early = limit.told(f"ended the job early, after {reached} of {training.repeats} splits.", kept=kept)
    effects = replace(found.effects, notes=(early, *found.effects.notes))
    return replace(found, effects=effects), early


def lessons_in_time(watch: Watch | None, stage: str) -> Callable[[Progress], None]:
    """Return what is called before every lesson of a regression or of trees: it tells, and ends the work in time.

    Raises
    ------
    TimeOverError
        When the time is over.

    Examples
    --------
    >>> lessons_in_time(print, "observed")(Progress(1, 4, 1, 4, 0.5))
    observed Progress(members_done=1, members=4, ...)
    """

    def told(progress: Progress) -> None:
        if seconds_left() <= 0.0:
            raise TimeOverError(
                f"The time was over when {progress.members_done} of {progress.members} learners were done.",
                f"Give a longer {setting('time_limit')}.",
            )
        if watch is not None:
            watch(stage, progress)

    return told
