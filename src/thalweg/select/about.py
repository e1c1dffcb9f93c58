"""What an answer is about, from the table, the settings and what training took."""

from collections.abc import Mapping
from typing import Any

from thalweg.data.problem import Problem
from thalweg.data.profile import ColumnProfile
from thalweg.select.answer import About, Note


def about_run(
    problem: Problem,
    config: Mapping[str, Any],
    command: str | None,
    status: Mapping[str, Mapping[str, int]],
    cost: Mapping[str, float],
) -> About:
    """Gather what a report says besides the answer itself.

    Parameters
    ----------
    problem
        What was asked of which table.
    config
        The run's configuration, as in its folder.
    command
        How to repeat it, if it came from the command line.
    status, cost
        How members ended, and what it took; see :class:`~thalweg.select.answer.About`.

    Returns
    -------
    About
        In plain values.

    Examples
    --------
    See :func:`thalweg.fit`.
    """
    settings = config["settings"]
    repeat = {
        **({"command": command} if command else {}),
        "data fingerprint": problem.fingerprint,
        "rows": f"{len(problem):,}",
        "design": f"{settings['folds']} folds x {settings['seeds']} seeds x {len(settings['networks'])} networks",
        "seed": str(settings["seed"]),
        "stopping": (
            f"at most {settings['epochs']} epochs, patience {settings['patience']}, "
            f"{settings['validation']:.0%} of the training rows to validate"
        ),
        "versions": ", ".join(f"{name} {version}" for name, version in config["versions"].items()),
    }
    profile = tuple(_profile_line(column) for column in problem.profile)
    notes = tuple(Note(note.code, note.text) for note in problem.notes)
    return About(problem.name, problem.target, profile, notes, status, cost, repeat)


def _profile_line(column: ColumnProfile) -> Mapping[str, str | int | float | None]:
    top = ", ".join(f"{value} ({count:,})" for value, count in column.top)
    facts = {"column": column.name, "role": column.role, "kind": column.kind}
    counts = {"missing": column.missing, "distinct": column.distinct}
    return {**facts, **counts, "min": column.minimum, "mean": column.mean, "max": column.maximum, "most frequent": top}
