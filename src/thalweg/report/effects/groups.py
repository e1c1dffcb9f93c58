"""Effects within groups, and the combinations a map of them has room for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from thalweg.base.interval import Interval
from thalweg.effects.answer import EffectsAnswer
from thalweg.effects.differing import GroupContrasts
from thalweg.effects.effect import Effect
from thalweg.effects.identification.support import OK
from thalweg.effects.inference.estimate import Estimate
from thalweg.report.drawing.table import Cell, Column, Table, decimals_for, format_cell
from thalweg.report.effects.tables import telling
from thalweg.report.effects.words import p_words

MOST_PAIRS: Final = 45
CLEAR: Final = 0.05
_ROOM = 330.0
_DIGIT = 9.0
_MOST_COLUMNS = 8


@dataclass(frozen=True, slots=True)
class Groups:
    """Effects within groups.

    Parameters
    ----------
    table, by
        What the table is called, and the column that makes the groups.
    asked
        The combination that was asked for in every group, and how the groups differ.
    effects
        By combination, that one among them, one estimate per group; all in the same order of groups.
    """

    table: str
    by: str
    asked: GroupContrasts
    effects: Mapping[str, tuple[Estimate, ...]]

    @property
    def chosen(self) -> str:
        """The combination that was asked for."""
        return self.asked.combination


def mapped_combinations(effects: Sequence[Effect], chosen: str) -> list[str]:
    """Return the combinations a map has room for: the one that was asked for, observed ones, the largest.

    Examples
    --------
    >>> mapped_combinations([], "10")
    ['10']
    """
    wide = max(_DIGIT * len(chosen) + 14.0, 52.0)
    room = max(1, min(_MOST_COLUMNS, int(_ROOM / wide)))
    others = [e for e in effects if e.estimate is not None and e.combination != chosen]
    kept = {others[n].combination for n in telling(others, room - 1)} | {chosen}
    order = [e.combination for e in effects if e.combination in kept]
    return order or [chosen]


def link_note(answer: EffectsAnswer, combination: str) -> str:
    """Say that differences follow from the link where nobody received a combination; empty where somebody did."""
    if answer.supports[answer.number(combination)].status == OK:
        return ""
    return f"Nobody received {combination}: for whom it does more follows from the link, like the effect."


def groups_sentence(asked: GroupContrasts, by: str) -> str:
    """Say what the test shows that groups have one effect, and which two differ most clearly.

    Examples
    --------
    >>> from thalweg.effects.inference.estimate import normal_estimate
    >>> pair = normal_estimate("south less north", 1.0, 0.2, count=80, level=0.95)
    >>> groups_sentence(GroupContrasts("11", (), (pair,), (0.0001,), 0.0001), "region")
    'That 11 has one effect in all groups of region: p = 0.0001. Most clearly apart: south less north, 1.000, ...'
    """
    text = f"That {asked.combination} has one effect in all groups of {by}: {p_words(asked.differ)}."
    if asked.pairs and min(asked.p_holm) < CLEAR:
        clearest = min(range(len(asked.pairs)), key=lambda k: asked.pairs[k].p_value)
        one = asked.pairs[clearest]
        places = decimals_for([one.low, one.high])
        middle, low, high = (format_cell(end, places) for end in (one.estimate, one.low, one.high))
        text += (
            f" Most clearly apart: {one.name}, {middle}, interval {low} to {high} "
            f"({p_words(asked.p_holm[clearest])}, adjusted for {len(asked.pairs)} pairs)."
        )
    elif asked.pairs:
        text += " No two of them are shown to differ."
    return text


def pairs_table(asked: GroupContrasts, by: str, outcome: str, level: float) -> Table:
    """Return the difference of every two groups, the clearest of many.

    Examples
    --------
    >>> from thalweg.effects.inference.estimate import normal_estimate
    >>> pair = normal_estimate("south less north", 1.0, 0.2, count=80, level=0.95)
    >>> pairs_table(GroupContrasts("11", (), (pair,), (0.0001,), 0.0001), "region", "y", 0.95).rows[0][0]
    'south less north'
    """
    places = decimals_for([end for one in asked.pairs for end in (one.low, one.high)])
    kept = sorted(range(len(asked.pairs)), key=lambda k: asked.pairs[k].p_value)[:MOST_PAIRS]
    heads = (
        Column("groups"),
        Column("difference", places),
        Column("std. error", places + 1, spare=1),
        Column(f"{100 * level:g} % interval", places),
        Column("p", 3, least=0.001),
        Column("p, all pairs", 3, least=0.001),
    )
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            one.name,
            one.estimate,
            one.error,
            Interval(one.estimate, one.low, one.high),
            one.p_value,
            asked.p_holm[k],
        )
        for k, one in ((k, asked.pairs[k]) for k in sorted(kept))
    )
    notes = [f"Intervals hold each for itself; the last column allows for looking at all {len(asked.pairs)} pairs."]
    if len(kept) < len(asked.pairs):
        notes.append(f"Shown are the {len(kept)} clearest pairs.")
    caption = f"Effect of {asked.combination} on {outcome} in one group of {by} less that in another."
    return Table("group-pairs", caption, heads, rows, tuple(notes))
