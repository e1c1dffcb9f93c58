"""Formulas: ``log(wage) ~ educ + exper + I(exper**2) + C(region)``, cut into terms by formulaic.

Only arithmetic and functions that treat every row by itself are allowed (:mod:`thalweg.data.expression`). A formula is
then the same map for training, test and new rows. Functions that learn from the rows they see (scale, poly, splines),
and formulas without an intercept, are for estimating a linear model alone: where rows are held out, means and standard
deviations are learned on training rows, by the encoder.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from formulaic import Formula
from formulaic.errors import FormulaicError, FormulaSyntaxError
from formulaic.formula import SimpleFormula
from formulaic.parser import DefaultFormulaParser, DefaultOperatorResolver
from formulaic.parser.types import Factor, Operator

from thalweg.base.errors import SettingError, setting
from thalweg.data.expression import Expression, read_expression

_MOST_TERMS: Final = 10_000
_EFFECT: Final = re.compile(r"(?:`([^`]+)`|([^\W\d][\w.]*))")


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
    estimating
        Whether a linear model is estimated from all rows, so that terms may learn from them and the intercept may go.
    intercept
        Whether there is one.
    """

    text: str
    outcome: str
    target: str
    available: tuple[str, ...]
    features: tuple[str, ...]
    coded: frozenset[str]
    plain: frozenset[str]
    estimating: bool = False
    intercept: bool = True


def formula_variables(text: str, columns: Sequence[str], *, estimating: bool = False) -> Variables:
    """Return which columns a formula uses.

    Parameters
    ----------
    text
        The formula, ``outcome ~ terms``.
    columns
        The columns of the table that may be features; ``.`` stands for all of them but the target.
    estimating
        Whether a linear model is estimated from all rows: terms may learn from them, and the intercept may go.

    Raises
    ------
    SettingError
        If the formula cannot be parsed, has no single outcome, or uses something not allowed.

    Examples
    --------
    >>> found = formula_variables("log(wage) ~ educ + C(region)", ["wage", "educ", "region"])
    >>> found.target, found.features, sorted(found.coded)
    ('wage', ('educ', 'region'), ['region'])
    """
    left = formula_sides(text, columns, estimating=estimating).left
    outcomes = [_usage(factor, left.expressions) for term in left.terms for factor in term.factors]
    targets = {name for used, coded in outcomes for name in (*used, *coded)}
    if len(left.terms) != 1 or len(outcomes) != 1 or len(targets) != 1 or outcomes[0][1]:
        raise SettingError(f"Formula {text!r} needs one column on its left.", "Write it as 'y ~ x1 + x2'.")
    (target,) = targets
    available = tuple(name for name in columns if name != target)
    right = formula_sides(text, available, estimating=estimating).right
    usages = [_usage(factor, right.expressions) for term in right.terms for factor in term.factors]
    plain = dict.fromkeys(name for used, _ in usages for name in used)
    coded = dict.fromkeys(name for _, coded in usages for name in coded)
    if not plain and not coded:
        raise SettingError(f"Formula {text!r} has no features on its right.", "Write it as 'y ~ x1 + x2'.")
    features = tuple(name for name in (plain | coded) if name != target)
    if len(features) < len(plain | coded):
        raise SettingError(f"Formula {text!r} has {target!r} on both sides.", "Take it off the right-hand side.")
    expression = str(left.terms).strip()
    parts = (text, expression, target, available, features, frozenset(coded), frozenset(plain))
    return Variables(*parts, estimating=estimating, intercept=right.intercept)


def without_effects(text: str) -> tuple[str, tuple[str, ...]]:
    """Return a formula without what stands behind a bar, and the columns of the absorbed effects named there.

    Parameters
    ----------
    text
        ``y ~ x | firm + year``; a formula without a bar has no effects. A bar within parentheses is a logical or.

    Raises
    ------
    SettingError
        If something other than names of columns, joined by +, stands behind the bar.

    Examples
    --------
    >>> without_effects("y ~ I((x > 1) | z) | firm + `fiscal year`")
    ('y ~ I((x > 1) | z)', ('firm', 'fiscal year'))
    """
    depth, quote = 0, ""
    for place, letter in enumerate(text):
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "'\"`":
            quote = letter
        elif letter in "()":
            depth += 1 if letter == "(" else -1
        elif letter == "|" and depth == 0:
            found = [
                _EFFECT.fullmatch(part.strip())
                for part in re.split(r"\+(?=(?:[^`]*`[^`]*`)*[^`]*$)", text[place + 1 :])
            ]
            names = tuple(match.group(1) or match.group(2) for match in found if match is not None)
            if len(names) < len(found) or len(set(names)) < len(names):
                raise SettingError(
                    f"Behind the bar of formula {text!r} stand the columns of absorbed effects, each once.",
                    "Write it as 'y ~ x | firm + year'; names with spaces stand in `…`.",
                )
            return text[:place].strip(), names
    return text, ()


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """One side of a formula.

    Parameters
    ----------
    terms
        Products of factors, as formulaic found them.
    expressions
        The factors that are more than a column's name, checked, by their text.
    """

    terms: SimpleFormula
    expressions: Mapping[str, Expression]

    @property
    def intercept(self) -> bool:
        """Whether one of the terms is the constant."""
        return "1" in [str(term) for term in self.terms]


