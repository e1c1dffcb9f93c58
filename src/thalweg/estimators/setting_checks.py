"""Settings of every estimator, checked in one place before any work begins."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from numpy.random import RandomState

from thalweg.base.checks import check_choice, check_count, check_flag, check_number, plain_value, shown
from thalweg.base.errors import SettingError, setting
from thalweg.base.files import path_of
from thalweg.base.weighing import weights_kind_of
from thalweg.train.remote.executors import check_executor

SETTLED: Final = (
    *("hidden", "activation", "network", "loss", "optimizer", "schedule", "seeds", "bootstrap"),
    *("standardise", "ramps", "label_smoothing", "random_state"),
)


def check_settings(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings of an estimator without NumPy in them, if all of them make sense.

    Parameters
    ----------
    given
        Parameters of an estimator of this package by name.

    Returns
    -------
    dict
        The same, numbers as Python's own, widths as a tuple.

    Raises
    ------
    SettingError
        That names the first one which makes no sense, and what it may be.

    Examples
    --------
    >>> import numpy as np
    >>> check_settings({"hidden": np.int64(8), "ridge": np.float64(0.5)})
    {'hidden': (8,), 'ridge': 0.5}
    >>> check_settings({"hidden": "64"})
    Traceback (most recent call last):
    thalweg.base.errors.SettingError: hidden must be a whole number of at least 1, or several, got '64'. ...
    """
    if plain_value(given.get("calibrate")) is True and given.get("folds") is None:
        raise SettingError(
            f"{setting('calibrate')}=True needs out-of-fold probabilities of classes.",
            f"Set {setting('folds')}=5, or {setting('calibrate')}=False.",
        )
    if plain_value(given.get("warm_start")) is True and (given.get("folds"), given.get("bootstrap")) != (None, None):
        raise SettingError(
            f"{setting('warm_start')}=True cannot go with {setting('folds')} or {setting('bootstrap')}: networks would "
            "start from some that saw the rows held out.",
            f"Set {setting('warm_start')}=False, or fit without them.",
        )
    own = {"loss"} if "class_weight" in given and given.get("loss") is None else set()  # a classifier has its log loss
    checked = {name for name in given if name in _CHECKS} - own
    return {name: _CHECKS[name](name, value) if name in checked else value for name, value in given.items()}


