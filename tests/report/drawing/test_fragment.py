from html.parser import HTMLParser

from thalweg.report.drawing.blocks import Blocks
from thalweg.report.drawing.fragment import fragment
from thalweg.report.drawing.table import Column, Table


class Reader(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.text, self.open = [], [], []

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def read(text):
    reader = Reader()
    reader.feed(text)
    assert reader.open == []
    return reader


def made(rows=3, name="<script>alert(1)</script>"):
    tables = (Table("t", name, (Column(name), Column("x", 1)), tuple((name, float(n)) for n in range(rows)), (name,)),)
    return fragment(Blocks((name, "Second."), (*tables, Table("u", "Other.", (Column("y"),), ())), (name,)))


def test_it_is_the_sentences_and_the_first_table():
    text = " ".join(read(made()).text)
    for words in ("Second.", "0.0", "2.0"):
        assert words in text
    assert "Other." not in text


def test_it_needs_nothing_else_and_runs_nothing():
    tags = read(made()).tags
    assert not {"script", "link", "img", "iframe"} & {tag for tag, _ in tags}
    assert not [name for _, attributes in tags for name in attributes if name in {"src", "href"} or name[:2] == "on"]


def test_names_from_the_data_never_become_markup():
    assert "<script>" not in made()
    assert "<script>alert(1)</script>" in "".join(read(made()).text)


def test_long_tables_are_cut_and_said_to_be():
    text = "".join(read(made(rows=45)).text)
    assert "The first 20 of 45 rows." in text
    assert "20.0" not in text


def test_its_style_touches_no_other_element_of_a_notebook():
    style = made().partition("<style>")[2].partition("</style>")[0]
    rules = [part.partition("{")[0] for part in style.split("}") if part]
    assert all(selector.startswith(".thalweg") for rule in rules for selector in rule.split(","))
