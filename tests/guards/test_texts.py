"""Texts speak of the product: no machine's paths, nothing left for later, links that lead somewhere."""

import re

import pytest

from guards.repository import ROOT, files, name_of

WRITTEN = sorted(
    path
    for path in files()
    if path.suffix
    not in {".png", ".jpg", ".pdf", ".parquet", ".safetensors", ".so", ".xls", ".xlsb", ".ods", ".rds", ".RData"}
)
PAGES = [path for path in WRITTEN if path.suffix == ".md"]
DECISIONS = [path for path in PAGES if path.parent.name == "decisions"]
MACHINE = re.compile(r"(?<![\w.])/(?:work|tmp|home|root|Users|mnt|opt)/\w|[A-Z]:\\Users")
LATER = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|X" + r"XX|HA" + r"CK)\b")
OURS = re.compile(
    r"(?<![\w/{}.])(?:(?:tests|docs|benchmarks|studies|examples)/[\w/-]+\.(?:py|md)|src/thalweg/[\w/]+\.py)(?![\w{])"
)
LINK = re.compile(r"\]\(([^)\s#]+)[^)]*\)")


@pytest.mark.parametrize("path", WRITTEN, ids=name_of)
def test_no_machine_paths_and_nothing_left_for_later(path):
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        assert not MACHINE.search(line), f"line {number}: {line}"
        assert not LATER.search(line), f"line {number}: {line}"


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_links_lead_somewhere(path):
    links = [link for link in LINK.findall(path.read_text(encoding="utf-8")) if "://" not in link]
    missing = [link for link in links if not (path.parent / link).exists()]
    assert missing == []


@pytest.mark.parametrize(
    "path", [p for p in WRITTEN if p.suffix in {".md", ".py"} and p.name != "CHANGELOG.md"], ids=name_of
)
def test_files_of_ours_that_a_text_names_are_there(path):
    named = [name for name in OURS.findall(path.read_text(encoding="utf-8")) if "NNNN" not in name]
    assert [name for name in named if not (ROOT / name).exists() and not (ROOT / "src/thalweg" / name).exists()] == []


def test_decisions_are_short_and_numbered_without_gaps():
    assert all(len(path.read_text(encoding="utf-8").splitlines()) <= 40 for path in DECISIONS)
    assert [int(path.name[:4]) for path in DECISIONS] == list(range(1, len(DECISIONS) + 1))


def test_versions_agree():
    texts = [(ROOT / name).read_text(encoding="utf-8") for name in ("pyproject.toml", "CITATION.cff")]
    texts.append((ROOT / "src" / "thalweg" / "base" / "version.py").read_text(encoding="utf-8"))
    patterns = (r'^version = "(.+)"', r"^version: (.+)", r'^__version__ = "(.+)"')
    found = {re.search(pattern, text, re.MULTILINE)[1] for pattern, text in zip(patterns, texts, strict=True)}
    assert len(found) == 1
    assert f"[{found.pop()}]" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
