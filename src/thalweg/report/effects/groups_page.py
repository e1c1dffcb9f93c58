"""The pages about groups: those of a column, as a map and as a table, and units sorted by their predicted effect."""

from thalweg.effects.answer import EffectsAnswer
from thalweg.effects.inference.sorted_units import Heterogeneity
from thalweg.effects.summary import spelled
from thalweg.report.drawing.document import Facts, File, Files, Page, Prose, Section, page_html
from thalweg.report.drawing.table import decimals_for, format_cell, to_csv
from thalweg.report.effects.differing_parts import (
    differing_sentence,
    differing_table,
    projection_table,
    sorted_groups_figure,
    targeting_figure,
)
from thalweg.report.effects.group_figures import group_figure, map_figure, map_table
from thalweg.report.effects.groups import Groups, groups_sentence, link_note, pairs_table
from thalweg.report.effects.tables import groups_table


def render_groups_page(answer: EffectsAnswer, groups: Groups, level: float, command: str) -> str:
    """Write the page about groups.

    Parameters
    ----------
    answer
        The fitted answer.
    groups
        Effects within groups.
    level
        Of the intervals.
    command
        How to repeat it.

    Returns
    -------
    str
        A complete HTML document.

    Examples
    --------
    >>> from thalweg.effects.dedl import DeDL
    >>> from thalweg.effects.differing import group_contrasts
    >>> columns = {"y": [0, 1, 2, 3, 0, 2, 2, 3] * 10, "a": [0, 1, 0, 1] * 20, "b": [0, 0, 1, 1] * 20, "x": range(80)}
    >>> quick = DeDL(link="linear", epochs=5, folds=2, repeats=1, workers=1)
    >>> answer = quick.fit(columns, target="y", treatments=["a", "b"])
    >>> asked = group_contrasts(answer, [n < 40 for n in range(80)], "11")
    >>> groups = Groups("trial", "x", asked, {"11": asked.groups})
    >>> render_groups_page(answer, groups, 0.95, "thalweg effects groups").startswith("<!doctype html>")
    True
    """
    target, treatments = answer.reading.target, answer.reading.treatments
    asked = groups.asked.groups
    units = sum(one.count for one in asked)
    table = groups_table(asked, groups.by, groups.chosen, target, level)
    differ = " ".join([groups_sentence(groups.asked, groups.by), link_note(answer, groups.chosen)]).strip()
    pairs = pairs_table(groups.asked, groups.by, target, level) if groups.asked.pairs else None
    file = File("groups.csv", "CSV", to_csv(map_table(groups, target, level, treatments)))
    sections = (
        Section("h-effect", f"Effect of {groups.chosen} by {groups.by}", (table, group_figure(groups, target, level))),
        Section("h-pairs", "Whether groups differ", (Prose(differ), pairs)),
        Section("h-map", "Groups and combinations", (Files((file,)), map_figure(groups, target, level, treatments))),
        Section("h-repeat", "How to repeat it", (Facts({"command": command}),)),
    )
    return page_html(
        Page(
            title=f"Effects on {target} by {groups.by} in {groups.table}",
            heading=f"For whom does {groups.chosen} ({spelled(groups.chosen, treatments)}) change {target}?",
            facts=f"{groups.table} · {units:,} units by {groups.by} · against {answer.baseline}",
            label="Answer",
            verdict=groups_verdict(groups, level),
            advice=differ,
            sections=sections,
        )
    )


def render_sorted_page(
    answer: EffectsAnswer, table: str, combination: str, found: Heterogeneity, level: float, command: str
) -> str:
    """Write the page about units sorted by the predicted effect of a combination.

    Parameters
    ----------
    answer
        The fitted answer.
    table
        What the table is called.
    combination, found
        The combination, and for whom it does more.
    level, command
        As for :func:`render_groups_page`.

    Returns
    -------
    str
        A complete HTML document.

    Examples
    --------
    >>> from thalweg.effects.dedl import DeDL
    >>> from thalweg.effects.differing import combination_heterogeneity
    >>> columns = {"y": [0, 1, 2, 3, 0, 2, 2, 3] * 10, "a": [0, 1, 0, 1] * 20, "b": [0, 0, 1, 1] * 20, "x": range(80)}
    >>> quick = DeDL(link="linear", epochs=5, folds=2, repeats=1, workers=1)
    >>> answer = quick.fit(columns, target="y", treatments=["a", "b"])
    >>> found = combination_heterogeneity(answer, "a")
    >>> render_sorted_page(answer, "trial", "10", found, 0.95, "thalweg effects groups").startswith("<!doctype html>")
    True
    """
    target, treatments = answer.reading.target, answer.reading.treatments
    sections = (
        Section(
            "h-sorted",
            "Units sorted by their predicted effect",
            (sorted_groups_figure(found, target, level), differing_table(found, level)),
        ),
        Section("h-targeting", "Whom to give it first", (targeting_figure(found, target, level),)),
        Section("h-columns", "How it changes with columns", (projection_table(found, level),)),
        Section("h-repeat", "How to repeat it", (Facts({"command": command}),)),
    )
    return page_html(
        Page(
            title=f"For whom {combination} changes {target} in {table}",
            heading=f"For whom does {combination} ({spelled(combination, treatments)}) change {target}?",
            facts=f"{table} · {len(answer.reading.experiment):,} units · against {answer.baseline}",
            label="Answer",
            verdict=differing_sentence(found),
            advice=link_note(answer, combination),
            sections=sections,
        )
    )


def groups_verdict(groups: Groups, level: float) -> str:
    """Say in which group the effect is least and largest."""
    found = groups.asked.groups
    low, high = (end(found, key=lambda one: one.estimate) for end in (min, max))
    places = decimals_for([low.low, low.high, high.low, high.high])
    told = [
        f"{format_cell(one.estimate, places)} where {groups.by} is {one.name} (interval "
        f"{format_cell(one.low, places)} to {format_cell(one.high, places)})"
        for one in (low, high)
    ]
    return f"The effect of {groups.chosen} goes from {told[0]} to {told[1]}; intervals at {100 * level:g} %."
