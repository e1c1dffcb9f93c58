"""Figures of how treatments act together."""

from typing import Final

from thalweg.base.interval import Interval
from thalweg.effects.inference.estimate import Estimate
from thalweg.effects.linear_combinations import Interaction
from thalweg.effects.summary import EffectsSummary
from thalweg.report.drawing.figure import Axis, Figure, brief
from thalweg.report.drawing.layers import Bars, Layer, Line, Points
from thalweg.report.drawing.table import Cell, Column, Table, decimals_for, format_cell
from thalweg.report.effects.words import p_words

MOST_PAIRS: Final = 6
_LETTERS: Final = 15
_APART: Final = 0.1
_NAN: Final = float("nan")


def interactions_figure(summary: EffectsSummary) -> Figure | None:
    """Draw the mean outcome with one treatment off and on, the other off and on; None if no pair may be shown."""
    pairs = _strongest(summary.interactions)
    if not pairs:
        return None
    layers: list[Layer] = []
    for label, style, places, shift in (
        ("second treatment off", "first", (0, 1), -_APART),
        ("second treatment on", "second", (2, 3), _APART),
    ):
        ends = [(pair.outcomes[places[0]], pair.outcomes[places[1]]) for pair in pairs]
        rows = [(2 * n + side + shift, one) for n, both in enumerate(ends) for side, one in enumerate(both)]
        x = tuple(v for off, on in ends for v in (off.estimate, on.estimate, _NAN))
        y = tuple(v for n in range(len(ends)) for v in (2 * n + shift, 2 * n + 1 + shift, _NAN))
        at = tuple(place for place, _ in rows)
        layers += [
            Line("", x, y, style),
            Bars("", tuple(one.low for _, one in rows), tuple(one.high for _, one in rows), at, style),
            Points(label, tuple(one.estimate for _, one in rows), at, style),
        ]
    between = tuple(2 * n + 1.5 for n in range(len(pairs) - 1))
    low = min(one.low for pair in pairs for one in pair.outcomes)
    high = max(one.high for pair in pairs for one in pair.outcomes)
    x = tuple(v for _ in between for v in (low, high, _NAN))
    layers.insert(0, Line("", x, tuple(v for place in between for v in (place, place, _NAN)), "guide", thin=True))
    names = tuple(
        f"{brief(pair.first, _LETTERS)} {state}, by {brief(pair.second, _LETTERS)}"
        for pair in pairs
        for state in ("off", "on")
    )
    outcome = summary.answer.reading.target
    return Figure(
        "interactions",
        _interaction_finding(summary, len(pairs)),
        Axis(f"mean {brief(outcome)}"),
        Axis("", categories=names),
        tuple(layers),
        interactions_table(pairs, outcome, summary.level),
    )


def _strongest(pairs: tuple[Interaction, ...]) -> tuple[Interaction, ...]:
    """Return the pairs a figure has room for, the largest interactions, in their order."""
    ranked = sorted(range(len(pairs)), key=lambda n: (pairs[n].interaction.p_value, n))
    return tuple(pairs[n] for n in sorted(ranked[:MOST_PAIRS]))


def _interaction_finding(summary: EffectsSummary, drawn: int) -> str:
    pairs, answer = summary.interactions, summary.answer
    count = len(answer.reading.treatments)
    possible = count * (count - 1) // 2
    opening = (
        f"Mean {brief(answer.reading.target)} with the first treatment of a pair off and on, the second off and on, "
        f"all others as in {answer.baseline}; {100 * summary.level:g} % intervals. Parallel lines: the two add up. "
    )
    if all(pair.interaction.error == 0.0 for pair in pairs):
        told = f"They always do under link {answer.fit.model.link.name}."
    else:
        clear = sum(pair.p_holm < 1.0 - summary.level for pair in pairs)
        most = min(pairs, key=lambda pair: pair.interaction.p_value)
        told = (
            f"{clear} of {len(pairs)} pairs depart from that at {100 * (1 - summary.level):.3g} % (Holm); the clearest "
            f"is {brief(most.first)} x {brief(most.second)}, {_with_interval(most.interaction)}, adjusted "
            f"{p_words(most.p_holm)}."
        )
    if len(pairs) < possible:
        missing = possible - len(pairs)
        need = "One pair needs" if missing == 1 else f"{missing} pairs need"
        told += f" {need} a combination that is withheld or was not asked for."
    return opening + told + (f" Shown are the {drawn} clearest." if drawn < len(pairs) else "")


def _with_interval(one: Estimate) -> str:
    places = decimals_for([one.low, one.high])
    low, middle, high = (format_cell(v, places) for v in (one.low, one.estimate, one.high))
    return f"{middle} (interval {low} to {high})"


def interactions_table(pairs: tuple[Interaction, ...], outcome: str, level: float) -> Table:
    """Return the four mean outcomes of every pair of treatments, and by how much the pair departs from adding up."""
    places = decimals_for([abs(one.estimate) for pair in pairs for one in pair.outcomes])
    heads = (
        Column("pair"),
        *(Column(label, places) for label in ("neither", "first alone", "second alone", "both")),
        Column("interaction", places),
        Column(f"{100 * level:g} % interval", places),
        Column("p, Holm", 4),
    )
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            f"{pair.first} x {pair.second}",
            *(one.estimate for one in pair.outcomes),
            pair.interaction.estimate,
            Interval(pair.interaction.estimate, pair.interaction.low, pair.interaction.high),
            pair.p_holm,
        )
        for pair in pairs
    )
    note = "Interaction: both − first alone − second alone + neither. p is adjusted for looking at all pairs."
    return Table("interactions", f"Mean {outcome} by pairs of treatments.", heads, rows, (note,))
