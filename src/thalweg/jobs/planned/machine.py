"""The machine at hand: calibrated, asked what a comparison will take, and corrected by what runs took."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from thalweg.answers.comparison import Run
from thalweg.answers.loading import load
from thalweg.base.errors import RunFolderError, SettingError, setting
from thalweg.planning.machine.audit import Audit, AuditedRun, audited
from thalweg.planning.machine.calibration import calibrate
from thalweg.planning.machine.kept import KnownMachine, keep_machine, known_machine, machine_facts, newly_known
from thalweg.planning.machine.training_forecast import TrainingForecast, forecast_training
from thalweg.select.crossval import CrossValidation
from thalweg.train.population import Member, crowds_of
from thalweg.train.slots import predicted_seconds

LONG: Final = 60.0
"""Seconds of networks, by a rough guess, from which a machine that was never calibrated is calibrated first."""


def calibrate_machine() -> tuple[KnownMachine, Path]:
    """Measure what training costs on this machine, keep it, and return both what was found and where it is kept.

    Raises
    ------
    RunFolderError
        If the place cannot be written.
    """
    known = newly_known(calibrate())
    return known, keep_machine(known)


def forecast_of(plan: CrossValidation, members: Sequence[Member], workers: int | None) -> TrainingForecast | None:
    """Return what the networks of a comparison will take; None if the machine was never calibrated and it is short.

    Examples
    --------
    >>> from thalweg.data.problem import pose
    >>> from thalweg.select.crossval import cross_validation
    >>> from thalweg.select.settings import Settings
    >>> plan = cross_validation(pose("example:iris"), Settings(folds=3, networks=()))
    >>> forecast_of(plan, [], 1) is None
    True
    """
    if not members:
        return None
    try:
        known = known_machine()
        if known is None and _guessed(plan, members, workers) > LONG:
            known = newly_known(calibrate())
            keep_machine(known)
    except RunFolderError:  # a damaged or closed cache is no reason not to fit
        return None
    if known is None:
        return None
    return forecast_training(known, plan.table, members, workers, again=len(plan.views) * plan.settings.seeds)


def _guessed(plan: CrossValidation, members: Sequence[Member], workers: int | None) -> float:
    return predicted_seconds(members, crowds_of(members, plan.table), plan.table.rows.dtype, workers)


def machine_words() -> str:
    """Return this machine in a few words, as runs record it.

    Examples
    --------
    >>> "core" in machine_words()
    True
    """
    facts = machine_facts()
    return f"{facts['processor']}, {facts['cores']} core{'' if facts['cores'] == '1' else 's'}, {facts['steps']}"


def audit_runs(folders: Sequence[str | Path]) -> Audit:
    """Compare the forecasts that runs recorded with what they took, and let this machine learn from its own.

    Parameters
    ----------
    folders
        Of comparisons.

    Raises
    ------
    SettingError
        If none of the runs recorded a forecast.
    RunFolderError
        If a folder holds no finished run.
    """
    found, silent, own = list[AuditedRun](), list[str](), dict[str, AuditedRun]()
    for folder in folders:
        run = load(folder)
        about = run.answer.about if isinstance(run, Run) else None
        one = None if about is None else audited(str(folder), about.cost)
        if one is None or about is None:
            silent.append(str(folder))
            continue
        found.append(one)
        if about.repeat.get("machine") == machine_words():
            own[str(Path(folder).resolve())] = one
    if not found:
        raise SettingError(
            f"None of these {setting('runs')} recorded a forecast.",
            "Comparisons do that on a machine that was calibrated: thalweg calibrate, then fit again.",
        )
    known = known_machine()
    if known is not None and own:
        keep_machine(known.with_ratios({name: run.logarithm for name, run in own.items()}))
    return Audit(tuple(found), tuple(silent))
