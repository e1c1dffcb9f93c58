"""Tables about effects: effects, best, groups, methods, identification, balance; each for pages and for terminals."""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from thalweg.base.interval import Interval
from thalweg.effects.answer import METHODS
from thalweg.effects.distances import largest_split_spread
from thalweg.effects.effect import Best, Effect
from thalweg.effects.identification.support import Support
from thalweg.effects.inference.estimate import Estimate
from thalweg.effects.inference.intervals import DRAWS
from thalweg.effects.summary import EffectsSummary, scale_facts, spelled
from thalweg.report.drawing.table import Cell, Column, Table, decimals_for, format_cell
from thalweg.report.effects.words import digits_note, p_words, status_words

if TYPE_CHECKING:
    import pandas as pd

MOST_ROWS: Final = 40
MOST_NAMED: Final = 6
_SMALL_P: Final = 0.01
_COVERING: Final = ("DeDL", "AIPW")
_MAY_GO: Final = {"AIPW": 5, "plain network": 4, "linear regression": 3, "linear addition": 2, "structured": 1}
_STATUSES: Final = (
    "observed: units received it; extrapolated: it follows from the link; weak and not identified: the cells that were "
    "run do not carry an answer, and none is shown unless it is asked for."
)
_ANY_LINK: Final = (
    "The intervals hold if the link does. Those for any link are wide enough for every other curve that the observed "
    "cells do not contradict."
)
_METHODS: Final = (
    "Standard errors in brackets, where they can be relied on. Linear addition and linear regression know no products "
    "of treatments; the networks without correction (plain network, structured) have errors that do not average out; "
    "AIPW answers observed combinations only. DeDL withholds what the cells do not carry; the others answer anyway."
)
_DRAWN: Final = frozenset({"max-t", "step-down"})


def interval(low: float | None, high: float | None, middle: float | None) -> Interval | None:
    """Return an interval as a cell; None where there is none."""
    return None if low is None or high is None or middle is None else Interval(middle, low, high)


def effects_table(summary: EffectsSummary) -> Table:
    """Return one row per combination; effects the cells do not carry are withheld."""
    answer, percent = summary.answer, f"{100 * summary.level:g} %"
    sizes = [abs(end) for e in summary.effects if e.low is not None and e.high is not None for end in (e.low, e.high)]
    places = decimals_for(sizes)
    heads = (
        Column("combination"),
        Column("given", spare=5),
        Column("effect", places),
        Column("std. error", places + 1, spare=3),
        Column(f"{percent} interval", places),
        Column(f"{percent}, all at once", places, spare=2),
        Column(f"{percent}, any link", places, spare=3),
        Column("p, adjusted", 3, spare=1, least=0.001),
        Column("status"),
        Column("units", spare=4),
        Column("AIPW", places, spare=6),
    )
    rows = tuple(
        _effect_row(one, more, summary.given(one.combination))
        for one, more in zip(summary.effects, summary.together, strict=True)
    )
    caption = f"Effect on {answer.reading.target} against {answer.baseline}, {summary.table}."
    notes = [
        digits_note(answer.reading.treatments),
        _STATUSES,
        _ANY_LINK,
        f"The p-values are adjusted ({summary.adjust}) for looking at all effects. {_least_p(summary.adjust)}".rstrip(),
    ]
    best = None if summary.best is None else summary.best.combination
    strong = {n for n, one in enumerate(summary.effects) if one.combination == best}
    return Table("effects", caption, heads, rows, tuple(notes), frozenset(strong))


def _least_p(adjust: str) -> str:
    drawn = f"They come from {DRAWS:,} draws and are never below {1 / (DRAWS + 1):.2g}."
    return drawn if adjust in _DRAWN else ""


def _effect_row(one: Effect, together: Effect, given: str) -> tuple[Cell, ...]:
    return (
        one.combination,
        given,
        one.estimate,
        one.error,
        interval(one.low, one.high, one.estimate),
        interval(together.low, together.high, together.estimate),
        None if one.observed else interval(one.low_any_link, one.high_any_link, one.estimate),
        together.p_adjusted,
        status_words(one.support, withheld=one.estimate is None),
        one.count or None,
        one.unstructured,
    )


def telling(effects: Sequence[Effect], most: int) -> list[int]:
    """Return the numbers of at most so many effects, in order: observed ones, then the largest, withheld ones last.

    Examples
    --------
    >>> telling([], 10)
    []
    """

    def rank(number: int) -> tuple[bool, bool, float]:
        one = effects[number]
        return not one.observed, one.estimate is None, -abs(one.estimate or 0.0)

    return sorted(sorted(range(len(effects)), key=rank)[:most])


def by_size(effects: Sequence[Effect], numbers: Sequence[int]) -> list[int]:
    """Return numbers of effects by their size, the largest first and withheld ones last.

    Examples
    --------
    >>> by_size([], [])
    []
    """

    def size(number: int) -> float:
        estimate = effects[number].estimate
        return math.inf if estimate is None else -estimate

    return sorted(numbers, key=size)


