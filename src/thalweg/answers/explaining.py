"""Which columns a model rests on and how, as frames."""

import math
from collections.abc import Sequence

import pandas as pd

from thalweg.base.errors import SettingError, setting
from thalweg.base.wording import closest
from thalweg.select.explaining.explanation import MOST_COLUMNS, MOST_EFFECTS, Change, Explanation


def explanation_of(explanations: Sequence[Explanation], model: str | None) -> Explanation:
    """Return the explanation of a model; the first one, of the model to use, if None.

    Raises
    ------
    SettingError
        If there is none.

    Examples
    --------
    >>> explanation_of([Explanation("ridge regression", "rmse", 0.95, 100, (), ())], None).model
    'ridge regression'
    """
    if not explanations:
        raise SettingError(
            "This run does not tell which columns matter.",
            f"Compare models by thalweg fit on a table of at most {MOST_COLUMNS:,} columns.",
        )
    found = {one.model: one for one in explanations}
    if model is not None and model not in found:
        raise SettingError(f"{setting('model')} {model!r} was not explained.", f"Explained are: {', '.join(found)}.")
    return explanations[0] if model is None else found[model]


def importance_frame(explanation: Explanation) -> pd.DataFrame:
    """Return a row per column, the most important first.

    Examples
    --------
    >>> list(importance_frame(Explanation("ridge regression", "rmse", 0.95, 100, (), ())))
    ['column', 'rise of rmse', 'low', 'high', 'seed sd', 'redundancy']
    """
    names = ["column", f"rise of {explanation.metric}", "low", "high", "seed sd", "redundancy"]
    rows = [(one.column, *_numbers(one.rise), one.redundancy) for one in explanation.importances]
    return pd.DataFrame(rows, columns=names)


def effect_frame(explanation: Explanation, column: str) -> pd.DataFrame:
    """Return how predictions change with a column: a row per value, and per class if there are several.

    Raises
    ------
    SettingError
        If the column has none.
    """
    effects = explanation.effects_of(column)
    if not effects:
        known = [one.column for one in explanation.importances]
        if column not in known:
            raise SettingError(f"There is no column {column!r} in this run.", closest(column, known))
        raise SettingError(
            f"Column {column!r} has no effect on record: that of terms of a formula, of dates, of constants and of "
            f"all but the {MOST_EFFECTS} most important columns is not computed.",
            "Name another column; importance() lists them.",
        )
    rows = [
        (effect.outcome, place, *_numbers(change))
        for effect in effects
        for place, change in zip(effect.numbers or effect.levels, effect.changes, strict=True)
    ]
    return pd.DataFrame(rows, columns=["outcome", column, "change", "low", "high", "seed sd"])


def slopes_frame(explanation: Explanation) -> pd.DataFrame:
    """Return average marginal effects: per unit of every number, and of every level against the first.

    Examples
    --------
    >>> len(slopes_frame(Explanation("ridge regression", "rmse", 0.95, 100, (), ())))
    0
    """
    rows: list[tuple[object, ...]] = []
    for effect in explanation.effects:
        if effect.slope is not None:
            rows.append((effect.column, "one unit more", effect.outcome, *_numbers(effect.slope)))
        others = zip(effect.levels[1:], effect.changes[1:], strict=True) if effect.levels else ()
        for level, change in others:
            rows.append((effect.column, f"{level} against {effect.levels[0]}", effect.outcome, *_numbers(change)))
    return pd.DataFrame(rows, columns=["column", "contrast", "outcome", "effect", "low", "high", "seed sd"])


def _numbers(change: Change) -> tuple[float, float, float, float]:
    return change.value, change.low, change.high, math.nan if change.seed_sd is None else change.seed_sd
