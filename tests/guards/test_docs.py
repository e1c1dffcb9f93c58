"""Prompts in the pages are typed in, and what the pages print is what is printed."""

import doctest
import re

import pytest

from guards.repository import ROOT, name_of
from guards.typed import run_examples

BLOCK = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
PAGES = {
    path: BLOCK.findall(path.read_text(encoding="utf-8")) for path in [ROOT / "README.md", *ROOT.glob("docs/**/*.md")]
}
TYPED = {path: "\n".join(b for b in blocks if ">>>" in b) for path, blocks in PAGES.items()}


@pytest.mark.parametrize("path", sorted(path for path, text in TYPED.items() if text), ids=name_of)
def test_what_pages_type_gives_what_they_print(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    test = doctest.DocTestParser().get_doctest(TYPED[path], {}, name_of(path), str(path), 0)
    assert run_examples(test) == []


MADE = {"gallery.md", "reference.md", "command-line.md"}  # by docs/site/hooks.py, while the site is built
MADE |= {f"tutorials/{path.stem}.md" for path in (ROOT / "docs" / "tutorials").glob("*.ipynb")}
SITE = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
IN_SITE = set(re.findall(r"([\w/-]+\.md)$", SITE.partition("\nnav:")[2], re.MULTILINE))


def test_every_page_is_in_the_site_and_what_the_site_names_is_there():
    pages = {path.relative_to(ROOT / "docs").as_posix() for path in PAGES if path.name != "README.md"}
    assert {page for page in pages if not page.startswith("decisions/")} | MADE == IN_SITE


@pytest.mark.parametrize("path", sorted(PAGES), ids=name_of)
def test_python_in_pages_is_python(path):
    for block in PAGES[path]:
        if ">>>" not in block:
            compile(block, name_of(path), "exec")
