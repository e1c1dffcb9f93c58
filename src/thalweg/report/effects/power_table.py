"""What an experiment could see before it is run, as a table and in sentences."""

import math

from thalweg.effects.experiment.before import Before
from thalweg.effects.experiment.power import ArmPower
from thalweg.report.drawing.blocks import Blocks
from thalweg.report.drawing.table import Cell, Column, Table, decimals_for, format_cell


def power_blocks(
    arms: tuple[ArmPower, ...], before: Before, *, units: int, level: float, power: float, effect: float | None
) -> Blocks:
    """Return what every arm could see, and what that rests on.

    Parameters
    ----------
    arms, before
        As :func:`~thalweg.jobs.effects.power.power_before` found them.
    units, level, power, effect
        As asked.

    Examples
    --------
    >>> from thalweg.effects.experiment.power import experiment_power
    >>> arms = experiment_power(1000, deviation=1.0)
    >>> power_blocks(arms, Before(5.0, 1.0, 0.0, None), units=1000, level=0.95, power=0.8, effect=None).sentences[0]
    '1,000 units find an effect of 0.1774 (3.55 % of the mean, 5) or more in 80 % of such experiments.'
    """
    worst = max(arms, key=lambda arm: arm.detectable)
    relative = math.isfinite(before.mean) and before.mean != 0.0
    share = f" ({100 * worst.detectable / abs(before.mean):.3g} % of the mean, {before.mean:.4g})" if relative else ""
    least = format_cell(worst.detectable, decimals_for([worst.detectable]))
    sentences = [
        f"{units:,} units find an effect of {least}{share} or more in {100 * power:g} % of such experiments"
        + (", whatever the arm." if len(arms) > 1 else ".")
    ]
    if effect is not None:
        weakest = min(arms, key=lambda arm: arm.power or 0.0)
        needed = max(arm.needed or 0.0 for arm in arms)
        many = f"{needed:,.0f} units" if math.isfinite(needed) else "more units than there are"
        sentences.append(
            f"They find an effect of {effect:g} in {100 * (weakest.power or 0.0):.3g} %; finding it in "
            f"{100 * power:g} % takes {many}."
        )
    places = decimals_for([worst.detectable])
    heads = [Column("arm"), Column("units"), Column("std. error", places + 1), Column("least effect", places)]
    heads += [Column("% of the mean", 2)] * relative
    heads += [] if effect is None else [Column(f"power for {effect:g}", 4), Column("units needed", 0)]
    rows = tuple(_row(arm, before.mean if relative else None, effect is not None) for arm in arms)
    table = Table("power", "What each arm could see against the baseline.", tuple(heads), rows)
    return Blocks(tuple(sentences), (table,), _rests(before, level, len(arms)))


def _row(arm: ArmPower, mean: float | None, asked: bool) -> tuple[Cell, ...]:
    cells: list[Cell] = [str(arm.arm), round(arm.units), arm.error, arm.detectable]
    if mean is not None:
        cells.append(100 * arm.detectable / abs(mean))
    if asked:
        cells += [arm.power, arm.needed]
    return tuple(cells)


def _rests(before: Before, level: float, arms: int) -> tuple[str, ...]:
    notes = [f"Two-sided tests at {100 * (1.0 - level):.3g} %" + (f", shared out to {arms} arms." if arms > 1 else ".")]
    notes.append(f"Standard deviation of the outcome: {before.deviation:.4g}.")
    if before.explained > 0.0:
        notes.append(
            f"Covariates explain {100 * before.explained:.3g} % of its variance in rows they were not fitted to: "
            "analyse with them, or the experiment sees less."
        )
    if before.clusters is not None:
        c = before.clusters
        notes.append(
            f"Clusters of {c.size:.3g} units have {100 * c.share:.3g} % of what is left in common: "
            f"{c.design_effect:.3g} times as many units are needed as without."
        )
    return tuple(notes)
