import base64
import re

from markupsafe import Markup

from report.comparison.test_page import read
from thalweg.report.drawing.document import Facts, File, Files, Page, Prose, Remarks, Section, page_html
from thalweg.report.drawing.figure import Axis, Figure
from thalweg.report.drawing.layers import Points
from thalweg.report.drawing.table import Column, Table

EVIL = "<script>alert('x')</script>"
TABLE = Table("t", EVIL, (Column(EVIL), Column("x", 1)), ((EVIL, 1.0),), (EVIL,))


def figure(name):
    return Figure(name, f"Finding of {name}.", Axis("x"), Axis("y"), (Points("p", (1.0,), (2.0,), "plain"),), TABLE)


def made(*sections, advice=""):
    return page_html(Page(EVIL, EVIL, EVIL, "Answer", EVIL, advice, sections))


def test_figures_are_numbered_through_all_sections():
    page = made(Section("a", "A", (figure("one"), TABLE, figure("two"))), Section("b", "B", (figure("three"),)))
    assert re.findall(r"<b>Figure (\d)\.</b> Finding of (\w+)", page) == [("1", "one"), ("2", "two"), ("3", "three")]


def test_sections_without_parts_are_left_out_and_missing_parts_skipped():
    page = made(
        Section("a", "Never asked", (None,)), Section("b", "Asked", (None, Prose("Here."))), Section("c", "", ())
    )
    assert "Never asked" not in page
    assert page.count("<h2") == 1
    assert "Here." in page


def test_nothing_but_markup_is_markup():
    parts = (
        Prose(EVIL, "method"),
        Prose(Markup("<i>g</i>")),
        Facts({EVIL: EVIL}),
        Remarks((EVIL, Markup("<small>{}</small>").format(EVIL))),
        Files((File(EVIL, EVIL, EVIL),)),
        TABLE,
        figure("f"),
    )
    page = made(Section("a", EVIL, parts), advice=EVIL)
    assert "<script" not in page
    assert "<i>g</i>" in page
    assert EVIL in "".join(read(page).text)


def test_a_page_asks_for_nothing_else():
    page = made(Section("a", "A", (figure("f"), Files((File("x.csv", "CSV", "a,b"),)))))
    links = re.findall(r'(?:href|src)="([^"]*)"', page)
    assert len(links) == 4  # the icon, the file, and the figure's numbers and drawing
    assert all(link.startswith(("data:", "#")) for link in links)


def test_files_hold_their_text():
    page = made(Section("a", "A", (Files((File("x.csv", "CSV", "a−b\n"),)),)))
    [held] = re.findall(r'download="x.csv" href="data:text/csv;base64,([^"]+)"', page)
    assert base64.b64decode(held).decode() == "a−b\n"


def test_without_advice_there_is_no_empty_paragraph():
    assert 'class="use"' not in made()
    assert '<p class="use">Do this.</p>' in made(advice="Do this.")
