"""The report of a linear model: one HTML file that needs nothing else."""

from typing import Final

from thalweg.linear.answer import LinearAnswer
from thalweg.report.drawing.document import Shown, data_url, html_of, render, show
from thalweg.report.drawing.figure import Figure
from thalweg.report.drawing.table import Table, to_csv, to_latex
from thalweg.report.linear.charts import coefficient_figure, error_figure, geometry_figure, path_figure
from thalweg.report.linear.descent_charts import bounds_figure, errors_figure
from thalweg.report.linear.tables import (
    certificate_table,
    coefficient_table,
    descent_table,
    path_table,
    selection_table,
    shrunken_table,
)

_MOST_ROWS: Final = 500


def render_linear_page(answer: LinearAnswer) -> str:
    """Write the report of a linear answer.

    Parameters
    ----------
    answer
        What to report; sections that were not asked for are left out.

    Returns
    -------
    str
        A complete HTML document, well under one megabyte.

    Examples
    --------
    >>> from thalweg.linear import regress
    >>> fit = regress([[1.0], [2.0], [3.0], [4.0]], [1.1, 1.9, 3.2, 3.8], names=["price"])
    >>> render_linear_page(LinearAnswer("t", "y", fit, {"price": 1.1}, (), {})).startswith("<!doctype html>")
    True
    """
    table, path = coefficient_table(answer), answer.path
    descent = answer.descents.get("gradient")
    return render(
        "linear/linear.html.jinja",
        answer=answer,
        fit=answer.estimates,
        certificate=answer.estimates.certificate,
        coefficients=html_of(table, _MOST_ROWS),
        csv_url=data_url("text/csv", to_csv(table)),
        latex_url=data_url("text/plain", to_latex(table)),
        forest=_figures(coefficient_figure(answer)),
        numbers=html_of(certificate_table(answer.estimates.certificate)),
        versions=", ".join(f"{name} {text}" for name, text in answer.estimates.certificate.versions().items()),
        path_figures=[] if path is None else _figures(error_figure(path), path_figure(answer, path)),
        path_tables=[] if path is None else [html_of(path_table(path)), html_of(shrunken_table(path), _MOST_ROWS)],
        geometry=_figures(geometry_figure(answer)),
        selection=_tables(selection_table(answer)),
        descents=_figures(None if descent is None else bounds_figure(descent), errors_figure(answer)),
        descent_tables=_tables(descent_table(answer) if answer.descents else None),
    )


def _figures(*figures: Figure | None) -> list[Shown]:
    return [show(figure) for figure in figures if figure is not None]


def _tables(table: Table | None) -> list[str]:
    return [] if table is None else [html_of(table)]
