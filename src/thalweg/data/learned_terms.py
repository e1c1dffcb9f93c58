"""Terms of a formula that learn from the rows they see: polynomials, splines, and columns centred or scaled.

Means, knots and coefficients are learned once, on the rows of the fit, and kept as plain values, so that new rows
become the same columns. Where rows are held out this would let the model see them, so that only formulas that estimate
have such terms.
"""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from formulaic.transforms import TRANSFORMS

LEARNED: Final = ("poly", "bs", "cr", "cs", "cc", "center", "scale", "standardize")
"""Functions that learn from rows, in the words of R and patsy."""


def learned_columns(name: str, values: Any, settings: Mapping[str, Any], state: dict[str, Any]) -> Any:
    """Return the columns a function makes of values, learning what it needs unless the state holds it.

    Parameters
    ----------
    name
        One of :data:`LEARNED`.
    values
        Numbers of the rows, shape [N].
    settings
        Of the function, by name or by place ("0", "1", …).
    state
        What was learned; filled if it is empty.

    Returns
    -------
    object
        What formulaic makes columns of.

    Raises
    ------
    ValueError
        If the settings do not fit the function or the rows.

    Examples
    --------
    >>> state = {}
    >>> centred = learned_columns("center", np.array([1.0, 3.0]), {}, state)
    >>> centred, learned_columns("center", np.array([5.0]), {}, state)
    (array([-1.,  1.]), array([3.]))
    """
    numbers = np.asarray(values, dtype=np.float64)
    placed = [settings[key] for key in sorted(key for key in settings if key.isdigit())]
    named = {key: value for key, value in settings.items() if not key.isdigit()}
    return TRANSFORMS[name](numbers, *placed, _state=state, **named)


def kept_state(state: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was learned as plain values that JSON can hold.

    Examples
    --------
    >>> kept_state({"alpha": {0: np.float64(2.0)}, "knots": np.array([0.0, 1.0])})
    {'alpha': {'0': 2.0}, 'knots': [0.0, 1.0]}
    """
    return {str(key): _plain(value) for key, value in state.items()}


def live_state(kept: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was learned as the functions take it.

    Examples
    --------
    >>> live_state({"alpha": {"0": 2.0}, "knots": [0.0, 1.0]})
    {'alpha': {0: 2.0}, 'knots': array([0., 1.])}
    """
    return {key: _live(value) for key, value in kept.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return kept_state(value)
    if isinstance(value, (np.ndarray, np.generic, list, tuple)):
        return np.asarray(value).tolist()
    return value


def _live(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {int(key) if key.isdigit() else key: _live(inner) for key, inner in value.items()}
    return np.asarray(value) if isinstance(value, (list, tuple)) else value
