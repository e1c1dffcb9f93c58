"""Tables about an experiment before its effects: what its cells determine, their shares, balance, what to run next."""

from collections.abc import Sequence
from typing import Final

from thalweg.effects.experiment.conduct import SampleRatio
from thalweg.effects.experiment.experiment import combination_label
from thalweg.effects.experiment.reading import Reading
from thalweg.effects.identification.check import Check
from thalweg.effects.identification.support import Support
from thalweg.effects.summary import spelled
from thalweg.report.drawing.table import Column, Table, without
from thalweg.report.effects.tables import MOST_ROWS
from thalweg.report.effects.words import digits_note, p_words, status_words

_MOST_COVARIATES: Final = 10
_MOST_NAMES: Final = 8


def identification_table(check: Check) -> Table:
    """Return what the cells determine, before any network is trained."""
    counts = _counts(check.reading)
    labels = [combination_label(target) for target in check.targets]
    baseline = combination_label(check.reading.baseline)
    order = sorted(range(len(labels)), key=lambda n: (labels[n] not in counts, not check.supports[n].usable))
    shown = sorted(n for n in order[: MOST_ROWS + 1] if labels[n] != baseline)
    rows = tuple(
        (
            label,
            status_words(support, withheld=False),
            counts.get(label),
            round(support.effective),
            support.heaviest,
            spelled(label, check.reading.treatments),
        )
        for label, support in ((labels[n], check.supports[n]) for n in shown)
    )
    heads = (
        Column("combination"),
        Column("status"),
        Column("units", spare=1),
        Column("effective units", spare=2),
        Column("99 % of |w| below", 1),
        Column("given", spare=3),
    )
    caption = (
        f"What {len(check.reading.experiment):,} units in {len(counts)} of "
        f"{2 ** len(check.reading.treatments):,} cells determine against {baseline}."
    )
    notes = (
        digits_note(check.reading.treatments),
        f"The link needs {check.structure.needed} parameters, the cells determine {check.structure.rank}.",
        "Weights |w| are those of one parameter vector for all units; the fit judges anew, unit by unit.",
        *([f"{len(shown)} of {len(labels) - 1:,} rows, observed ones first."] * (len(shown) < len(labels) - 1)),
        *_reasons([labels[n] for n in shown], [check.supports[n] for n in shown]),
    )
    return Table("identification", caption, heads, rows, notes)


def _reasons(labels: Sequence[str], supports: Sequence[Support]) -> list[str]:
    """Say once, for all combinations it holds for, why an effect would be withheld."""
    found: dict[str, list[str]] = {}
    for label, support in zip(labels, supports, strict=True):
        if not support.usable:
            found.setdefault(f"{support.status}: {support.reason}", []).append(label)
    return [
        f"{', '.join(names[:_MOST_NAMES])}{' …' * (len(names) > _MOST_NAMES)} {why}." for why, names in found.items()
    ]


def _counts(reading: Reading) -> dict[str, int]:
    labels = [combination_label(cell) for cell in reading.experiment.cells]
    return dict(zip(labels, reading.experiment.counts.tolist(), strict=True))


def ratio_table(reading: Reading) -> Table:
    """Return units per cell, beside the plan if there is one."""
    counts, ratio = _counts(reading), reading.ratio
    total = len(reading.experiment)
    rows = tuple(
        (
            label,
            count,
            f"{100 * count / total:.1f} %",
            None if ratio is None else ratio.expected[label],
            spelled(label, reading.treatments),
        )
        for label, count in counts.items()
    )
    heads = (Column("cell"), Column("units"), Column("share"), Column("planned", 1, spare=2), Column("given", spare=1))
    table = Table("cells", "Units per cell.", heads, rows, (ratio_sentence(ratio),))
    return without(table, "planned") if ratio is None else table


def ratio_sentence(ratio: SampleRatio | None) -> str:
    """Say whether the shares are as planned.

    Examples
    --------
    >>> ratio_sentence(None)
    'No planned shares were given, so that they cannot be tested.'
    """
    if ratio is None:
        return "No planned shares were given, so that they cannot be tested."
    words = "contradict the plan" if ratio.mismatch else "do not contradict the plan"
    return f"Sample-ratio test: the counts {words} (χ² test, {p_words(ratio.p_value)})."


def balance_table(reading: Reading) -> Table:
    """Return the covariates whose means differ most between cells."""
    rows = tuple((f.covariate, f.largest, f.cell, f.p_value) for f in reading.balance[:_MOST_COVARIATES])
    heads = (Column("covariate"), Column("largest difference, sd", 3), Column("in cell"), Column("p", 3, least=0.001))
    shown, total = len(rows), len(reading.balance)
    notes = ["Difference of a cell's mean from that of all others; p of equal means in all cells."]
    if shown < total:
        notes.append(f"The {shown} of {total} covariates that differ most.")
    return Table("balance", "Balance of covariates.", heads, rows, tuple(notes))


def next_table(summary_cells: Sequence[tuple[str, float]], treatments: Sequence[str]) -> Table:
    """Return which combinations to run next, each given those before it.

    Examples
    --------
    >>> next_table([("111", 0.25)], ["a", "b", "c"]).rows
    (('111', 'a + b + c', '25 %'),)
    """
    rows = tuple((name, spelled(name, treatments), f"{100 * noise:.0f} %") for name, noise in summary_cells)
    heads = (Column("combination"), Column("given", spare=1), Column("noise left"))
    note = (
        "Noise left: variance that residual noise adds to the effects, geometric mean over all of them, relative to "
        "without this cell. The new cell takes an equal share of the units from all others; each row counts on those "
        "above it."
    )
    return Table("next", "Which combination to run next.", heads, rows, (digits_note(treatments), note))
