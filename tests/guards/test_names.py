"""One name, one thing: a word at two places means the same, or a reason stands here."""

import ast
from collections import defaultdict

from guards.repository import PACKAGE, SOURCES, tree_of

STAGES = ("answers", "cli", "jobs", "report")
"""An answer goes by one name at every stage: its job, what the job returns, its verb, its page."""

SAME_FILE = {  # two files of one name outside those stages, and why
    "answer": "a record of every finding of that room; the room says whose",
    "certificate": "a linear model's, and what a comparison keeps of it",
    "files": "writing a file whole, and reading tables from files",
    "halving": "dropping candidates, and asking the engine to drop members",
    "intervals": "of effects, and of predictions",
    "outputs": "of a comparison's networks, and of an estimator's",
    "population": "members of the engine, networks of an estimator, linear models of a crowd",
    "table": "a table read, and a table drawn",
    "training": "of effects, and of ensembles",
}
SAME_NAME = {  # two public classes or functions of one name, and why
    "Band": "drawn, and computed",
    "Group": "of networks in an ensemble, and of parameters that are updated together",
    "Note": "found in a table, and told by an answer",
    "Problem": "posed by a table, and seen by a metric",
    "Progress": "told to a watcher, and kept by early stopping",
    "Run": "a finished comparison, and a run of equal settings in memory",
    "Table": "read, and drawn",
    "View": "of an estimator's rows, and of a comparison's",
    "fit_linear": "the job, and an estimator's linear models",
    "members_table": "of a comparison, and of an estimator",
    "network_predictions": "of a group of networks, and of those kept in a folder",
    "outputs_to_predictions": "of a comparison's networks, and of an estimator's",
    "validation_rows": "of a comparison's folds, and of an estimator's",
    "verdict": "computed, and as a table",
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
    assert SAME_FILE.keys() - {name for name, found in FILES.items() if len(found) > 1} == set()
    assert SAME_NAME.keys() - {name for name, places in NAMES.items() if len(places) > 1} == set()
