"""The report of a comparison: one HTML file that needs nothing else, for screens, paper and screen readers."""

from typing import Final

from markupsafe import Markup

from thalweg.data.notes import counted, rows_sentence
from thalweg.report.comparison.column_figures import columns_figure, effect_figures, slopes_table
from thalweg.report.comparison.prediction_figures import calibration_figure, residuals_figure
from thalweg.report.comparison.score_figures import difference_figure, spread_figure
from thalweg.report.comparison.tables import (
    confusion_table,
    exactness_table,
    folds_of,
    leaderboard_table,
    profile_table,
    spread_table,
    status_table,
)
from thalweg.report.comparison.training_figures import curves_figure
from thalweg.report.comparison.warnings import by_weight, warning_texts
from thalweg.report.drawing.document import Facts, Page, Prose, Remarks, Section
from thalweg.report.drawing.figure import Figure
from thalweg.select.comparison_answer import Answer
from thalweg.select.scoring.leaderboard import Leaderboard
from thalweg.select.scoring.metrics import METRICS

_MOST_CURVES: Final = 4


def comparison_page(answer: Answer) -> Page:
    """Return the page about a comparison of models.

    The page asks for no other file, needs no JavaScript, follows the reader's light or dark theme, prints
    on paper, and has every figure's numbers in a table under it.

    Parameters
    ----------
    answer
        What to report.

    Returns
    -------
    Page
        As HTML well under one megabyte.

    Examples
    --------
    >>> from thalweg.select.comparison_answer import About
    >>> from thalweg.select.scoring.leaderboard import Leaderboard
    >>> board = Leaderboard("regression", "rmse", (), "ridge regression", "", "", (), 5, 100)
    >>> comparison_page(Answer(About("t.csv", "y"), "Nothing to compare.", "ridge regression", board)).verdict
    'Nothing to compare.'
    """
    about, board, table = answer.about, answer.leaderboard, leaderboard_table(answer)
    metric = METRICS[board.task][board.metric]
    seeds = max((row.seeds for row in board.rows), default=1)
    rows = rows_sentence(about.rows_read, board.observations).rstrip(".") or counted(board.observations, "row")
    contenders = f"a network or {board.boosting}" if board.boosting else "a network"
    predictions = "Predicted and actual values" if board.task == "regression" else "Probabilities and classes"
    sections = (
        Section(
            "h-board",
            "Leaderboard",
            (table,),
        ),
        Section("h-differences", f"Difference from {board.reference}", (difference_figure(answer),)),
        Section(
            "h-columns",
            "Which columns, and how",
            (columns_figure(answer), *effect_figures(answer), slopes_table(answer), *_columns_method(answer)),
        ),
        Section("h-spread", "How much is luck", (spread_figure(answer), spread_table(answer, [metric]))),
        Section(
            "h-training",
            "Training",
            (*(curves_figure(one, i + 1) for i, one in enumerate(answer.curves[:_MOST_CURVES])), status_table(answer)),
        ),
        _exactness(answer),
        Section("h-predictions", predictions, (*_diagnostics(answer), *map(confusion_table, answer.confusion))),
        Section("data", "Data", (_notes(answer), profile_table(answer))),
        Section("h-method", "How the numbers were made", _method(board, metric.label), "method"),
        Section("h-repeat", "How to repeat it", (_repeat(answer),)),
    )
    return Page(
        title=f"{about.outcome} in {about.table}: does {contenders} predict better?",
        heading=f"Does {contenders} predict {about.outcome} better than {board.reference}?",
        facts=(f"{about.table} · {rows} · {folds_of(board)} · {seeds} seed{'s' if seeds != 1 else ''} per network"),
        label="Verdict",
        verdict=answer.verdict,
        advice=Markup("Recommended: <strong>{}</strong>.").format(answer.recommended),
        sections=sections,
        warnings=tuple(Markup("<strong>Warning.</strong> {}").format(text) for text in warning_texts(answer)),
    )


