"""Figures of effects: all of them with both intervals, and beside other methods."""

from collections.abc import Callable, Sequence
from typing import Final

from thalweg.effects.distances import farthest_addition
from thalweg.effects.effect import Effect
from thalweg.effects.identification.support import OK
from thalweg.effects.summary import EffectsSummary, spelled
from thalweg.report.drawing.figure import Axis, Figure, brief
from thalweg.report.drawing.layers import Bars, Layer, Line, Points
from thalweg.report.drawing.matrix import Matrix
from thalweg.report.drawing.scale import padded
from thalweg.report.drawing.table import Cell, Column, Table, format_cell
from thalweg.report.effects.tables import by_size, interval, telling
from thalweg.report.effects.words import status_words

MOST_BARS: Final = 30
_MOST_DOTS: Final = 10
_NAN: Final = float("nan")
_METHODS: Final = (
    ("DeDL", "first", False),
    ("AIPW", "plain", True),
    ("structured", "second", False),
    ("linear regression", "third", False),
    ("linear addition", "third", True),
    ("plain network", "fourth", True),
)


def combination_axis(kept: Sequence[Effect], treatments: Sequence[str]) -> Axis:
    """Return the axis of combinations: a dot for every treatment that is given, or its names where they are many."""
    names = tuple(spelled(e.combination, tuple(treatments)) for e in kept)
    if len(treatments) > _MOST_DOTS:
        return Axis("", categories=names)
    rows = tuple(tuple(digit == "1" for digit in e.combination) for e in kept)
    return Axis("", categories=names, matrix=Matrix(tuple(treatments), rows))


def kept_effects(summary: EffectsSummary) -> tuple[list[int], str]:
    """Return the effects a figure has room for, the largest first, and a sentence if they are not all."""
    numbers = by_size(summary.effects, telling(summary.effects, MOST_BARS))
    cut = len(numbers) < len(summary.effects)
    told = f" Shown are {len(numbers)} of {len(summary.effects):,}: observed ones and the largest." if cut else ""
    return numbers, told


def forest_figure(summary: EffectsSummary) -> Figure:
    """Draw every effect with both intervals; shape and text tell observed from extrapolated and withheld ones."""
    numbers, cut = kept_effects(summary)
    one, all_at_once = ([some[n] for n in numbers] for some in (summary.effects, summary.together))
    percent = f"{100 * summary.level:g} %"
    shown = [n for n, e in enumerate(one) if e.estimate is not None]
    ends = [end for e in all_at_once for end in (e.low, e.high) if end is not None]
    low, high = padded([*ends, 0.0], log=False)
    layers: list[Layer] = [
        Line("", (0.0, 0.0), (-0.5, len(one) - 0.5), "guide"),
        _strokes(f"{percent} for all at once", [(n, all_at_once[n].low, all_at_once[n].high) for n in shown]),
        Bars(
            f"{percent} interval",
            tuple(number_of(one[n].low) for n in shown),
            tuple(number_of(one[n].high) for n in shown),
            tuple(map(float, shown)),
            "plain",
        ),
    ]

    def points(label: str, style: str, which: Callable[[Effect], bool], *, hollow: bool = False) -> None:
        places = [n for n, e in enumerate(one) if which(e)]
        if places:
            values = tuple(low if one[n].estimate is None else number_of(one[n].estimate) for n in places)
            layers.append(Points(label, values, tuple(map(float, places)), style, hollow))

    points("observed", "first", lambda e: e.estimate is not None and e.support.status == OK)
    points("extrapolated", "second", lambda e: e.estimate is not None and e.support.status == "extrapolated")
    points("weak", "fourth", lambda e: e.estimate is not None and not e.support.usable)
    points("withheld (at the edge)", "third", lambda e: e.estimate is None, hollow=True)
    clear = sum(number_of(e.low) > 0 or number_of(e.high) < 0 for e in all_at_once if e.low is not None)
    hidden = sum(e.estimate is None for e in summary.effects)
    finding = (
        f"Effects against {summary.answer.baseline}. {clear} of the {len(shown)} intervals that hold for all at once "
        f"exclude 0." + (f" {hidden} effects are withheld." if hidden else "") + cut
    )
    return Figure(
        "effects",
        finding,
        Axis(f"effect on {brief(summary.answer.reading.target)}", low=low, high=high),
        combination_axis(one, summary.answer.reading.treatments),
        tuple(layers),
        _forest_data(one, all_at_once),
    )


def _forest_data(effects: Sequence[Effect], together: Sequence[Effect]) -> Table:
    heads = tuple(map(Column, ("combination", "status", "effect", "interval", "at once")))
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            e.combination,
            status_words(e.support, withheld=e.estimate is None),
            e.estimate,
            interval(e.low, e.high, e.estimate),
            interval(t.low, t.high, t.estimate),
        )
        for e, t in zip(effects, together, strict=True)
    )
    return Table("effects", "Effects with both intervals.", heads, rows)


def number_of(value: float | None) -> float:
    """Return a number, or the gap that a drawing leaves where there is none.

    Examples
    --------
    >>> number_of(None)
    nan
    """
    return _NAN if value is None else value


def _strokes(label: str, rows: Sequence[tuple[int, float | None, float | None]]) -> Line:
    """Return horizontal strokes as one line, broken between them."""
    x = [v for _, low, high in rows for v in (number_of(low), number_of(high), _NAN)]
    y = [v for n, _, _ in rows for v in (float(n), float(n), _NAN)]
    return Line(label, tuple(x), tuple(y), "plain", thin=True)


def methods_figure(summary: EffectsSummary) -> Figure:
    """Draw the answers of all methods beside ours, combination by combination."""
    numbers, cut = kept_effects(summary)
    kept = [summary.effects[n] for n in numbers]
    found = summary.comparison.set_index("combination")
    present = [entry for entry in _METHODS if entry[0] in found]
    layers: list[Layer] = [Line("", (0.0, 0.0), (-0.5, len(kept) - 0.5), "guide")]
    ours = [(n, e) for n, e in enumerate(kept) if e.estimate is not None]
    shift = {name: 0.3 * (2 * place / max(len(present) - 1, 1) - 1) for place, (name, _, _) in enumerate(present)}
    layers.append(
        Bars(
            "",
            tuple(number_of(e.low) for _, e in ours),
            tuple(number_of(e.high) for _, e in ours),
            tuple(n + shift["DeDL"] for n, _ in ours),
            "first",
        )
    )
    for name, style, hollow in present:
        values = [float(found.loc[e.combination, name]) for e in kept]
        places = tuple(n + shift[name] for n in range(len(kept)))
        layers.append(Points(name, tuple(values), places, style, hollow))
    finding = "Effects by method, DeDL with its interval." + _farthest(summary) + cut
    heads = tuple(map(Column, ("combination", *(name for name, _, _ in present))))
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (e.combination, *(float(found.loc[e.combination, name]) for name, _, _ in present)) for e in kept
    )
    data = Table("methods", "Effects by method.", heads, rows)
    x = Axis(f"effect on {brief(summary.answer.reading.target)}")
    return Figure("methods", finding, x, combination_axis(kept, summary.answer.reading.treatments), tuple(layers), data)


def _farthest(summary: EffectsSummary) -> str:
    """Say where adding up single effects is farthest from what DeDL shows."""
    found = farthest_addition(summary.comparison)
    if found is None:
        return ""
    combination, added, ours = found
    return (
        f" Adding up single effects is farthest off at {combination}: {format_cell(added)} instead of "
        f"{format_cell(ours)}."
    )
