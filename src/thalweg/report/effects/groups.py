"""Effects within groups, and the combinations a map of them has room for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from thalweg.effects.effect import Effect, Estimate
from thalweg.report.effects.tables import telling

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
    chosen
        The combination that was asked for.
    effects
        By combination, one estimate per group; all in the same order of groups.
    """

    table: str
    by: str
    chosen: str
    effects: Mapping[str, tuple[Estimate, ...]]


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
