"""Reports say what was computed elsewhere: results come with their numbers, and a report words and draws them."""

import ast

import pytest

from guards.repository import PACKAGE, name_of, tree_of

REPORT = [path for path in sorted((PACKAGE / "report").rglob("*.py")) if path.stem != "__init__"]
COMPUTED = {
    *("mean", "average", "std", "var", "median", "quantile", "percentile", "cov", "corr", "idxmax", "idxmin"),
    *("argmax", "argmin", "argsort", "cumsum", "dot", "lstsq", "solve", "svd", "inv", "fit", "predict", "softmax"),
    *("groupby", "agg", "qcut", "bincount", "histogram"),
}


@pytest.mark.parametrize("path", REPORT, ids=name_of)
def test_a_report_calls_nothing_that_computes_a_statistic(path):
    calls = [node.func for node in ast.walk(tree_of(path)) if isinstance(node, ast.Call)]
    assert {call.attr for call in calls if isinstance(call, ast.Attribute)} & COMPUTED == set()
    assert not any(isinstance(node, ast.MatMult) for node in ast.walk(tree_of(path)))


@pytest.mark.parametrize("path", REPORT, ids=name_of)
def test_a_report_asks_nobody_what_kind_of_layer_or_part_it_is(path):
    """Layers draw themselves, and the writer of pages has one table; only cells are told apart by their type."""
    cells = {"str", "int", "Interval", "float"}
    calls = [node for node in ast.walk(tree_of(path)) if isinstance(node, ast.Call)]
    asked = {ast.unparse(call.args[1]) for call in calls if ast.unparse(call.func) == "isinstance"}
    assert asked <= cells | {"bool"}
