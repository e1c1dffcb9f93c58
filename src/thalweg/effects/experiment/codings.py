"""How a treatment of two values is written: 0 and 1, False and True, no and yes, control and treatment, 1 and 2."""

from typing import Final

import numpy as np
import pandas as pd

from thalweg.base.arrays import IntArray

UNTREATED: Final = frozenset({"0", "false", "f", "no", "n", "off", "none", "control", "untreated", "placebo"})
TREATED: Final = frozenset({"1", "true", "t", "yes", "y", "on", "treatment", "treated", "test", "variant"})


def coded(column: pd.Series) -> tuple[IntArray | None, str | None]:
    """Return a treatment of two values as 0 and 1 [N], and how it was read if not said by the numbers.

    Parameters
    ----------
    column
        Without missing values.

    Returns
    -------
    tuple
        None if the values do not tell which of them is no treatment.

    Examples
    --------
    >>> coded(pd.Series(["yes", "no", "no"]))
    (array([1, 0, 0]), "'yes' is 1, 'no' is 0")
    >>> coded(pd.Series([2, 1, 1]))
    (array([1, 0, 0]), '2 is 1, 1 is 0')
    >>> coded(pd.Series(["red", "blue"]))
    (None, None)
    """
    numbers = pd.to_numeric(column.astype("object"), errors="coerce")
    values = pd.unique(column)
    if numbers.notna().all():
        found = set(pd.unique(numbers))
        if found <= {0, 1}:
            return numbers.to_numpy(dtype=np.int64), None
        return ((numbers == 2).to_numpy(dtype=np.int64), "2 is 1, 1 is 0") if found == {1, 2} else (None, None)
    words = {value: str(value).strip().lower() for value in values}
    if len(values) > 2 or not all(word in UNTREATED | TREATED for word in words.values()):
        return None, None
    treated = column.map({value: int(word in TREATED) for value, word in words.items()}).to_numpy(dtype=np.int64)
    if len(np.unique(treated)) < len(values):
        return None, None
    if len(values) == 1 or set(words.values()) == {"true", "false"}:
        return treated, None
    one, zero = (next(v for v in values if (words[v] in TREATED) == side) for side in (True, False))
    return treated, f"{one!r} is 1, {zero!r} is 0"
