"""Formulas: ``log(wage) ~ educ + exper + I(exper**2) + C(region)``, by formulaic, without anything learned.

Only functions that treat every row by itself are allowed. A formula then is the same map for training, test and new
rows, and is kept as text together with the levels of its categories; means and standard deviations are learned later,
on training rows, by the encoder. Functions that learn from the rows they see (scale, poly, splines) are refused.
"""

import ast
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final, Self

import numpy as np
import pandas as pd
from formulaic import Formula
from formulaic.errors import FormulaicError
from formulaic.formula import SimpleFormula
from formulaic.parser.types import Factor

from thalweg.base.errors import DataError, SettingError
from thalweg.data.columns import LARGEST_MAGNITUDE, MAX_LEVELS, Kind, column_of_kind, kind_of, row_number
from thalweg.data.notes import counted

_FUNCTIONS: Final[Mapping[str, Any]] = {
    name: getattr(np, name)
    for name in ("abs", "sqrt", "cbrt", "log", "log2", "log10", "log1p", "exp", "expm1", "sin", "cos", "tanh")
    + ("arcsinh", "sign", "floor", "square", "maximum", "minimum", "where")
}
_CONTRASTS: Final = {"Treatment", "Sum", "Diff", "Helmert", "treatment", "sum", "diff", "helmert"}
_LEARNING: Final = {"scale", "center", "standardize", "poly", "bs", "cs", "cr", "cc", "lag", "hashed"}
_NODES: Final = (
    *(
        ast.Expression,
        ast.Call,
        ast.keyword,
        ast.Name,
        ast.Attribute,
        ast.Constant,
        ast.Load,
        ast.BinOp,
        ast.UnaryOp,
    ),
    *(ast.Compare, ast.operator, ast.unaryop, ast.cmpop, ast.List, ast.Tuple),
)
_ALLOWED: Final = f"There are arithmetic, C(), I() and {', '.join(_FUNCTIONS)}."


@dataclass(frozen=True, slots=True)
class Design:
    """A formula that has met its table: everything needed to apply it to new rows.

    Parameters
    ----------
    text
        The formula as the user wrote it.
    outcome
        The left-hand side, such as ``log(wage)``.
    target
        The column the left-hand side is made of.
    available
        The columns that ``.`` stands for.
    kinds
        The variables of the right-hand side and the kind each has.
    levels
        The levels of each categorical variable; the first is the reference.
    columns
        The columns the right-hand side makes, without the intercept, which every model has of its own.
    """

    text: str
    outcome: str
    target: str
    available: tuple[str, ...]
    kinds: dict[str, Kind]
    levels: dict[str, tuple[str, ...]]
    columns: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the design as plain values that JSON can hold."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Rebuild a design from :meth:`to_dict`, also after a trip through JSON."""
        tuples = {name: tuple(values[name]) for name in ("available", "columns")}
        levels = {name: tuple(found) for name, found in values["levels"].items()}
        return cls(**{**values, **tuples, "levels": levels})


@dataclass(frozen=True, slots=True)
class Variables:
    """What a formula speaks of, before any row is looked at.

    Parameters
    ----------
    outcome, target
        The left-hand side, and the column it is made of.
    available
        The columns that ``.`` stands for.
    features
        The columns the right-hand side uses.
    coded, plain
        Those used as categories by C(), and those used as they are.
    """

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
    left = _sides(text, columns)[0]
    outcomes = [_usage(factor, text) for term in left for factor in term.factors]
    targets = {name for used, coded in outcomes for name in (*used, *coded)}
    if len(left) != 1 or len(outcomes) != 1 or len(targets) != 1:
        raise SettingError(f"Formula {text!r} needs one column on its left.", "Write it as 'y ~ x1 + x2'.")
    (target,) = targets
    available = tuple(name for name in columns if name != target)
    usages = [_usage(factor, text) for term in _sides(text, available)[1] for factor in term.factors]
    plain = dict.fromkeys(name for used, _ in usages for name in used)
    coded = dict.fromkeys(name for _, coded in usages for name in coded)
    if not plain and not coded:
        raise SettingError(f"Formula {text!r} has no features on its right.", "Write it as 'y ~ x1 + x2'.")
    features = tuple(name for name in (plain | coded) if name != target)
    if len(features) < len(plain | coded):
        raise SettingError(
            f"Formula {text!r} has {target!r} on both sides.", "Take it off the right-hand side."
        )
    expression = str(left).strip()
    return Variables(expression, target, available, features, frozenset(coded), frozenset(plain))


