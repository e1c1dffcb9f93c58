"""The report: one HTML file that needs nothing else, for screens, paper and screen readers."""

from typing import Final

from thalweg.report.comparison.charts import (
    calibration_figure,
    curves_figure,
    difference_figure,
    residuals_figure,
    spread_figure,
)
from thalweg.report.comparison.tables import (
    confusion_table,
    exactness_table,
    leaderboard_table,
    profile_table,
    spread_table,
    status_table,
)
from thalweg.report.drawing.document import Shown, data_url, html_of, render, show
from thalweg.report.drawing.table import to_csv
from thalweg.select.answer import Answer
from thalweg.select.scoring.metrics import METRICS

_MOST_CURVES: Final = 4


def _diagnostics(answer: Answer) -> list[Shown]:
    if answer.calibration:
        return [show(calibration_figure(answer.calibration))]
    return [show(residuals_figure(one, answer.about.outcome, i + 1)) for i, one in enumerate(answer.residuals)]


def _seconds(value: float) -> str:
    return f"{value:.2g} s" if value < 10 else f"{value:,.0f} s" if value < 600 else f"{value / 60:,.0f} min"


def render_page(answer: Answer) -> str:
    """Write the report of an answer.

    The page asks for no other file, needs no JavaScript, follows the reader's light or dark theme, prints
    on paper, and has every figure's numbers in a table under it.

    Parameters
    ----------
    answer
        What to report.

    Returns
    -------
    str
        A complete HTML document, well under one megabyte.

    Examples
    --------
    >>> from thalweg.select.answer import About
    >>> from thalweg.select.scoring.leaderboard import Leaderboard
    >>> board = Leaderboard("regression", "rmse", (), "ridge regression", "", "", (), 5, 100)
    >>> page = render_page(Answer(About("t.csv", "y"), "Nothing to compare.", "ridge regression", board))
    >>> page.startswith("<!doctype html>")
    True
    """
    board = answer.leaderboard
    differences, table = difference_figure(answer), leaderboard_table(answer)
    profile, status, exactness = profile_table(answer), status_table(answer), exactness_table(answer)
    return render(
        "comparison/page.html.jinja",
        answer=answer,
        about=answer.about,
        warnings=sum(note.is_warning for note in answer.about.notes),
        board=board,
        metric=METRICS[board.task][board.metric],
        seeds=max((row.seeds for row in board.rows), default=1),
        leaderboard=html_of(table),
        leaderboard_url=data_url("text/csv", to_csv(table)),
        differences=show(differences) if differences else None,
        spread=show(spread_figure(answer)),
        spread_table=html_of(spread_table(answer, [METRICS[board.task][board.metric]])),
        curves=[show(curves_figure(one, i + 1)) for i, one in enumerate(answer.curves[:_MOST_CURVES])],
        diagnostics=_diagnostics(answer),
        confusions=[html_of(confusion_table(one)) for one in answer.confusion],
        profile=html_of(profile) if profile else None,
        status=html_of(status) if status else None,
        exactness=html_of(exactness) if exactness else None,
        cost={
            name: _seconds(value) if "second" in name else f"{value:,.4g}" for name, value in answer.about.cost.items()
        },
    )
