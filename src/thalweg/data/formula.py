"""Formulas: ``log(wage) ~ educ + exper + I(exper**2) + C(region)``, parsed by formulaic and read for what they use.

Only arithmetic and functions that treat every row by itself are allowed. A formula is then the same map for training,
test and new rows. Functions that learn from the rows they see (scale, poly, splines) are refused: means and standard
deviations are learned later, on training rows, by the encoder.
"""

import ast
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from formulaic import Formula
from formulaic.errors import FormulaicError
from formulaic.formula import SimpleFormula
from formulaic.parser.types import Factor

from thalweg.base.errors import SettingError

_NAMES: Final = (
    "abs sqrt cbrt square log log2 log10 log1p exp expm1 sin cos tanh arcsinh sign floor maximum minimum where"
)
FUNCTIONS: Final[Mapping[str, Any]] = {name: getattr(np, name) for name in _NAMES.split()}
_CONTRASTS: Final = {"Treatment", "Sum", "Diff", "Helmert", "treatment", "sum", "diff", "helmert"}
_LEARNING: Final = {"scale", "center", "standardize", "poly", "bs", "cs", "cr", "cc", "lag", "hashed"}
_VALUES: Final = (ast.Expression, ast.Name, ast.Attribute, ast.Constant, ast.Load, ast.List, ast.Tuple)
_OPERATIONS: Final = (ast.Call, ast.keyword, ast.BinOp, ast.UnaryOp, ast.Compare, ast.operator, ast.unaryop, ast.cmpop)
_ALLOWED: Final = f"There are arithmetic, C(), I() and {', '.join(FUNCTIONS)}."


@dataclass(frozen=True, slots=True)
class Variables:
    """What a formula speaks of, before any row is looked at.

    Parameters
    ----------
    text
        The formula as the user wrote it.
    outcome, target
        The left-hand side, and the column it is made of.
    available
        The columns that ``.`` stands for.
    features
        The columns the right-hand side uses.
    coded, plain
        Those used as categories by C(), and those used as they are.
    """

    text: str
    outcome: str
    target: str
    available: tuple[str, ...]
    features: tuple[str, ...]
    coded: frozenset[str]
    plain: frozenset[str]


def formula_variables(text: str, columns: Sequence[str]) -> Variables:
    """Return which columns a formula uses.

    Parameters
    ----------
    text
        The formula, ``outcome ~ terms``.
    columns
        The columns of the table that may be features; ``.`` stands for all of them but the target.

    Raises
    ------
    SettingError
        If the formula cannot be parsed, has no single outcome, removes the intercept, or uses something not allowed.

    Examples
    --------
    >>> found = formula_variables("log(wage) ~ educ + C(region)", ["wage", "educ", "region"])
    >>> found.target, found.features, sorted(found.coded)
    ('wage', ('educ', 'region'), ['region'])
    """
    left = formula_sides(text, columns)[0]
    outcomes = [_usage(factor, text) for term in left for factor in term.factors]
    targets = {name for used, coded in outcomes for name in (*used, *coded)}
    if len(left) != 1 or len(outcomes) != 1 or len(targets) != 1:
        raise SettingError(f"Formula {text!r} needs one column on its left.", "Write it as 'y ~ x1 + x2'.")
    (target,) = targets
    available = tuple(name for name in columns if name != target)
    usages = [_usage(factor, text) for term in formula_sides(text, available)[1] for factor in term.factors]
    plain = dict.fromkeys(name for used, _ in usages for name in used)
    coded = dict.fromkeys(name for _, coded in usages for name in coded)
    if not plain and not coded:
        raise SettingError(f"Formula {text!r} has no features on its right.", "Write it as 'y ~ x1 + x2'.")
    features = tuple(name for name in (plain | coded) if name != target)
    if len(features) < len(plain | coded):
        raise SettingError(f"Formula {text!r} has {target!r} on both sides.", "Take it off the right-hand side.")
    expression = str(left).strip()
    return Variables(text, expression, target, available, features, frozenset(coded), frozenset(plain))


