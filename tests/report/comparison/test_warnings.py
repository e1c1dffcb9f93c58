from dataclasses import replace

from answers import make_answer
from thalweg.data.notes import Note
from thalweg.report.comparison.blocks import comparison_blocks
from thalweg.report.comparison.page import comparison_page
from thalweg.report.comparison.warnings import warning_texts
from thalweg.report.drawing.document import page_html
from thalweg.report.drawing.fragment import fragment
from thalweg.report.drawing.text import to_text


def warned(*notes):
    answer = make_answer()
    return replace(answer, about=replace(answer.about, notes=notes))


def test_warnings_stand_between_verdict_and_table_in_every_form():
    answer = warned(Note("task", "Only told."), Note("leakage", "A <leak>."))
    text, page, short = (
        to_text(comparison_blocks(answer)),
        page_html(comparison_page(answer)),
        fragment(comparison_blocks(answer)),
    )
    assert text.index("Warning: A <leak>.") < text.index("Model")
    assert page.index("<strong>Warning.</strong> A &lt;leak&gt;.") < page.index("<h2")
    assert "Warning: A &lt;leak&gt;." in short
    assert "Only told." not in text


def test_what_weakens_the_verdict_comes_first_and_of_many_the_rest_is_counted():
    notes = [Note("imbalance", f"Remark {k}.") for k in range(9)]
    texts = warning_texts(warned(*notes, Note("leakage", "A leak.", (), "a leak")))
    assert texts[0] == "A leak."
    assert len(texts) == 8
    assert texts[-1] == "3 more warnings stand in the report, under Data."
