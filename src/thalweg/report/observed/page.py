"""The report about a treatment that units chose, and the same in short."""

from typing import Final

from thalweg.data.notes import rows_sentence
from thalweg.effects.one_treatment.observed import ObservedEffects
from thalweg.report.drawing.blocks import Blocks
from thalweg.report.drawing.document import Facts, File, Files, Page, Part, Prose, Section
from thalweg.report.drawing.table import to_csv, to_latex
from thalweg.report.effects.differing_parts import (
    differing_sentence,
    differing_table,
    projection_table,
    sorted_groups_figure,
    targeting_figure,
)
from thalweg.report.observed.figures import overlap_figure
from thalweg.report.observed.tables import averages_table, chances_table, learners_table
from thalweg.report.observed.words import observed_sentences

_BELIEVED: Final = (
    "Nobody decided by lot who received what. Units are compared with others that had the same chance of it, as far as "
    "the columns here tell. What these columns do not tell, and moves both who received it and what came of it, is in "
    "the numbers as if it were an effect. No test of these data can rule that out: it has to be believed, from what is "
    "known about how units came to receive what they did."
)
_LEARNERS: Final = (
    "Outcome and chances were predicted for units that the learners never saw. A learner that does worse than a "
    "constant is not used, so that columns which tell nothing cost nothing."
)


def observed_blocks(found: ObservedEffects) -> Blocks:
    """Return the answer, effects and overlap, from which text and HTML are made.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from thalweg.effects.one_treatment.observed import observe
    >>> from thalweg.effects.training import Training
    >>> draw = np.random.default_rng(0)
    >>> frame = pd.DataFrame({"t": np.arange(300) % 2, "x": draw.normal(size=300)})
    >>> frame["y"] = frame["t"] + frame["x"] + 0.1 * draw.normal(size=300)
    >>> quick = Training(epochs=5, folds=2, repeats=1, workers=1)
    >>> [table.name for table in observed_blocks(observe(frame, target="y", treatment="t", training=quick)).tables]
    ['effects', 'overlap-levels', 'differing', 'projection']
    """
    differing, level = found.differing, found.effects.level
    tables = [averages_table(found), chances_table(found)]
    notes = [
        f"{c.nuisance}: predicted by {c.chosen}, {100 * c.gain:.3g} % of the {c.loss} of a constant saved."
        for c in found.effects.choices
    ]
    if differing is not None:
        tables += [differing_table(differing, level), projection_table(differing, level)]
        notes.append(differing_sentence(differing))
    else:
        notes.append(f"For whom it differs is not asked: {found.why_not}")
    sentences = (*observed_sentences(found), rows_sentence(*found.rows), found.repeat.get("reading", ""))
    return Blocks(
        tuple(text for text in sentences if text),
        tuple(tables),
        tuple(notes),
        tuple(f"Note: {note}" for note in found.effects.notes),
    )


def observed_page(found: ObservedEffects) -> Page:
    """Return the page about a treatment that units chose.

    Parameters
    ----------
    found
        What to report.

    Returns
    -------
    Page
        For :func:`~thalweg.report.drawing.document.page_html`.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from thalweg.effects.one_treatment.observed import observe
    >>> from thalweg.effects.training import Training
    >>> draw = np.random.default_rng(0)
    >>> frame = pd.DataFrame({"t": np.arange(300) % 2, "x": draw.normal(size=300)})
    >>> frame["y"] = frame["t"] + frame["x"] + 0.1 * draw.normal(size=300)
    >>> quick = Training(epochs=5, folds=2, repeats=1, workers=1)
    >>> observed_page(observe(frame, target="y", treatment="t", training=quick)).heading
    'What does t change in y?'
    """
    effects, differing = found.effects, found.differing
    table, sentences = averages_table(found), observed_sentences(found)
    rows = rows_sentence(*found.rows).rstrip(".")
    files = Files(
        (File("effects.csv", "CSV", to_csv(table)), File("effects.tex", "LaTeX", to_latex(table), "text/plain"))
    )
    for_whom: tuple[Part, ...] = (Prose(f"This is not asked: {found.why_not}"),)
    if differing is not None:
        for_whom = (
            sorted_groups_figure(differing, found.target, effects.level),
            differing_table(differing, effects.level),
            targeting_figure(differing, found.target, effects.level),
            projection_table(differing, effects.level),
        )
    sections = (
        Section("h-effects", "Effects, and over whom", (table, files)),
        Section(
            "h-believed", "What has to be believed", (Prose(_BELIEVED), *map(Prose, observed_sentences(found)[1:]))
        ),
        Section("h-overlap", "Whether units can be compared", (overlap_figure(found), chances_table(found))),
        Section("h-whom", "For whom the effect differs", for_whom),
        Section("h-learners", "What predicts outcome and chances", (Prose(_LEARNERS), learners_table(found))),
        Section("h-repeat", "How to repeat it", (Facts(found.repeat) if found.repeat else None,)),
    )
    return Page(
        title=f"Effect of {found.treatment} on {found.target} in {found.table}",
        heading=f"What does {found.treatment} change in {found.target}?",
        facts=f"{found.table} · {rows} · {len(effects.levels)} levels · not randomised",
        label="Answer",
        verdict=sentences[0],
        advice=" ".join(sentences[1:]),
        sections=sections,
        warnings=effects.notes,
    )