def formula_sides(text: str, available: Sequence[str]) -> tuple[SimpleFormula, SimpleFormula]:
    """Return the terms on the left and on the right of a formula.

    Raises
    ------
    SettingError
        If formulaic cannot parse it, a side is absent or has several parts, or the intercept is removed.
    """
    try:
        formula = Formula(text, _context={"__formulaic_variables_available__": list(available)})
    except (FormulaicError, SyntaxError) as error:
        raise formula_error(text, error) from None
    left, right = getattr(formula, "lhs", None), getattr(formula, "rhs", None)
    if not isinstance(left, SimpleFormula) or not isinstance(right, SimpleFormula):
        raise SettingError(f"Formula {text!r} must have one outcome and one list of terms.", "Write 'y ~ x1 + x2'.")
    if "1" not in [str(term) for term in right]:
        raise SettingError(
            f"Formula {text!r} removes the intercept, but every model here has one.",
            "Take out '0 +' or '- 1'.",
        )
    return left, right


def _usage(factor: Factor, text: str) -> tuple[list[str], list[str]]:
    """Return the columns a factor uses as they are, and those it turns into categories."""
    if factor.eval_method.value == "literal":
        return [], []
    if factor.eval_method.value == "lookup":
        return [factor.expr], []
    quoted: dict[str, str] = {}

    def stand_in(match: re.Match[str]) -> str:
        name = f"_quoted_{len(quoted)}"
        quoted[name] = match.group(1)
        return name

    try:
        tree = ast.parse(re.sub("`([^`]*)`", stand_in, factor.expr).strip(), mode="eval")
    except SyntaxError as error:
        raise formula_error(text, error) from None
    calls = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    spaces = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    for node in ast.walk(tree):
        _check_node(node, calls, text)
    names = [
        quoted.get(node.id, node.id)
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and id(node) not in calls | spaces
    ]
    is_category = isinstance(tree.body, ast.Call) and getattr(tree.body.func, "id", "") == "C"
    names = [name for name in names if name not in _CONTRASTS]
    return ([], names) if is_category else (names, [])


def _check_node(node: ast.AST, calls: set[int], text: str) -> None:
    """Refuse everything but arithmetic, comparisons and the listed functions."""
    if not isinstance(node, _VALUES + _OPERATIONS):
        raise SettingError(f"Formula {text!r} uses Python that is not allowed: {ast.unparse(node)}.", _ALLOWED)
    if isinstance(node, ast.Attribute):
        space = getattr(node.value, "id", "")
        if not ((space == "np" and node.attr in FUNCTIONS) or (space == "contr" and node.attr in _CONTRASTS)):
            raise SettingError(f"Formula {text!r} uses {ast.unparse(node)}, which is not available.", _ALLOWED)
    elif id(node) in calls and isinstance(node, ast.Name):
        if node.id in _LEARNING:
            raise SettingError(
                f"Formula {text!r} uses {node.id}(), which learns from all rows, also those it is tested on.",
                "Numbers are standardised on training rows anyway; write powers as I(x**2).",
            )
        if node.id not in {"C", "I"} | FUNCTIONS.keys() | _CONTRASTS:
            raise SettingError(f"Formula {text!r} uses {node.id}(), which is not available.", _ALLOWED)
    elif id(node) in calls:
        raise SettingError(f"Formula {text!r} uses Python that is not allowed: {ast.unparse(node)}.", _ALLOWED)


def formula_error(text: str, error: Exception) -> SettingError:
    """Return formulaic's message as ours, without its terminal colours."""
    plain = " ".join(re.sub("\x1b?\\[[0-9;]*m|⧛|⧚", "", str(error)).split())
    return SettingError(
        f"Formula {text!r} cannot be used: {plain.rstrip('.')}.", "Correct the formula; names with spaces stand in `…`."
    )
