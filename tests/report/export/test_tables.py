import io

import docx
import pytest

import thalweg as tw
from thalweg.base.interval import Interval
from thalweg.report.drawing.table import Column, Table
from thalweg.report.export.tables import TABLE_KINDS, table_file

SCORES = Table(
    "scores",
    "Scores #1.",
    (Column("model"), Column("RMSE", 1), Column("interval", 2)),
    (("a_b & <c> [d]", -77.12, Interval(0.5, -1.0, 2.0)), ("mean\x0bx", None, None)),
    notes=("Lower is better*.",),
    strong=frozenset({0}),
)


@pytest.mark.parametrize("kind", TABLE_KINDS)
def test_every_kind_holds_caption_numbers_and_notes(kind):
    content = table_file(SCORES, kind)
    if kind == "docx":
        document = docx.Document(io.BytesIO(content))
        cells = [[cell.text for cell in row.cells] for row in document.tables[0].rows]
        assert cells[1] == ["a_b & <c> [d]", "−77.1", "−1.00 to 2.00"]
        assert [paragraph.text for paragraph in document.paragraphs] == ["Scores #1.", "Lower is better*."]
        return
    text = content.decode()
    assert "77.1" in text
    assert "Scores" in text or kind == "csv"


def test_typst_reads_no_text_as_markup():
    text = table_file(SCORES, "typ").decode()
    assert r"[*a\_b & \<c\> \[d\]*]" in text
    assert text.count("(") == text.count(")")
    assert r"Scores \#1." in text


def test_an_unknown_kind_is_refused():
    with pytest.raises(tw.SettingError, match="docx"):
        table_file(SCORES, "doc")
