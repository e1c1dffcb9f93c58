import io
import sys

import pytest

from thalweg.base.interval import Interval
from thalweg.report.drawing.blocks import Blocks
from thalweg.report.drawing.table import Column, Table
from thalweg.report.drawing.text import text_width, to_text

SCORES = Table(
    "scores",
    "Scores of all models.",
    (
        Column("Model"),
        Column("log loss\N{NO-BREAK SPACE}↓", 4),
        Column("minus logistic regression", 3),
        Column("95 % interval", 3),
        Column("accuracy\N{NO-BREAK SPACE}↑", 4, spare=1),
        Column("area under the curve", 4, spare=2),
    ),
    (
        ("logistic regression", 0.0816, None, None, 0.9772, 0.99),
        ("network (chosen by validation loss)", 0.0967, -0.015, Interval(0.0, -0.023, 0.054), 0.9719, 0.98),
    ),
    ("A note that is long enough to be broken into several lines where a terminal is narrow.",),
)
ALL = Blocks(("Use logistic regression, the simpler model.", "A second sentence."), (SCORES,), ("Note: 3 rows.",))


def widest(text):
    return max(map(len, text.splitlines()))


def table_lines(text):
    lines = text.splitlines()
    rule = next(n for n, line in enumerate(lines) if set(line) == {"-"})
    return lines, rule


def test_sentences_come_first_then_tables_then_notes():
    text = to_text(ALL, 160)
    places = [text.index(words) for words in ("Use logistic", "A second", "Scores of", "Model", "A note", "Note: 3")]
    assert places == sorted(places)
    assert "\n\n\n" not in text
    assert text == text.strip()


def test_columns_line_up():
    lines, rule = table_lines(to_text(ALL, 160))
    assert len({len(line) for line in lines[rule - 1 : rule + 3]}) == 1


@pytest.mark.parametrize("width", range(52, 170, 4))
def test_any_terminal_gets_lines_that_fit_and_every_number_whole(width):
    text = to_text(ALL, width)
    assert widest(text) <= width
    for number in ("0.0816", "0.0967", "−0.015", "−0.023 to 0.054"):
        assert number in text


def test_headings_break_before_columns_go():
    text = to_text(ALL, 110)
    assert "No room for" not in text
    assert "minus logistic regression" not in text
    assert "curve" in text


def test_columns_go_in_the_order_of_their_numbers_and_are_named():
    assert "No room for: area under the curve." in to_text(ALL, 90)
    assert "No room for: area under the curve; accuracy\N{NO-BREAK SPACE}↑." in " ".join(to_text(ALL, 70).split("\n"))


def test_long_texts_continue_in_their_own_column():
    names = ", ".join(f"column {n}" for n in range(30))
    table = Table("t", "T.", (Column("criterion"), Column("chosen"), Column("value", 1)), (("AIC", names, 3.25),))
    lines, rule = table_lines(to_text(Blocks(tables=(table,)), 80))
    assert len(lines) > rule + 4
    assert lines[rule + 1].startswith("AIC")
    assert lines[rule + 1].endswith("3.2")
    assert all(line.startswith(" " * 11 + "column") or line.lstrip()[:1].isdigit() for line in lines[rule + 2 :])


def test_a_table_of_numbers_too_wide_for_any_terminal_stays_whole():
    table = Table("t", "T.", (Column("a"), *(Column("b", 3) for _ in range(30))), (("x", *[1234.567] * 30),))
    assert to_text(Blocks(tables=(table,)), 80).count("1,234.567") == 30


def test_sentences_are_never_longer_than_a_hundred_letters():
    assert widest(to_text(Blocks(("word " * 100,), notes=("word " * 100,)), 160)) <= 100


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "latin-1", "utf-8"])
def test_signs_that_the_terminal_does_not_have_are_replaced(encoding):
    text = to_text(Blocks(("A fall − R² of 1…", "χ², 漢"), (SCORES,)), 160, encoding=encoding)
    text.encode(encoding)
    assert ("-0.023 to 0.054" in text) == (encoding != "utf-8")
    lines, rule = table_lines(text)
    assert len({len(line) for line in lines[rule - 1 : rule + 3]}) == 1


def test_the_encoding_is_that_of_standard_output(monkeypatch):
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding="cp1252"))
    sys.stdout.write(to_text(ALL))
    sys.stdout.flush()
    assert b"-0.023" in sys.stdout.buffer.getvalue()


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize(("columns", "width"), [("60", 60), ("20", 40), ("300", 160)])
def test_the_width_is_the_terminals_within_limits(monkeypatch, columns, width):
    monkeypatch.setenv("COLUMNS", columns)
    monkeypatch.setattr(sys, "stdout", Terminal())
    assert text_width() == width


@pytest.mark.parametrize("stream", [io.StringIO(), None])
def test_pipes_and_windows_without_a_console_have_room(monkeypatch, stream):
    monkeypatch.setenv("COLUMNS", "20")
    monkeypatch.setattr(sys, "stdout", stream)
    assert text_width() == 160


def test_an_empty_table_is_written():
    text = to_text(Blocks(tables=(Table("t", "Nothing.", (Column("a"), Column("b")), ()),)), 80)
    assert text.splitlines() == ["Nothing.", "", "a  b", "----"]


def places(text):
    return sum(2 if sign in "价格面积价" else 0 if sign == "\u0301" else 1 for sign in text)


def test_wide_and_combining_signs_keep_columns_in_line():
    rows = (("价格", 1.0), ("e\u0301tage", 22.5), ("x", 333.0))
    table = Table("t", "T.", (Column("面积"), Column("价", 1)), rows)
    lines, rule = table_lines(to_text(Blocks(tables=(table,)), 80))
    assert {places(line) for line in lines[rule - 1 :]} == {len(lines[rule])}


def test_sentences_of_wide_signs_fit():
    lines = to_text(Blocks(("价格面积" * 40,)), 60).splitlines()
    assert len(lines) > 1
    assert max(map(places, lines)) <= 60


def test_names_from_the_data_steer_no_terminal_and_break_no_table():
    table = Table("t", "T\x1b[2J.", (Column("a\nb"), Column("x", 1)), (("one\ntwo", 1.0), ("\ttab", 2.0)))
    lines, rule = table_lines(to_text(Blocks(("A\x07 b.",), (table,), ("c\r\nd",)), 80))
    assert not [line for line in lines if not line.isprintable()]
    assert len(lines) == rule + 5
    assert lines[rule + 1] == "one two  1.0"
