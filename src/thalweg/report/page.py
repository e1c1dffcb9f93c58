"""The report: one HTML file that needs nothing else, for screens, paper and screen readers."""

import base64
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from thalweg.report import palette
from thalweg.report.charts import (
    calibration_figure,
    curves_figure,
    difference_figure,
    residuals_figure,
    spread_figure,
)
from thalweg.report.figure import Figure
from thalweg.report.svg import SVG_CSS, draw
from thalweg.report.table import Table, to_csv, to_html
from thalweg.report.tables import (
    confusion_table,
    leaderboard_table,
    profile_table,
    spread_table,
    status_table,
)
from thalweg.select.answer import Answer
from thalweg.select.metrics import METRICS

_MOST_ROWS: Final = 24
_MOST_CURVES: Final = 4


@dataclass(frozen=True, slots=True)
class _Shown:
    """A figure as the template prints it."""

    finding: str
    svg: Markup
    table: Markup
    csv_url: str
    svg_url: str
    name: str


def _data_url(kind: str, text: str) -> str:
    return f"data:{kind};base64,{base64.b64encode(text.encode()).decode()}"


def _show(figure: Figure) -> _Shown:
    return _Shown(
        figure.finding,
        Markup(draw(figure)),  # noqa: S704 - the drawing escapes every text it contains
        _html(figure.data, _MOST_ROWS),
        _data_url("text/csv", figure.csv()),
        _data_url("image/svg+xml", draw(figure, standalone=True)),
        figure.name,
    )


def _html(table: Table, limit: int | None = None) -> Markup:
    return Markup(to_html(table, limit))  # noqa: S704 - the table writer escapes every cell


def _diagnostics(answer: Answer) -> list[_Shown]:
    if answer.calibration:
        return [_show(calibration_figure(answer.calibration))]
    return [_show(residuals_figure(one, answer.about.outcome, i + 1)) for i, one in enumerate(answer.residuals)]


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
    >>> from thalweg.select.leaderboard import Leaderboard
    >>> board = Leaderboard("regression", "rmse", (), "ridge regression", "", "", (), 5, 100)
    >>> page = render_page(Answer(About("t.csv", "y"), "Nothing to compare.", "ridge regression", board))
    >>> page.startswith("<!doctype html>")
    True
    """
    board = answer.leaderboard
    source = files("thalweg.report").joinpath("page.html.jinja").read_text(encoding="utf-8")
    template = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True).from_string(source)
    differences, table = difference_figure(answer), leaderboard_table(answer)
    profile, status = profile_table(answer), status_table(answer)
    return template.render(
        answer=answer,
        about=answer.about,
        board=board,
        metric=METRICS[board.task][board.metric],
        seeds=max((row.seeds for row in board.rows), default=1),
        css=Markup(palette.css() + SVG_CSS),  # noqa: S704 - our own constants
        leaderboard=_html(table),
        leaderboard_url=_data_url("text/csv", to_csv(table)),
        differences=_show(differences) if differences else None,
        spread=_show(spread_figure(answer)),
        spread_table=_html(spread_table(answer, [METRICS[board.task][board.metric]])),
        curves=[_show(curves_figure(one, i + 1)) for i, one in enumerate(answer.curves[:_MOST_CURVES])],
        diagnostics=_diagnostics(answer),
        confusions=[_html(confusion_table(one)) for one in answer.confusion],
        profile=_html(profile) if profile else None,
        status=_html(status) if status else None,
        cost={
            name: _seconds(value) if "second" in name else f"{value:,.4g}" for name, value in answer.about.cost.items()
        },
    )
