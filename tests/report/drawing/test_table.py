import csv
import io
import math
import shutil
import subprocess
from html.parser import HTMLParser

import pytest

from thalweg.base.errors import SettingError
from thalweg.base.interval import Interval
from thalweg.report.drawing.table import (
    Column,
    Table,
    decimals_for,
    escape_latex,
    format_cell,
    to_csv,
    to_html,
    to_latex,
    to_markdown,
)

HOSTILE = "<b>a & b</b> | 100 % _x_ \\cmd {y} $z$ #1 ~^"
TABLE = Table(
    "scores",
    "Scores of <two> models",
    (Column("Model"), Column("RMSE ↓", 2), Column("interval", 1), Column("n")),
    (
        (HOSTILE, -0.004, Interval(0.0, -1.25, 2.0), 1200),
        ("=1+2", math.nan, None, None),
    ),
    ("A note & more.",),
    frozenset({0}),
)


class Reader(HTMLParser):
    def __init__(self):
        super().__init__()
        self.cells, self.scopes, self.open = [], [], []

    def handle_starttag(self, tag, attributes):
        self.open.append(tag)
        if tag in {"th", "td", "caption"}:
            self.cells.append("")
            self.scopes.append(dict(attributes).get("scope"))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] in {"th", "td", "caption"}:
            self.cells[-1] += data


def test_html_keeps_every_text_and_marks_headers():
    reader = Reader()
    reader.feed(to_html(TABLE))
    assert reader.open == []
    assert reader.cells[:5] == ["Scores of <two> models", "Model", "RMSE ↓", "interval", "n"]
    assert reader.cells[5:9] == [HOSTILE, "0.00", "−1.2 to 2.0", "1,200"]
    assert reader.scopes[1:6] == ["col"] * 4 + ["row"]


def test_html_thins_long_tables_and_says_so():
    long = Table("t", "Long", (Column("i"),), tuple((i,) for i in range(100)))
    text = to_html(long, limit=5)
    assert text.count("<tr") == 6
    assert ">0<" in text
    assert ">99<" in text
    assert "5 of 100 rows" in text


def test_csv_keeps_full_precision_and_disarms_formulas():
    table = Table("t", "T", (Column("a"), Column("b", 1), Column("c", 1)), (("=1+2", 1 / 3, Interval(0, -1.0, 1 / 7)),))
    head, row = csv.reader(io.StringIO(to_csv(table)))
    assert head == ["a", "b", "c, low", "c, high"]
    assert row[0] == "'=1+2"
    assert (float(row[1]), float(row[3])) == (1 / 3, 1 / 7)


def test_csv_leaves_missing_cells_empty():
    assert to_csv(TABLE).splitlines()[2] == "'=1+2,,,,"


def test_markdown_escapes_pipes_and_emphasis():
    lines = to_markdown(TABLE).splitlines()
    assert lines[2].startswith("| Model | RMSE ↓ |")
    assert lines[3] == "| --- | ---: | ---: | ---: |"
    assert "\\|" in lines[4]
    assert "\\_x\\_" in lines[4]
    assert lines[4].startswith("| **\\<b\\>a")


def test_latex_escapes_everything_special():
    assert escape_latex(HOSTILE) == (
        r"<b>a \& b</b> | 100 \% \_x\_ \textbackslash{}cmd \{y\} \$z\$ \#1 "
        r"\textasciitilde{}\textasciicircum{}"
    )


def test_latex_has_booktabs_rules_label_and_no_stars():
    text = to_latex(TABLE)
    for part in (r"\toprule", r"\midrule", r"\bottomrule", r"\label{tab:scores}", r"\begin{tabular}{lrrr}"):
        assert part in text
    assert "*" not in text
    assert text.count(r"\\") == 3


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no LaTeX on this machine")
def test_latex_compiles(tmp_path):
    source = r"\documentclass{article}\usepackage[utf8]{inputenc}\usepackage{booktabs}\begin{document}"
    (tmp_path / "t.tex").write_text(source + to_latex(TABLE) + r"\end{document}")
    command = [shutil.which("pdflatex"), "-interaction=batchmode", "-halt-on-error", "t.tex"]
    assert subprocess.run(command, cwd=tmp_path, check=False, capture_output=True).returncode == 0


@pytest.mark.parametrize(
    ("cell", "decimals", "text"),
    [
        (None, None, "–"),
        (math.nan, 2, "–"),
        (Interval(math.nan, math.nan, math.nan), 2, "–"),
        (-1.5, 1, "−1.5"),
        (-0.001, 2, "0.00"),
        (1234.5, 0, "1,234"),
        (0.000123456, None, "0.0001235"),
        (-3, None, "−3"),
        ("text", None, "text"),
    ],
)
def test_cells(cell, decimals, text):
    assert format_cell(cell, decimals) == text


@pytest.mark.parametrize(
    ("values", "decimals"),
    [([12345.6], 0), ([54.9, 77.1], 2), ([0.07, math.nan], 5), ([0.0], 3), ([], 3), ([1e-20], 8)],
)
def test_decimals(values, decimals):
    assert decimals_for(values) == decimals


def test_rows_must_fit_the_columns():
    with pytest.raises(SettingError, match="2 columns, got a row of 1"):
        Table("t", "T", (Column("a"), Column("b")), (("x",),))
