"""A room is small enough to know, and what stands in it is used."""

import ast
from collections import Counter

import pytest

from guards.repository import PACKAGE, ROOT, SOURCES, name_of, tree_of

MOST_FILES = 16
ROOMS = Counter(path.parent.relative_to(PACKAGE).as_posix() for path in SOURCES if path.stem != "__init__")
BY_USERS = {  # modules that no other imports, and who does
    "answers.protocol": "a reader, and a type checker: what every answer offers",
    "__main__": "python -m thalweg",
    "net.adopt": "a user with a plain stack of torch",
    "net.lsuv": "a user who starts a network by its data",
    "optim.adamax": "a user who composes a network for the engine",
    "report.energy.page": "a user of energy models who writes their page, as the examples do",
    "planning.cost.money": "a user who weighs renting against buying",
    "planning.cost.traffic": "a user who weighs one network over several devices",
    "planning.work.dense_work": "a user who plans a network of dense layers on paper",
    "train.grid": "a user who trains every combination of settings",
    "train.smoothness": "a user who descends with the step 1/L",
}


def imported(tree):
    """Modules of ours that a file imports; ``from thalweg.x import y`` may mean the module x.y."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def module_of(path):
    return ".".join(path.relative_to(PACKAGE).with_suffix("").parts)


NEEDED = {name.removeprefix("thalweg.") for path in SOURCES for name in imported(tree_of(path))}


@pytest.mark.parametrize("room", sorted(ROOMS))
def test_a_room_can_be_known(room):
    assert ROOMS[room] <= MOST_FILES


@pytest.mark.parametrize("path", [p for p in SOURCES if p.stem != "__init__"], ids=name_of)
def test_every_module_is_needed(path):
    assert module_of(path) in NEEDED | BY_USERS.keys()


@pytest.mark.parametrize("module", BY_USERS)
def test_modules_for_users_are_there_and_nobody_else_imports_them(module):
    assert (PACKAGE / f"{module.replace('.', '/')}.py").is_file()
    assert module not in NEEDED
    folders = ("tests", "docs", "examples", "benchmarks", "studies")
    texts = [
        ROOT / "pyproject.toml",
        *(p for f in folders for p in (ROOT / f).rglob("*") if p.suffix in {".py", ".md"}),
    ]
    assert any(f"thalweg.{module}" in path.read_text(encoding="utf-8") for path in texts)
