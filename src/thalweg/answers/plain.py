"""Any result as plain values that JSON can hold."""

import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from typing import Any

import numpy as np


def plain_values(value: Any) -> Any:
    """Return a result as dictionaries, lists, texts and numbers; numbers that are not finite become None.

    Parameters
    ----------
    value
        Dataclasses, mappings, arrays, sequences, dates and numbers, nested as deep as one likes.

    Examples
    --------
    >>> plain_values({"loss": np.array([0.5, np.nan])})
    {'loss': [0.5, None]}
    """
    if is_dataclass(value) and not isinstance(value, type):
        return {entry.name: plain_values(getattr(value, entry.name)) for entry in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain_values(item) for key, item in value.items()}
    if isinstance(value, (np.ndarray, np.generic)):
        return plain_values(value.tolist())
    if isinstance(value, (tuple, list)):
        return [plain_values(item) for item in value]
    if isinstance(value, date):
        return value.isoformat()
    return None if isinstance(value, float) and not math.isfinite(value) else value
