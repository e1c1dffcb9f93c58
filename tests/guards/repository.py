"""Where the repository is and what it holds, for guards that read files."""

import ast
import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path

import thalweg

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "thalweg"
SOURCES = sorted(PACKAGE.rglob("*.py"))
MODULES = ["thalweg", *sorted(info.name for info in pkgutil.walk_packages(thalweg.__path__, "thalweg."))]
FOLDERS = ("src", "tests", "docs", "examples", "benchmarks", "studies", "changes", ".ci", ".github")
GENERATED = {"__pycache__", "results"}


def name_of(path: Path) -> str:
    """Name of a file in the repository, for test ids and messages."""
    return path.relative_to(ROOT).as_posix()


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), name_of(path))


def files() -> Iterator[Path]:
    """Every file people wrote: those at the root and in the folders that hold our work."""
    yield from (path for path in ROOT.iterdir() if path.is_file() and path.name != ".git")
    for folder in FOLDERS:
        for path in (ROOT / folder).rglob("*"):
            if path.is_file() and not GENERATED & set(path.relative_to(ROOT).parts):
                yield path


def find(name: str) -> object:
    """The object of a dotted name such as ``thalweg.train.fit.fit_population``."""
    module, _, attribute = name.rpartition(".")
    if module == "thalweg":
        return thalweg.__getattr__(attribute)  # a module of the same name, once imported, would hide it
    return getattr(importlib.import_module(module), attribute)