def settled(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings that may not change between calls of ``partial_fit``.

    Examples
    --------
    >>> settled({"hidden": (8,), "epochs": 3})
    {'hidden': (8,)}
    """
    return {name: settings[name] for name in SETTLED if name in settings}


def read_seeds(name: str, value: Any) -> tuple[int, ...]:
    """Return the numbers of the seeds: 0 … S − 1, or those the user names.

    Raises
    ------
    SettingError
        If there is none, one is named twice, or one is no whole number.

    Examples
    --------
    >>> read_seeds("seeds", 3), read_seeds("seeds", [7])
    ((0, 1, 2), (7,))
    """
    plain = plain_value(value)
    if not _several(plain):
        return tuple(range(check_count(name, plain)))
    numbers = tuple(check_count(name, number, low=0) for number in plain)
    if not numbers or len(set(numbers)) < len(numbers):
        raise SettingError(
            f"{setting(name)} must name different seeds or how many, got {shown(value)}.", "Give a number such as 5."
        )
    return numbers


def _several(value: Any) -> bool:
    return isinstance(value, Iterable) and not isinstance(value, (str, bytes, Mapping))


def _widths(name: str, value: Any) -> tuple[int, ...]:
    plain = plain_value(value)
    widths = tuple(plain) if _several(plain) else (plain,)
    for width in widths:
        if isinstance(width, bool) or not isinstance(width, int) or width < 1:
            raise SettingError(
                f"{setting(name)} must be a whole number of at least 1, or several, got {shown(value)}.",
                "Give widths such as 64 or (64, 64).",
            )
    return widths


def _number(**limits: Any) -> Callable[[str, Any], float]:
    return lambda name, value: check_number(name, value, **limits)


def _count(low: int = 1) -> Callable[[str, Any], int]:
    return lambda name, value: check_count(name, value, low=low)


def _or_none(check: Callable[[str, Any], Any]) -> Callable[[str, Any], Any]:
    def checked(name: str, value: Any) -> Any:
        return None if value is None else check(name, value)

    return checked


def _named(table: str, *methods: str, remedy: str) -> Callable[[str, Any], Any]:
    """Return a check for a name in a table of recipes, or a value of our own that has some methods."""

    def checked(name: str, value: Any) -> Any:
        from thalweg.select.learning import recipe  # noqa: PLC0415 - loads torch, which linear models do without

        choices = list(getattr(recipe, table))
        if isinstance(value, str):
            return check_choice(name, str(value), choices)
        if isinstance(value, type) or not all(hasattr(value, method) for method in methods):
            listed = ", ".join(map(repr, choices))
            raise SettingError(f"{setting(name)} must be one of {listed}, {remedy}; got {shown(value)}.", "Give one.")
        return value

    return checked


def _activation(name: str, value: Any) -> str:
    from thalweg.net.activation import RULES  # noqa: PLC0415 - see above

    return str(check_choice(name, plain_value(value), list(RULES)))


def _loss(name: str, value: Any) -> Any:
    named = _named("NUMERIC_LOSSES", "outputs", "wire", remedy="a loss of thalweg.loss, or a function of torch")
    own = callable(value) and not isinstance(value, type)
    return value if own else named(name, value)


def _network(name: str, value: Any) -> Any:
    if isinstance(value, (str, bytes, int, float, Mapping, list, tuple)):
        raise SettingError(
            f"{setting(name)} must be a network or a torch module, or make one, got {shown(value)}.",
            "Give a class of torch modules, a function that returns one, or nn.Sequential(...).",
        )
    return value


def _seeds(name: str, value: Any) -> Any:
    read_seeds(name, value)
    return plain_value(value)


def _folds(name: str, value: Any) -> Any:
    plain = plain_value(value)
    if hasattr(plain, "split") and not isinstance(plain, str):
        return plain
    if isinstance(plain, bool) or not isinstance(plain, int) or plain < 2:
        raise SettingError(
            f"{setting(name)} must be a whole number of at least 2, or a splitter of scikit-learn, got {shown(value)}.",
            "Give 5, for example, or None for no folds.",
        )
    return plain


def _class_weight(name: str, value: Any) -> Any:
    if isinstance(value, str):
        return check_choice(name, value, ["balanced"])
    if not isinstance(value, (Mapping, list)):
        raise SettingError(
            f"{setting(name)} must be 'balanced', or a mapping of weights by class, got {shown(value)}.",
            "Give {class: weight}, or None.",
        )
    return value


def _folder(name: str, value: Any) -> Any:
    path_of(name, value, "folder")
    return value


def _executor(name: str, value: Any) -> Any:  # noqa: ARG001 - checks are called alike
    check_executor(value)
    return value


def _randomness(name: str, value: Any) -> Any:
    plain = plain_value(value)
    if plain is None or isinstance(plain, RandomState):
        return plain
    return check_count(name, plain, low=0)


_FINE: Final = {"low": 0.0}
_CHECKS: Final[Mapping[str, Callable[[str, Any], Any]]] = {
    "hidden": _widths,
    "activation": _activation,
    "dropout": _number(low=0.0, high=1.0, open_high=True),
    "network": _or_none(_network),
    "loss": _loss,
    "optimizer": _named("OPTIMIZERS", "states", "wire", remedy="or an optimizer of thalweg.optim"),
    "learning_rate": _number(low=0.0, open_low=True),
    "schedule": _or_none(_named("SCHEDULES", "factor", remedy="a schedule of thalweg.optim.schedule, or None")),
    "ridge": _or_none(_number(**_FINE)),
    "lasso": _number(**_FINE),
    "decay": _number(**_FINE),
    "batch": _or_none(_count()),
    "epochs": _count(),
    "patience": _or_none(_count()),
    "validation": _number(low=0.0, high=1.0, open_high=True),
    "seeds": _seeds,
    "folds": _or_none(_folds),
    "gap": _count(0),
    "bootstrap": _or_none(_count(2)),
    "tol": _number(**_FINE),
    "standardise": check_flag,
    "ramps": _or_none(_count(0)),
    "weights_kind": _or_none(lambda _, value: weights_kind_of(plain_value(value))),
    "label_smoothing": _number(low=0.0, high=1.0, open_high=True),
    "warm_start": check_flag,
    "verbose": check_flag,
    "calibrate": check_flag,
    "class_weight": _or_none(_class_weight),
    "out": _or_none(_folder),
    "workers": _or_none(_count()),
    "executor": _or_none(_executor),
    "random_state": _randomness,
}
