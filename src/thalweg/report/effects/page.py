"""The report about effects: one HTML file that needs nothing else."""

from collections.abc import Sequence
from typing import Final

from thalweg.effects.summary import EffectsSummary
from thalweg.report.drawing.document import Facts, File, Files, Page, Prose, Section
from thalweg.report.drawing.table import to_csv, to_latex, without
from thalweg.report.effects.differing_parts import (
    differing_sentence,
    differing_table,
    projection_table,
    sorted_groups_figure,
    targeting_figure,
)
from thalweg.report.effects.effect_figures import forest_figure, methods_figure
from thalweg.report.effects.experiment_tables import balance_table, next_table, ratio_table
from thalweg.report.effects.groups import link_note
from thalweg.report.effects.interaction_figures import interactions_figure
from thalweg.report.effects.model_figures import cell_residuals_figure, splits_figure
from thalweg.report.effects.tables import (
    best_sentence,
    best_sentences,
    by_size,
    comparison_table,
    effects_table,
    facts_table,
    left_out_table,
    shortened,
    telling,
    weights_table,
    withheld_count,
)
from thalweg.report.effects.weight_figures import weight_shares_figure, weights_figure
from thalweg.report.effects.words import rows_words

_MOST_ROWS: Final = 16  # of a table in the page; the files in it have all
_SUPPORT: Final = (
    "Every effect is the networks’ answer plus a weighted mean of what they miss in units they never saw. Where the "
    "cells that were run determine an effect, no unit counts much more than others. Where they hardly do, a few units "
    "decide, and the effect is withheld."
)


def effects_page(summary: EffectsSummary) -> Page:
    """Return the page about effects.

    Parameters
    ----------
    summary
        What to report.

    Returns
    -------
    Page
        As HTML well under one megabyte.

    Examples
    --------
    >>> from thalweg.effects.dedl import DeDL
    >>> from thalweg.effects.summary import summarise
    >>> columns = {"y": [0, 1, 2, 3, 0, 2, 2, 3] * 10, "a": [0, 1, 0, 1] * 20, "b": [0, 0, 1, 1] * 20, "x": range(80)}
    >>> quick = DeDL(link="linear", epochs=5, folds=2, repeats=1, workers=1)
    >>> answer = quick.fit(columns, target="y", treatments=["a", "b"])
    >>> effects_page(summarise(answer, table="trial")).heading
    'Which combination is best for y?'
    """
    answer, reading = summary.answer, summary.answer.reading
    kept = by_size(summary.effects, telling(summary.effects, _MOST_ROWS))
    others = comparison_table(summary.comparison, reading.treatments, reading.target, answer.baseline)
    following = [(cell.combination, cell.noise) for cell in summary.following]
    sections = (
        _effects(summary, kept),
        Section("h-together", "How treatments act together", (interactions_figure(summary),)),
        _whom(summary),
        Section("h-methods", "Beside other methods", (shortened(others, kept), methods_figure(summary))),
        Section(
            "h-support",
            "How firmly each effect stands",
            (
                Prose(_SUPPORT),
                shortened(weights_table(summary), kept),
                weight_shares_figure(summary),
                weights_figure(summary),
            ),
        ),
        Section("h-next", "What to run next", (next_table(following, reading.treatments) if following else None,)),
        Section(
            "h-model",
            "Whether the model holds",
            (facts_table(summary), cell_residuals_figure(summary), splits_figure(summary)),
        ),
        Section("h-left-out", "Whether the link foretells a cell it never saw", (left_out_table(summary),)),
        Section(
            "h-conduct",
            "Whether the experiment ran as planned",
            (ratio_table(reading), balance_table(reading) if reading.balance else None),
        ),
        Section("h-repeat", "How to repeat it", (Facts(summary.repeat) if summary.repeat else None,)),
    )
    seen, possible = len(reading.experiment.cells), 2**reading.experiment.treatments
    return Page(
        title=f"Effects on {reading.target} in {summary.table}",
        heading=f"Which combination is best for {reading.target}?",
        facts=(
            f"{summary.table} · {rows_words(reading).rstrip('.')} · {len(reading.experiment):,} units · "
            f"{len(reading.treatments)} treatments · {seen} of {possible:,} combinations observed"
        ),
        label="Answer",
        verdict=best_sentence(summary),
        advice=_advice(summary),
        sections=sections,
        warnings=answer.notes,
    )


def _effects(summary: EffectsSummary, kept: Sequence[int]) -> Section:
    every = by_size(summary.effects, range(len(summary.effects)))
    table = shortened(effects_table(summary), every)
    files = Files(
        (File("effects.csv", "CSV", to_csv(table)), File("effects.tex", "LaTeX", to_latex(table), "text/plain"))
    )
    percent = f"{100 * summary.level:g} %"
    shown = shortened(effects_table(summary), kept)
    narrow = without(shown, "combination", "std. error", f"{percent}, any link", "units", "AIPW")
    return Section("h-effects", "Effects of all combinations", (forest_figure(summary), narrow, files))


def _whom(summary: EffectsSummary) -> Section:
    if summary.best is None or summary.whom is None:
        return Section("h-whom", "For whom it does more", (None,))
    found, outcome, level = summary.whom, summary.answer.reading.target, summary.level
    parts = (
        Prose(f"{differing_sentence(found)} {link_note(summary.answer, summary.best.combination)}".strip()),
        sorted_groups_figure(found, outcome, level),
        differing_table(found, level),
        targeting_figure(found, outcome, level),
        projection_table(found, level),
    )
    return Section("h-whom", f"For whom {summary.best.combination} does more", parts)


def _advice(summary: EffectsSummary) -> str:
    """Say what else the best combination has to be compared with."""
    answer, sentences = summary.answer, tuple[str, ...]()
    if summary.best is not None:
        hidden = withheld_count(answer.supports)
        sentences = best_sentences(summary.best, answer.reading.treatments, summary.level, hidden)
    return " ".join(sentences[1:])
