"""Which columns matter and how: importances, effects along columns, average marginal effects."""

import math
from collections.abc import Sequence
from typing import Final

from thalweg.base.interval import Interval
from thalweg.base.wording import listed
from thalweg.report.drawing.figure import Axis, Figure, brief
from thalweg.report.drawing.layers import Band, Bars, Layer, Line, Points
from thalweg.report.drawing.table import Cell, Column, Table, decimals_for
from thalweg.select.comparison_answer import Answer
from thalweg.select.explaining.explanation import Change, ColumnEffect, Explanation
from thalweg.select.scoring.metrics import METRICS

_MOST_PRINTED: Final = 5
_MOST_DRAWN: Final = 12
_MOST_CURVES: Final = 4
_MOST_SLOPES: Final = 60
_REDUNDANT: Final = 0.5  # R² from which on a column is said to be held by others


def columns_table(answer: Answer) -> Table | None:
    """Return the strongest columns of the model to use: rise when shuffled, average effect, with intervals.

    Examples
    --------
    >>> from thalweg.select.comparison_answer import About
    >>> from thalweg.select.scoring.leaderboard import Leaderboard
    >>> board = Leaderboard("regression", "rmse", (), "ridge regression", "", "", (), 5, 100)
    >>> columns_table(Answer(About("t.csv", "y"), "", "", board)) is None
    True
    """
    if not answer.explanations:
        return None
    first = answer.explanations[0]
    shown = first.importances[:_MOST_PRINTED]
    label, level = _label(answer), f"{100 * first.level:g} % interval"
    effects = {one.column: _widest(first.effects_of(one.column)) for one in shown}
    slopes = {name: effect.slope for name, effect in effects.items() if effect is not None and effect.slope is not None}
    digits = decimals_for([one.rise.high - one.rise.low for one in shown], 3)
    outcomes = {effect.outcome for effect in effects.values() if effect is not None}
    several = len(outcomes) > 1
    columns = (
        Column("Column"),
        Column(f"rise of {label} if shuffled", digits),
        Column(level, digits),
        *([Column("class", spare=2)] if several else []),
        *([Column("average effect of a unit", spare=1), Column(f"{level} of that", spare=1)] if slopes else []),
    )
    rows: list[tuple[Cell, ...]] = []
    for one in shown:
        slope, effect = slopes.get(one.column), effects[one.column]
        cells: list[Cell] = [brief(one.column), one.rise.value, _interval(one.rise)]
        cells += [None if effect is None else effect.outcome] if several else []
        cells += [None if slope is None else slope.value, _interval(slope)] if slopes else []
        rows.append(tuple(cells))
    on = _of_what(answer, next(iter(outcomes))) if len(outcomes) == 1 else "the probability of the class"
    effect_words = f", and the average effect of a unit more on {on}" if slopes else ""
    caption = (
        f"What {first.model} rests on: how much its {label} rises where a column is shuffled among held-out rows"
        f"{effect_words}."
    )
    return Table("columns", caption, columns, tuple(rows), tuple(_remarks(answer, first)))


def columns_figure(answer: Answer) -> Figure | None:
    """Draw by how much scores worsen where columns are shuffled; None if no model was explained.

    Examples
    --------
    >>> from thalweg.select.comparison_answer import About
    >>> from thalweg.select.scoring.leaderboard import Leaderboard
    >>> board = Leaderboard("regression", "rmse", (), "ridge regression", "", "", (), 5, 100)
    >>> columns_figure(Answer(About("t.csv", "y"), "", "", board)) is None
    True
    """
    if not answer.explanations:
        return None
    first, *others = answer.explanations
    names = [one.column for one in first.importances[:_MOST_DRAWN]]
    layers: list[Layer] = [Line("", (0.0, 0.0), (-0.5, len(names) - 0.5), "guide")]
    for k, one in enumerate((first, *others)):
        style, shift = (("first", "second")[k], 0.22 * k - 0.11 * len(others))
        rises = {each.column: each.rise for each in one.importances}
        places = tuple(place + shift for place in range(len(names)))
        kept = [rises[name] for name in names]
        layers += [
            Bars("", tuple(r.low for r in kept), tuple(r.high for r in kept), places, style),
            Points(one.model, tuple(r.value for r in kept), places, style, hollow=k > 0),
        ]
    label = _label(answer)
    finding = f"Rise of {label} where a column is shuffled, with {100 * first.level:g} % intervals; right of 0 the "
    finding += f"column matters. {' '.join(_remarks(answer, first))}"
    rows = tuple(
        (one.model, each.column, each.rise.value, _interval(each.rise), each.rise.seed_sd, each.redundancy)
        for one in answer.explanations
        for each in one.importances
    )
    heads = ("Model", "column", f"rise of {label}", "interval", "SD between seeds", "R² on the others")
    data = Table("importance", "Permutation importance.", tuple(map(Column, heads)), rows)
    axis = Axis("", categories=tuple(names))
    return Figure("importance", finding, Axis(f"rise of {label} if shuffled"), axis, tuple(layers), data)


def effect_figures(answer: Answer) -> list[Figure]:
    """Draw how predictions change with the most important columns, one figure each.

    Examples
    --------
    >>> from thalweg.select.comparison_answer import About
    >>> from thalweg.select.scoring.leaderboard import Leaderboard
    >>> board = Leaderboard("regression", "rmse", (), "ridge regression", "", "", (), 5, 100)
    >>> effect_figures(Answer(About("t.csv", "y"), "", "", board))
    []
    """
    if not answer.explanations:
        return []
    first = answer.explanations[0]
    effects = [_widest(first.effects_of(one.column)) for one in first.importances if one.used]
    drawn = [effect for effect in effects if effect is not None][:_MOST_CURVES]
    return [_effect_figure(answer, first, effect, k + 1) for k, effect in enumerate(drawn)]


