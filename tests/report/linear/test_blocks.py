import pytest

from thalweg.jobs.linear import fit_linear
from thalweg.report.drawing.text import to_text
from thalweg.report.linear.blocks import linear_blocks
from thalweg.report.linear.finding import finding_sentence


@pytest.fixture(scope="module")
def answer():
    return fit_linear("example:diabetes", path="lasso", search="forward", descents=True, axes=("bmi", "s1")).answer


def test_text_holds_what_the_page_holds(answer):
    text = to_text(linear_blocks(answer))
    for words in ("progression: least squares", "(exact)", "one-standard-error rule", "bmi, s5, bp", "Warning: "):
        assert words in text


def test_the_finding_comes_first_then_the_certificate_and_warnings_are_told_once(answer):
    blocks = linear_blocks(answer)
    assert blocks.sentences == (
        finding_sentence(answer),
        answer.estimates.certificate.sentence(),
        "442 rows read, all used.",
    )
    text = " ".join(to_text(blocks).split())
    for warning in answer.warnings:
        assert text.count(warning) == 1


def test_what_was_not_asked_for_is_left_out():
    blocks = linear_blocks(fit_linear("example:diabetes").answer)
    assert [table.name for table in blocks.tables] == ["coefficients"]


@pytest.mark.parametrize("width", [60, 80, 100, 160])
def test_every_table_fits_the_terminal(answer, width):
    assert max(map(len, to_text(linear_blocks(answer), width).splitlines())) <= width
