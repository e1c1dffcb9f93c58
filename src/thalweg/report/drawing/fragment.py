"""An answer as a few lines of HTML for notebooks: its sentences, warnings and first table."""

import html
from dataclasses import replace
from typing import Final

from thalweg.report.drawing.blocks import Blocks
from thalweg.report.drawing.figure import Figure
from thalweg.report.drawing.svg import draw
from thalweg.report.drawing.table import Table, to_html

_MOST_ROWS: Final = 20
_STYLE: Final = (
    ".thalweg{font-variant-numeric:tabular-nums;max-width:60rem}.thalweg .scroll{overflow-x:auto}"
    ".thalweg table{border-collapse:collapse;color:inherit;font:inherit}"
    ".thalweg caption{text-align:left;padding-bottom:.4em}"
    ".thalweg th,.thalweg td{text-align:left;vertical-align:top;font-weight:400;padding:.2em .6em}"
    ".thalweg thead th,.thalweg thead td{border-bottom:1px solid currentColor;vertical-align:bottom}"
    ".thalweg .number{text-align:right}.thalweg td.number{white-space:nowrap}"
    ".thalweg .strong th,.thalweg .strong td{font-weight:700}"
    ".thalweg figure{margin:.8em 0}.thalweg svg{max-width:100%;height:auto}"
    ".thalweg .notes{font-size:.85em;opacity:.75}"
)


def table_fragment(table: Table) -> str:
    """Write a table as short HTML for ``_repr_html_``, its first rows if it is long.

    Examples
    --------
    >>> from thalweg.report.drawing.table import Column
    >>> "<caption>T</caption>" in table_fragment(Table("t", "T", (Column("model"),), (("mean",),)))
    True
    """
    return f'<div class="thalweg"><style>{_STYLE}</style>{_beginning(table)}</div>'


def _beginning(table: Table) -> str:
    cut = len(table.rows) > _MOST_ROWS
    more = (f"The first {_MOST_ROWS} of {len(table.rows):,} rows.",) if cut else ()
    return to_html(replace(table, rows=table.rows[:_MOST_ROWS], notes=(*table.notes, *more)))


def fragment(blocks: Blocks, figure: Figure | None = None) -> str:
    """Write sentences, warnings, first table and a figure as HTML for ``_repr_html_``; no scripts, nothing is fetched.

    Parameters
    ----------
    blocks
        What an answer says; at most twenty rows of its first table are shown.
    figure
        Drawn below, on white as paper is.

    Returns
    -------
    str
        A ``<div>`` with its own style; every text in it is escaped.

    Examples
    --------
    >>> fragment(Blocks(("2 < 3.",))).partition("</style>")[2]
    '<p>2 &lt; 3.</p></div>'
    """
    told = "".join(f"<p>{html.escape(sentence)}</p>" for sentence in (*blocks.sentences, *blocks.warnings))
    table = _beginning(blocks.tables[0]) if blocks.tables else ""
    drawn = ""
    if figure is not None:
        caption = f"<figcaption>{html.escape(figure.finding)}</figcaption>"
        drawn = f"<figure>{draw(figure, standalone=True)}{caption}</figure>"
    return f'<div class="thalweg"><style>{_STYLE}</style>{told}{table}{drawn}</div>'
