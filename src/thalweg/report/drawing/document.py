"""What all pages share: their layout, and figures and tables as their templates print them."""

import base64
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Final

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from thalweg.report.drawing import palette
from thalweg.report.drawing.figure import Figure
from thalweg.report.drawing.svg import SVG_CSS, draw
from thalweg.report.drawing.table import Table, to_csv, to_html

_MOST_ROWS: Final = 24


@dataclass(frozen=True, slots=True)
class Shown:
    """A figure as a template prints it."""

    finding: str
    svg: Markup
    table: Markup
    csv_url: str
    svg_url: str
    name: str


def data_url(kind: str, text: str) -> str:
    """Return a link that holds the text itself."""
    return f"data:{kind};base64,{base64.b64encode(text.encode()).decode()}"


def show(figure: Figure) -> Shown:
    """Draw a figure for a template."""
    return Shown(
        figure.finding,
        Markup(draw(figure)),  # noqa: S704 - the drawing escapes every text it contains
        html_of(figure.data, _MOST_ROWS),
        data_url("text/csv", to_csv(figure.data)),
        data_url("image/svg+xml", draw(figure, standalone=True)),
        figure.name,
    )


def html_of(table: Table, limit: int | None = None) -> Markup:
    """Write a table for a template, at most ``limit`` rows of it."""
    return Markup(to_html(table, limit))  # noqa: S704 - the table writer escapes every cell


def render(template: str, **values: Any) -> str:
    """Fill a template of this folder; everything but drawings and tables is escaped."""
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, loader=FunctionLoader(_source)
    )
    css = Markup(palette.css() + SVG_CSS)  # noqa: S704 - our own constants
    return environment.get_template(template).render(css=css, **values)


def _source(name: str) -> str:
    return files("thalweg.report").joinpath(name).read_text(encoding="utf-8")