@dataclass(frozen=True, slots=True, eq=False)
class Sides:
    """A formula, cut at its tilde."""

    left: Side
    right: Side


def formula_sides(text: str, available: Sequence[str], *, estimating: bool = False) -> Sides:
    """Return the terms on the left and on the right of a formula, every factor checked.

    Parameters
    ----------
    text, available, estimating
        As for :func:`formula_variables`.

    Raises
    ------
    SettingError
        If formulaic cannot parse it, a side is absent or has several parts, the intercept is removed, or a factor uses
        something not allowed.

    Examples
    --------
    >>> list(formula_sides("y ~ log(x) + z", ["x", "z"]).right.expressions)
    ['log(x)']
    """
    if not isinstance(text, str):
        raise SettingError(f"{setting('formula')} must be a text, got {text!r}.", "Write it as 'y ~ x1 + x2'.")
    sides = _parsed(text, tuple(available) if "." in text else (), estimating)  # without a dot they do not matter
    for name in sides.right.expressions.keys() & {name for name in available if not name.isidentifier()}:
        raise SettingError(
            f"Formula {text!r} computes {name!r}, and a column has that name.",
            "Write the column in `…` if you mean it, or rename it.",
        )
    return sides


@lru_cache(maxsize=4)  # a formula is asked for several times, and one of thousands of terms takes seconds
def _parsed(text: str, available: tuple[str, ...], estimating: bool) -> Sides:
    parser = DefaultFormulaParser(operator_resolver=_Bounded())
    try:
        formula = Formula(text, _parser=parser, _context={"__formulaic_variables_available__": list(available)})
    except (FormulaicError, SyntaxError, ValueError, NotImplementedError, RecursionError, MemoryError) as error:
        raise formula_error(text, error) from None
    left, right = getattr(formula, "lhs", None), getattr(formula, "rhs", None)
    if not isinstance(left, SimpleFormula) or not isinstance(right, SimpleFormula):
        raise SettingError(f"Formula {text!r} must have one outcome and one list of terms.", "Write 'y ~ x1 + x2'.")
    sides = Sides(_side(left, text, learning=False), _side(right, text, learning=estimating))
    if not (sides.right.intercept or estimating):
        raise SettingError(
            f"Formula {text!r} removes the intercept, but every model here has one.",
            "Take out '0 +' or '- 1'.",
        )
    return sides


def _side(terms: SimpleFormula, text: str, *, learning: bool) -> Side:
    expressions = {}
    for factor in dict.fromkeys(factor for term in terms for factor in term.factors):
        if factor.eval_method is Factor.EvalMethod.PYTHON:
            try:
                found = read_expression(factor.expr, learning=learning)
            except SettingError as error:
                raise SettingError(f"Formula {text!r} cannot be used: {error.problem}", error.remedy) from None
            if not found.names:
                raise SettingError(f"Formula {text!r} has the term {factor.expr!r}, which uses no column.", "Drop it.")
            expressions[factor.expr] = found
    return Side(terms, expressions)


class _Bounded(DefaultOperatorResolver):  # type: ignore[misc]  # formulaic has no types
    """Formulaic's operators, which refuse products of more terms than anybody could read."""

    @property
    def operators(self) -> list[Operator]:
        """Return all operators; how many terms one makes is counted before they are made."""
        return [_bounded(found) for found in super().operators]


def _bounded(found: Operator) -> Operator:
    expand = found._to_terms  # noqa: SLF001 - formulaic has no other way to bound what an operator makes
    if found.symbol not in {"*", "/", ":", "**", "^", "in"}:
        return found

    def to_terms(*parts: Any) -> Any:
        sizes = [len(part) for part in parts]
        made = sizes[0] ** _exponent(parts[1]) if found.symbol in {"**", "^"} else math.prod(sizes)
        if made > _MOST_TERMS:
            raise FormulaSyntaxError(f"`{found.symbol}` makes more than {_MOST_TERMS:,} terms")
        return expand(*parts)

    found._to_terms = to_terms  # noqa: SLF001 - the same
    return found


def _exponent(power: Any) -> int:
    """Return the exponent of a power, at most one that is too large; formulaic refuses what is none."""
    text = str(next(iter(power)))
    return min(int(text), 20) if re.fullmatch("[0-9]{1,9}", text) else 20 if text.isdigit() else 1


def _usage(factor: Factor, expressions: Mapping[str, Expression]) -> tuple[list[str], list[str]]:
    """Return the columns a factor uses as they are, and those it turns into categories."""
    if factor.eval_method is Factor.EvalMethod.LITERAL:
        return [], []
    if factor.eval_method is Factor.EvalMethod.LOOKUP:
        return [factor.expr], []
    found = expressions[factor.expr]
    return ([], list(found.names)) if found.category else (list(found.names), [])


def formula_error(text: str, error: Exception) -> SettingError:
    """Return formulaic's message as ours, without its terminal colours."""
    plain = " ".join(re.sub("\x1b?\\[[0-9;]*m|⧛|⧚", "", str(error) or type(error).__name__).split())
    return SettingError(
        f"Formula {text!r} cannot be used: {plain.rstrip('.')}.", "Correct the formula; names with spaces stand in `…`."
    )
