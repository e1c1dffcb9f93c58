"""One name, one thing: a word at two places means the same, or a reason stands here."""

import ast
from collections import defaultdict

from guards.repository import PACKAGE, SOURCES, tree_of

STAGES = ("answers", "cli", "jobs", "report")
"""An answer goes by one name at every stage: its job, what the job returns, its verb, its page."""

SAME_FILE = {  # two files of one name outside those stages, and why
    "files": "writing a file whole, and reading tables from files",
}
SAME_NAME = {  # two public classes or functions of one name, and why
    "Layer": "of a network, and of a figure",
    "Progress": "what a watcher is told, and what a terminal shows",
    "load": "an answer from its folder, and a product library",
}


def stage_of(path):
    return path.relative_to(PACKAGE).parts[0]


FILES, NAMES = defaultdict(list), defaultdict(list)
for source in SOURCES:
    if source.stem != "__init__":
        FILES[source.stem].append(source)
    for node in tree_of(source).body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and not node.name.startswith("_"):
            NAMES[node.name].append(source)


def repeated_files():
    """File names that occur twice where no stage of one answer explains it."""
    return {name for name, found in FILES.items() if len([path for path in found if stage_of(path) not in STAGES]) > 1}


def test_no_two_files_of_one_name_without_a_reason():
    assert repeated_files() - SAME_FILE.keys() == set()


def test_no_two_public_things_of_one_name_without_a_reason():
    assert {name for name, places in NAMES.items() if len(places) > 1} - SAME_NAME.keys() == set()


def test_reasons_are_needed():
    assert SAME_FILE.keys() - repeated_files() == set()
    assert SAME_NAME.keys() - {name for name, places in NAMES.items() if len(places) > 1} == set()
