"""What is asked of an outcome: a number, one of two classes, or one of several; inferred by a stated rule.

========================================================================== ==============
outcome                                                                    task
========================================================================== ==============
text, category, true or false, two levels                                  binary
text or category, more levels                                              multiclass
number, two values                                                         binary
whole numbers, 3 to 10 values, five rows or more per value on average      multiclass
any other number                                                           regression
========================================================================== ==============
"""

from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from thalweg.base.checks import check_choice
from thalweg.base.errors import DataError, SettingError, setting
from thalweg.base.wording import listed
from thalweg.data.columns import column_of_kind
from thalweg.data.kinds import kind_of, label, row_at
from thalweg.data.notes import Note

TASKS: Final = ("regression", "binary", "multiclass")
MAX_INTEGER_CLASSES: Final = 10
_ROWS_PER_CLASS: Final = 5
_MAX_CLASSES: Final = 1000


def infer_task(outcome: pd.Series) -> str:
    """Return the task a complete outcome suggests, by the rule above.

    Examples
    --------
    >>> infer_task(pd.Series(range(100), dtype="float64"))
    'regression'
    """
    distinct = outcome.nunique()
    if kind_of(outcome) in {"categorical", "boolean"} or distinct == 2:
        return "binary" if distinct == 2 else "multiclass"
    whole = bool((outcome % 1 == 0).all())
    few = distinct <= MAX_INTEGER_CLASSES and len(outcome) >= _ROWS_PER_CLASS * distinct
    return "multiclass" if whole and few else "regression"


def read_outcome(
    outcome: pd.Series, task: str | None
) -> tuple[str, tuple[str, ...], NDArray[np.float64] | NDArray[np.int64], list[Note]]:
    """Return the task, the classes, the outcome as numbers, and the note that says why.

    Parameters
    ----------
    outcome
        The target in canonical form, without missing values.
    task
        What the user asked for, or None to infer it.

    Returns
    -------
    tuple
        Task; the C classes in their natural order, none for regression; float64 [N] values or int64 [N] codes of the
        classes; notes.

    Raises
    ------
    SettingError, setting
        If the task is unknown or does not suit the outcome.
    DataError
        If the outcome is constant or a date.

    Examples
    --------
    >>> task, classes, codes, notes = read_outcome(pd.Series(pd.Categorical(["no", "yes", "no"]), name="paid"), None)
    >>> task, classes, codes.tolist()
    ('binary', ('no', 'yes'), [0, 1, 0])
    >>> notes[0].text
    "Target 'paid' has 2 values: binary classification, 'yes' counts as 1."
    """
    name = outcome.name
    if kind_of(outcome) == "date":
        raise DataError(f"Target {name!r} is a date.", "Turn it into a number by a query, such as days until then.")
    if outcome.nunique() < 2:
        raise DataError(
            f"Target {name!r} has the same value in all rows: {label(outcome.iloc[0])}.", "Choose another target."
        )
    chosen = infer_task(outcome) if task is None else check_choice("task", task, TASKS)
    if chosen == "regression":
        values = _numbers(outcome)
        return chosen, (), values, [] if task else [_note(outcome, chosen, ())]
    coded = column_of_kind(outcome, "categorical").cat.remove_unused_categories()
    classes = tuple(str(level) for level in coded.cat.categories)
    if chosen == "binary" and len(classes) != 2:
        raise SettingError(
            f"{setting('task')}='binary' needs 2 classes, but target {name!r} has {len(classes):,} "
            f"({listed(classes)}).",
            f"Say {setting('task')}='multiclass', or make it two by a query.",
        )
    if len(classes) > max(2, min(_MAX_CLASSES, len(outcome) / 2)):
        raise DataError(
            f"Target {name!r} has {len(classes):,} classes in {len(outcome):,} rows, too many to learn.",
            "Choose another target, group its values, or say task='regression' if it is a number.",
        )
    codes = coded.cat.codes.to_numpy().astype(np.int64)
    return chosen, classes, codes, [] if task else [_note(outcome, chosen, classes)]


def class_labels(
    classes: tuple[str, ...], column: pd.Series, outcome: pd.Series
) -> tuple[str | int | float | bool, ...]:
    """Return the classes as values of the target's own type: truth values, whole numbers, numbers or texts.

    Parameters
    ----------
    classes
        As texts.
    column
        The target as it was read.
    outcome
        The target in canonical form.

    Examples
    --------
    >>> column = pd.Series([0, 1, 1])
    >>> class_labels(("0", "1"), column, column.astype(float))
    (0, 1)
    """
    values = column.cat.categories if isinstance(column.dtype, pd.CategoricalDtype) else column
    kind = pd.api.types.infer_dtype(values, skipna=True)
    if kind_of(outcome) == "boolean" or kind == "boolean":
        return tuple(text == "true" for text in classes)
    if kind == "integer" or (kind_of(outcome) == "numeric" and all(float(text).is_integer() for text in classes)):
        return tuple(int(float(text)) if "e" in text.lower() or "." in text else int(text) for text in classes)
    if kind_of(outcome) == "numeric" or kind == "floating":
        return tuple(float(text) for text in classes)
    return classes


def _numbers(outcome: pd.Series) -> NDArray[np.float64]:
    if kind_of(outcome) == "categorical":
        numbers = pd.to_numeric(outcome.astype(object), errors="coerce")
        place = int(np.argmax(numbers.isna()))
        if numbers.isna().any():
            raise SettingError(
                f"{setting('task')}='regression' needs numbers, but target {outcome.name!r} holds "
                f"{outcome.iloc[place]!r} in row {row_at(outcome, place)}.",
                f"Leave {setting('task')} out, or choose a numeric target.",
            )
        outcome = numbers
    values: NDArray[np.float64] = outcome.to_numpy(dtype=np.float64)
    return values


def _note(outcome: pd.Series, task: str, classes: tuple[str, ...]) -> Note:
    count = f"{outcome.nunique():,} values" if task != "regression" else f"{outcome.nunique():,} different numbers"
    words = {
        "regression": "regression",
        "binary": f"binary classification, {classes[-1]!r} counts as 1" if classes else "",
        "multiclass": f"multiclass classification ({listed(classes, 10)})",
    }
    if kind_of(outcome) != "numeric":
        override = ""
    elif task == "regression":
        override = " Say task='multiclass' to override." if outcome.nunique() <= min(100, len(outcome) / 10) else ""
    else:
        override = " Say task='regression' to override."
    return Note("task", f"Target {outcome.name!r} has {count}: {words[task]}.{override}", (str(outcome.name),))
