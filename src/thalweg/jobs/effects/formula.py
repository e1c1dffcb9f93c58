"""The question of an experiment as a formula: ``outcome ~ treatments | features``."""

import re
from typing import Any, Final

from thalweg.base.errors import SettingError
from thalweg.data.formula import Side, formula_sides

_BAR: Final = re.compile(r"\|(?=(?:[^`]*`[^`]*`)*[^`]*$)")  # outside of names in backquotes
_REMEDY: Final = "Write it as 'y ~ t1 + t2 | x1 + x2', or as 'y ~ t1 + t2' for all other columns as features."


def roles_of_formula(formula: str) -> dict[str, Any]:
    """Return target, treatments and features; None for features that are all other columns.

    Parts of a formula hold names of columns and nothing else: effects of combinations, and how they bend with features,
    are what is estimated.

    Parameters
    ----------
    formula
        ``outcome ~ treatments | features``; without a bar, or with ``.`` behind it, all other columns are features.

    Raises
    ------
    SettingError
        If it cannot be read, or holds more than names.

    Examples
    --------
    >>> roles_of_formula("y ~ t1 + t2 | age + region")
    {'target': 'y', 'treatments': ['t1', 't2'], 'features': ['age', 'region']}
    >>> roles_of_formula("y ~ t1 * t2")
    Traceback (most recent call last):
    thalweg.base.errors.SettingError: Formula 'y ~ t1 * t2' of effects has the term 't1:t2', which is no name of a ...
    """
    first, *rest = _BAR.split(str(formula))
    if len(rest) > 1:
        raise SettingError(f"Formula {formula!r} of effects has two bars.", _REMEDY)
    sides = formula_sides(first, [])
    target, treatments = _names(formula, sides.left), _names(formula, sides.right)
    if len(target) != 1:
        raise SettingError(f"Formula {formula!r} needs one column on its left.", _REMEDY)
    features = None
    if rest and rest[0].strip() != ".":
        features = _names(formula, formula_sides(f"y ~ {rest[0]}", []).right)
    if not treatments or features == []:
        part = "treatments" if not treatments else "features behind its bar"
        raise SettingError(f"Formula {formula!r} of effects has no {part}.", _REMEDY)
    return {"target": target[0], "treatments": treatments, "features": features}


def _names(formula: str, side: Side) -> list[str]:
    """Return the columns of a side; the intercept, which every formula has, is none."""
    found = []
    for term in side.terms:
        factors = [factor for factor in term.factors if factor.expr != "1"]
        if len(term.factors) > 1 or any(factor.expr in side.expressions for factor in factors):
            raise SettingError(
                f"Formula {formula!r} of effects has the term {str(term)!r}, which is no name of a column.", _REMEDY
            )
        found += [str(factor.expr) for factor in factors]
    return found