def design_of(text: str, variables: Variables, frame: pd.DataFrame) -> tuple[Design, pd.DataFrame]:
    """Apply a formula to complete rows and keep what new rows will need.

    Parameters
    ----------
    text
        The formula.
    variables
        Its variables, from :func:`formula_variables`.
    frame
        The variables in canonical form, without missing values.

    Returns
    -------
    tuple
        The design, and its columns [N D] as float64.

    Raises
    ------
    SettingError
        If formulaic cannot evaluate a term, or a number is used both as it is and as a category.
    DataError
        If a term is infinite or undefined in some row, or a category has too many levels.
    """
    kinds: dict[str, Kind] = {}
    levels: dict[str, tuple[str, ...]] = {}
    for name in variables.features:
        kinds[name] = _kind_in_formula(text, variables, frame[name])
        if kinds[name] == "categorical":
            levels[name] = tuple(column_of_kind(frame[name], "categorical").cat.categories)
            if len(levels[name]) > MAX_LEVELS:
                raise DataError(
                    f"Column {name!r} has {len(levels[name]):,} levels; a formula takes at most {MAX_LEVELS}.",
                    "Leave it out of the formula, group its levels by a query, or use features=[...] instead.",
                )
    bare = Design(text, variables.outcome, variables.target, variables.available, kinds, levels, ())
    matrix = _right_side(bare, frame)
    return replace(bare, columns=tuple(matrix.columns)), matrix


def design_columns(design: Design, frame: pd.DataFrame) -> pd.DataFrame:
    """Apply a design to new rows.

    A level that the fit's table did not have counts as the reference level: its columns are zero.

    Parameters
    ----------
    design
        The design.
    frame
        New rows with the columns ``design.kinds``.

    Returns
    -------
    pandas.DataFrame
        The columns ``design.columns`` as float64.

    Raises
    ------
    DataError
        If a variable is missing in some row or cannot be read in its kind, or a term is undefined there.
    """
    for name, kind in design.kinds.items():
        gaps = np.flatnonzero(column_of_kind(frame[name], kind).isna())
        if gaps.size:
            raise DataError(
                f"Column {name!r} is missing in row {row_number(frame, gaps[0])}, and the formula needs it.",
                "Fill it in, or leave the row out.",
            )
    return _right_side(design, frame)


def evaluate_outcome(variables: Variables, frame: pd.DataFrame) -> pd.Series:
    """Return the left-hand side of a formula, such as log(wage), in every row of complete rows."""
    column = frame[variables.target]
    if variables.outcome in {variables.target, f"`{variables.target}`"}:
        return column
    numbers = pd.DataFrame({variables.target: column_of_kind(column, "numeric")})
    matrix = _evaluated(Formula(f"0 + {variables.outcome}"), numbers, variables.outcome)
    return matrix.iloc[:, 0].rename(variables.outcome)


