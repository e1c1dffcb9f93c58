"""What is public is explained: a sentence everywhere, sections at the doors, examples that run."""

import ast
import doctest
import importlib
import inspect
import re
from dataclasses import is_dataclass

import pytest

import thalweg
from guards.repository import MODULES, PACKAGE, SOURCES, find, name_of, tree_of
from guards.typed import run_examples
from thalweg.base import errors

OURS = {name for name, value in vars(errors).items() if inspect.isclass(value)}
SENTENCE = re.compile(r"\S.*[.:]$", re.DOTALL)
DOORS = [
    *(f"thalweg.{name}" for name in thalweg.__all__),
    *(f"{module}.{name}" for module in MODULES[1:] for name in getattr(importlib.import_module(module), "__all__", ())),
    "thalweg.base.seeds.stream",
    "thalweg.data.encode.fit_encoder",
    "thalweg.data.new_rows.encode_new_rows",
    "thalweg.data.split.fold_numbers",
    "thalweg.data.split.validation_rows",
    "thalweg.net.spec.mlp",
    "thalweg.report.comparison.page.comparison_page",
    "thalweg.report.comparison.blocks.comparison_blocks",
    "thalweg.select.comparison_answer.build_answer",
    "thalweg.select.scoring.difference.compare",
    "thalweg.select.crossval.cross_validation",
    "thalweg.select.scoring.leaderboard.build_leaderboard",
    "thalweg.select.scoring.metrics.score",
    "thalweg.select.settings.NetworkSetting",
    "thalweg.select.settings.Settings",
    "thalweg.select.settings.grid_of",
    "thalweg.select.settings.make_settings",
    "thalweg.select.scoring.spread.decompose",
    "thalweg.select.scoring.verdict.judge",
    "thalweg.select.scoring.verdict.verdict",
    "thalweg.train.fit.fit_population",
    "thalweg.train.population.Member",
    "thalweg.train.population.training_table",
    "thalweg.train.predict.predict_outputs",
]


SILENT = {  # examples that only point elsewhere, by room; each that is written lowers the number
    "answers": 2,
    "cli": 1,
    "estimators": 4,
    "jobs": 4,
    "train": 4,
}


def public(body):
    return [n for n in body if isinstance(n, (ast.FunctionDef, ast.ClassDef)) and not n.name.startswith("_")]


def raised(function):
    """Our errors that a function raises itself."""
    nodes = [node for node in ast.walk(function) if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call)]
    return OURS & {ast.unparse(node.exc.func) for node in nodes}


def callables(tree):
    """Public functions and methods with the text that speaks for them; a class speaks for its methods too."""
    for node in public(tree.body):
        text = ast.get_docstring(node) or ""
        if isinstance(node, ast.FunctionDef):
            yield node.name, node, text
            continue
        for method in (m for m in node.body if isinstance(m, ast.FunctionDef)):
            if method.name in {"__init__", "__post_init__"} or not method.name.startswith("_"):
                yield f"{node.name}.{method.name}", method, f"{text}\n{ast.get_docstring(method) or ''}"


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_everything_public_has_a_sentence(path):
    tree = tree_of(path)
    texts = {"module": ast.get_docstring(tree)}
    texts |= {node.name: ast.get_docstring(node) for node in public(tree.body)}
    silent = [name for name, text in texts.items() if not SENTENCE.match((text or "").split("\n\n")[0])]
    assert silent == []


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_errors_raised_are_named(path):
    untold = [(name, raised(f) - set(re.findall(r"\w+", text))) for name, f, text in callables(tree_of(path))]
    assert [(name, missing) for name, missing in untold if missing] == []


@pytest.mark.parametrize("name", sorted(set(DOORS)))
def test_doors_tell_parameters_result_and_example(name):
    door = find(name)
    text = inspect.getdoc(door) or ""
    if inspect.isfunction(door) or name.count(".") == 1:
        assert "Examples\n---" in text
    if inspect.isclass(door) and issubclass(door, Exception):
        return
    settings = [p.name for p in inspect.signature(door).parameters.values() if p.kind is not p.VAR_KEYWORD]
    described = {word.strip() for line in section(text, "Parameters") for word in line.split(",")}
    assert [setting for setting in settings if setting not in described] == []
    if inspect.isfunction(door) and not is_dataclass(
        inspect.signature(door).return_annotation
    ):  # a record tells its own
        assert "Returns\n---" in text


def silent_examples(room):
    """Public names of a room whose example runs nothing."""
    for path in (p for p in SOURCES if p.relative_to(PACKAGE).parts[0] == room):
        for node in ast.walk(tree_of(path)):
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                _, title, example = (ast.get_docstring(node) or "").partition("Examples\n---")
                if title and ">>>" not in example:
                    yield f"{name_of(path)}: {node.name}"


@pytest.mark.parametrize("room", sorted({p.relative_to(PACKAGE).parts[0] for p in SOURCES if p.parent != PACKAGE}))
def test_examples_are_examples(room):
    assert len(found := list(silent_examples(room))) <= SILENT.get(room, 0), found


def section(text, title):
    """Lines of a section of a docstring that are not indented: the names it describes."""
    found = re.search(rf"^{title}\n-+\n(.*?)(?:\n\n?\w[^\n]*\n---|\Z)", text, re.MULTILINE | re.DOTALL)
    return [line for line in (found[1].splitlines() if found else []) if line and not line.startswith(" ")]


@pytest.mark.parametrize("name", MODULES)
def test_examples_run(name):
    module = importlib.import_module(name)
    tests = doctest.DocTestFinder(exclude_empty=True).find(module, name)
    assert {test.name: wrong for test in tests if (wrong := run_examples(test))} == {}


@pytest.mark.parametrize(
    "typed",
    [
        ">>> 0.1 + 0.2 == 0.3\nFalse",
        ">>> float('0.5') != 0.25\nTrue",
        ">>> import numpy as np\n>>> np.ones(2) == [1, 1]\narray([ True,  True])",
        ">>> [0.5, 1] == [0.5, 1]\nTrue",
        ">>> [x for x in (0.5,) if x == 0.5]\n[0.5]",
        ">>> 2 / 3\n0.6666666666666666",
        ">>> 1 + 1\n3",
    ],
)
def test_examples_that_hold_on_one_machine_only_are_refused(typed):
    assert len(run_examples(doctest.DocTestParser().get_doctest(typed, {}, "typed", None, None))) == 1


@pytest.mark.parametrize(
    "typed",
    [
        ">>> 1 == 1, 'a' != 'b', [1, 'x'] == [1, 'x'], 0.0 == 0\n(True, True, True, True)",
        ">>> round(2 / 3, 3)\n0.667",
        ">>> 2 / 3\n0.66...",
        ">>> for x in (1, 2):\n...     if x == 2:\n...         x\n2",
    ],
)
def test_other_examples_are_not(typed):
    assert run_examples(doctest.DocTestParser().get_doctest(typed, {}, "typed", None, None)) == []