def shortened(table: Table, numbers: Sequence[int]) -> Table:
    """Return some rows of a table; a note says that they are not all."""
    if len(numbers) == len(table.rows):
        return replace(
            table,
            rows=tuple(table.rows[number] for number in numbers),
            strong=frozenset(place for place, number in enumerate(numbers) if number in table.strong),
        )
    note = f"{len(numbers)} of {len(table.rows):,} rows: observed ones and the largest. effects.csv has all."
    strong = frozenset(place for place, number in enumerate(numbers) if number in table.strong)
    rows = tuple(table.rows[number] for number in numbers)
    return replace(table, rows=rows, notes=(*table.notes, note), strong=strong)


def facts_table(summary: EffectsSummary) -> Table:
    """Return how the answer was made and how well the model predicts, one fact per row."""
    answer, quality = summary.answer, summary.out_of_fold
    experiment, training = answer.reading.experiment, answer.training
    seen, possible = len(experiment.cells), 2**experiment.treatments
    cut = "folds" if experiment.time is None else f"folds that are blocks of time, gap {training.gap}"
    splits = f"{training.folds} {cut}, {training.repeats} split" + "s" * (training.repeats > 1)
    rows: list[tuple[Cell, ...]] = [
        ("units", f"{len(experiment):,} in {seen} of {possible:,} cells"),
        ("link", _link_words(summary)),
        ("networks", f"{splits}, {training.seeds} per fold"),
        (
            f"{quality.name}, left out",
            f"{quality.networks:.4g}; cell means {quality.cell_means:.4g}"
            + ("" if quality.regression is None else f"; linear regression {quality.regression:.4g}"),
        ),
        ("link test", _test_words(answer.evaluation.link_test.text, answer.evaluation.link_test.p_value)),
    ]
    if answer.evaluation.scale_test is not None:
        tested = answer.evaluation.scale_test
        rows.append(("scale test", _test_words(tested.text, tested.p_value)))
    if answer.link_spread.names:
        rows.append(("curves that the means of the cells do not contradict", ", ".join(answer.link_spread.names)))
    if training.repeats > 1:
        rows.append(("spread over splits", _spread_words(summary)))
    return Table("facts", "How the answer was made.", (Column("Fact"), Column("Value")), tuple(rows))


def _link_words(summary: EffectsSummary) -> str:
    answer, scale = summary.answer, scale_facts(summary.answer)
    words = str(answer.fit.model.link.name)
    if len(answer.link_losses) > 1:
        words += f", of {', '.join(answer.link_losses)} the one that predicts best"
    if scale is None:
        return words
    if scale["kind"] == "own":
        words += "; every unit has its own scale"
    elif scale["value"] is not None:
        words += f"; one scale for all units, {scale['value']:.4g} (std. error {scale['std_error']:.2g})"
    return words + (f": {scale['reason']}" if scale["reason"] else "")


def _test_words(text: str, p: float) -> str:
    return f"{text.rstrip('.')} ({p_words(p)})" if p < 1.0 else text.rstrip(".")


def _spread_words(summary: EffectsSummary) -> str:
    ratio = largest_split_spread(summary)
    return "–" if math.isnan(ratio) else f"at most {ratio:.2f} standard errors of an effect"


def best_sentences(best: Best, treatments: Sequence[str], level: float, withheld: int) -> tuple[str, ...]:
    """Return the best combination, its lead, and what else may be the best, in sentences; the first is the verdict."""
    percent, effect, gap = f"{100 * level:g} %", best.effect, best.gap
    name = f"{best.combination} ({spelled(best.combination, treatments)})"
    lift = "" if best.lift is None else f", {100 * best.lift:+.3g} % of the baseline mean, {best.baseline_mean:.4g}"
    first = f"The best combination is {name}: {_with_interval(effect)} (at {percent}, although it was picked){lift}."
    if best.extrapolated:
        first += _extrapolated(best, treatments)
    runner = gap.name.split(" − ")[1]
    second = (
        f"It leads {runner} ({spelled(runner, treatments)}) by {_with_interval(gap)} (at {percent}, "
        f"{p_words(gap.p_value)})."
    )
    others = [other for other in best.candidates if other != best.combination]
    if others:
        named = (f"{one} ({spelled(one, treatments)})" for one in best.candidates[:MOST_NAMED])
        more = len(best.candidates) - MOST_NAMED
        rest = f" and {more} more" if more > 0 else ""
        third = f"Not to be ruled out as the best at {percent}: {', '.join(named)}{rest}."
    else:
        third = f"All other combinations that may be shown are ruled out as the best at {percent}."
    if withheld:
        count = "One effect is" if withheld == 1 else f"{withheld} effects are"
        third += f" {count} withheld and may be better: see which combination to run next."
    return first, second, third


def _extrapolated(best: Best, treatments: Sequence[str]) -> str:
    """Say that nobody received the best combination, and which of those observed is best."""
    told = (
        " Nobody received it: it follows from the link, and its interval allows for others that fit the cells as well."
    )
    if best.observed is None:
        return told
    one = best.observed
    if one.error == 0.0:  # the baseline itself
        return f"{told} Of the combinations that were run none does better than the baseline."
    return f"{told} Of those that were run {one.name} ({spelled(one.name, treatments)}) is best: {_with_interval(one)}."


