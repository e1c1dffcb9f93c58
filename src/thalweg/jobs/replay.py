"""Training one member of a finished run again, and comparing it with what is stored."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from thalweg.answers.comparison import COMPARISON, Run
from thalweg.base.checks import check_choice
from thalweg.base.errors import RunFolderError, setting
from thalweg.base.files import path_of
from thalweg.base.run_folder import MEMBERS_FOLDER, RunFolder
from thalweg.data.problem import pose
from thalweg.data.reading.fingerprint import check_fingerprint
from thalweg.jobs.sources import source_of_run
from thalweg.select.class_weight import with_class_weight
from thalweg.select.compare_models import Trained, choose_networks
from thalweg.select.crossval import CrossValidation, cross_validation
from thalweg.select.record import from_plain
from thalweg.select.settings import Settings
from thalweg.train.fit import fit_population
from thalweg.train.population import Member
from thalweg.train.products.switch import NATIVE
from thalweg.train.result import MemberFit
from thalweg.train.store import MemberStore
from thalweg.train.versions import versions

STAGES = ("search", "chosen")
ROUNDING = 1e-3
"""Of the largest parameter: what rounding grows to while a network learns, far below what other rows or seeds do."""


@dataclass(frozen=True, slots=True, eq=False)
class Replay:
    """A member trained again.

    Parameters
    ----------
    stored, again
        What the run's folder holds, and what came now.
    label
        Which fold (from 1), setting and seed it is.
    changed
        Versions that differ from those of the run, as ``"torch 2.12 is now 2.13"``.
    native
        Whether steps were native now, so that the same bits are promised; otherwise it is numbers within rounding.

    Examples
    --------
    See :func:`replay`.
    """

    stored: MemberFit
    again: MemberFit
    label: dict[str, object]
    changed: tuple[str, ...]
    native: bool = True

    @property
    def same(self) -> bool:
        """Whether parameters and losses agree bit for bit."""
        return self.stored.same_numbers(self.again)

    @property
    def close(self) -> bool:
        """Whether parameters agree within :data:`ROUNDING` of the largest, and the member ended alike."""
        mine, theirs = self.again.parameters, self.stored.parameters
        if self.again.status != self.stored.status or mine.shape != theirs.shape:
            return False
        return bool(np.allclose(mine, theirs, rtol=0.0, atol=ROUNDING * np.abs(theirs).max(initial=0.0)))

    @property
    def as_promised(self) -> bool:
        """Whether the numbers are the same, bit for bit where that is promised."""
        return self.same or (self.close and not self.native)


def replay(folder: str | Path | Run, member: int, *, stage: str = "search", source: object = None) -> Replay:
    """Train one member of a run again, alone and in this process, and compare it bit for bit.

    Parameters
    ----------
    folder
        The run's folder, or the run itself.
    member
        Its number, as in ``members.csv``.
    stage
        ``search`` for the grid, ``chosen`` for the networks that were judged and kept.
    source
        The table, if the run was not made from a path or an example, or the path has changed.

    Returns
    -------
    Replay
        Both trainings.

    Raises
    ------
    DataError
        If the table is not the one the run was made from.
    RunFolderError
        If the folder holds no run, or not this member.
    SettingError
        If the stage is unknown or the table cannot be found without ``source``.

    Examples
    --------
    >>> import tempfile, thalweg as tw
    >>> out = tempfile.mkdtemp() + "/run"
    >>> run = tw.fit("example:iris", folds=3, seeds=2, networks=[{"hidden": [4]}], epochs=3, out=out)
    >>> replay(out, 5).same
    True
    """
    check_choice("stage", stage, STAGES)
    place = folder.folder if isinstance(folder, Run) else path_of("folder", folder, "folder")
    if place is None:
        raise RunFolderError("The run lives in memory alone.", f"Keep runs in a folder, named as {setting('out')}.")
    run = RunFolder(place)
    plan, changed = _rebuild(run, source)
    found = {fit.number: fit for fit in _store(run, stage).read()}
    if member not in found:
        raise RunFolderError(
            f"{folder} has no member {member} in stage {stage!r}: it has {len(found)}.",
            "See members.csv for the numbers.",
        )
    members = _members(run, plan, stage)
    again = fit_population(plan.table, [members[member]], workers=1).members[0]
    label = dict(members[member].label)
    label["fold"] = int(str(label["fold"])) + 1  # counted from 1, as in members.csv
    return Replay(found[member], again, label, changed, native=versions()["arithmetic"].startswith(NATIVE))


def _rebuild(run: RunFolder, source: object) -> tuple[CrossValidation, tuple[str, ...]]:
    """Read the run's table again and cut it as the run did."""
    config = run.config()
    if config.get("job") != COMPARISON:
        raise RunFolderError(f"{run.path} holds no comparison of models.", "Only their members can be trained again.")
    if not (run.path / MEMBERS_FOLDER).exists():
        raise RunFolderError(
            f"{run.path} holds no trained members: it was saved from memory, where none are kept.",
            f"Name a folder as {setting('out')} when the run is made.",
        )
    question = dict(config["question"])
    class_weight = question.pop("class_weight")
    problem = with_class_weight(pose(**source_of_run(config, source), **question), class_weight)
    check_fingerprint(problem.fingerprint, config["data"]["fingerprint"])
    now = versions()
    changed = tuple(f"{k} {v} is now {now.get(k)}" for k, v in config["versions"].items() if now.get(k) != v)
    return cross_validation(problem, from_plain(Settings, config["settings"])), changed


def _store(run: RunFolder, stage: str) -> MemberStore:
    return MemberStore(run.path / MEMBERS_FOLDER / stage, run=run.identity(stage))


def _members(run: RunFolder, plan: CrossValidation, stage: str) -> list[Member]:
    search = plan.search_members()
    if stage == "search":
        return search
    return plan.chosen_members(choose_networks(plan, Trained(search, _store(run, "search").read())))