def _sides(text: str, available: Sequence[str]) -> tuple[SimpleFormula, SimpleFormula]:
    try:
        formula = Formula(text, _context={"__formulaic_variables_available__": list(available)})
    except FormulaicError as error:
        raise _formula_error(text, error) from None
    left, right = getattr(formula, "lhs", None), getattr(formula, "rhs", None)
    if not isinstance(left, SimpleFormula) or not isinstance(right, SimpleFormula):
        raise SettingError(
            f"Formula {text!r} must have one outcome and one list of terms.", "Write 'y ~ x1 + x2'."
        )
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
        raise _formula_error(text, error) from None
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
    if not isinstance(node, _NODES):
        raise SettingError(
            f"Formula {text!r} uses Python that is not allowed: {ast.unparse(node)}.", _ALLOWED
        )
    if isinstance(node, ast.Attribute):
        space = getattr(node.value, "id", "")
        if not (
            (space == "np" and node.attr in _FUNCTIONS) or (space == "contr" and node.attr in _CONTRASTS)
        ):
            raise SettingError(
                f"Formula {text!r} uses {ast.unparse(node)}, which is not available.", _ALLOWED
            )
    elif id(node) in calls and isinstance(node, ast.Name):
        if node.id in _LEARNING:
            raise SettingError(
                f"Formula {text!r} uses {node.id}(), which learns from all rows, also those it is tested on.",
                "Numbers are standardised on training rows anyway; write powers as I(x**2).",
            )
        if node.id not in {"C", "I"} | _FUNCTIONS.keys() | _CONTRASTS:
            raise SettingError(f"Formula {text!r} uses {node.id}(), which is not available.", _ALLOWED)
    elif id(node) in calls:
        raise SettingError(
            f"Formula {text!r} uses Python that is not allowed: {ast.unparse(node)}.", _ALLOWED
        )


def _kind_in_formula(text: str, variables: Variables, column: pd.Series) -> Kind:
    kind = kind_of(column)
    if kind == "date":
        raise DataError(
            f"Formula {text!r} uses the date {column.name!r}.", "Turn it into a number by a query first."
        )
    if column.name in variables.coded & variables.plain and kind != "categorical":
        raise SettingError(
            f"Formula {text!r} uses {column.name!r} both as a number and as a category.",
            "Decide for one of them.",
        )
    return "categorical" if kind == "categorical" or column.name in variables.coded else "numeric"


def _right_side(design: Design, frame: pd.DataFrame) -> pd.DataFrame:
    columns = {}
    for name, kind in design.kinds.items():
        values = column_of_kind(frame[name], kind)
        if kind == "categorical":
            codes = pd.Index(design.levels[name]).get_indexer(values.astype(object))
            known = pd.Categorical.from_codes(np.maximum(codes, 0), categories=list(design.levels[name]))
            values = pd.Series(known, index=frame.index)
        columns[name] = values
    matrix = _evaluated(_sides(design.text, design.available)[1], pd.DataFrame(columns), design.text)
    return matrix.drop(columns="Intercept")


def _evaluated(formula: SimpleFormula, frame: pd.DataFrame, text: str) -> pd.DataFrame:
    try:
        with np.errstate(all="ignore"):  # what is undefined is refused below, with its row
            matrix = formula.get_model_matrix(
                frame, na_action="ignore", context=dict(_FUNCTIONS), output="pandas"
            )
    except (FormulaicError, ValueError, TypeError) as error:
        raise _formula_error(text, error) from None
    values = pd.DataFrame(matrix).astype(np.float64)
    for name in values.columns:
        rows = np.flatnonzero(~(np.abs(values[name].to_numpy()) <= LARGEST_MAGNITUDE))
        if rows.size:
            raise DataError(
                f"Term {name!r} of the formula is {values[name].iloc[rows[0]]:g} in row {row_number(frame, rows[0])}"
                f" ({counted(rows.size, 'such row')}).",
                "Choose a function that is defined there, such as log1p for zeros, or leave these rows out.",
            )
    return values


def _formula_error(text: str, error: Exception) -> SettingError:
    plain = " ".join(re.sub("\x1b?\\[[0-9;]*m|⧛|⧚", "", str(error)).split())
    return SettingError(
        f"Formula {text!r} cannot be used: {plain}", "Correct the formula; names with spaces stand in `…`."
    )