def _with_interval(estimate: Estimate) -> str:
    places = decimals_for([estimate.low, estimate.high])
    low, middle, high = (format_cell(v, places) for v in (estimate.low, estimate.estimate, estimate.high))
    return f"{middle}, interval {low} to {high}"


def best_sentence(summary: EffectsSummary) -> str:
    """Return the answer in one sentence."""
    if summary.best is None:
        return "The cells that were run carry no effect that may be shown: see which combination to run next."
    return best_sentences(summary.best, summary.answer.reading.treatments, summary.level, 0)[0]


def withheld_count(supports: Sequence[Support]) -> int:
    """Return how many effects are withheld."""
    return sum(not support.usable for support in supports)


def groups_table(groups: Sequence[Estimate], column: str, combination: str, outcome: str, level: float) -> Table:
    """Return the effect of a combination by group; every interval holds for itself.

    Examples
    --------
    >>> one = Estimate("north", 1.0, 0.1, 0.8, 1.2, 0.0, 50)
    >>> groups_table([one], "region", "10", "sales", 0.95).rows[0][0]
    'north'
    """
    places = decimals_for([abs(end) for one in groups for end in (one.low, one.high)])
    heads = (
        Column(column),
        Column("effect", places),
        Column("std. error", places + 1, spare=1),
        Column(f"{100 * level:g} % interval", places),
        Column("p", 3, least=0.001),
        Column("units", spare=2),
    )
    rows = tuple(
        (one.name, one.estimate, one.error, Interval(one.estimate, one.low, one.high), one.p_value, one.count)
        for one in groups
    )
    note = "Every interval and p-value is for its own group; none allows for looking at several."
    return Table("groups", f"Effect of {combination} on {outcome} by {column}.", heads, rows, (note,))


def comparison_table(comparison: "pd.DataFrame", treatments: Sequence[str], outcome: str, baseline: str) -> Table:
    """Return the estimates of several methods, standard errors in brackets behind those that cover."""
    methods = sorted(
        (n for n in comparison if n != "combination" and not str(n).endswith(" se")), key=METHODS[::-1].index
    )
    sizes = [abs(float(v)) for name in methods for v in comparison[name] if math.isfinite(v)]
    places = decimals_for(sizes)
    rows = tuple(
        (row["combination"], *(_estimate_words(row, name, places) for name in methods))
        for row in comparison.to_dict("records")
        if row["combination"] != baseline
    )
    notes = (
        digits_note(treatments),
        _METHODS,
    )
    heads = (Column("combination"), *(Column(name, spare=_MAY_GO.get(name, 0)) for name in methods))
    return Table("comparison", f"Effect on {outcome} by method.", heads, rows, notes)


def _estimate_words(row: dict[str, object], name: str, places: int) -> str | None:
    value, error = row[name], row.get(f"{name} se") if name in _COVERING else None
    if not isinstance(value, float) or math.isnan(value):
        return None
    words = format_cell(value, places)
    return f"{words}\u00a0({error:.{places}f})" if isinstance(error, float) and math.isfinite(error) else words


def left_out_table(summary: EffectsSummary) -> Table | None:
    """Return every observed cell as the others predict it, beside what was observed; None if it was not asked for."""
    if summary.left_out is None:
        return None
    sizes = [abs(value) for cell in summary.left_out for value in (cell.predicted, cell.observed)]
    places = decimals_for(sizes)
    rows = tuple(
        (cell.combination, cell.predicted, cell.predicted_error, cell.observed, cell.observed_error, cell.p_value)
        for cell in summary.left_out
    )
    heads = (
        Column("combination"),
        Column("predicted", places),
        Column("se predicted", places),
        Column("observed", places),
        Column("se observed", places),
        Column("p", 3, least=0.001),
    )
    off = sum(cell.p_value < _SMALL_P for cell in summary.left_out)
    note = (
        f"Each cell's effect through the link from networks trained without the cell, beside AIPW from its own units: "
        f"{off} of {len(rows)} differ at 1 %."
        if rows
        else "No cell can be left out: the others would not determine its effect."
    )
    return Table("left-out", "Observed cells, predicted from the others.", heads, rows, (note,))


def weights_table(summary: EffectsSummary) -> Table:
    """Return on how many units every effect rests, and how much single ones count."""
    rows = tuple(
        (
            one.combination,
            status_words(one.support, withheld=one.estimate is None),
            round(one.support.effective),
            one.support.heaviest,
            one.support.largest,
            None if one.support.usable else one.support.reason,
        )
        for one in summary.effects
    )
    heads = (
        Column("combination"),
        Column("status"),
        Column("effective units"),
        Column("99 % of |w| below", 1),
        Column("largest |w|", 1),
        Column("why"),
    )
    return Table("weights", "What every effect rests on.", heads, rows)
