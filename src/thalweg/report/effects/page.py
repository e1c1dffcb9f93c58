"""The report about effects: one HTML file that needs nothing else."""

from thalweg.effects.summary import EffectsSummary
from thalweg.report.drawing.document import Shown, data_url, html_of, render, show
from thalweg.report.drawing.figure import Figure
from thalweg.report.drawing.table import to_csv, to_latex, without
from thalweg.report.effects.charts import (
    forest_figure,
    methods_figure,
    residuals_figure,
    splits_figure,
    weights_figure,
)
from thalweg.report.effects.experiment_tables import balance_table, next_table, ratio_table
from thalweg.report.effects.pair_charts import interactions_figure, weight_shares_figure
from thalweg.report.effects.tables import (
    MOST_ROWS,
    best_sentences,
    comparison_table,
    effects_table,
    facts_table,
    left_out_table,
    shortened,
    telling,
    verdict,
    weights_table,
    withheld_count,
)


def render_effects_page(summary: EffectsSummary) -> str:
    """Write the report about effects.

    Parameters
    ----------
    summary
        What to report.

    Returns
    -------
    str
        A complete HTML document, well under one megabyte.

    Examples
    --------
    See ``tests/report/test_effects_page.py``.
    """
    answer, reading = summary.answer, summary.answer.reading
    kept = telling(summary.effects, MOST_ROWS)
    table = shortened(effects_table(summary), kept)
    others = comparison_table(summary.comparison, reading.treatments, reading.target, answer.baseline)
    following = [(cell.combination, cell.noise) for cell in summary.following]
    without_cells = left_out_table(summary)
    sentences: tuple[str, ...] = ()
    if summary.best is not None:
        sentences = best_sentences(summary.best, reading.treatments, summary.level, withheld_count(answer.supports))
    return render(
        "effects/effects.html.jinja",
        summary=summary,
        answer=answer,
        reading=reading,
        cells_seen=len(reading.experiment.cells),
        cells_possible=2**reading.experiment.treatments,
        verdict=verdict(summary),
        lead=" ".join(sentences[1:]),
        effects=html_of(without(table, "given", "std. error", "AIPW")),
        csv_url=data_url("text/csv", to_csv(table)),
        latex_url=data_url("text/plain", to_latex(table)),
        forest=_figures(forest_figure(summary)),
        comparison=html_of(shortened(others, kept)),
        methods=_figures(methods_figure(summary)),
        weights=html_of(shortened(weights_table(summary), kept)),
        together=_figures(interactions_figure(summary)),
        support=_figures(weight_shares_figure(summary), weights_figure(summary)),
        following=html_of(next_table(following, reading.treatments)) if following else None,
        facts=html_of(facts_table(summary)),
        left_out=html_of(without_cells) if without_cells else None,
        fit=_figures(residuals_figure(summary), splits_figure(summary)),
        cells=html_of(ratio_table(reading)),
        balance=html_of(balance_table(reading)) if reading.balance else None,
    )


def _figures(*figures: Figure | None) -> list[Shown]:
    return [show(figure) for figure in figures if figure is not None]