def _columns_method(answer: Answer) -> tuple[Prose, ...]:
    """Return how to read the section about columns; nothing if there is none."""
    if not answer.explanations:
        return ()
    return (
        Prose(
            "The models of every fold predicted the rows they were judged on once more, with one column shuffled among "
            "them: the rise says what the model loses without what only this column holds. Columns that say the same "
            "stand in for each other, and each then looks less important than both together. Effects are those on "
            "predictions, with the other columns of a row as they are; they say nothing of what would happen if "
            "somebody changed the column. Every interval is for one number alone and holds the luck of the rows asked "
            "about, of those learned from, and of seeds. In simulations nominal 95 % covered 90 to 100 %, least for "
            "one of two columns that say nearly the same.",
            "notes",
        ),
    )


def _exactness(answer: Answer) -> Section:
    table, network = exactness_table(answer), answer.network_certificate
    beside = None if table is None or network is None else Prose(f"{network.model}: {network.sentence}")
    return Section("h-exactness", "How exact the optimum is", (table, beside))


def _diagnostics(answer: Answer) -> list[Figure]:
    if answer.calibration:
        return [calibration_figure(answer.calibration)]
    return [residuals_figure(one, answer.about.outcome, i + 1) for i, one in enumerate(answer.residuals)]


def _notes(answer: Answer) -> Remarks | Prose:
    """Return what was found in data and training, warnings first."""
    notes = by_weight(answer.about.notes)
    if not notes:
        return Prose("No check of the data or the training gave a warning.")
    line, warning = Markup("{}{} <small>[{}]</small>"), Markup("<strong>Warning.</strong> ")
    return Remarks(tuple(line.format(warning if note.is_warning else "", note.text, note.code) for note in notes))


def _method(board: Leaderboard, metric: str) -> tuple[Prose, ...]:
    spread = Prose(
        "The spread is that of a single fit: the standard deviation of its score if another split, or another "
        "seed, had been drawn (one-way random-effects analysis of variance, seeds within folds)."
    )
    if board.in_time:
        return (*_method_in_time(board.folds, metric), spread)
    return (
        Prose(
            f"Every row was predicted by models that had not seen it: the table was cut into {board.folds} folds, and "
            "each was predicted by models trained on the others. A score is the mean over folds, by their weight, of "
            f"the mean over seeds; {metric} decides."
        ),
        Prose(
            "The interval of a difference estimates how the two procedures would differ on average if each were "
            "trained on a fresh table of the same size. Its variance is the larger of the variance over rows (Bayle, "
            "Bayle, Janson & Mackey 2020) and over folds, times Nadeau & Bengio’s (2003) correction for training sets "
            "that overlap. In simulations it covered the true difference about as often as it says, mostly more often. "
            "Rows are taken as independent of each other, unless groups or clusters were named: then those are. Only "
            f"{metric} has an interval; the other metrics are shown with their means alone."
        ),
        spread,
    )


def _method_in_time(folds: int, metric: str) -> tuple[Prose, ...]:
    return (
        Prose(
            f"The table was cut into {folds + 1} blocks in order of time, and every block but the first was predicted "
            "by models trained on the blocks before it (an expanding window); the last block is in no training part. "
            "Networks watched the latest rows of their training part. A score is the mean over held-out blocks, by "
            f"their weight, of the mean over seeds; {metric} decides."
        ),
        Prose(
            "The interval of a difference takes the blocks as its witnesses (Ibragimov & Müller 2010): Student’s t "
            "with one degree of freedom less than there are blocks, times the standard error of their mean, or that "
            "over rows or clusters if it is larger. What it covered in simulation stands in the lab notes: it is meant "
            "for blocks that are long beside the memory of the series."
        ),
    )


def _repeat(answer: Answer) -> Facts | Prose:
    cost = {name: _cost(name, value) for name, value in answer.about.cost.items()}
    if not answer.about.repeat and not cost:
        return Prose("Nothing was recorded about how these models were run.")
    return Facts({**answer.about.repeat, **cost})


def _cost(name: str, value: float) -> str:
    if "second" not in name:
        return f"{value:,.4g}"
    return f"{value:.2g} s" if value < 10 else f"{value:,.0f} s" if value < 600 else f"{value / 60:,.0f} min"
