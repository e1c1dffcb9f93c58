import pytest

from guards.repository import PACKAGE, ROOT
from thalweg.data.files.formats import FORMATS, file_names, format_of


@pytest.mark.parametrize("found", FORMATS, ids=lambda found: found.name)
def test_a_file_is_known_by_its_ending(found):
    for ending in found.endings:
        assert format_of(f"logs/2024.01{ending}") is found
        assert format_of(f"T{ending.upper()}") is found
        assert format_of(f"t{ending}.gz") is (found if found.is_text else None)


@pytest.mark.parametrize("found", [found for found in FORMATS if found.begins], ids=lambda found: found.name)
def test_first_bytes_count_more_than_the_ending(found):
    for begin in found.begins:
        assert format_of("t.csv", begin + b"...") is found


@pytest.mark.parametrize("path", ["t.doc", "t", "t.gz", "csv", "t.csv.zip"])
def test_other_files_are_of_no_format(path):
    assert format_of(path) is None


def test_no_two_formats_share_an_ending():
    endings = [ending for found in FORMATS for ending in found.endings]
    assert len(endings) == len(set(endings))


def test_the_page_about_tables_names_every_format_and_ending():
    page = (ROOT / "docs" / "how-to" / "your-table.md").read_text(encoding="utf-8")
    assert [e for found in FORMATS for e in (found.name, *(f"`{e}`" for e in found.endings)) if e not in page] == []


def test_the_names_stand_here_alone():
    """Help texts ask :func:`file_names`; only docstrings may spell it out."""
    literal = f'"{file_names()}'
    assert [path.name for path in PACKAGE.rglob("*.py") if literal in path.read_text(encoding="utf-8")] == []