def _effect_figure(answer: Answer, explanation: Explanation, effect: ColumnEffect, number: int) -> Figure:
    changes = effect.changes
    values, low, high = (tuple(getattr(one, end) for one in changes) for end in ("value", "low", "high"))
    on = _of_what(answer, effect.outcome)
    level = f"{100 * explanation.level:g} % interval"
    layers: tuple[Layer, ...]
    if effect.of_number:
        layers = (Band(level, effect.numbers, low, high, "first"), Line("", effect.numbers, values, "first"))
        x, y = Axis(effect.column), Axis(f"change of {on}")
        told = _slope_words(effect)
    else:
        places = tuple(map(float, range(len(values))))
        layers = (Bars(level, low, high, places, "first"), Points("", values, places, "first"))
        x, y = Axis(f"change of {on} against {effect.levels[0]}"), Axis("", categories=effect.levels)
        told = f"All rows with each level in place of {effect.levels[0]}"
    named: tuple[Cell, ...] = effect.numbers or effect.levels
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (place, one.value, _interval(one), one.seed_sd) for place, one in zip(named, changes, strict=True)
    )
    columns = (Column(effect.column), Column("change"), Column(level), Column("SD between seeds"))
    data = Table(f"effect-{number}", f"Effect of {effect.column} on {on}.", columns, rows)
    finding = f"How {on} changes with {effect.column}, {explanation.model}. {told}."
    return Figure(f"effect-{number}", finding, x, y, layers, data)


def _slope_words(effect: ColumnEffect) -> str:
    slope = effect.slope
    if slope is None or not math.isfinite(slope.value):
        return "Ends of bins of equally many rows, mean 0"
    return (
        f"A unit more goes with {slope.value:.3g} on average ({slope.low:.3g} to {slope.high:.3g}); values at the ends "
        "of bins of equally many rows, mean 0"
    )


def slopes_table(answer: Answer) -> Table | None:
    """Return average marginal effects of all columns of the model to use; None if there are none.

    Examples
    --------
    >>> from thalweg.select.comparison_answer import About
    >>> from thalweg.select.scoring.leaderboard import Leaderboard
    >>> board = Leaderboard("regression", "rmse", (), "ridge regression", "", "", (), 5, 100)
    >>> slopes_table(Answer(About("t.csv", "y"), "", "", board)) is None
    True
    """
    effects = answer.explanations[0].effects if answer.explanations else ()
    if not effects:
        return None
    classes = len({effect.outcome for effect in effects}) > 1
    rows: list[tuple[Cell, ...]] = []
    for effect in effects:
        slope = [("a unit more", effect.slope)] if effect.slope is not None else []
        levels = [
            (f"{level} against {effect.levels[0]}", change)
            for level, change in zip(effect.levels[1:], effect.changes[1:], strict=False)
        ]
        for contrast, change in (*slope, *levels):
            which = [effect.outcome] if classes else []
            rows.append((effect.column, contrast, *which, change.value, _interval(change), change.seed_sd))
    level = f"{100 * answer.explanations[0].level:g} % interval"
    columns = (
        Column("Column"),
        Column("Contrast"),
        *([Column("Class")] if classes else []),
        *map(Column, ("Average effect", level, "SD between seeds")),
    )
    on = "the probability of the class" if classes else _of_what(answer, effects[0].outcome)
    more = len(rows) - _MOST_SLOPES
    notes = (f"The first {_MOST_SLOPES} of {len(rows)} rows.",) if more > 0 else ()
    caption = f"Average marginal effects on {on} by {answer.explanations[0].model}, most important column first."
    return Table("marginal-effects", caption, columns, tuple(rows[:_MOST_SLOPES]), notes)


def _remarks(answer: Answer, explanation: Explanation) -> list[str]:
    """Return what to know before importances are believed."""
    everyone = explanation.importances
    weak = [one.column for one in everyone if not one.used]
    shared = [one.column for one in everyone if one.redundancy >= _REDUNDANT]
    told = []
    if len(weak) == len(everyone):
        told.append("No single column is shown to matter more than noise, given the others.")
    elif weak:
        told.append(f"Not shown to matter more than noise: {listed([brief(name) for name in weak], 5)}.")
    if shared:
        told.append(
            f"The other columns hold more than half of what these say, so that shuffling one tells too little: "
            f"{listed([brief(name) for name in shared], 5)}."
        )
    if explanation.rows < answer.leaderboard.observations:
        told.append(f"From {explanation.rows:,} of the rows.")
    if not explanation.effects:
        told.append("Each term of the formula was shuffled for itself.")
    return told


def _widest(effects: Sequence[ColumnEffect]) -> ColumnEffect | None:
    """Return the effect that reaches farthest, of several classes."""
    return max(effects, key=lambda effect: effect.reach, default=None)


def _label(answer: Answer) -> str:
    return METRICS[answer.leaderboard.task][answer.leaderboard.metric].label


def _of_what(answer: Answer, outcome: str) -> str:
    return f"predicted {outcome}" if answer.leaderboard.task == "regression" else f"the probability of “{outcome}”"


def _interval(change: Change | None) -> Interval | None:
    return None if change is None else Interval(change.value, change.low, change.high)
